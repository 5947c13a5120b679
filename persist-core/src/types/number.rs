//! Integers, floats, `bool`, `char` and `()`.

use crate::column::Int;
use crate::error::{Error, ErrorKind, Result};
use crate::message::{Incoming, Number, Outgoing};
use crate::rows::Rows;
use crate::shape::{Builder, IntKind, Node, NodeId};
use crate::slots::{Done, Slot, Slots, copy_checked};
use crate::table::{Reader, Writer};
use crate::traits::{Describe, Layout, Plain, ReadRows, Run, WriteRows};

/// Writes integers, or what is saved as such: in one piece where they stand so.
#[cfg_attr(not(debug_assertions), inline(always))]
fn write_plain<T: Layout + Describe, Saved: Int>(
    rows: Rows<'_, T>,
    writer: &mut Writer<'_>,
    at: usize,
    save: impl Fn(&T) -> Saved,
) {
    match (<T as Describe>::PLAIN.kind(), rows.as_slice().and_then(T::bytes_of)) {
        (Some(kind), Some(bytes)) if rows.len() > 1 && !writer.is_single() => writer.plain(at, kind, bytes),
        _ => writer.values(at, rows.map(save)),
    }
}

macro_rules! ints {
    ($($int:ident $kind:ident)*) => {$(
        direct!([] $int);

        impl Layout for $int {
            const COLUMNS: usize = 1;
            #[allow(unsafe_code, reason = "the promise of `Plain`")]
            // SAFETY: it is that integer.
            const PLAIN: Plain = unsafe { Plain::ints(IntKind::$kind, Plain::ANY) };

            fn describe(builder: &mut Builder) -> NodeId {
                builder.add::<Self>(size_of::<Self>(), |_| Node::Int(IntKind::$kind))
            }
        }

        impl WriteRows for $int {
            #[inline]
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                if rows.len() == 1 {
                    writer.int(at, *rows.get(0));
                } else {
                    write_plain(rows, writer, at, |&value| value);
                }
                Ok(())
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn write_row(&self, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                writer.one(at, *self);
                Ok(())
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
                Number::send(*self, out);
                Ok(())
            }
        }

        impl ReadRows for $int {
            #[inline]
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                if reader.is_single() {
                    return slots.fill().rest(|| reader.int(at));
                }
                let values = reader.ints(at, slots.len())?;
                Ok(slots.fill_from(values))
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
                Ok(slot.put(Number::receive(input)?))
            }
        }
    )*};
}

ints! { u8 U8 u16 U16 u32 U32 u64 U64 u128 U128 i8 I8 i16 I16 i32 I32 i64 I64 i128 I128 }

/// What is saved with 64 bits may have fewer on this machine.
#[allow(unsafe_code, reason = "the promise of `Plain`")]
const fn of_this_machine(kind: IntKind) -> Plain {
    // SAFETY: it is used for `usize` and `isize`, which are such integers where they have 64 bits.
    if usize::BITS == 64 { unsafe { Plain::ints(kind, Plain::ANY) } } else { Plain::NONE }
}

/// Types that are saved as another: how one is saved and loaded, and how all are where nothing can go wrong.
macro_rules! mapped {
    ($(
        $type:ty as $saved:ty, $node:expr, $plain:expr, |$value:ident| $save:expr, |$loaded:ident| $load:expr, $all:expr;
    )*) => {$(
        direct!([] $type);

        impl Layout for $type {
            const COLUMNS: usize = 1;
            const PLAIN: Plain = $plain;

            fn describe(builder: &mut Builder) -> NodeId {
                builder.add::<Self>(size_of::<Self>(), |_| $node)
            }
        }

        impl WriteRows for $type {
            #[inline]
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                if rows.len() == 1 {
                    let $value = *rows.get(0);
                    writer.int::<$saved>(at, $save);
                } else {
                    write_plain::<$type, $saved>(rows, writer, at, |&$value| $save);
                }
                Ok(())
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
                let $value = *self;
                <$saved as Number>::send($save, out);
                Ok(())
            }
        }

        impl ReadRows for $type {
            #[inline]
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                if reader.is_single() {
                    return slots.fill().rest(|| {
                        let $loaded = reader.int::<$saved>(at)?;
                        $load
                    });
                }
                let mut values = reader.ints::<$saved>(at, slots.len())?;
                if let Some(load) = $all {
                    return Ok(slots.fill_from(values.map(load)));
                }
                slots.fill().rest(|| {
                    // As many values as slots were taken.
                    let $loaded = values.next().unwrap_or_default();
                    $load
                })
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
                let $loaded = <$saved as Number>::receive(input)?;
                let value: Result<Self> = $load;
                Ok(slot.put(value?))
            }
        }
    )*};
}

// SAFETY: a flag is a byte of 0 or 1.
#[allow(unsafe_code, reason = "the promise of `Plain`")]
const FLAG: Plain = unsafe { Plain::ints(IntKind::U8, 2) };

// SAFETY: a character is a `u32`, its scalar value.
#[allow(unsafe_code, reason = "the promise of `Plain`")]
const CHAR: Plain = unsafe { Plain::ints(IntKind::U32, 0) };

mapped! {
    bool as u8, Node::Bool, FLAG, |value| u8::from(value), |value| flag(value),
        // The column was found to hold flags when it was opened.
        Some(|value| value != 0);
    char as u32, Node::Char, CHAR, |value| u32::from(value), |value| char::from_u32(value).ok_or_else(not_a_char),
        None::<fn(u32) -> char>;
    usize as u64, Node::Int(IntKind::U64), of_this_machine(IntKind::U64), |value| value as u64,
        |value| usize::try_from(value).map_err(|_| does_not_fit(value)), None::<fn(u64) -> usize>;
    isize as i64, Node::Int(IntKind::I64), of_this_machine(IntKind::I64), |value| value as i64,
        |value| isize::try_from(value).map_err(|_| does_not_fit(value)), None::<fn(i64) -> isize>;
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn flag(value: u8) -> Result<bool> {
    if value < 2 { Ok(value != 0) } else { Err(Error::of(ErrorKind::Corrupt, "a flag is neither 0 nor 1")) }
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
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                rows.iter().for_each(|value| writer.run(at, &value.to_le_bytes()));
                Ok(())
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
                out.array(self.to_le_bytes());
                Ok(())
            }
        }

        impl ReadRows for $float {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                slots.fill().rest(|| {
                    let mut bytes = [0; size_of::<$float>()];
                    reader.with_run(at, size_of::<$float>(), |run, check| copy_checked(run, &mut bytes, check))?;
                    Ok($float::from_le_bytes(bytes))
                })
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
                Ok(slot.put($float::from_le_bytes(input.array()?)))
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
    fn write_rows(_: Rows<'_, Self>, _: &mut Writer<'_>, _: usize) -> Result<()> {
        Ok(())
    }

    fn send_row(&self, _: &mut Outgoing<'_>) -> Result<()> {
        Ok(())
    }
}

impl ReadRows for () {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read_rows<'s>(_: &mut Reader<'_>, _: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        let units = slots.len();
        Ok(slots.fill_from(std::iter::repeat_n((), units)))
    }

    fn receive_row<'s>(_: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
        Ok(slot.put(()))
    }
}
