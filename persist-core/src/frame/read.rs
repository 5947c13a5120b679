//! Reading frames: chunk by chunk, from memory or from a stream.

use std::io::{ErrorKind as IoErrorKind, Read};

use super::checksum::Checksum;
use super::restore::{Restorer, as_it_is};
use super::{
    CHECK, CHECKED, CONTINUED, HEAD, JOURNAL_MAGIC, LAST, LONGEST, MAGIC, SMALL, UNCHECKED, VERSION, check_of,
};
use crate::column::Input;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{Limits, reached};

#[cold]
pub(super) fn wrong_check(offset: u64) -> Error {
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
fn trailing(rest: &Input<'_>) -> Error {
    let (what, help) = if rest.rest().starts_with(&JOURNAL_MAGIC) {
        ("a journal follows the value, with later changes".to_owned(), "open the file with `open`, which reads both")
    } else {
        let what = format!("{} bytes are left after the value", rest.len());
        (what, "to read several values one after the other, use `load` on a reader")
    };
    Error::of(ErrorKind::TrailingBytes, what).at_offset(rest.offset()).with_help(help)
}

#[cold]
fn wrong_magic() -> Error {
    Error::of(ErrorKind::Protocol, "the bytes do not start as a packed value does").at_offset(0)
}

/// Whether the frame has checks, and whether it is of level Small.
fn check_kind(kind: u8) -> Result<(bool, bool)> {
    match kind & !SMALL {
        UNCHECKED => Ok((false, kind != UNCHECKED)),
        CHECKED => Ok((true, kind != CHECKED)),
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
pub(super) struct Head {
    pub(super) word: u32,
    pub(super) len: usize,
    pub(super) last: bool,
    pub(super) continued: bool,
}

impl Head {
    pub(super) fn new(bytes: [u8; HEAD], offset: u64) -> Result<Head> {
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
    small: bool,
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

/// The bytes that a frame takes, of which only the lengths are looked at.
pub(crate) fn length(bytes: &[u8], limits: &Limits) -> Result<usize> {
    let (input, _, (checked, _)) = read_header(bytes, limits)?;
    let mut chunks = Chunks { input, checked, small: false, number: 0, ended: false };
    while !chunks.ended {
        chunks.skip()?;
    }
    Ok(chunks.input.offset() as usize)
}

/// Reads the header of a frame that has to be all of the bytes.
pub(crate) fn read<'d>(bytes: &'d [u8], limits: &Limits) -> Result<Frame<'d>> {
    let (input, schema, (checked, small)) = read_header(bytes, limits)?;
    Ok(Frame { schema, chunks: Chunks { input, checked, small, number: 0, ended: false } })
}

/// Reads a header: what follows it, the schema, and what [`check_kind`] says.
pub(super) fn read_header<'d>(bytes: &'d [u8], limits: &Limits) -> Result<(Input<'d>, &'d [u8], (bool, bool))> {
    let mut input = Input::new(bytes);
    if input.take(MAGIC.len())? != MAGIC {
        return Err(wrong_magic());
    }
    check_version(input.byte()?)?;
    let (checked, small) = check_kind(input.byte()?)?;
    let length = check_schema_length(input.varint()?, limits)?;
    let schema = input.take(length)?;
    if checked {
        let header = &bytes[..input.offset() as usize];
        if input.take(CHECK)? != check_of(&[&0u32.to_le_bytes(), header]) {
            return Err(wrong_check(header.len() as u64));
        }
    }
    Ok((input, schema, (checked, small)))
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

/// A chunk that was found.
#[derive(Clone)]
pub(crate) struct Found<'d> {
    /// The bytes as they are stored, with where they stand.
    stored: Input<'d>,
    /// Whether they are those of a body of level Small.
    small: bool,
    /// Whether they go on in the next chunk.
    pub(crate) continued: bool,
}

impl<'d> Found<'d> {
    /// The bytes of a chunk, at an offset.
    pub(super) fn new(stored: &'d [u8], offset: u64, small: bool, continued: bool) -> Self {
        Found { stored: Input::with_offset(stored, offset), small, continued }
    }

    pub(crate) fn offset(&self) -> u64 {
        self.stored.offset()
    }

    /// The bytes as they are stored, which the check is of.
    pub(crate) fn stored(&self) -> &'d [u8] {
        self.stored.rest()
    }

    /// Its part of the body, where that stands in it as it is.
    pub(crate) fn as_it_is(&self) -> Option<Input<'d>> {
        let mut body = self.stored.clone();
        match self.small {
            false => Some(body),
            true if as_it_is(&body) => body.byte().ok().map(|_| body),
            true => None,
        }
    }

    /// Appends its part of the body, which may take `room` bytes where it is compressed.
    pub(crate) fn append_to(&self, out: &mut Vec<u8>, room: u64, restorer: &mut Restorer) -> Result<()> {
        if self.small {
            return restorer.restore(self.stored.clone(), room, out);
        }
        out.extend_from_slice(self.stored.rest());
        Ok(())
    }
}

impl<'d> Chunks<'d> {
    /// Whether the frame is of level Small.
    pub(crate) fn is_small(&self) -> bool {
        self.small
    }

    /// The next chunk; none after the last one. It is checked.
    pub(crate) fn next(&mut self) -> Result<Option<Found<'d>>> {
        let Some((found, pending)) = self.next_unchecked()? else { return Ok(None) };
        pending.map_or(Ok(()), |pending| pending.finish(found.stored()))?;
        Ok(Some(found))
    }

    /// Takes the next chunk, and its check.
    fn skip(&mut self) -> Result<()> {
        let mut head = [0; HEAD];
        let at = self.input.offset();
        head.copy_from_slice(self.input.take(HEAD)?);
        let head = Head::new(head, at)?;
        self.input.take(head.len)?;
        self.input.take(if self.checked { CHECK } else { 0 })?;
        self.ended = head.last;
        Ok(())
    }

    /// The same, with a check that is still to be made.
    pub(crate) fn next_unchecked(&mut self) -> Result<Option<(Found<'d>, Option<Pending>)>> {
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
            return Err(trailing(&self.input));
        }
        let stored = Input::with_offset(chunk, offset);
        Ok(Some((Found { stored, small: self.small, continued: head.continued }, pending)))
    }

    /// All bytes that are left, checked. Compressed ones may take so much memory as a value of this size.
    pub(crate) fn body(mut self, limits: &Limits) -> Result<Body<'d>> {
        let size = self.input.len();
        let most = limits.most_memory(size as u64);
        let mut body = Body::One(Input::new(&[]));
        let (mut found, mut restorer) = (0, Restorer::default());
        while let Some(chunk) = self.next()? {
            found += 1;
            body = match (body, chunk.as_it_is()) {
                (Body::One(_), Some(chunk)) if found == 1 => Body::One(chunk),
                (body, _) => {
                    let (mut all, offset) = match body {
                        Body::One(_) if found == 1 => (Vec::new(), chunk.offset()),
                        Body::One(first) => {
                            let mut all = Vec::with_capacity(size);
                            all.extend_from_slice(first.rest());
                            (all, first.offset())
                        }
                        Body::Several(all, offset) => (all, offset),
                    };
                    let room = most.saturating_sub(all.len() as u64);
                    chunk.append_to(&mut all, room, &mut restorer)?;
                    Body::Several(all, offset)
                }
            };
        }
        Ok(body)
    }
}

/// A frame that is read from a stream, not a byte further.
pub(crate) struct Stream<R> {
    reader: R,
    pub(crate) schema: Vec<u8>,
    checked: bool,
    small: bool,
    number: u32,
    ended: bool,
    /// Bytes so far, and how many there may be.
    taken: u64,
    limits: Limits,
    /// The bytes of a chunk as they are stored.
    stored: Vec<u8>,
    restorer: Restorer,
}

impl<R: Read> Stream<R> {
    /// Reads the header, after the magic was read.
    pub(crate) fn new(reader: R, limits: &Limits) -> Result<Self> {
        let taken = MAGIC.len() as u64;
        let mut stream = Stream {
            reader,
            schema: vec![],
            checked: false,
            small: false,
            number: 0,
            ended: false,
            taken,
            limits: limits.clone(),
            stored: Vec::new(),
            restorer: Restorer::default(),
        };
        let mut header = MAGIC.to_vec();
        stream.take(2, &mut header)?;
        check_version(header[4])?;
        (stream.checked, stream.small) = check_kind(header[5])?;
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

    /// Whether the frame is of level Small.
    pub(crate) fn is_small(&self) -> bool {
        self.small
    }

    /// Appends the bytes of the next chunk, with those that it goes on in; gives where they stand and how many are
    /// stored, or nothing after the last one.
    pub(crate) fn next(&mut self, chunk: &mut Vec<u8>) -> Result<Option<(u64, usize)>> {
        let mut found: Option<(u64, usize)> = None;
        while !self.ended {
            self.number += 1;
            let mut word = Vec::with_capacity(HEAD);
            let at = self.taken;
            self.take(HEAD as u64, &mut word)?;
            let mut head = [0; HEAD];
            head.copy_from_slice(&word);
            let head = Head::new(head, at)?;
            let offset = self.taken;
            found = found.map_or(Some((offset, head.len)), |(first, stored)| Some((first, stored + head.len)));
            let from = if self.small { 0 } else { chunk.len() };
            let mut stored = std::mem::take(&mut self.stored);
            stored.clear();
            self.take(head.len as u64, if self.small { &mut stored } else { chunk })?;
            if self.checked {
                let at = self.taken;
                word.clear();
                self.take(CHECK as u64, &mut word)?;
                let bytes = if self.small { &stored } else { &chunk[from..] };
                if word != check_of(&[&self.number.to_le_bytes(), bytes, &head.word.to_le_bytes()]) {
                    return Err(wrong_check(at));
                }
            }
            if self.small {
                let room = self.limits.most_memory(self.taken).saturating_sub(chunk.len() as u64);
                self.restorer.restore(Input::with_offset(&stored, offset), room, chunk)?;
            }
            self.stored = stored;
            self.ended = head.last;
            if !head.continued {
                break;
            }
        }
        Ok(found)
    }

    /// Memory grows with the bytes that arrive, whatever a length says.
    fn take(&mut self, count: u64, bytes: &mut Vec<u8>) -> Result<()> {
        if self.taken.saturating_add(count) > self.limits.input {
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
