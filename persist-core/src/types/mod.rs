//! How the types of std, and those of other crates, lie in tables, by family.
//!
//! There are five ways to say it, besides a layout by hand: [`direct!`] for a type that has a layout, [`saved_as!`] for
//! one whose state is another type, [`record!`] for one that is seen as a struct, [`choices!`] for one that is seen as
//! an enum, [`formatted!`] for one that people read as text.

use crate::error::{Error, ErrorKind, Result};
use crate::rows::{BATCH, Gather, Rows};
use crate::shape::{Builder, NodeId, Style, Variant};
use crate::table::Writer;
use crate::traits::{Describe, Encode, Layout};

/// Makes a type with a layout a `Persist` type whose states are the value itself.
macro_rules! direct {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> $crate::traits::Persist for $type {
            type Saved<'a>
                = $crate::traits::View<'a, Self>
            where
                Self: 'a;
            type Loaded = $crate::traits::Whole<Self>;

            #[allow(unsafe_code, reason = "the one promise that a layout makes")]
            // SAFETY: the states are the value itself, and making them runs no code.
            const DIRECT: $crate::traits::Direct<Self> = unsafe { $crate::traits::Direct::both() };

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn get_state(&self) -> $crate::error::Result<Self::Saved<'_>> {
                Ok($crate::traits::View(self))
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn set_state(
                $crate::traits::Whole(value): Self::Loaded,
                _context: &$crate::context::Context,
            ) -> $crate::error::Result<Self> {
                Ok(value)
            }
        }
    };
}

/// Makes types whose state is another type: `'a Saved => Loaded`, then the code for either direction.
macro_rules! saved_as {
    ($(
        [$($generics:tt)*] $type:ty, $a:lifetime $saved:ty => $loaded:ty,
        |$value:ident| $save:expr, |$state:ident| $load:expr;
    )*) => {$(
        impl<$($generics)*> $crate::traits::Persist for $type {
            type Saved<$a>
                = $saved
            where
                Self: $a;
            type Loaded = $loaded;

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn get_state(&self) -> $crate::error::Result<Self::Saved<'_>> {
                let $value = self;
                $save
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn set_state($state: Self::Loaded, _: &$crate::context::Context) -> $crate::error::Result<Self> {
                $load
            }
        }
    )*};
}

/// Makes types that are seen as a struct: of each field its type and how to look it up, then how to make a value.
///
/// Fields are looked up one after the other, so this is for values that do not change while they are saved.
macro_rules! record {
    ($(
        [$($generics:tt)*] $type:ty, $name:literal $style:ident {
            $($field:ident: $part:ty = |$value:ident| $look:expr;)*
        } $make:expr;
    )*) => {$(
        direct!([$($generics)*] $type);

        impl<$($generics)*> $crate::traits::Layout for $type {
            const COLUMNS: usize = if <Self as $crate::traits::Layout>::FLOATS == 0 {
                0 $(+ <$part as $crate::traits::Describe>::COLUMNS)*
            } else {
                1
            };
            const FLOATS: usize = $crate::shape::float_run(&[$(<$part as $crate::traits::Describe>::FLOATS),*]);

            fn describe(builder: &mut $crate::shape::Builder) -> $crate::shape::NodeId {
                builder.add::<Self>(size_of::<Self>(), |_builder| {
                    let fields = vec![$($crate::shape::Builder::field(
                        stringify!($field),
                        <$part as $crate::traits::Describe>::describe(_builder),
                    )),*];
                    $crate::shape::Node::Struct($crate::shape::Builder::record(
                        $name,
                        $crate::shape::Style::$style,
                        fields,
                    ))
                })
            }
        }

        impl<$($generics)*> $crate::traits::WriteRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn write_rows(
                _rows: $crate::rows::Rows<'_, Self>,
                _writer: &mut $crate::table::Writer<'_>,
                _at: usize,
            ) -> $crate::error::Result<()> {
                let mut _at = _at;
                $(
                    $crate::types::write_parts(_rows, _writer, _at, |$value| $look)
                        .map_err(|error| error.in_field($name, stringify!($field)))?;
                    _at += $crate::types::step::<Self, $part>();
                )*
                Ok(())
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn send_row(&self, _out: &mut $crate::message::Outgoing<'_>) -> $crate::error::Result<()> {
                $({
                    let $value = self;
                    let part: $crate::error::Result<_> = $look;
                    part.and_then(|part| $crate::traits::Encode::send(&part, _out))
                        .map_err(|error| error.in_field($name, stringify!($field)))?;
                })*
                Ok(())
            }
        }

        impl<$($generics)*> $crate::traits::ReadRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn read_rows<'s>(
                _reader: &mut $crate::table::Reader<'_>,
                _at: usize,
                slots: $crate::slots::Slots<'s, Self>,
            ) -> $crate::error::Result<$crate::slots::Done<'s>> {
                slots.fill().rest(|| {
                    let mut _at = _at;
                    $(
                        let $field: $part = _reader
                            .one(_at)
                            .map_err(|error| error.in_field($name, stringify!($field)))?;
                        _at += $crate::types::step::<Self, $part>();
                    )*
                    $make
                })
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn receive_row<'s>(
                _input: &mut $crate::message::Incoming<'_>,
                slot: $crate::slots::Slot<'s, Self>,
            ) -> $crate::error::Result<$crate::slots::Done<'s>> {
                $(
                    let $field = _input
                        .value::<$part>()
                        .map_err(|error| error.in_field($name, stringify!($field)))?;
                )*
                let value: $crate::error::Result<Self> = $make;
                Ok(slot.put(value?))
            }
        }
    )*};
}

/// Makes types that are seen as an enum: of each variant its tag, its name, and perhaps the type that it holds.
macro_rules! choices {
    ($(
        [$($generics:tt)*] $type:ty, $name:literal { $($tag:literal $variant:ident $(($part:ty))?,)* };
    )*) => {$(
        direct!([$($generics)*] $type);

        impl<$($generics)*> $crate::traits::Layout for $type {
            const COLUMNS: usize = 1 $($(+ <$part as $crate::traits::Describe>::COLUMNS)?)*;

            fn describe(builder: &mut $crate::shape::Builder) -> $crate::shape::NodeId {
                builder.add::<Self>(size_of::<Self>(), |_builder| {
                    let variants = vec![$($crate::types::variant(
                        stringify!($variant),
                        [$(<$part as $crate::traits::Describe>::describe(_builder))?],
                    )),*];
                    $crate::shape::Node::Enum($crate::shape::Builder::choice($name, variants))
                })
            }
        }

        impl<$($generics)*> $crate::traits::WriteRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn write_rows(
                rows: $crate::rows::Rows<'_, Self>,
                writer: &mut $crate::table::Writer<'_>,
                at: usize,
            ) -> $crate::error::Result<()> {
                for (_batch, rows) in rows.batches().enumerate() {
                    writer.tags(at, [$($tag),*].len(), rows.map(|row| match row {
                        $(Self::$variant { .. } => $tag,)*
                    }));
                    let mut _at = at + 1;
                    $($(
                        $crate::types::write_some(_batch, rows, writer, _at, |row| match row {
                            Self::$variant { 0: part } => Some(part),
                            _ => None,
                        })
                        .map_err(|error| error.in_field(concat!($name, "::", stringify!($variant)), "0"))?;
                        _at += <$part as $crate::traits::Describe>::COLUMNS;
                    )?)*
                }
                Ok(())
            }

            fn send_row(&self, out: &mut $crate::message::Outgoing<'_>) -> $crate::error::Result<()> {
                out.tag([$($tag),*].len(), match self {
                    $(Self::$variant { .. } => $tag,)*
                });
                $($(
                    if let Self::$variant { 0: part } = self {
                        return <$part as $crate::traits::Encode>::send(part, out)
                            .map_err(|error| error.in_field(concat!($name, "::", stringify!($variant)), "0"));
                    }
                )?)*
                Ok(())
            }
        }

        impl<$($generics)*> $crate::traits::ReadRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn read_rows<'s>(
                reader: &mut $crate::table::Reader<'_>,
                at: usize,
                slots: $crate::slots::Slots<'s, Self>,
            ) -> $crate::error::Result<$crate::slots::Done<'s>> {
                slots.fill().rest(|| {
                    let tag = reader.tag(at, [$($tag),*].len())?;
                    let mut _at = at + 1;
                    $(
                        if tag == $tag {
                            return Ok(Self::$variant $({
                                0: reader.one::<$part>(_at).map_err(|error| {
                                    error.in_field(concat!($name, "::", stringify!($variant)), "0")
                                })?
                            })?);
                        }
                        $(_at += <$part as $crate::traits::Describe>::COLUMNS;)?
                    )*
                    Err($crate::types::no_variant())
                })
            }

            fn receive_row<'s>(
                input: &mut $crate::message::Incoming<'_>,
                slot: $crate::slots::Slot<'s, Self>,
            ) -> $crate::error::Result<$crate::slots::Done<'s>> {
                let tag = input.tag([$($tag),*].len())?;
                $(
                    if tag == $tag {
                        return Ok(slot.put(Self::$variant $({
                            0: input.value::<$part>().map_err(|error| {
                                error.in_field(concat!($name, "::", stringify!($variant)), "0")
                            })?
                        })?));
                    }
                )*
                Err($crate::types::no_variant())
            }
        }
    )*};
}

/// Makes types that have a readable form: its name, the numbers that a value is saved as, and the code for either
/// direction.
macro_rules! formatted {
    ($($type:ty as $format:ident $numbers:ty, |$value:ident| $save:expr, |$loaded:ident| $load:expr;)*) => {$(
        direct!([] $type);

        impl $crate::traits::Layout for $type {
            const COLUMNS: usize = <$numbers as $crate::traits::Describe>::COLUMNS;

            fn describe(builder: &mut $crate::shape::Builder) -> $crate::shape::NodeId {
                builder.add::<Self>(size_of::<Self>(), |builder| {
                    let numbers = <$numbers as $crate::traits::Describe>::describe(builder);
                    $crate::shape::Node::Formatted($crate::shape::Format::$format, numbers)
                })
            }
        }

        impl $crate::traits::WriteRows for $type {
            fn write_rows(
                rows: $crate::rows::Rows<'_, Self>,
                writer: &mut $crate::table::Writer<'_>,
                at: usize,
            ) -> $crate::error::Result<()> {
                $crate::types::write_parts::<_, $numbers>(rows, writer, at, |$value| $save)
            }

            fn send_row(&self, out: &mut $crate::message::Outgoing<'_>) -> $crate::error::Result<()> {
                let $value = self;
                let numbers: $crate::error::Result<$numbers> = $save;
                $crate::traits::Encode::send(&numbers?, out)
            }
        }

        impl $crate::traits::ReadRows for $type {
            fn read_rows<'s>(
                reader: &mut $crate::table::Reader<'_>,
                at: usize,
                slots: $crate::slots::Slots<'s, Self>,
            ) -> $crate::error::Result<$crate::slots::Done<'s>> {
                slots.fill().rest(|| reader.one::<$numbers>(at).and_then(|$loaded| $load))
            }

            fn receive_row<'s>(
                input: &mut $crate::message::Incoming<'_>,
                slot: $crate::slots::Slot<'s, Self>,
            ) -> $crate::error::Result<$crate::slots::Done<'s>> {
                let $loaded = input.value::<$numbers>()?;
                let value: $crate::error::Result<Self> = $load;
                Ok(slot.put(value?))
            }
        }
    )*};
}

mod number;
mod text;
mod option;
mod sequence;
mod boxed;
mod map;
mod tuple;
mod reference;
mod wrapper;
mod cell;
mod range;
mod time;
mod os_text;
mod net;
mod uuid;
mod calendar;
mod value;
#[cfg(feature = "bytes")]
mod bytes;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "ndarray")]
mod ndarray;
#[cfg(feature = "time")]
mod time_crate;

pub(crate) use calendar::{Date, DateTime, OffsetDateTime, Time, UtcDateTime, UtcOffset};
pub use os_text::OsState;
pub(crate) use uuid::Uuid;

/// Columns between a part of a struct, tuple or array and the next: none in a run of floats.
const fn step<T: Layout, Part: Describe>() -> usize {
    if T::FLOATS == 0 { Part::COLUMNS } else { 0 }
}

/// Bytes of memory beside a value that stands alone on the heap: what links it to others, and the allocator's own.
const ALONE: usize = 3 * size_of::<usize>();

/// The error of a batch, which is the so-manieth of its rows, as one of the rows.
#[cold]
fn in_batch(error: Error, batch: usize) -> Error {
    let row = batch * BATCH + error.row();
    error.at_row(row)
}

/// Writes what `look` gives of each row; it is asked once.
#[cfg_attr(not(debug_assertions), inline(always))]
fn write_parts<'a, T, Part: Encode>(
    rows: Rows<'a, T>,
    writer: &mut Writer<'_>,
    at: usize,
    look: impl Fn(&'a T) -> Result<Part>,
) -> Result<()> {
    let mut parts = Vec::with_capacity(rows.len().min(BATCH));
    for (batch, rows) in rows.batches().enumerate() {
        parts.clear();
        for (row, value) in rows.iter().enumerate() {
            parts.push(look(value).map_err(|error| in_batch(error.at_row(row), batch))?);
        }
        Part::write(Rows::of(&parts), writer, at).map_err(|error| in_batch(error, batch))?;
    }
    Ok(())
}

/// Writes the parts that some rows of a batch have.
#[cfg_attr(not(debug_assertions), inline(always))]
fn write_some<'a, T, Part: Encode + 'a>(
    batch: usize,
    rows: Rows<'a, T>,
    writer: &mut Writer<'_>,
    at: usize,
    look: impl Fn(&'a T) -> Option<&'a Part>,
) -> Result<()> {
    let parts = Gather::of(rows, &look);
    if parts.is_empty() {
        return Ok(());
    }
    Part::write(parts.rows(), writer, at).map_err(|error| {
        let mut with_part = (0..rows.len()).filter(|&row| look(rows.get(row)).is_some());
        let row = with_part.nth(error.row()).unwrap_or(0);
        in_batch(error.at_row(row), batch)
    })
}

/// A variant that holds one value, or none.
fn variant<const N: usize>(name: &'static str, parts: [NodeId; N]) -> Variant {
    let style = if N == 0 { Style::Unit } else { Style::Newtype };
    Builder::record(name, style, parts.into_iter().map(|part| Builder::field("0", part)).collect())
}

#[cold]
fn no_variant() -> Error {
    Error::of(ErrorKind::Corrupt, "a tag is of no variant")
}
