//! Protocol Cbor, the way in.

use std::io::Read;

use ciborium_ll::Header;

use super::cbor::SELF_DESCRIBED;
use super::packed::Filled;
use crate::error::{Error, ErrorKind, Result};
use crate::fill;
use crate::info::TypeInfo;
use crate::limits::{Limits, reached};
use crate::source::Source;
use crate::source::cbor::{Cbor, head_length, parse_head};
use crate::value::{self, Value};

/// Fills tables from the bytes of one value.
pub(crate) fn fill(info: &'static TypeInfo, bytes: &[u8], limits: &Limits) -> Result<Filled> {
    let body = whole(bytes, |source| fill::fill(info, source, bytes.len(), limits))?;
    Ok(Filled { body, size: bytes.len() })
}

/// Fills tables from the next value of a stream; not a byte after it is taken.
pub(crate) fn fill_from(info: &'static TypeInfo, reader: impl Read, limits: &Limits) -> Result<Filled> {
    fill(info, &take_item(reader, limits)?, limits)
}

/// The one value in bytes, with no type at hand.
pub(crate) fn value(bytes: &[u8], limits: &Limits) -> Result<Value> {
    whole(bytes, |source| value::read(source, limits.depth, &mut limits.budget(bytes.len())))
}

/// Reads what has to be all of the bytes, but for the tag that says that they are CBOR.
fn whole<'d, T>(bytes: &'d [u8], read: impl FnOnce(&mut Cbor<'d>) -> Result<T>) -> Result<T> {
    let mut source = Cbor { bytes, at: 0 };
    if bytes.starts_with(&SELF_DESCRIBED) {
        source.at = SELF_DESCRIBED.len();
    }
    let result = read(&mut source).and_then(|value| match bytes.len() - source.at {
        0 => Ok(value),
        _ => Err(source.error(ErrorKind::TrailingBytes, "bytes are left after the value".to_owned())),
    });
    result.map_err(|error| if looks_pickled(bytes) { pickled() } else { error })
}

/// Whether bytes that are no CBOR look like what Python's `pickle` writes: the mark of its protocols 2 to 5, or the
/// first and last bytes that those before it have.
fn looks_pickled(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0x80, 2..=5, ..]
            | [b'(' | b']' | b'}' | b'c', .., b'.']
            | [b'(', b'd' | b'l' | b't' | b'i', b'p', b'0'..=b'9', ..]
    )
}

#[cold]
fn pickled() -> Error {
    Error::of(ErrorKind::Protocol, "this looks like a Python pickle, which only Python can load")
        .with_help("load it there, and write it as JSON or CBOR")
}

/// Bytes that are taken from a stream at once.
const PIECE: usize = 64 << 10;

/// Takes the bytes of one item, and of the tags before it.
pub(crate) fn take_item(reader: impl Read, limits: &Limits) -> Result<Vec<u8>> {
    let mut stream = Stream { reader, bytes: Vec::new(), limit: limits.input };
    // Items that are left in what was opened, and whether it ends with a break instead.
    let mut levels: Vec<Option<u64>> = vec![Some(1)];
    let most = fill::levels(limits);
    while let Some(left) = levels.last_mut() {
        match left {
            Some(0) => {
                levels.pop();
                continue;
            }
            Some(left) => *left -= 1,
            None => {}
        }
        let level = match stream.header()? {
            // The item itself is still to come.
            Header::Tag(_) => Some(Some(1)),
            Header::Bytes(Some(length)) | Header::Text(Some(length)) => {
                stream.take(length)?;
                None
            }
            Header::Bytes(None) | Header::Text(None) | Header::Array(None) | Header::Map(None) => Some(None),
            Header::Array(Some(count)) => Some(Some(count as u64)),
            Header::Map(Some(count)) => Some(Some((count as u64).saturating_mul(2))),
            Header::Break => {
                if levels.pop().flatten().is_some() {
                    break;
                }
                None
            }
            _ => None,
        };
        // A last item takes the place of what it is part of, so that tags and lists of one do not count as levels.
        while levels.last() == Some(&Some(0)) {
            levels.pop();
        }
        if let Some(level) = level {
            if levels.len() >= most {
                return Err(reached("depth", "the value is nested more deeply than allowed"));
            }
            levels.push(level);
        }
    }
    Ok(stream.bytes)
}

/// Bytes that are taken from a stream, piece by piece.
struct Stream<R> {
    reader: R,
    bytes: Vec<u8>,
    limit: u64,
}

impl<R: Read> Stream<R> {
    fn take(&mut self, count: usize) -> Result<()> {
        if (count as u64) > self.limit - self.bytes.len() as u64 {
            return Err(reached("input", "the value has more bytes than allowed"));
        }
        let mut left = count;
        while left > 0 {
            let piece = left.min(PIECE);
            let found = self.reader.by_ref().take(piece as u64).read_to_end(&mut self.bytes)?;
            if found < piece {
                return Err(Cbor { bytes: &self.bytes, at: self.bytes.len() }.truncated());
            }
            left -= piece;
        }
        Ok(())
    }

    fn header(&mut self) -> Result<Header> {
        let start = self.bytes.len();
        self.take(1)?;
        self.take(head_length(self.bytes[start]))?;
        parse_head(&self.bytes[start..]).ok_or_else(|| {
            let place = Cbor { bytes: &self.bytes, at: start };
            place.corrupt(&format!("the byte 0x{:02X} begins no item", self.bytes[start]))
        })
    }
}
