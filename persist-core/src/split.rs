//! Where the values of a stream begin and end, with no Rust type at hand.

use std::io::{BufRead, Read};

use crate::error::{Error, ErrorKind, Result};
use crate::frame::{self, MAGIC, read_up_to};
use crate::limits::Limits;
use crate::protocol::{Protocol, cbor_in, json_in};

/// The bytes of each value of a stream, one after the other, of any protocol.
///
/// What they hold is not looked at, but for the checksums of packed values. After an error there is no further value.
///
/// ```
/// let mut stream = Vec::new();
/// persist_core::dump(&1u8, &mut stream)?;
/// stream.extend_from_slice(b" \"two\"\n3");
/// let values: Vec<_> = persist_core::split(&stream[..])
///     .map(|part| persist_core::inspect(&part?.bytes))
///     .collect::<persist_core::Result<_>>()?;
/// assert_eq!(values, [1.into(), "two".into(), 3.into()]);
/// # Ok::<(), persist_core::Error>(())
/// ```
pub fn split<R: BufRead>(reader: R) -> Split<R> {
    Split { reader: Counted { reader, count: 0 }, protocol: None, limits: Limits::default(), ended: false }
}

/// The number of bytes that the packed value takes which the bytes start with; others may follow it.
///
/// Of the value only the header is checked, and the lengths of its parts are followed.
///
/// ```
/// let mut bytes = persist_core::dumps(&7u8)?;
/// let len = bytes.len();
/// bytes.extend_from_slice(b"and more");
/// assert_eq!(persist_core::packed_len(&bytes)?, len);
/// # Ok::<(), persist_core::Error>(())
/// ```
pub fn packed_len(bytes: &[u8]) -> Result<usize> {
    frame::length(bytes, &Limits::default())
}

/// The values of a stream; what [`split`] gives.
#[derive(Debug)]
pub struct Split<R> {
    reader: Counted<R>,
    protocol: Option<Protocol>,
    limits: Limits,
    ended: bool,
}

/// The bytes of one value in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// Where in the stream they begin.
    pub offset: u64,
    /// The protocol that they were read as.
    pub protocol: Protocol,
    /// What [`inspect`](crate::inspect) takes.
    pub bytes: Vec<u8>,
}

impl<R: BufRead> Split<R> {
    /// Reads this protocol only, instead of recognising that of each value.
    #[must_use]
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// What a value may use at most: [`Limits::input`] and [`Limits::depth`] count here.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Bytes of the stream that were taken so far.
    pub fn offset(&self) -> u64 {
        self.reader.count
    }

    /// The reader, which stands behind the last value. What is taken from it is not counted.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.reader.reader
    }

    fn part(&mut self) -> Result<Option<Part>> {
        let Some((offset, protocol)) = self.begin()? else { return Ok(None) };
        let bytes = match protocol {
            Protocol::Packed => packed(&mut self.reader, &self.limits)?,
            Protocol::Json => json_in::take_text(&mut self.reader, &self.limits)?,
            Protocol::Cbor => cbor_in::take_item(&mut self.reader, &self.limits)?,
        };
        Ok(Some(Part { offset, protocol, bytes }))
    }

    /// Goes to where the next value begins; white space between values is passed over.
    fn begin(&mut self) -> Result<Option<(u64, Protocol)>> {
        loop {
            let Some(&first) = self.reader.reader.fill_buf()?.first() else { return Ok(None) };
            let protocol = self.protocol.unwrap_or_else(|| Protocol::recognise(&[first]));
            if protocol != Protocol::Json || !first.is_ascii_whitespace() {
                return Ok(Some((self.reader.count, protocol)));
            }
            self.reader.consume(1);
        }
    }
}

impl<R: BufRead> Iterator for Split<R> {
    type Item = Result<Part>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let part = self.part().transpose();
        self.ended = !matches!(part, Some(Ok(_)));
        part
    }
}

/// Takes the bytes of a frame.
fn packed(reader: &mut impl Read, limits: &Limits) -> Result<Vec<u8>> {
    let mut first = [0; MAGIC.len()];
    let found = read_up_to(reader, &mut first)?;
    if first != MAGIC {
        // The start of a frame gives the same error as a whole one.
        let error = frame::read(&first[..found], limits).err();
        return Err(error.unwrap_or_else(|| Error::of(ErrorKind::Protocol, "the bytes are no packed value")));
    }
    let mut bytes = first.to_vec();
    let mut stream = frame::Stream::new(Kept { reader, bytes: &mut bytes }, limits)?;
    let mut chunk = Vec::new();
    while stream.next(&mut chunk)?.is_some() {
        chunk.clear();
    }
    Ok(bytes)
}

/// A reader that keeps what is read.
struct Kept<'k, R> {
    reader: R,
    bytes: &'k mut Vec<u8>,
}

impl<R: Read> Read for Kept<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.bytes.extend_from_slice(&buffer[..count]);
        Ok(count)
    }
}

/// A reader that counts what is read.
#[derive(Debug)]
struct Counted<R> {
    reader: R,
    count: u64,
}

impl<R: BufRead> Counted<R> {
    fn consume(&mut self, count: usize) {
        self.reader.consume(count);
        self.count += count as u64;
    }
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dumper, Value, inspect};

    fn parts(bytes: &[u8]) -> Vec<(u64, Protocol, usize)> {
        split(bytes).map(|part| part.map(|part| (part.offset, part.protocol, part.bytes.len())).unwrap()).collect()
    }

    #[test]
    fn values_of_all_protocols_follow_one_another() {
        let value: Value = (0..100u8).map(Value::from).collect();
        let mut stream = b"\n ".to_vec();
        let mut expected = Vec::new();
        for protocol in [Protocol::Json, Protocol::Packed, Protocol::Cbor, Protocol::Cbor, Protocol::Json] {
            let from = stream.len();
            Dumper::new().protocol(protocol).dump(&value, &mut stream).unwrap();
            let len = stream.len() - from - usize::from(protocol == Protocol::Json);
            expected.push((from as u64, protocol, len));
        }
        stream.extend_from_slice(b"\n\n");
        assert_eq!(parts(&stream), expected);
        assert!(split(&stream[..]).all(|part| inspect(&part.unwrap().bytes).unwrap() == value));
    }

    #[test]
    fn a_stream_that_is_cut_short_ends_with_an_error() {
        let mut stream = crate::dumps(&"a text").unwrap();
        stream.extend_from_slice(&stream.clone());
        for end in 1..stream.len() {
            let found: Vec<_> = split(&stream[..end]).collect();
            assert_eq!(found.iter().any(Result::is_err), end != stream.len() / 2, "{end}");
        }
    }
}
