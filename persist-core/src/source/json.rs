//! JSON text (RFC 8259) as items.
//!
//! Numbers keep their digits until it is known what they are wanted as, so that integers of 128 bits, floats of 32 bits
//! and both in dynamic values come back exactly.

use std::borrow::Cow;

use super::{Item, Number, Open, Source};
use crate::error::{Error, ErrorKind, Result};

/// A place in a JSON text.
#[derive(Clone, Copy)]
pub(crate) struct Json<'d> {
    text: &'d str,
    at: usize,
}

/// Bytes at the start that stand for themselves in a text: up to a quotation mark, a backslash or a control character.
#[inline]
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const TOPS: u64 = ONES << 7;
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The top bit of each byte that is zero, after what is looked for was made zero; what a byte borrows from the
        // next one can only mark bytes behind the first.
        let zeros = |word: u64| word.wrapping_sub(ONES) & !word & TOPS;
        let control = word.wrapping_sub(ONES * 0x20) & !word & TOPS;
        let found = control | zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64));
        if found != 0 {
            return 8 * index + found.trailing_zeros() as usize / 8;
        }
    }
    let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20));
    bytes.len() - rest.len() + plain.unwrap_or(rest.len())
}

impl<'d> Json<'d> {
    pub(crate) fn new(bytes: &'d [u8]) -> Result<Self> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Json { text, at: 0 }),
            Err(error) => {
                let (kind, message) = match error.error_len() {
                    Some(_) => (ErrorKind::Corrupt, "the bytes look like JSON, but are not UTF-8"),
                    None => (ErrorKind::Truncated, "the text ends inside a character"),
                };
                Err(Error::of(kind, message).at_offset(error.valid_up_to() as u64))
            }
        }
    }

    /// Checks that nothing but white space is left.
    pub(crate) fn end(mut self) -> Result<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.error(ErrorKind::TrailingBytes, "text is left after the value".to_owned())),
        }
    }

    /// The next byte that is not white space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                other => return other,
            }
        }
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The error for something else than what was expected here.
    #[cold]
    fn expected(&self, what: &str) -> Error {
        match self.text[self.at..].chars().next() {
            None => self.error_at(self.at, ErrorKind::Truncated, "the text ends before the value does"),
            Some(found) => self.error_at(self.at, ErrorKind::Corrupt, &format!("expected {what}, found {found:?}")),
        }
    }

    #[cold]
    fn wrong(&self, at: usize, message: &str) -> Error {
        self.error_at(at, ErrorKind::Corrupt, message)
    }

    #[cold]
    fn error_at(&self, at: usize, kind: ErrorKind, message: &str) -> Error {
        let before = &self.text[..at];
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Error::of(kind, format!("{message}, in line {line}, column {column}")).at_offset(at as u64)
    }

    fn word(&mut self, word: &str, item: Item<'d>) -> Result<Item<'d>> {
        for expected in word.bytes() {
            if self.byte() != Some(expected) {
                return Err(self.expected(&format!("`{word}`")));
            }
            self.at += 1;
        }
        Ok(item)
    }

    /// A text, after its opening quotation mark.
    fn string(&mut self) -> Result<Cow<'d, str>> {
        let mut escaped: Option<String> = None;
        loop {
            let rest = &self.text[self.at..];
            let plain = plain_length(rest.as_bytes());
            let part = &rest[..plain];
            self.at += plain;
            match self.byte() {
                None => return Err(self.expected("a text's end")),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(match escaped {
                        None => Cow::Borrowed(part),
                        Some(text) => Cow::Owned(text + part),
                    });
                }
                Some(b'\\') => {
                    let text = escaped.get_or_insert_default();
                    text.push_str(part);
                    text.push(self.escape()?);
                }
                _ => return Err(self.expected("no control character in a text")),
            }
        }
    }

    /// The character of an escape.
    fn escape(&mut self) -> Result<char> {
        let start = self.at;
        self.at += 1;
        let byte = self.byte();
        let character = match byte {
            Some(b'"' | b'\\' | b'/') => byte.map_or('"', char::from),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.code_point(start),
            _ => return Err(self.expected("an escape")),
        };
        self.at += 1;
        Ok(character)
    }

    /// `\u` and four digits, or two of them where the first is half of a pair.
    fn code_point(&mut self, start: usize) -> Result<char> {
        let alone = "an escape is half of a surrogate pair";
        let first = self.four_digits()?;
        let code = match first {
            0xD800..0xDC00 => {
                for expected in [b'\\', b'u'] {
                    match self.byte() {
                        None => return Err(self.expected("an escape")),
                        Some(byte) if byte == expected => self.at += 1,
                        Some(_) => return Err(self.wrong(start, alone)),
                    }
                }
                self.at -= 1;
                match self.four_digits()? {
                    second @ 0xDC00..0xE000 => 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00),
                    _ => return Err(self.wrong(start, alone)),
                }
            }
            _ => first,
        };
        char::from_u32(code).ok_or_else(|| self.wrong(start, alone))
    }

    /// The four digits after a `u`.
    fn four_digits(&mut self) -> Result<u32> {
        let mut code = 0;
        for _ in 0..4 {
            self.at += 1;
            match self.byte().and_then(|byte| char::from(byte).to_digit(16)) {
                Some(digit) => code = code << 4 | digit,
                None => return Err(self.expected("a hexadecimal digit")),
            }
        }
        self.at += 1;
        Ok(code)
    }

    fn number(&mut self) -> Result<Number<'d>> {
        let start = self.at;
        let negative = self.byte() == Some(b'-');
        self.at += usize::from(negative);
        let first = self.at;
        let magnitude = self.digits()?;
        if self.at > first + 1 && self.text.as_bytes()[first] == b'0' {
            return Err(self.wrong(start, "a number has a leading zero"));
        }
        let digits = self.at - first;
        let mut integer = true;
        if self.byte() == Some(b'.') {
            integer = false;
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            integer = false;
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = &self.text[start..self.at];
        Ok(match magnitude as i128 {
            _ if !integer => Number::Decimal(text),
            // Minus zero is a float, as it is for `serde_json`.
            0 if negative && digits == 1 => Number::Decimal(text),
            value if digits <= SHORT => Number::Int(if negative { -value } else { value }),
            _ => whole(text),
        })
    }

    /// Takes digits; gives their number, which is exact where they are not more than [`SHORT`].
    #[inline]
    fn digits(&mut self) -> Result<u64> {
        let start = self.at;
        let mut number = 0u64;
        for byte in &self.text.as_bytes()[start..] {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            number = number.wrapping_mul(10).wrapping_add(digit.into());
            self.at += 1;
        }
        if self.at == start { Err(self.expected("a digit")) } else { Ok(number) }
    }
}

/// Digits that 64 bits hold, whatever they are.
const SHORT: usize = 19;

/// The integer of many digits, which may stand after a minus sign.
#[cold]
fn whole(digits: &str) -> Number<'_> {
    match (digits.parse(), digits.parse()) {
        (Ok(value), _) => Number::Int(value),
        (_, Ok(value)) => Number::Big(value),
        _ => Number::Decimal(digits),
    }
}

impl<'d> Source<'d> for Json<'d> {
    const TEXTUAL: bool = true;

    fn item(&mut self) -> Result<Item<'d>> {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.string().map(Item::Text)
            }
            Some(b'-' | b'0'..=b'9') => self.number().map(Item::Number),
            Some(b'[') => {
                self.at += 1;
                Ok(Item::List(Open::new(false, None)))
            }
            Some(b'{') => {
                self.at += 1;
                Ok(Item::Map(Open::new(true, None)))
            }
            Some(b'n') => self.word("null", Item::Null),
            Some(b't') => self.word("true", Item::Bool(true)),
            Some(b'f') => self.word("false", Item::Bool(false)),
            _ => Err(self.expected("a value")),
        }
    }

    fn tag(&mut self) -> Result<Option<u64>> {
        Ok(None)
    }

    fn null(&mut self) -> Result<bool> {
        Ok(if self.peek() == Some(b'n') {
            self.word("null", Item::Null)?;
            true
        } else {
            false
        })
    }

    fn more(&mut self, open: &mut Open) -> Result<bool> {
        let end = if open.map { b'}' } else { b']' };
        let mut next = self.peek();
        if next == Some(end) {
            self.at += 1;
            return Ok(false);
        }
        if open.started {
            if next != Some(b',') {
                return Err(self.expected(if open.map { "`,` or `}`" } else { "`,` or `]`" }));
            }
            self.at += 1;
            next = self.peek();
        }
        open.started = true;
        if open.map && next != Some(b'"') {
            return Err(self.expected("a key in quotation marks"));
        }
        Ok(true)
    }

    #[inline]
    fn key(&mut self, name: &str) -> bool {
        let Some(rest) = self.text.as_bytes()[self.at..].strip_prefix(b"\"") else { return false };
        let Some(b"\":") = rest.strip_prefix(name.as_bytes()).and_then(|rest| rest.get(..2)) else { return false };
        // Of a name with escapes, the text only looks like it.
        let found = plain_length(name.as_bytes()) == name.len();
        if found {
            self.at += name.len() + 3;
        }
        found
    }

    fn colon(&mut self) -> Result<()> {
        if self.peek() != Some(b':') {
            return Err(self.expected("`:`"));
        }
        self.at += 1;
        Ok(())
    }

    fn at(&self, offset: usize) -> Self {
        Json { at: offset, ..*self }
    }

    fn bytes_to(&self, end: &Self) -> &'d [u8] {
        &self.text.as_bytes()[self.at..end.at]
    }

    fn offset(&self) -> usize {
        let mut place = *self;
        place.peek();
        place.at
    }

    #[cold]
    fn error(&self, kind: ErrorKind, message: String) -> Error {
        self.error_at(self.offset(), kind, &message)
    }
}
