//! Integers, floats, `bool`, `char` and `()`.

use crate::error::{Error, ErrorKind, Result};
use crate::rows::Rows;
use crate::shape::{Builder, IntKind, Node, NodeId};
use crate::slots::{Done, Slots};
use crate::table::{Reader, Writer};
use crate::traits::{Layout, ReadRows, Run, WriteRows};

macro_rules! ints {
    ($($int:ident $kind:ident)*) => {$(
        direct!([] $int);

        impl Layout for $int {
            const COLUMNS: usize = 1;

            fn describe(builder: &mut Builder) -> NodeId {
                builder.add::<Self>(size_of::<Self>(), |_| Node::Int(IntKind::$kind))
            }
        }

        impl WriteRows for $int {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer, at: usize) -> Result<()> {
                writer.ints(at, rows);
                Ok(())
            }
        }

        impl ReadRows for $int {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                let values = reader.ints(at, slots.len())?;
                Ok(slots.fill_from(values))
            }
        }
    )*};
}

ints! { u8 U8 u16 U16 u32 U32 u64 U64 u128 U128 i8 I8 i16 I16 i32 I32 i64 I64 i128 I128 }

/// Types that are saved as another, one value at a time.
macro_rules! mapped {
    ($($type:ty as $saved:ty, $node:expr, |$value:ident| $save:expr, |$loaded:ident| $load:expr;)*) => {$(
        direct!([] $type);

        impl Layout for $type {
            const COLUMNS: usize = 1;

            fn describe(builder: &mut Builder) -> NodeId {
                builder.add::<Self>(size_of::<Self>(), |_| $node)
            }
        }

        impl WriteRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer, at: usize) -> Result<()> {
                writer.values::<$saved>(at, rows.iter().map(|&$value| $save));
                Ok(())
            }
        }

        impl ReadRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                let mut values = reader.ints::<$saved>(at, slots.len())?;
                slots.fill().rest(|| {
                    // As many values as slots were taken.
                    let $loaded = values.next().unwrap_or_default();
                    $load
                })
            }
        }
    )*};
}

mapped! {
    bool as u8, Node::Bool, |value| u8::from(value), |value| Ok(value != 0);
    char as u32, Node::Char, |value| u32::from(value), |value| char::from_u32(value).ok_or_else(not_a_char);
    usize as u64, Node::Int(IntKind::U64), |value| value as u64,
        |value| usize::try_from(value).map_err(|_| does_not_fit(value));
    isize as i64, Node::Int(IntKind::I64), |value| value as i64,
        |value| isize::try_from(value).map_err(|_| does_not_fit(value));
}

#[cold]
fn not_a_char() -> Error {
    Error::of(ErrorKind::Corrupt, "a character is not a Unicode scalar value")
}

#[cold]
fn does_not_fit(value: impl std::fmt::Display) -> Error {
    Error::of(ErrorKind::Value, format!("{value} does not fit a machine with {} bits", usize::BITS))
        .with_help("use `u64` or `i64` for values that a smaller machine may load")
}

macro_rules! floats {
    ($($float:ident $node:ident)*) => {$(
        direct!([] $float);

        impl Layout for $float {
            const COLUMNS: usize = 1;
            const FLOATS: usize = size_of::<$float>();
            #[allow(unsafe_code, reason = "the promise of `Run`")]
            // SAFETY: it is a float of that size.
            const RUN: Run = unsafe { Run::float(size_of::<$float>()) };

            fn describe(builder: &mut Builder) -> NodeId {
                builder.add::<Self>(size_of::<Self>(), |_| Node::$node)
            }
        }

        impl WriteRows for $float {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer, at: usize) -> Result<()> {
                rows.iter().for_each(|value| writer.run(at, &value.to_le_bytes()));
                Ok(())
            }
        }

        impl ReadRows for $float {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                slots.fill().rest(|| {
                    let mut bytes = [0; size_of::<$float>()];
                    bytes.copy_from_slice(reader.run(at, size_of::<$float>())?);
                    Ok($float::from_le_bytes(bytes))
                })
            }
        }
    )*};
}

floats! { f32 F32 f64 F64 }

direct!([]());

impl Layout for () {
    const COLUMNS: usize = 0;

    fn describe(builder: &mut Builder) -> NodeId {
        builder.add::<Self>(0, |_| Node::Unit)
    }
}

impl WriteRows for () {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_rows(_: Rows<'_, Self>, _: &mut Writer, _: usize) -> Result<()> {
        Ok(())
    }
}

impl ReadRows for () {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read_rows<'s>(_: &mut Reader<'_>, _: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        Ok(slots.fill_from(std::iter::repeat(())))
    }
}
