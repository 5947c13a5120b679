//! Cursors: columns while they are read.

use crate::column::Int;
use crate::error::{Error, ErrorKind, Result};
use crate::shape::IntKind;

/// One column of an opened table, with what of it is still to be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Cursor<'d> {
    pub(super) kind: Kind,
    pub(super) values: Values<'d>,
    pub(super) data: Data<'d>,
    pub(super) child: Child,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Empty,
    Int(IntKind),
    Run,
    Text,
    Opaque,
    Sequence,
    Boxed,
    Presence,
}

/// Values of a fixed size, little-endian.
#[derive(Clone, Debug, Default)]
pub(super) enum Values<'d> {
    #[default]
    None,
    /// In the bytes that are loaded.
    Input(&'d [u8]),
    /// In the scratch memory, from and to.
    Scratch(usize, usize),
    /// So many equal values.
    Equal([u8; 16], usize),
}

/// The bytes of texts and opaque items.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Data<'d> {
    #[default]
    None,
    Text(&'d str),
    Bytes(&'d [u8]),
    /// Every text is this one.
    Equal(&'d str),
    /// The values are places among the entries of dictionaries, from this one on.
    Places(usize),
    /// In one of the texts that were put together, from here on.
    Built(usize, usize),
    /// Every item is this one.
    EqualBytes(&'d [u8]),
}

/// Texts of columns of level Small.
#[derive(Default)]
pub(super) struct Texts<'d> {
    /// Those of dictionaries, one after the other.
    pub(super) entries: Vec<&'d str>,
    /// Those that were put together, column by column.
    pub(super) built: Vec<String>,
}

impl<'d> Data<'d> {
    /// The next text, whose length, or place, is `value`.
    #[inline(always)]
    pub(super) fn text<'x>(&mut self, value: u32, texts: &'x Texts<'d>) -> Result<&'x str>
    where
        'd: 'x,
    {
        match self {
            Data::Places(first) => texts.entries.get(*first + value as usize).copied().ok_or_else(exhausted),
            Data::Built(index, from) => {
                let text = texts.built.get(*index).and_then(|texts| texts.get(*from..*from + value as usize));
                let text = text.ok_or_else(exhausted)?;
                *from += text.len();
                Ok(text)
            }
            _ => self.stored(value),
        }
    }

    /// Takes texts, whose lengths, or places, are `values`.
    #[inline(always)]
    pub(super) fn each<'x>(
        &mut self,
        mut values: Ints<'x, u32>,
        texts: &'x Texts<'d>,
        mut take: impl FnMut(&'x str),
    ) -> Result<()>
    where
        'd: 'x,
    {
        match self {
            Data::Places(first) => {
                let entries = texts.entries.get(*first..).unwrap_or_default();
                values.try_for_each(|place| {
                    take(entries.get(place as usize).ok_or_else(exhausted)?);
                    Ok(())
                })
            }
            Data::Built(index, from) => {
                let mut rest = texts.built.get(*index).and_then(|texts| texts.get(*from..)).ok_or_else(exhausted)?;
                values.try_for_each(|length| {
                    let (text, after) = rest.split_at_checked(length as usize).ok_or_else(exhausted)?;
                    *from += text.len();
                    rest = after;
                    take(text);
                    Ok(())
                })
            }
            _ => values.try_for_each(|value| self.stored(value).map(&mut take)),
        }
    }

    /// The next text, of a length, where it stands in the bytes that are loaded.
    #[inline(always)]
    pub(super) fn stored(&mut self, length: u32) -> Result<&'d str> {
        match self {
            Data::Text(rest) => {
                let (text, after) = rest.split_at_checked(length as usize).ok_or_else(exhausted)?;
                *rest = after;
                Ok(text)
            }
            Data::Equal(text) => Ok(text),
            _ => Err(exhausted()),
        }
    }
}

/// Where the rows behind an edge stand.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Child {
    #[default]
    None,
    /// In the cursors from this one on.
    Table { first: usize, recursive: bool },
    /// They come next in the bytes, in groups or not; their table in the plan.
    Inline { table: usize, grouped: bool },
    /// In groups: so many from this one on.
    Groups { first: usize, count: usize, recursive: bool },
}

/// A group of rows of the outermost sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) rows: usize,
    pub(super) first: usize,
}

/// Integers of a column, one after the other.
#[derive(Clone)]
pub(crate) enum Ints<'x, T> {
    Slice(std::slice::ChunksExact<'x, u8>),
    Equal(T, usize),
}

impl<T: Int> Iterator for Ints<'_, T> {
    type Item = T;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self) -> Option<T> {
        match self {
            Ints::Slice(chunks) => chunks.next().map(T::from_bytes),
            Ints::Equal(_, 0) => None,
            Ints::Equal(value, left) => {
                *left -= 1;
                Some(*value)
            }
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn fold<B, F: FnMut(B, T) -> B>(self, init: B, mut f: F) -> B {
        match self {
            Ints::Slice(chunks) => chunks.map(T::from_bytes).fold(init, f),
            Ints::Equal(value, count) => (0..count).fold(init, |b, _| f(b, value)),
        }
    }
}

/// Values of a fixed size.
pub(crate) enum Taken<'x> {
    /// One after the other, little-endian.
    Bytes(&'x [u8]),
    /// All the same.
    Equal([u8; 16]),
}

impl<'d> Values<'d> {
    /// Takes `count` values of `size` bytes each.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn bytes_of<'x>(&mut self, count: usize, size: usize, scratch: &'x [u8]) -> Result<Taken<'x>>
    where
        'd: 'x,
    {
        let bytes = count * size;
        match self {
            Values::Input(values) => {
                let Some((taken, rest)) = values.split_at_checked(bytes) else { return Err(exhausted()) };
                *values = rest;
                Ok(Taken::Bytes(taken))
            }
            Values::Scratch(from, to) if *to - *from >= bytes => {
                let taken = &scratch[*from..*from + bytes];
                *from += bytes;
                Ok(Taken::Bytes(taken))
            }
            Values::Equal(value, left) if *left >= count => {
                *left -= count;
                Ok(Taken::Equal(*value))
            }
            Values::None if count == 0 => Ok(Taken::Bytes(&[])),
            _ => Err(exhausted()),
        }
    }

    /// Takes `size` times `count` bytes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn take<'x, T: Int>(&mut self, count: usize, scratch: &'x [u8]) -> Result<Ints<'x, T>>
    where
        'd: 'x,
    {
        let size = count * T::SIZE;
        match self {
            Values::Input(bytes) => {
                let Some((taken, rest)) = bytes.split_at_checked(size) else { return Err(exhausted()) };
                *bytes = rest;
                Ok(Ints::Slice(taken.chunks_exact(T::SIZE)))
            }
            Values::Scratch(from, to) if *to - *from >= size => {
                let taken = &scratch[*from..*from + size];
                *from += size;
                Ok(Ints::Slice(taken.chunks_exact(T::SIZE)))
            }
            Values::Equal(value, left) if *left >= count => {
                *left -= count;
                Ok(Ints::Equal(T::from_bytes(&value[..T::SIZE]), count))
            }
            Values::None if count == 0 => Ok(Ints::Equal(T::ZERO, 0)),
            _ => Err(exhausted()),
        }
    }

    /// One value.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn one<T: Int>(&mut self, scratch: &[u8]) -> Result<T> {
        match self {
            Values::Equal(value, left) if *left >= 1 => {
                *left -= 1;
                Ok(T::from_bytes(&value[..T::SIZE]))
            }
            _ => self.take(1, scratch)?.next().ok_or_else(exhausted),
        }
    }

    /// Whether all values were read.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Values::None => true,
            Values::Input(bytes) => bytes.is_empty(),
            Values::Scratch(from, to) => from == to,
            Values::Equal(_, left) => *left == 0,
        }
    }
}

/// A row that the shape promises is not there: a damaged file where a recursion is concerned, else a type whose own
/// layout contradicts its shape.
#[cold]
pub(super) fn exhausted() -> Error {
    Error::of(ErrorKind::Corrupt, "a column ends before its rows do")
}
