//! References: for saving only, in the `Saved` of a hand-written impl.

use crate::error::{Error, ErrorKind, Result};
use crate::rows::{Gather, Rows};
use crate::shape::{Builder, Node, NodeId};
use crate::slots::{Done, Slots};
use crate::table::{Reader, Writer};
use crate::traits::{Describe, Encode, Layout, Persist, ReadRows, WriteRows};

#[cold]
fn cannot_load() -> Error {
    Error::of(ErrorKind::Unsupported, "a reference cannot be loaded").with_help("name an owned type in `Loaded`")
}

macro_rules! references {
    ($([$($generics:tt)*] $type:ty;)*) => {$(
        direct!([$($generics)*] $type);

        impl<$($generics)*> ReadRows for $type {
            fn read_rows<'s>(_: &mut Reader<'_>, _: usize, _: Slots<'s, Self>) -> Result<Done<'s>> {
                Err(cannot_load())
            }
        }
    )*};
}

references! {
    ['t, T: Persist] &'t T;
    ['t, T: Persist] &'t [T];
    ['t] &'t str;
}

impl<T: Persist> Layout for &T {
    const COLUMNS: usize = <T as Describe>::COLUMNS;
    const FLOATS: usize = <T as Describe>::FLOATS;

    fn describe(builder: &mut Builder) -> NodeId {
        builder.borrows::<Self>();
        <T as Describe>::describe(builder)
    }
}

impl<T: Persist> WriteRows for &T {
    #[inline(always)]
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer, at: usize) -> Result<()> {
        for rows in rows.batches() {
            let mut targets = Gather::new();
            rows.iter().for_each(|row| targets.push(*row));
            T::write(targets.rows(), writer, at)?;
        }
        Ok(())
    }
}

impl<T: Persist> Layout for &[T] {
    const COLUMNS: usize = 1;

    fn describe(builder: &mut Builder) -> NodeId {
        builder.borrows::<Self>();
        builder.add::<Self>(size_of::<Self>(), |builder| Node::Seq(<T as Describe>::describe(builder)))
    }
}

impl<T: Persist> WriteRows for &[T] {
    #[inline(always)]
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer, at: usize) -> Result<()> {
        rows.iter().enumerate().try_for_each(|(row, slice)| {
            writer.sequence(at, slice.len(), |elements| elements.slice(slice)).map_err(|error| error.at_row(row))
        })
    }
}

impl Layout for &str {
    const COLUMNS: usize = 1;

    fn describe(builder: &mut Builder) -> NodeId {
        builder.borrows::<Self>();
        <String as Describe>::describe(builder)
    }
}

impl WriteRows for &str {
    #[inline(always)]
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer, at: usize) -> Result<()> {
        rows.iter().try_for_each(|text| writer.bytes(at, text.as_bytes()))
    }
}
