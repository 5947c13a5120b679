//! The one place that takes bytes from a slice.

use super::varint::get_short;
use crate::error::{Error, ErrorKind, Result};

/// Bytes that are read from the front, with the offset for errors.
#[derive(Clone, Debug)]
pub struct Input<'d> {
    rest: &'d [u8],
    /// Bytes before and inside, up to the end: the offset of `rest` is this less its length.
    end: u64,
}

impl<'d> Input<'d> {
    pub(crate) fn new(bytes: &'d [u8]) -> Self {
        Self::with_offset(bytes, 0)
    }

    /// Bytes that stand at an offset of something larger.
    pub(crate) fn with_offset(bytes: &'d [u8], offset: u64) -> Self {
        Input { rest: bytes, end: offset + bytes.len() as u64 }
    }

    pub(crate) fn offset(&self) -> u64 {
        self.end - self.rest.len() as u64
    }

    pub(crate) fn len(&self) -> usize {
        self.rest.len()
    }

    /// The bytes that are left.
    pub(crate) fn rest(&self) -> &'d [u8] {
        self.rest
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    #[inline(always)]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    #[inline(always)]
    pub(crate) fn byte(&mut self) -> Result<u8> {
        match self.rest.split_first() {
            Some((&byte, rest)) => {
                self.rest = rest;
                Ok(byte)
            }
            None => Err(self.truncated()),
        }
    }

    #[inline(always)]
    pub(crate) fn take(&mut self, count: usize) -> Result<&'d [u8]> {
        match self.rest.split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(self.truncated()),
        }
    }

    #[inline(always)]
    pub(crate) fn varint(&mut self) -> Result<u64> {
        match self.rest.split_first() {
            Some((&byte, rest)) if byte < 0x80 => {
                self.rest = rest;
                Ok(u64::from(byte))
            }
            _ => self.long_varint(),
        }
    }

    /// A varint that has to fit a length or count.
    #[inline]
    pub(crate) fn length(&mut self) -> Result<usize> {
        let value = self.varint()?;
        u32::try_from(value).map(|value| value as usize).map_err(|_| self.corrupt("a length is over 4,294,967,295"))
    }

    #[inline(never)]
    fn long_varint(&mut self) -> Result<u64> {
        if let Some((value, count)) = self.rest.first_chunk().and_then(|bytes| get_short(*bytes)) {
            if count > 1 && self.rest[count - 1] == 0 {
                return Err(self.corrupt("a number is not in its shortest form"));
            }
            self.rest = &self.rest[count..];
            return Ok(value);
        }
        let mut value = 0u64;
        for (i, &byte) in self.rest.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7F) << (7 * i);
            if byte >= 0x80 {
                continue;
            }
            if byte == 0 && i != 0 {
                return Err(self.corrupt("a number is not in its shortest form"));
            }
            if i == 9 && byte > 1 {
                return Err(self.corrupt("a number is over 64 bits"));
            }
            self.rest = &self.rest[i + 1..];
            return Ok(value);
        }
        Err(if self.rest.len() < 10 { self.truncated() } else { self.corrupt("a number is over 64 bits") })
    }

    /// A varint of up to 128 bits, in its shortest form.
    pub(super) fn varint_u128(&mut self) -> Result<u128> {
        let mut value = 0u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            let bits = u128::from(byte & 0x7F);
            if shift == 126 && bits > 3 {
                return Err(self.corrupt("a number is over 128 bits"));
            }
            value |= bits << shift;
            if byte < 0x80 {
                return if byte == 0 && shift != 0 {
                    Err(self.corrupt("a number is not in its shortest form"))
                } else {
                    Ok(value)
                };
            }
        }
        Err(self.corrupt("a number is over 128 bits"))
    }

    #[cold]
    pub(crate) fn corrupt(&self, what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
        Error::of(ErrorKind::Corrupt, what).at_offset(self.offset())
    }

    #[cold]
    pub(crate) fn truncated(&self) -> Error {
        Error::of(ErrorKind::Truncated, "the bytes end before the value does").at_offset(self.end)
    }
}
