//! Reading a message.

use super::Number;
use crate::column::Input;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::slots::string_of_bytes;
use crate::source::cbor::check_item;

/// A message that is being read.
pub struct Incoming<'i> {
    /// The whole message.
    whole: &'i [u8],
    /// What is left of it.
    rest: &'i [u8],
    budget: Budget,
    depth: usize,
    context: &'i Context,
}

impl<'i> Incoming<'i> {
    /// The message that these bytes are; opaque items may have so many levels.
    #[inline]
    pub(crate) fn new(bytes: &'i [u8], budget: Budget, depth: usize, context: &'i Context) -> Self {
        Incoming { whole: bytes, rest: bytes, budget, depth, context }
    }

    /// After the value was read: every byte was used.
    #[inline]
    pub(crate) fn finish(&self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.corrupt("bytes are left after the value")) }
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
        let Some((&byte, rest)) = self.rest.split_first() else { return Err(self.truncated()) };
        self.rest = rest;
        Ok(byte)
    }

    /// Reads so many bytes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn take(&mut self, count: usize) -> Result<&'i [u8]> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else { return Err(self.truncated()) };
        self.rest = rest;
        Ok(taken)
    }

    /// Reads an array of bytes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let Some((taken, rest)) = self.rest.split_first_chunk() else { return Err(self.truncated()) };
        self.rest = rest;
        Ok(*taken)
    }

    /// Reads a number.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn number(&mut self) -> Result<u64> {
        let word = match self.rest.first_chunk() {
            Some(bytes) => u64::from_le_bytes(*bytes),
            None => last_word(self.whole, self.rest),
        };
        if word as u8 == 0 {
            let (value, rest) = long_number(self.whole, self.rest)?;
            self.rest = rest;
            return Ok(value);
        }
        let count = word.trailing_zeros() + 1;
        let alone = word << (64 - 8 * count);
        // Its upper seven bits are 0 where a byte less would do.
        if alone >> 57 == 0 && count > 1 {
            return Err(not_shortest(self.whole, self.rest.len(), count as usize));
        }
        let Some(rest) = self.rest.get(count as usize..) else { return Err(self.truncated()) };
        self.rest = rest;
        Ok(alone >> (64 - 7 * count))
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
        Ok((len, len.min(self.rest.len())))
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
    pub(crate) fn string(&mut self) -> Result<String> {
        let bytes = self.bytes()?;
        string_of_bytes(bytes).ok_or_else(|| self.corrupt("a text is not UTF-8"))
    }

    /// Reads an opaque item.
    pub(crate) fn opaque(&mut self) -> Result<&'i [u8]> {
        let item = self.bytes()?;
        check_item(item, self.depth).map_err(|error| error.at_offset((self.whole.len() - self.rest.len()) as u64))?;
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

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn corrupt(&self, what: &'static str) -> Error {
        corrupt(self.whole, self.rest.len(), what)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn truncated(&self) -> Error {
        truncated(self.whole, self.rest.len())
    }
}

// What follows is given the message's parts, not the message: one whose place nobody knows stays in registers.

/// The bytes that are left of a message, which are fewer than eight, and zeros.
#[cfg_attr(not(debug_assertions), inline(always))]
fn last_word(whole: &[u8], rest: &[u8]) -> u64 {
    match whole.last_chunk() {
        // What stands before is shifted out.
        Some(last) if !rest.is_empty() => u64::from_le_bytes(*last) >> (64 - 8 * rest.len()),
        Some(_) => 0,
        None => short_word(rest),
    }
}

/// Fewer than eight bytes, and zeros.
#[inline(never)]
fn short_word(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk(), bytes.last_chunk()) {
        // Both halves are there, and may overlap.
        (Some(first), Some(last)) => {
            let (first, last) = (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)));
            first | last << (8 * (bytes.len() - 4))
        }
        _ => bytes.iter().rfold(0, |word, &byte| word << 8 | u64::from(byte)),
    }
}

/// The bytes of a number of more than 56 bits.
const LONG: usize = 9;

/// A number of more than 56 bits, of which the first byte is 0, and what is left behind it.
#[cold]
#[inline(never)]
fn long_number<'i>(whole: &[u8], rest: &'i [u8]) -> Result<(u64, &'i [u8])> {
    let number = rest.split_first().and_then(|(_, rest)| rest.split_first_chunk());
    let Some((number, behind)) = number else { return Err(truncated(whole, rest.len())) };
    let value = u64::from_le_bytes(*number);
    if value < 1 << 56 { Err(not_shortest(whole, rest.len(), LONG)) } else { Ok((value, behind)) }
}

/// A number of so many bytes, of which the last ones are 0, or not there.
#[cold]
#[inline(never)]
fn not_shortest(whole: &[u8], left: usize, count: usize) -> Error {
    if count > left { truncated(whole, left) } else { corrupt(whole, left, "a number is not in its shortest form") }
}

#[cold]
#[inline(never)]
fn corrupt(whole: &[u8], left: usize, what: &'static str) -> Error {
    input(whole, left).corrupt(what)
}

#[cold]
#[inline(never)]
fn truncated(whole: &[u8], left: usize) -> Error {
    input(whole, left).truncated()
}

/// The bytes that are left, as what errors of other forms come from.
fn input(whole: &[u8], left: usize) -> Input<'_> {
    let at = whole.len() - left;
    Input::with_offset(&whole[at..], at as u64)
}
