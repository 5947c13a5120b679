//! Writing frames: the body is laid out where it will stand, and chunks are closed around it.
#![allow(unsafe_code, reason = "appends what is copied and checked together")]

use std::io::Write;

use super::checksum::Checksum;
use super::squeeze::{AS_IT_IS, Small};
use super::{CHECK, CONTINUED, HEAD, Header, LAST, LONGEST};
use crate::error::Result;

/// Bytes that are collected before they are written to a stream.
const FLUSH: usize = 64 << 10;

/// Cuts what is written to a vector into chunks, and hands them on to a stream where there is one.
pub(crate) struct Chunker<'w> {
    sink: Option<&'w mut dyn Write>,
    checked: bool,
    /// Of the chunk that is open: its number, where its head stands, and its check so far, which is that of the bytes up
    /// to a place.
    number: u32,
    head: usize,
    check: Checksum,
    checked_to: usize,
    small: Option<&'w mut Small>,
}

impl<'w> Chunker<'w> {
    /// Writes a header, and opens the first chunk.
    pub(crate) fn new(
        header: &Header,
        small: Option<&'w mut Small>,
        sink: Option<&'w mut dyn Write>,
        out: &mut Vec<u8>,
    ) -> Self {
        if small.is_some() {
            out.extend_from_slice(header.small().bytes());
        } else {
            out.extend_from_slice(header.bytes());
        }
        let check = Checksum::new();
        let mut chunker = Chunker { sink, checked: header.checked, number: 0, head: 0, check, checked_to: 0, small };
        chunker.open(out);
        chunker
    }

    /// At level Small, the places where bytes of another kind begin.
    #[inline(always)]
    pub(crate) fn cuts(&mut self) -> Option<&mut Vec<usize>> {
        self.small.as_mut().map(|small| small.cuts())
    }

    fn open(&mut self, out: &mut Vec<u8>) {
        self.number += 1;
        self.head = out.len();
        out.extend_from_slice(&[0; HEAD]);
        self.checked_to = out.len();
        if self.small.is_some() {
            out.extend_from_slice(&AS_IT_IS);
        }
        if self.checked {
            self.check = Checksum::new();
            self.check.update(&self.number.to_le_bytes());
        }
    }

    /// Appends bytes, which are checked while they are copied.
    pub(crate) fn append(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        // At level Small the check is that of other bytes.
        if !self.checked || self.small.is_some() {
            return out.extend_from_slice(bytes);
        }
        self.check.update(&out[self.checked_to..]);
        out.reserve(bytes.len());
        // SAFETY: there is room for the bytes, which are then initialised.
        unsafe {
            self.check.copy(bytes, out.spare_capacity_mut().as_mut_ptr().cast());
            out.set_len(out.len() + bytes.len());
        }
        self.checked_to = out.len();
    }

    fn close(&mut self, flag: u32, out: &mut Vec<u8>) {
        if out.len() - self.head - HEAD > LONGEST {
            return self.split(flag, out);
        }
        if let Some(small) = &mut self.small {
            small.finish(self.head + HEAD, out);
        }
        let head = ((out.len() - self.head - HEAD) as u32 | flag).to_le_bytes();
        out[self.head..self.head + HEAD].copy_from_slice(&head);
        if self.checked {
            self.check.update(&out[self.checked_to..]);
            self.check.update(&head);
            let check: [u8; CHECK] = self.check.finish();
            out.extend_from_slice(&check);
        }
    }

    /// Closes a chunk that is too long as several.
    #[cold]
    fn split(&mut self, flag: u32, out: &mut Vec<u8>) {
        let front = if let Some(small) = &mut self.small {
            small.forget_cuts();
            AS_IT_IS.len()
        } else {
            0
        };
        let body = out.split_off(self.head + HEAD + front);
        out.truncate(self.head);
        self.number -= 1;
        let mut pieces = body.chunks(LONGEST - front).peekable();
        while let Some(piece) = pieces.next() {
            self.open(out);
            out.extend_from_slice(piece);
            self.close(if pieces.peek().is_some() { CONTINUED } else { flag }, out);
        }
    }

    /// At level Small, how it packs, and how many bytes the open chunk has so far.
    pub(crate) fn small(&mut self, out: &[u8]) -> Option<(&mut Small, usize)> {
        let len = out.len() - self.head;
        self.small.as_deref_mut().map(|small| (small, len))
    }

    /// Takes the open chunk from the output, to be closed elsewhere: to `memory`, which is empty. Then the next one is
    /// opened, or it comes back.
    pub(crate) fn detach(&mut self, mut memory: Vec<u8>, out: &mut Vec<u8>) -> Detached {
        let cuts = self.small.as_mut().map(|small| std::mem::take(small.cuts())).unwrap_or_default();
        let cuts = cuts.into_iter().map(|cut| cut.saturating_sub(self.head)).collect();
        memory.extend_from_slice(&out[self.head..]);
        out.truncate(self.head);
        Detached { number: self.number, checked: self.checked, bytes: memory, cuts }
    }

    /// Opens the next chunk, after the one before it was taken.
    pub(crate) fn open_next(&mut self, out: &mut Vec<u8>) -> Result<()> {
        if out.len() >= FLUSH {
            self.flush(out)?;
        }
        self.open(out);
        Ok(())
    }

    /// Puts a chunk that was taken where the output ends now.
    pub(crate) fn attach(&mut self, chunk: Detached, out: &mut Vec<u8>) {
        self.head = out.len();
        self.checked_to = self.head + HEAD;
        out.extend_from_slice(&chunk.bytes);
        if let Some(small) = &mut self.small {
            *small.cuts() = chunk.cuts.into_iter().map(|cut| cut + self.head).collect();
        }
    }

    /// Ends the chunk, and opens the next one.
    pub(crate) fn cut(&mut self, out: &mut Vec<u8>) -> Result<()> {
        self.close(0, out);
        if out.len() >= FLUSH {
            self.flush(out)?;
        }
        self.open(out);
        Ok(())
    }

    /// Ends the frame.
    pub(crate) fn end(mut self, out: &mut Vec<u8>) -> Result<()> {
        self.close(LAST, out);
        self.flush(out)
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> Result<()> {
        if let Some(sink) = &mut self.sink {
            sink.write_all(out)?;
            out.clear();
        }
        Ok(())
    }
}

/// An open chunk of level Small that was taken from the output, and is not the last one.
pub(crate) struct Detached {
    number: u32,
    checked: bool,
    /// From its head on.
    bytes: Vec<u8>,
    cuts: Vec<usize>,
}

impl Detached {
    /// A chunk without bytes.
    #[cfg(test)]
    pub(crate) fn empty(number: u32) -> Self {
        Detached { number, checked: true, bytes: [&[0; HEAD][..], &AS_IT_IS].concat(), cuts: Vec::new() }
    }

    /// Where more is appended to it, and where bytes of another kind begin is noted.
    pub(crate) fn parts(&mut self) -> (&mut Vec<u8>, &mut Vec<usize>) {
        (&mut self.bytes, &mut self.cuts)
    }

    /// Its bytes, once nothing more is appended.
    pub(crate) fn close(self, small: &mut Small) -> Vec<u8> {
        let Detached { number, checked, bytes: mut out, cuts } = self;
        let (check, checked_to) = (Checksum::new(), HEAD);
        let mut chunker = Chunker { sink: None, checked, number, head: 0, check, checked_to, small: Some(small) };
        chunker.check.update(&number.to_le_bytes());
        if let Some(small) = &mut chunker.small {
            *small.cuts() = cuts;
        }
        chunker.close(0, &mut out);
        out
    }
}
