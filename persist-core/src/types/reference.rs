//! References: for saving only, in the `Saved` of a hand-written impl.

use std::ffi::{CStr, OsStr};
use std::path::Path;

use super::{in_batch, write_parts};
use crate::error::{Error, ErrorKind, Result};
use crate::message::{Incoming, Outgoing};
use crate::rows::{Gather, Rows};
use crate::shape::{Builder, Node, NodeId};
use crate::slots::{Done, Slot, Slots};
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

            fn receive_row<'s>(_: &mut Incoming<'_>, _: Slot<'s, Self>) -> Result<Done<'s>> {
                Err(cannot_load())
            }
        }
    )*};
}

references! {
    ['t, T: Persist] &'t T;
    ['t, T: Persist] &'t [T];
    ['t] &'t str;
    ['t] &'t OsStr;
    ['t] &'t Path;
    ['t] &'t CStr;
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
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        rows.batches().enumerate().try_for_each(|(batch, rows)| {
            let mut targets = Gather::new();
            rows.iter().for_each(|row| targets.push(*row));
            T::write(targets.rows(), writer, at).map_err(|error| in_batch(error, batch))
        })
    }

    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
        (**self).send(out)
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
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        writer.slices(at, rows, |slice| slice)
    }

    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
        out.slice(self)
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
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        writer.texts(at, rows, |text| text.as_bytes())
    }

    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
        out.bytes(self.as_bytes())
    }
}

impl Layout for &OsStr {
    const COLUMNS: usize = 1;

    fn describe(builder: &mut Builder) -> NodeId {
        builder.borrows::<Self>();
        <String as Describe>::describe(builder)
    }
}

impl WriteRows for &OsStr {
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        write_parts(rows, writer, at, |text| text.to_str().ok_or_else(|| not_unicode(text)))
    }

    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
        self.to_str().ok_or_else(|| not_unicode(self))?.send(out)
    }
}

impl Layout for &Path {
    const COLUMNS: usize = 1;

    fn describe(builder: &mut Builder) -> NodeId {
        builder.borrows::<Self>();
        <String as Describe>::describe(builder)
    }
}

impl WriteRows for &Path {
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        write_parts(rows, writer, at, |path| path.to_str().ok_or_else(|| not_unicode(path.as_os_str())))
    }

    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
        self.to_str().ok_or_else(|| not_unicode(self.as_os_str()))?.send(out)
    }
}

#[cold]
fn not_unicode(text: &OsStr) -> Error {
    Error::of(ErrorKind::Value, format!("the text `{}` is not Unicode", text.display()))
        .with_help("save the field as bytes, with `#[persist(with = persist::with::os_bytes)]`")
}

impl Layout for &CStr {
    const COLUMNS: usize = 1;

    fn describe(builder: &mut Builder) -> NodeId {
        builder.borrows::<Self>();
        <Vec<u8> as Describe>::describe(builder)
    }
}

impl WriteRows for &CStr {
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        write_parts(rows, writer, at, |text| Ok(text.to_bytes()))
    }

    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
        out.bytes(self.to_bytes())
    }
}
