//! Frames: packed values in a file or stream.
//!
//! ```text
//! magic    4 bytes   FC 50 53 54
//! version  1 byte    1
//! check    1 byte    0: no checksums; 3: CRC-32 (ISO-HDLC) after the header and after each chunk
//! schema   length, bytes
//! [check   4 bytes   of all bytes so far]
//! chunk    length (at least 1), bytes, [check 4 bytes of the bytes]; any number of them
//! end      1 byte    0
//! ```
//!
//! Lengths are varints; checks are little-endian. The chunks' bytes, one after the other, are the body. Each check
//! covers the number of the part as well, so that no chunk can be lost or moved.

use std::io::{ErrorKind as IoErrorKind, Read, Write};

use crate::column::{Input, put_varint};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{Limits, reached};

/// First bytes of a packed value: the first is valid neither in CBOR nor in JSON nor in UTF-8.
pub(crate) const MAGIC: [u8; 4] = [0xFC, b'P', b'S', b'T'];
/// The version of the format that is written, and the newest one that is read.
pub(crate) const VERSION: u8 = 1;
const UNCHECKED: u8 = 0;
const CHECKED: u8 = 3;
/// Bytes that a check takes.
const CHECK: usize = 4;

/// The check of part `number` of a frame; the header is part 0.
fn check(number: u32, bytes: &[u8]) -> [u8; CHECK] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&number.to_le_bytes());
    hasher.update(bytes);
    hasher.finalize().to_le_bytes()
}

/// Writes a frame. `marks` are the places where the body may be cut into chunks.
pub(crate) fn write(schema: &[u8], body: &[u8], marks: &[usize], checked: bool, out: &mut impl Write) -> Result<()> {
    let mut header = Vec::with_capacity(schema.len() + 16);
    header.extend_from_slice(&MAGIC);
    header.extend_from_slice(&[VERSION, if checked { CHECKED } else { UNCHECKED }]);
    put_varint(&mut header, schema.len() as u64);
    header.extend_from_slice(schema);
    if checked {
        let check = check(0, &header);
        header.extend_from_slice(&check);
    }
    out.write_all(&header)?;
    let mut from = 0;
    let mut number = 0u32;
    let ends = marks.iter().copied().filter(|&end| end < body.len()).chain(Some(body.len()));
    for end in ends.filter(|&end| end != 0) {
        let chunk = &body[from..end];
        from = end;
        number += 1;
        let mut length = Vec::with_capacity(5);
        put_varint(&mut length, chunk.len() as u64);
        out.write_all(&length)?;
        out.write_all(chunk)?;
        if checked {
            out.write_all(&check(number, chunk))?;
        }
    }
    out.write_all(&[0])?;
    Ok(())
}

/// A frame in memory: its schema and its body, all checked.
pub(crate) struct Frame<'d> {
    pub(crate) schema: &'d [u8],
    pub(crate) body: Body<'d>,
    /// Where the body starts in the bytes.
    pub(crate) offset: u64,
}

/// The body of a frame: a chunk as it stands, or several put together.
pub(crate) enum Body<'d> {
    One(&'d [u8]),
    Several(Vec<u8>),
}

impl Body<'_> {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Body::One(bytes) => bytes,
            Body::Several(bytes) => bytes,
        }
    }
}

#[cold]
fn wrong_check(offset: u64) -> Error {
    Error::of(ErrorKind::Corrupt, "the checksum differs: the bytes are not those that were written").at_offset(offset)
}

#[cold]
fn check_version(version: u8) -> Result<()> {
    match version {
        VERSION => Ok(()),
        0 => Err(Error::of(ErrorKind::Corrupt, "format version 0 was never written").at_offset(4)),
        newer => Err(Error::of(ErrorKind::Version, format!("the bytes are of format version {newer}"))
            .at_offset(4)
            .with_help(format!("this library reads up to version {VERSION}: update it"))),
    }
}

#[cold]
fn wrong_magic() -> Error {
    Error::of(ErrorKind::Protocol, "the bytes do not start as a packed value does").at_offset(0)
}

/// Whether the frame has checks.
fn check_kind(kind: u8) -> Result<bool> {
    match kind {
        UNCHECKED => Ok(false),
        CHECKED => Ok(true),
        _ => Err(Error::of(ErrorKind::Corrupt, "a kind of checksum is not known").at_offset(5)),
    }
}

fn check_schema_length(length: u64, limits: &Limits) -> Result<usize> {
    usize::try_from(length)
        .ok()
        .filter(|&length| length <= limits.schema)
        .ok_or_else(|| reached("schema", "the embedded schema is larger than allowed"))
}

/// Reads a frame that has to be all of the bytes.
pub(crate) fn read<'d>(bytes: &'d [u8], limits: &Limits) -> Result<Frame<'d>> {
    let mut input = Input::new(bytes);
    if input.take(MAGIC.len())? != MAGIC {
        return Err(wrong_magic());
    }
    check_version(input.byte()?)?;
    let checked = check_kind(input.byte()?)?;
    let length = check_schema_length(input.varint()?, limits)?;
    let schema = input.take(length)?;
    if checked {
        let header = &bytes[..input.offset() as usize];
        if input.take(CHECK)? != check(0, header) {
            return Err(wrong_check(header.len() as u64));
        }
    }
    let mut body = Body::One(&[]);
    let mut offset = input.offset();
    for number in 1u32.. {
        let length = input.varint()?;
        if length == 0 {
            break;
        }
        let length = usize::try_from(length).map_err(|_| input.truncated())?;
        let start = input.offset();
        let chunk = input.take(length)?;
        if checked {
            let at = input.offset();
            if input.take(CHECK)? != check(number, chunk) {
                return Err(wrong_check(at));
            }
        }
        match &mut body {
            Body::One([]) => {
                offset = start;
                body = Body::One(chunk);
            }
            Body::One(first) => {
                let mut all = Vec::with_capacity(bytes.len());
                all.extend_from_slice(first);
                all.extend_from_slice(chunk);
                body = Body::Several(all);
            }
            Body::Several(all) => all.extend_from_slice(chunk),
        }
    }
    if !input.is_empty() {
        return Err(Error::of(ErrorKind::TrailingBytes, format!("{} bytes are left after the value", input.len()))
            .at_offset(input.offset())
            .with_help("to read several values one after the other, use `load` on a reader"));
    }
    Ok(Frame { schema, body, offset })
}

/// Reads the bytes of one frame, whose magic was read, from a stream; not a byte more.
pub(crate) fn read_from(reader: &mut impl Read, limits: &Limits) -> Result<Vec<u8>> {
    let mut bytes = Stream { reader, bytes: MAGIC.to_vec(), limit: limits.input };
    bytes.take(2)?;
    check_version(bytes.bytes[4])?;
    let checked = check_kind(bytes.bytes[5])?;
    let length = bytes.varint()?;
    let length = check_schema_length(length, limits)? as u64;
    let check = if checked { CHECK as u64 } else { 0 };
    bytes.take(length + check)?;
    loop {
        let length = bytes.varint()?;
        if length == 0 {
            return Ok(bytes.bytes);
        }
        bytes.take(length.saturating_add(check))?;
    }
}

struct Stream<'r, R> {
    reader: &'r mut R,
    bytes: Vec<u8>,
    limit: u64,
}

impl<R: Read> Stream<'_, R> {
    /// Memory grows with the bytes that arrive, whatever a length says.
    fn take(&mut self, count: u64) -> Result<()> {
        if (self.bytes.len() as u64).saturating_add(count) > self.limit {
            return Err(reached("input", "a value takes more bytes than allowed"));
        }
        let found = self.reader.by_ref().take(count).read_to_end(&mut self.bytes)?;
        if (found as u64) < count {
            return Err(Error::of(ErrorKind::Truncated, "the stream ends before the value does")
                .at_offset(self.bytes.len() as u64));
        }
        Ok(())
    }

    fn varint(&mut self) -> Result<u64> {
        let start = self.bytes.len();
        loop {
            self.take(1)?;
            let last = self.bytes[self.bytes.len() - 1];
            if last < 0x80 || self.bytes.len() - start == 10 {
                return Input::with_offset(&self.bytes[start..], start as u64).varint();
            }
        }
    }
}

/// Reads bytes until the buffer is full or the stream ends; gives how many were read.
pub(crate) fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == IoErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(filled)
}
