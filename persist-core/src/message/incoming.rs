//! Reading a message.

use super::Number;
use crate::column::Input;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::slots::text_of;
use crate::source::cbor::check_item;

/// A message that is being read.
pub struct Incoming<'i> {
    /// The whole message.
    bytes: &'i [u8],
    /// Bytes that were read: not more than there are.
    at: usize,
    budget: Budget,
    depth: usize,
    context: &'i Context,
}

impl<'i> Incoming<'i> {
    /// The message that these bytes are; opaque items may have so many levels.
    #[inline]
    pub(crate) fn new(bytes: &'i [u8], budget: Budget, depth: usize, context: &'i Context) -> Self {
        Incoming { bytes, at: 0, budget, depth, context }
    }

    /// After the value was read: every byte was used.
    #[inline]
    pub(crate) fn finish(&self) -> Result<()> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.corrupt("bytes are left after the value")) }
    }

    /// What hooks are given.
    #[must_use]
    pub fn context(&self) -> &'i Context {
        self.context
    }

    /// Levels that an opaque item may have.
    pub(crate) fn depth_limit(&self) -> usize {
        self.depth
    }

    /// Reads one byte.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn byte(&mut self) -> Result<u8> {
        let Some(&byte) = self.bytes.get(self.at) else { return Err(self.truncated()) };
        self.at += 1;
        Ok(byte)
    }

    /// Reads so many bytes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn take(&mut self, count: usize) -> Result<&'i [u8]> {
        let Some(taken) = self.bytes.get(self.at..).and_then(|rest| rest.get(..count)) else {
            return Err(self.truncated());
        };
        self.at += count;
        Ok(taken)
    }

    /// Reads an array of bytes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let Some(taken) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk()) else {
            return Err(self.truncated());
        };
        self.at += N;
        Ok(*taken)
    }

    /// Reads a number.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn number(&mut self) -> Result<u64> {
        let left = self.bytes.len() - self.at;
        let word = match (self.bytes.get(self.at..).and_then(|rest| rest.first_chunk()), self.bytes.last_chunk()) {
            (Some(bytes), _) => u64::from_le_bytes(*bytes),
            // What stands before is shifted out.
            (None, Some(last)) if left != 0 => u64::from_le_bytes(*last) >> (64 - 8 * left),
            _ if left != 0 => self.short_word(),
            _ => 0,
        };
        if word as u8 == 0 {
            return self.long_number();
        }
        let count = word.trailing_zeros() + 1;
        let alone = word << (64 - 8 * count);
        // Its upper seven bits.
        if alone >> 57 == 0 && count > 1 {
            return Err(self.corrupt("a number is not in its shortest form"));
        }
        if count as usize > left {
            return Err(self.truncated());
        }
        self.at += count as usize;
        Ok(alone >> (64 - 7 * count))
    }

    /// The bytes that are left of a message of fewer than eight, and zeros.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn short_word(&self) -> u64 {
        let all = match (self.bytes.first_chunk(), self.bytes.last_chunk()) {
            // Both halves are there, and may overlap.
            (Some(first), Some(last)) => {
                let (first, last) = (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)));
                first | last << (8 * (self.bytes.len() - 4))
            }
            _ => self.bytes.iter().rfold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        all >> (8 * self.at)
    }

    /// Reads a number of nine bytes, of which the first one is 0.
    #[cold]
    fn long_number(&mut self) -> Result<u64> {
        self.byte()?;
        let value = u64::from_le_bytes(self.array()?);
        if value < 1 << 56 { Err(self.corrupt("a number is not in its shortest form")) } else { Ok(value) }
    }

    /// Reads a number of fewer bits.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn narrow<T: TryFrom<u64>>(&mut self) -> Result<T> {
        let value = self.number()?;
        T::try_from(value).map_err(|_| self.corrupt("an integer is out of the range of its type"))
    }

    /// Reads the length of a sequence whose elements take so many bytes of memory each; and for how many of them memory
    /// may be reserved.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn length(&mut self, size: usize) -> Result<(usize, usize)> {
        let len = self.narrow::<u32>()? as usize;
        self.budget.elements(len, size)?;
        // Few elements take no byte: those that consist of transient fields.
        Ok((len, len.min(self.bytes.len() - self.at)))
    }

    /// Reads the length of so many bytes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn bytes(&mut self) -> Result<&'i [u8]> {
        let len = self.narrow::<u32>()? as usize;
        self.budget.memory(len, 1)?;
        self.take(len)
    }

    /// Reads a text.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn text(&mut self) -> Result<&'i str> {
        let bytes = self.bytes()?;
        text_of(bytes).ok_or_else(|| self.corrupt("a text is not UTF-8"))
    }

    /// Reads an opaque item.
    pub(crate) fn opaque(&mut self) -> Result<&'i [u8]> {
        let item = self.bytes()?;
        check_item(item, self.depth).map_err(|error| error.at_offset(self.at as u64))?;
        Ok(item)
    }

    /// Charges what is in a box.
    #[inline]
    pub(crate) fn boxed(&mut self, size: usize) -> Result<()> {
        self.budget.elements(1, size)
    }

    /// Reads a flag.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn flag(&mut self) -> Result<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.corrupt("a flag is neither 0 nor 1")),
        }
    }

    /// Reads the tag of an enum of so many variants: below their number.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn tag(&mut self, variants: usize) -> Result<usize> {
        let tag = if variants <= 1 << 8 { usize::from(self.byte()?) } else { usize::from(u16::receive(self)?) };
        if tag < variants { Ok(tag) } else { Err(self.corrupt("a tag is of no variant")) }
    }

    /// The bytes that are left, as what leaves of other forms are read from.
    fn input(&self) -> Input<'i> {
        Input::with_offset(&self.bytes[self.at..], self.at as u64)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn corrupt(&self, what: &'static str) -> Error {
        self.input().corrupt(what)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn truncated(&self) -> Error {
        self.input().truncated()
    }
}
