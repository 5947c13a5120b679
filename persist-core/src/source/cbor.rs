//! CBOR (RFC 8949) as items.
//!
//! Every tag but those of large integers and of arrays of numbers is looked through, so that `cbor2`, `ciborium` and
//! others may mark values as they like. No length that the bytes claim is trusted.

use std::borrow::Cow;

use ciborium_ll::{Decoder, Header, simple, tag};

use super::typed::{DIMENSIONS, Element, TAGS};
use super::{Item, Number, Numbers, Open, Source, skip};
use crate::error::{Error, ErrorKind, Result};

/// A place in the bytes of CBOR items.
#[derive(Clone, Copy)]
pub(crate) struct Cbor<'d> {
    pub(crate) bytes: &'d [u8],
    pub(crate) at: usize,
}

/// Checks that bytes are one item, of at most so many levels.
pub(crate) fn check_item(item: &[u8], depth: usize) -> Result<()> {
    let mut source = Cbor::new(item);
    skip(&mut source, depth)?;
    if source.is_empty() { Ok(()) } else { Err(Error::of(ErrorKind::Corrupt, "bytes are left after an opaque item")) }
}

/// Bytes of an item's head after the first one.
pub(crate) fn head_length(first: u8) -> usize {
    match first & 0x1F {
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => 0,
    }
}

/// An item's head, from all of its bytes.
pub(crate) fn parse_head(head: &[u8]) -> Option<Header> {
    let (&first, rest) = head.split_first()?;
    let argument = match first & 0x1F {
        value @ 0..24 => Some(u64::from(value)),
        31 => None,
        _ if rest.is_empty() => return None,
        _ => Some(rest.iter().fold(0, |value, &byte| value << 8 | u64::from(byte))),
    };
    let length = || argument.map(usize::try_from).transpose().ok();
    Some(match first >> 5 {
        0 => Header::Positive(argument?),
        1 => Header::Negative(argument?),
        2 => Header::Bytes(length()?),
        3 => Header::Text(length()?),
        4 => Header::Array(length()?),
        5 => Header::Map(length()?),
        6 => Header::Tag(argument?),
        _ if first == 0xFB => Header::Float(f64::from_bits(argument?)),
        _ if first == 0xFA => Header::Float(f32::from_bits(argument? as u32).into()),
        // Of the simple values, those below 32 have one byte only.
        _ if matches!(head, [0xF8, ..0x20]) => return None,
        _ => Decoder::from(head).pull().ok()?,
    })
}

impl<'d> Cbor<'d> {
    /// Bytes that hold one item.
    pub(crate) fn new(bytes: &'d [u8]) -> Self {
        Cbor { bytes, at: 0 }
    }

    /// Whether all bytes were taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, count: usize) -> Result<&'d [u8]> {
        match self.bytes[self.at..].split_at_checked(count) {
            Some((taken, _)) => {
                self.at += count;
                Ok(taken)
            }
            None => Err(self.truncated()),
        }
    }

    fn header(&mut self) -> Result<Header> {
        let start = *self;
        let Some(first) = self.peek() else { return Err(self.truncated()) };
        let head = self.take(1 + head_length(first))?;
        parse_head(head).ok_or_else(|| start.corrupt(&format!("the byte 0x{first:02X} begins no item")))
    }

    /// Bytes of the length in a head, or of chunks up to a break, each with a head of the same kind.
    fn chunks(&mut self, length: Option<usize>, of: fn(Header) -> Option<usize>) -> Result<Cow<'d, [u8]>> {
        if let Some(length) = length {
            return self.take(length).map(Cow::Borrowed);
        }
        let mut whole = Vec::new();
        loop {
            let start = *self;
            match self.header()? {
                Header::Break => return Ok(Cow::Owned(whole)),
                header => match of(header) {
                    Some(length) => whole.extend_from_slice(self.take(length)?),
                    None => return Err(start.corrupt("a chunk is of another kind than what it is part of")),
                },
            }
        }
    }

    fn byte_string(&mut self, length: Option<usize>) -> Result<Cow<'d, [u8]>> {
        self.chunks(length, |header| match header {
            Header::Bytes(length) => length,
            _ => None,
        })
    }

    fn text(&mut self, length: Option<usize>) -> Result<Cow<'d, str>> {
        let start = *self;
        let bytes = self.chunks(length, |header| match header {
            Header::Text(length) => length,
            _ => None,
        })?;
        match bytes {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
        }
        .ok_or_else(|| start.corrupt("a text is not UTF-8"))
    }

    /// The number whose magnitude a tag says that the next item is, where it is that.
    fn large(&mut self, negative: bool) -> Result<Option<Number<'d>>> {
        // Only a byte string is.
        if self.peek().is_none_or(|byte| byte >> 5 != 2) {
            return Ok(None);
        }
        let Header::Bytes(length) = self.header()? else { return Ok(None) };
        let bytes = self.byte_string(length)?;
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        let digits = &bytes[zeros..];
        let mut value = [0; 16];
        let Some(start) = value.len().checked_sub(digits.len()) else { return Ok(Some(Number::Huge)) };
        value[start..].copy_from_slice(digits);
        let value = u128::from_be_bytes(value);
        Ok(Some(match (i128::try_from(value), negative) {
            (Ok(value), false) => Number::Int(value),
            (Ok(value), true) => Number::Int(!value),
            (Err(_), false) => Number::Big(value),
            (Err(_), true) => Number::Huge,
        }))
    }

    /// The typed array whose tag was taken; nothing where it is none that can be read.
    fn numbers(&mut self, tag: u64) -> Result<Option<Numbers<'d>>> {
        let Some(element) = Element::of(tag) else { return Ok(None) };
        match self.peek() {
            None => return Err(self.truncated()),
            Some(byte) if byte >> 5 != 2 => return Ok(None),
            Some(_) => {}
        }
        let Header::Bytes(length) = self.header()? else { return Ok(None) };
        let bytes = self.byte_string(length)?;
        Ok((bytes.len() % element.size() == 0).then_some(Numbers { element, bytes }))
    }

    #[cold]
    fn no_numbers(&self, tag: u64) -> Error {
        if DIMENSIONS.contains(&tag) {
            let message = format!("an array of several dimensions, with the tag {tag}, cannot be read as lists");
            return self
                .error(ErrorKind::Unsupported, message)
                .with_help("write it as lists in lists, or load it as a `Value`");
        }
        match Element::of(tag) {
            None => self.error(ErrorKind::Unsupported, format!("typed arrays with the tag {tag} cannot be read")),
            Some(element) => {
                let size = element.size();
                self.corrupt(&format!("the tag {tag} stands before no byte string of {size} bytes for each number"))
            }
        }
    }

    /// How many elements or entries were opened; each takes so many bytes at least.
    fn count(&self, count: Option<usize>, least: usize) -> Result<Option<u64>> {
        match count {
            Some(count) if count.checked_mul(least).is_none_or(|bytes| bytes > self.left()) => Err(self.truncated()),
            _ => Ok(count.map(|count| count as u64)),
        }
    }

    #[cold]
    pub(crate) fn corrupt(&self, message: &str) -> Error {
        self.error(ErrorKind::Corrupt, message.to_owned())
    }

    #[cold]
    pub(crate) fn truncated(&self) -> Error {
        Error::of(ErrorKind::Truncated, "the bytes end before the value does").at_offset(self.bytes.len() as u64)
    }
}

impl<'d> Source<'d> for Cbor<'d> {
    const TEXTUAL: bool = false;

    fn item(&mut self) -> Result<Item<'d>> {
        loop {
            let start = *self;
            return Ok(match self.header()? {
                Header::Positive(value) => Item::Number(Number::Int(value.into())),
                Header::Negative(value) => Item::Number(Number::Int(!i128::from(value))),
                Header::Float(value) => Item::Number(Number::Float(value)),
                Header::Simple(simple::FALSE) => Item::Bool(false),
                Header::Simple(simple::TRUE) => Item::Bool(true),
                Header::Simple(simple::NULL | simple::UNDEFINED) => Item::Null,
                Header::Simple(value) => return Err(start.corrupt(&format!("the simple value {value} is not known"))),
                Header::Tag(number @ (tag::BIGPOS | tag::BIGNEG)) => match self.large(number == tag::BIGNEG)? {
                    Some(number) => Item::Number(number),
                    None => continue,
                },
                Header::Tag(number) if TAGS.contains(&number) || DIMENSIONS.contains(&number) => {
                    Item::Numbers(self.numbers(number)?.ok_or_else(|| start.no_numbers(number))?)
                }
                Header::Tag(_) => continue,
                Header::Break => {
                    return Err(start.corrupt("a break ends what was not begun, or an entry without value"));
                }
                Header::Bytes(length) => Item::Bytes(self.byte_string(length)?),
                Header::Text(length) => Item::Text(self.text(length)?),
                Header::Array(count) => Item::List(Open::new(false, self.count(count, 1)?)),
                Header::Map(count) => Item::Map(Open::new(true, self.count(count, 2)?)),
            });
        }
    }

    fn tag(&mut self) -> Result<Option<u64>> {
        if self.peek().is_none_or(|byte| byte >> 5 != 6) {
            return Ok(None);
        }
        let start = *self;
        match self.header()? {
            Header::Tag(number @ (tag::BIGPOS | tag::BIGNEG)) => match self.large(number == tag::BIGNEG)? {
                Some(Number::Huge) => {
                    *self = start;
                    self.header()?;
                    Ok(Some(number))
                }
                Some(_) => {
                    *self = start;
                    Ok(None)
                }
                None => Ok(Some(number)),
            },
            Header::Tag(number) => {
                let after = *self;
                *self = if self.numbers(number)?.is_some() { start } else { after };
                Ok((self.at != start.at).then_some(number))
            }
            _ => Ok(None),
        }
    }

    fn null(&mut self) -> Result<bool> {
        let mut ahead = *self;
        while ahead.peek().is_some_and(|byte| byte >> 5 == 6) {
            ahead.header()?;
        }
        let null = matches!(ahead.peek(), Some(0xF6 | 0xF7));
        if null {
            ahead.at += 1;
            *self = ahead;
        }
        Ok(null)
    }

    fn more(&mut self, open: &mut Open) -> Result<bool> {
        match &mut open.left {
            Some(0) => Ok(false),
            Some(left) => {
                *left -= 1;
                Ok(true)
            }
            None if self.peek() == Some(0xFF) => {
                self.at += 1;
                Ok(false)
            }
            None => Ok(true),
        }
    }

    #[inline]
    fn key(&mut self, name: &str) -> bool {
        // Longer ones have a longer head.
        const SHORT: usize = 24;
        let Some((&head, rest)) = self.bytes[self.at..].split_first() else { return false };
        let found = name.len() < SHORT && head == 0x60 | name.len() as u8 && rest.starts_with(name.as_bytes());
        if found {
            self.at += 1 + name.len();
        }
        found
    }

    fn colon(&mut self) -> Result<()> {
        Ok(())
    }

    fn at(&self, offset: usize) -> Self {
        Cbor { at: offset, ..*self }
    }

    fn bytes_to(&self, end: &Self) -> &'d [u8] {
        &self.bytes[self.at..end.at]
    }

    fn offset(&self) -> usize {
        self.at
    }

    #[cold]
    fn error(&self, kind: ErrorKind, message: String) -> Error {
        Error::of(kind, message).at_offset(self.at as u64)
    }
}
