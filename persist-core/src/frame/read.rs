//! Reading frames: chunk by chunk, from memory or from a stream.

use std::io::{ErrorKind as IoErrorKind, Read};

use super::checksum::Checksum;
use super::{CHECK, CHECKED, CONTINUED, HEAD, LAST, LONGEST, MAGIC, UNCHECKED, VERSION, check_of};
use crate::column::Input;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{Limits, reached};

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

/// What a chunk's head says.
#[derive(Clone, Copy)]
struct Head {
    word: u32,
    len: usize,
    last: bool,
    continued: bool,
}

impl Head {
    fn new(bytes: [u8; HEAD], offset: u64) -> Result<Head> {
        let word = u32::from_le_bytes(bytes);
        let head =
            Head { word, len: word as usize & LONGEST, last: word & LAST != 0, continued: word & CONTINUED != 0 };
        if head.last && head.continued {
            return Err(Error::of(ErrorKind::Corrupt, "the last chunk cannot go on").at_offset(offset));
        }
        Ok(head)
    }
}

/// A frame in memory: its schema, and its chunks.
pub(crate) struct Frame<'d> {
    pub(crate) schema: &'d [u8],
    pub(crate) chunks: Chunks<'d>,
}

/// The chunks of a frame in memory.
#[derive(Clone)]
pub(crate) struct Chunks<'d> {
    input: Input<'d>,
    checked: bool,
    /// Chunks so far.
    number: u32,
    ended: bool,
}

/// The check of a chunk that is made while its bytes are used.
pub(crate) struct Pending {
    check: Checksum,
    /// Bytes of the chunk that were checked.
    seen: usize,
    head: u32,
    expected: [u8; CHECK],
    /// Where the expected check stands.
    at: u64,
}

impl Pending {
    fn new(number: u32, head: u32, expected: [u8; CHECK], at: u64) -> Self {
        let mut check = Checksum::new();
        check.update(&number.to_le_bytes());
        Pending { check, seen: 0, head, expected, at }
    }

    /// The check up to a place in the chunk: whoever goes on with it takes so many bytes from there.
    pub(crate) fn up_to(&mut self, chunk: &[u8], place: usize, count: usize) -> &mut Checksum {
        self.check.update(&chunk[self.seen..place]);
        self.seen = place + count;
        &mut self.check
    }

    /// Makes the check of the whole chunk.
    pub(crate) fn finish(mut self, chunk: &[u8]) -> Result<()> {
        self.check.update(&chunk[self.seen..]);
        self.check.update(&self.head.to_le_bytes());
        if self.check.finish() == self.expected { Ok(()) } else { Err(wrong_check(self.at)) }
    }
}

/// Reads the header of a frame that has to be all of the bytes.
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
        if input.take(CHECK)? != check_of(&[&0u32.to_le_bytes(), header]) {
            return Err(wrong_check(header.len() as u64));
        }
    }
    Ok(Frame { schema, chunks: Chunks { input, checked, number: 0, ended: false } })
}

/// The body of a frame: a chunk as it stands, or several put together.
pub(crate) enum Body<'d> {
    One(Input<'d>),
    Several(Vec<u8>, u64),
}

impl Body<'_> {
    pub(crate) fn input(&self) -> Input<'_> {
        match self {
            Body::One(input) => input.clone(),
            Body::Several(bytes, offset) => Input::with_offset(bytes, *offset),
        }
    }
}

impl<'d> Chunks<'d> {
    /// The bytes of the next chunk, with where they stand, and whether they go on in the one after it; none after the
    /// last one. They are checked.
    pub(crate) fn next(&mut self) -> Result<Option<(Input<'d>, bool)>> {
        let Some((input, continued, pending)) = self.next_unchecked()? else { return Ok(None) };
        pending.map_or(Ok(()), |pending| pending.finish(input.rest()))?;
        Ok(Some((input, continued)))
    }

    /// The same, with a check that is still to be made.
    pub(crate) fn next_unchecked(&mut self) -> Result<Option<(Input<'d>, bool, Option<Pending>)>> {
        if self.ended {
            return Ok(None);
        }
        self.number += 1;
        let mut head = [0; HEAD];
        let at = self.input.offset();
        head.copy_from_slice(self.input.take(HEAD)?);
        let head = Head::new(head, at)?;
        let offset = self.input.offset();
        let chunk = self.input.take(head.len)?;
        let mut pending = None;
        if self.checked {
            let at = self.input.offset();
            let mut expected = [0; CHECK];
            expected.copy_from_slice(self.input.take(CHECK)?);
            pending = Some(Pending::new(self.number, head.word, expected, at));
        }
        self.ended = head.last;
        if head.last && !self.input.is_empty() {
            return Err(Error::of(
                ErrorKind::TrailingBytes,
                format!("{} bytes are left after the value", self.input.len()),
            )
            .at_offset(self.input.offset())
            .with_help("to read several values one after the other, use `load` on a reader"));
        }
        Ok(Some((Input::with_offset(chunk, offset), head.continued, pending)))
    }

    /// All bytes that are left, checked.
    pub(crate) fn body(mut self) -> Result<Body<'d>> {
        let size = self.input.len();
        let mut body = Body::One(Input::new(&[]));
        let mut found = 0;
        while let Some((chunk, _)) = self.next()? {
            found += 1;
            match &mut body {
                Body::One(_) if found == 1 => body = Body::One(chunk),
                Body::One(first) => {
                    let mut all = Vec::with_capacity(size);
                    all.extend_from_slice(first.rest());
                    all.extend_from_slice(chunk.rest());
                    body = Body::Several(all, first.offset());
                }
                Body::Several(all, _) => all.extend_from_slice(chunk.rest()),
            }
        }
        Ok(body)
    }
}

/// A frame that is read from a stream, not a byte further.
pub(crate) struct Stream<R> {
    reader: R,
    pub(crate) schema: Vec<u8>,
    checked: bool,
    number: u32,
    ended: bool,
    /// Bytes so far, and how many there may be.
    taken: u64,
    limit: u64,
}

impl<R: Read> Stream<R> {
    /// Reads the header, after the magic was read.
    pub(crate) fn new(reader: R, limits: &Limits) -> Result<Self> {
        let taken = MAGIC.len() as u64;
        let mut stream =
            Stream { reader, schema: vec![], checked: false, number: 0, ended: false, taken, limit: limits.input };
        let mut header = MAGIC.to_vec();
        stream.take(2, &mut header)?;
        check_version(header[4])?;
        stream.checked = check_kind(header[5])?;
        let start = header.len();
        let length = loop {
            stream.take(1, &mut header)?;
            if header[header.len() - 1] < 0x80 || header.len() - start == 10 {
                break Input::with_offset(&header[start..], start as u64).varint()?;
            }
        };
        let length = check_schema_length(length, limits)?;
        let from = header.len();
        stream.take(length as u64, &mut header)?;
        stream.schema = header[from..].to_vec();
        if stream.checked {
            let mut check = Vec::with_capacity(CHECK);
            let at = stream.taken;
            stream.take(CHECK as u64, &mut check)?;
            if check != check_of(&[&0u32.to_le_bytes(), &header]) {
                return Err(wrong_check(at));
            }
        }
        Ok(stream)
    }

    /// Appends the bytes of the next chunk, with those that it goes on in; gives where they stand, or nothing after
    /// the last one.
    pub(crate) fn next(&mut self, chunk: &mut Vec<u8>) -> Result<Option<u64>> {
        let mut offset = None;
        while !self.ended {
            self.number += 1;
            let mut word = Vec::with_capacity(HEAD);
            let at = self.taken;
            self.take(HEAD as u64, &mut word)?;
            let mut head = [0; HEAD];
            head.copy_from_slice(&word);
            let head = Head::new(head, at)?;
            offset.get_or_insert(self.taken);
            let from = chunk.len();
            self.take(head.len as u64, chunk)?;
            if self.checked {
                let at = self.taken;
                word.clear();
                self.take(CHECK as u64, &mut word)?;
                let parts = [&self.number.to_le_bytes(), &chunk[from..], &head.word.to_le_bytes()];
                if word != check_of(&parts) {
                    return Err(wrong_check(at));
                }
            }
            self.ended = head.last;
            if !head.continued {
                break;
            }
        }
        Ok(offset)
    }

    /// Memory grows with the bytes that arrive, whatever a length says.
    fn take(&mut self, count: u64, bytes: &mut Vec<u8>) -> Result<()> {
        if self.taken.saturating_add(count) > self.limit {
            return Err(reached("input", "a value takes more bytes than allowed"));
        }
        let found = self.reader.by_ref().take(count).read_to_end(bytes)? as u64;
        self.taken += found;
        if found < count {
            return Err(Error::of(ErrorKind::Truncated, "the stream ends before the value does").at_offset(self.taken));
        }
        Ok(())
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
