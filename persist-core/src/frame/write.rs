//! Writing frames: the body is laid out where it will stand, and chunks are closed around it.

use std::io::Write;

use super::{CHECK, CONTINUED, HEAD, Header, LAST, LONGEST};
use crate::error::Result;

/// Bytes that are collected before they are written to a stream.
const FLUSH: usize = 64 << 10;

/// How values are packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Packing {
    #[default]
    Fast,
    /// Columns of level Small, not compressed: to read without zstd, in tests.
    #[cfg_attr(not(feature = "zstd"), allow(dead_code, reason = "only tests ask for it"))]
    Columns,
    #[cfg(feature = "zstd")]
    Small,
}

/// Bytes of a chunk that may be put in front of its body.
const SPARE: usize = 16;

/// Cuts what is written to a vector into chunks, and hands them on to a stream where there is one.
pub(crate) struct Chunker<'w> {
    sink: Option<&'w mut dyn Write>,
    checked: bool,
    /// Of the chunk that is open: its number, where its head stands, its check so far, and the bytes that has seen.
    number: u32,
    head: usize,
    hasher: crc32fast::Hasher,
    hashed: usize,
    small: Option<Small>,
}

/// What level Small needs.
struct Small {
    /// Where in the output bytes of another kind begin.
    cuts: Vec<usize>,
    #[cfg(feature = "zstd")]
    squeezer: Option<super::squeeze::Squeezer>,
}

impl Small {
    #[cfg(feature = "zstd")]
    fn new(packing: Packing) -> Result<Option<Self>> {
        let squeezer = match packing {
            Packing::Fast => return Ok(None),
            Packing::Columns => None,
            Packing::Small => Some(super::squeeze::Squeezer::new()?),
        };
        Ok(Some(Small { cuts: Vec::new(), squeezer }))
    }

    #[cfg(not(feature = "zstd"))]
    #[allow(clippy::unnecessary_wraps, reason = "with zstd it can fail")]
    fn new(packing: Packing) -> Result<Option<Self>> {
        Ok((packing != Packing::Fast).then(|| Small { cuts: Vec::new() }))
    }

    /// Gives the body that starts at `from` the form that it has in a chunk.
    fn finish(&mut self, from: usize, out: &mut Vec<u8>) {
        #[cfg(feature = "zstd")]
        if let Some(squeezer) = &mut self.squeezer {
            let cuts = self.cuts.iter().filter(|&&cut| cut > from && cut < out.len()).map(|cut| cut - from);
            if let Some(squeezed) = squeezer.squeeze(&out[from..], cuts) {
                out.truncate(from);
                out.extend_from_slice(&squeezed);
                self.cuts.clear();
                return;
            }
        }
        self.cuts.clear();
        out.insert(from, 0);
    }
}

impl<'w> Chunker<'w> {
    /// Writes a header, and opens the first chunk.
    pub(crate) fn new(
        header: &Header,
        packing: Packing,
        sink: Option<&'w mut dyn Write>,
        out: &mut Vec<u8>,
    ) -> Result<Self> {
        let small = if packing == Packing::Fast { None } else { Small::new(packing)? };
        if small.is_some() {
            out.extend_from_slice(header.small().bytes());
        } else {
            out.extend_from_slice(header.bytes());
        }
        let hasher = crc32fast::Hasher::new();
        let mut chunker = Chunker { sink, checked: header.checked, number: 0, head: 0, hasher, hashed: 0, small };
        chunker.open(out);
        Ok(chunker)
    }

    /// At level Small, the places where bytes of another kind begin.
    #[inline(always)]
    pub(crate) fn cuts(&mut self) -> Option<&mut Vec<usize>> {
        self.small.as_mut().map(|small| &mut small.cuts)
    }

    fn open(&mut self, out: &mut Vec<u8>) {
        self.number += 1;
        self.head = out.len();
        out.extend_from_slice(&[0; HEAD]);
        self.hashed = out.len();
        if self.checked {
            self.hasher = crc32fast::Hasher::new();
            self.hasher.update(&self.number.to_le_bytes());
        }
    }

    /// Whether chunks have checks.
    pub(crate) fn is_checked(&self) -> bool {
        self.checked
    }

    /// Checks what was written so far, while it is still in the nearest cache.
    pub(crate) fn check(&mut self, out: &[u8]) {
        if self.checked {
            self.hasher.update(&out[self.hashed..]);
            self.hashed = out.len();
        }
    }

    fn close(&mut self, flag: u32, out: &mut Vec<u8>) {
        // What is put in front of a body of level Small has room, too.
        if out.len() - self.head - HEAD > LONGEST - SPARE {
            return self.split(flag, out);
        }
        if let Some(small) = &mut self.small {
            small.finish(self.head + HEAD, out);
        }
        let head = ((out.len() - self.head - HEAD) as u32 | flag).to_le_bytes();
        out[self.head..self.head + HEAD].copy_from_slice(&head);
        if self.checked {
            self.check(out);
            self.hasher.update(&head);
            let check: [u8; CHECK] = self.hasher.clone().finalize().to_le_bytes();
            out.extend_from_slice(&check);
        }
    }

    /// Closes a chunk that is too long as several.
    #[cold]
    fn split(&mut self, flag: u32, out: &mut Vec<u8>) {
        let body = out.split_off(self.head + HEAD);
        out.truncate(self.head);
        self.number -= 1;
        let mut pieces = body.chunks(LONGEST - SPARE).peekable();
        while let Some(piece) = pieces.next() {
            self.open(out);
            out.extend_from_slice(piece);
            self.close(if pieces.peek().is_some() { CONTINUED } else { flag }, out);
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
