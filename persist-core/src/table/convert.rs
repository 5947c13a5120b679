//! Opening columns that the reader has otherwise than the file: what is new in them is made in the scratch memory.

use super::cursor::{Kind, Taken, Values, exhausted};
use super::open::{Opener, equal, tag_kind};
use crate::column::{Int, count_set};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{FloatPart, Floats, Lane, Step, VariantPlan};
use crate::shape::IntKind;

/// An integer of any kind: how far it is from zero, and whether below.
type Any = (u128, bool);

/// Calls a function that is generic over integers, by their kind.
macro_rules! with_int {
    ($kind:expr, |$int:ident| $body:expr) => {
        match $kind {
            IntKind::U8 => with_int!(@ $int, u8, $body),
            IntKind::U16 => with_int!(@ $int, u16, $body),
            IntKind::U32 => with_int!(@ $int, u32, $body),
            IntKind::U64 => with_int!(@ $int, u64, $body),
            IntKind::U128 => with_int!(@ $int, u128, $body),
            IntKind::I8 => with_int!(@ $int, i8, $body),
            IntKind::I16 => with_int!(@ $int, i16, $body),
            IntKind::I32 => with_int!(@ $int, i32, $body),
            IntKind::I64 => with_int!(@ $int, i64, $body),
            IntKind::I128 => with_int!(@ $int, i128, $body),
        }
    };
    (@ $int:ident, $type:ty, $body:expr) => {{
        type $int = $type;
        $body
    }};
}

impl<'d, 'p> Opener<'d, 'p> {
    /// Integers of one kind as those of another.
    pub(super) fn convert(&mut self, from: IntKind, to: IntKind, at: usize, rows: usize) -> Result<()> {
        let mut found = self.kind(from, rows)?;
        let values = if let Values::Equal(bytes, _) = &found {
            let mut made = [0; 16];
            put_all(to, std::iter::once(any(from, &bytes[..from.size()])), &mut made[..to.size()])?;
            Values::Equal(made, rows)
        } else {
            let place = self.grow(rows, to.size())?;
            let (before, made) = self.opened.scratch.split_at_mut(place);
            let Taken::Bytes(bytes) = found.bytes_of(rows, from.size(), before)? else { return Err(exhausted()) };
            match (from.size(), to.size(), from.is_signed()) {
                // A larger integer of the same sign is the common case.
                (1, 2, false) => widen(bytes, made, |[a]: [u8; 1]| u16::from(a).to_le_bytes()),
                (1, 4, false) => widen(bytes, made, |[a]: [u8; 1]| u32::from(a).to_le_bytes()),
                (1, 8, false) => widen(bytes, made, |[a]: [u8; 1]| u64::from(a).to_le_bytes()),
                (2, 4, false) => widen(bytes, made, |a| u32::from(u16::from_le_bytes(a)).to_le_bytes()),
                (2, 8, false) => widen(bytes, made, |a| u64::from(u16::from_le_bytes(a)).to_le_bytes()),
                (4, 8, false) => widen(bytes, made, |a| u64::from(u32::from_le_bytes(a)).to_le_bytes()),
                (2, 4, true) if to.is_signed() => {
                    widen(bytes, made, |a| i32::from(i16::from_le_bytes(a)).to_le_bytes());
                }
                (2, 8, true) if to.is_signed() => {
                    widen(bytes, made, |a| i64::from(i16::from_le_bytes(a)).to_le_bytes());
                }
                (4, 8, true) if to.is_signed() => {
                    widen(bytes, made, |a| i64::from(i32::from_le_bytes(a)).to_le_bytes());
                }
                _ => put_all(to, bytes.chunks_exact(from.size()).map(|bytes| any(from, bytes)), made)?,
            }
            Values::Scratch(place, place + rows * to.size())
        };
        self.place(at, Kind::Int(to), values);
        Ok(())
    }

    /// Makes room for so many values in the scratch memory, filled with zeros; gives its place.
    fn grow(&mut self, rows: usize, size: usize) -> Result<usize> {
        let bytes = rows.checked_mul(size).ok_or_else(|| self.input.truncated())?;
        self.budget.memory(bytes, 1)?;
        let place = self.opened.scratch.len();
        self.opened.scratch.resize(place + bytes, 0);
        Ok(place)
    }

    /// Options that all have to have a value.
    pub(super) fn unwrap(&mut self, inner: &'p [Step], first: usize, rows: usize) -> Result<()> {
        let flags = self.bounded(rows, 2, "a flag is neither 0 nor 1")?;
        let there = match flags.clone().bytes_of(rows, 1, &self.opened.scratch)? {
            Taken::Bytes(flags) => count_set(flags),
            Taken::Equal(value) => rows * usize::from(value[0]),
        };
        if there != rows {
            let missing = rows - there;
            let message = format!("the file has no value in {missing} of {rows} rows, and the type is no `Option`");
            return Err(Error::of(ErrorKind::Value, message)
                .with_help("make it an `Option` again, or say what stands for none by `#[persist(default)]`"));
        }
        self.steps(inner, first, rows)
    }

    /// An enum whose tags are others.
    pub(super) fn variants(
        &mut self,
        variants: &'p [VariantPlan],
        wide: bool,
        first: usize,
        at: usize,
        rows: usize,
    ) -> Result<()> {
        let (counts, tags) = self.tags(variants.len(), rows)?;
        let lacking = variants.iter().zip(&counts).filter(|(variant, count)| variant.tag.is_none() && **count != 0);
        let lacking: Vec<String> =
            lacking.map(|(variant, count)| format!("`{}` ({count} times)", variant.name)).collect();
        if !lacking.is_empty() {
            let message = format!("the file has variants that the type lacks: {}", lacking.join(", "));
            return Err(Error::of(ErrorKind::Shape, message).with_help(
                "give a variant that was renamed `#[persist(alias = \"..\")]`, or a unit variant `#[persist(other)]`",
            ));
        }
        let known = |tag: usize| variants.get(tag).and_then(|variant| variant.tag).unwrap_or(0);
        let values = match (variants.len() <= 1 << 8, wide) {
            (true, false) => self.mapped::<u8, u8>(&tags, rows, |tag| known(tag.into()) as u8)?,
            (true, true) => self.mapped::<u8, u16>(&tags, rows, |tag| known(tag.into()))?,
            (false, false) => self.mapped::<u16, u8>(&tags, rows, |tag| known(tag.into()) as u8)?,
            (false, true) => self.mapped::<u16, u16>(&tags, rows, |tag| known(tag.into()))?,
        };
        self.place(at, tag_kind(if wide { usize::MAX } else { 0 }), values);
        variants.iter().zip(counts).try_for_each(|(variant, count)| self.steps(&variant.steps, first, count))
    }

    fn mapped<From: Int, To: Int>(
        &mut self,
        found: &Values<'d>,
        rows: usize,
        map: impl Fn(From) -> To,
    ) -> Result<Values<'d>> {
        if let Values::Equal(bytes, _) = found {
            return Ok(equal(map(From::from_bytes(&bytes[..From::SIZE])), rows));
        }
        let place = self.grow(rows, To::SIZE)?;
        let (before, made) = self.opened.scratch.split_at_mut(place);
        let values = found.clone().take::<From>(rows, before)?;
        values
            .zip(made.chunks_exact_mut(To::SIZE))
            .for_each(|(value, place)| place.copy_from_slice(map(value).to_bytes().as_ref()));
        Ok(Values::Scratch(place, place + rows * To::SIZE))
    }

    /// Columns that nobody reads: they are checked like others, and forgotten.
    pub(super) fn skip(&mut self, columns: usize, inner: &'p [Step], rows: usize) -> Result<()> {
        let (cursors, groups, scratch) =
            (self.opened.cursors.len(), self.opened.groups.len(), self.opened.scratch.len());
        self.opened.cursors.resize_with(cursors + columns, Default::default);
        self.steps(inner, cursors, rows)?;
        self.opened.cursors.truncate(cursors);
        self.opened.groups.truncate(groups);
        self.opened.scratch.truncate(scratch);
        Ok(())
    }

    /// Float runs, put together of what the file has.
    pub(super) fn floats(&mut self, floats: &'p Floats, first: usize, rows: usize) -> Result<()> {
        let mut runs = Vec::with_capacity(floats.runs.len());
        for &(at, size) in &floats.runs {
            let place = self.grow(rows, size)?;
            runs.push((place, size));
            // The steps around it number columns by the table.
            self.place(first + at, Kind::Run, Values::Scratch(place, place + rows * size));
        }
        for part in &floats.parts {
            match part {
                FloatPart::Skip(columns, steps) => self.skip(*columns, steps, rows)?,
                FloatPart::Run(size, lanes) => {
                    let end = self.opened.scratch.len();
                    let found = self.run(*size, rows)?;
                    // What was unpacked stands behind all that is made.
                    let (made, unpacked) = self.opened.scratch.split_at_mut(end);
                    let Taken::Bytes(bytes) = behind(found, end).bytes_of(rows, *size, unpacked)? else {
                        return Err(exhausted());
                    };
                    for lane in lanes {
                        let (place, stride) = runs[lane.run];
                        let to = &mut made[place..place + rows * stride];
                        copy_lane(*lane, bytes.chunks_exact(*size), to.chunks_exact_mut(stride));
                    }
                    self.opened.scratch.truncate(end);
                }
                FloatPart::Ints(kind, count, lane) => {
                    let items = rows.checked_mul(*count).ok_or_else(|| self.input.truncated())?;
                    let end = self.opened.scratch.len();
                    let found = self.kind(*kind, items)?;
                    let (place, stride) = runs[lane.run];
                    let (made, unpacked) = self.opened.scratch.split_at_mut(end);
                    let found = behind(found, end);
                    let run = &mut made[place..place + rows * stride];
                    put_ints(*kind, *lane, *count, found, unpacked, run.chunks_exact_mut(stride))?;
                    self.opened.scratch.truncate(end);
                }
            }
        }
        Ok(())
    }
}

/// The same values in the part of the scratch memory behind a place.
fn behind(found: Values<'_>, place: usize) -> Values<'_> {
    match found {
        Values::Scratch(from, to) => Values::Scratch(from - place, to - place),
        other => other,
    }
}

/// Copies one float of each row.
fn copy_lane<'x>(lane: Lane, from: impl Iterator<Item = &'x [u8]>, to: impl Iterator<Item = &'x mut [u8]>) {
    let both = from.zip(to);
    match lane.sizes {
        (4, 8) => both.for_each(|(from, to)| {
            let mut float = [0; 4];
            float.copy_from_slice(&from[lane.from..lane.from + 4]);
            to[lane.to..lane.to + 8].copy_from_slice(&f64::from(f32::from_le_bytes(float)).to_le_bytes());
        }),
        (4, _) => both.for_each(|(from, to)| {
            to[lane.to..lane.to + 4].copy_from_slice(&from[lane.from..lane.from + 4]);
        }),
        _ => both.for_each(|(from, to)| {
            to[lane.to..lane.to + 8].copy_from_slice(&from[lane.from..lane.from + 8]);
        }),
    }
}

/// Writes so many integers a row as floats, where each can be one exactly.
fn put_ints<'x>(
    kind: IntKind,
    lane: Lane,
    count: usize,
    mut found: Values<'_>,
    unpacked: &[u8],
    rows: impl ExactSizeIterator<Item = &'x mut [u8]>,
) -> Result<()> {
    let (size, width) = (kind.size(), lane.sizes.1);
    let taken = found.bytes_of(rows.len() * count, size, unpacked)?;
    let mut next = 0;
    for row in rows {
        for place in row[lane.to..lane.to + count * width].chunks_exact_mut(width) {
            let value = match &taken {
                Taken::Bytes(bytes) => any(kind, &bytes[next * size..(next + 1) * size]),
                Taken::Equal(value) => any(kind, &value[..size]),
            };
            next += 1;
            let float = exact(value, width == 8);
            let float = float.ok_or_else(|| misfit(value, if width == 8 { "f64" } else { "f32" }))?;
            if width == 8 {
                place.copy_from_slice(&float.to_le_bytes());
            } else {
                place.copy_from_slice(&(float as f32).to_le_bytes());
            }
        }
    }
    Ok(())
}

/// The integer of a kind that stands in bytes.
fn any(kind: IntKind, bytes: &[u8]) -> Any {
    with_int!(kind, |T| T::from_bytes(bytes).magnitude())
}

/// Writes integers as those of a kind, where each can be one.
fn put_all(kind: IntKind, values: impl Iterator<Item = Any>, places: &mut [u8]) -> Result<()> {
    for ((magnitude, negative), place) in values.zip(places.chunks_exact_mut(kind.size())) {
        let fits = with_int!(kind, |T| {
            let value = <T as Int>::of_magnitude(magnitude, negative);
            value.map(|value| place.copy_from_slice(Int::to_bytes(value).as_ref())).is_some()
        });
        if !fits {
            return Err(misfit((magnitude, negative), kind.name()));
        }
    }
    Ok(())
}

/// Writes integers as larger ones.
fn widen<const FROM: usize, const TO: usize>(
    values: &[u8],
    places: &mut [u8],
    widened: impl Fn([u8; FROM]) -> [u8; TO],
) {
    let (values, places) = (values.as_chunks::<FROM>().0, places.as_chunks_mut::<TO>().0);
    values.iter().zip(places).for_each(|(value, place)| *place = widened(*value));
}

/// The float that is just this integer.
fn exact((magnitude, negative): Any, double: bool) -> Option<f64> {
    let float = if double { magnitude as f64 } else { f64::from(magnitude as f32) };
    // What is too large for an integer would become the largest one.
    (float < 2f64.powi(128) && float as u128 == magnitude).then_some(if negative { -float } else { float })
}

#[cold]
fn misfit((magnitude, negative): Any, name: &str) -> Error {
    let sign = if negative { "-" } else { "" };
    Error::of(ErrorKind::Value, format!("the value {sign}{magnitude} of the file does not fit `{name}`"))
}
