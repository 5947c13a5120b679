//! Frames: packed values in a file or stream.
//!
//! ```text
//! magic    4 bytes   FC 50 53 54
//! version  1 byte    1
//! check    1 byte    0: no checksums; 3: CRC-32 (ISO-HDLC) after the header and after each chunk;
//!                    4 or 7: the same at level Small
//! schema   length, bytes
//! [check   4 bytes   of all bytes so far]
//! chunk    head 4 bytes, bytes, [check 4 bytes]; at least one
//! ```
//!
//! A chunk's head has the number of its bytes in its lower 30 bits; bit 30 marks the last chunk, and bit 31 one whose
//! bytes go on in the next chunk. The check of a chunk is of its number (4 bytes, the first has 1), its bytes and its
//! head, so that no chunk can be lost, moved or cut. All is little-endian, lengths are varints. The chunks' bytes, one
//! after the other, are the body.

mod checksum;
mod squeeze;
mod restore;
mod write;
mod read;
mod recover;

use std::ops::Range;

use crate::column::put_varint;

pub(crate) use checksum::Checksum;
pub(crate) use read::{Chunks, Frame, Pending, Stream, length, read, read_up_to};
pub(crate) use recover::{Piece, Recovered, assemble, recover};
pub(crate) use restore::Restorer;
pub(crate) use squeeze::Small;
pub(crate) use write::{Chunker, Detached};

/// First bytes of a packed value: the first is valid neither in CBOR nor in JSON nor in UTF-8.
pub(crate) const MAGIC: [u8; 4] = [0xFC, b'P', b'S', b'T'];
/// First bytes of a journal that may follow a value in a file. What is in it is known to those who keep files.
pub const JOURNAL_MAGIC: [u8; 4] = [0xFC, b'P', b'S', b'J'];
/// The version of the format that is written, and the newest one that is read.
pub(crate) const VERSION: u8 = 1;
const UNCHECKED: u8 = 0;
const CHECKED: u8 = 3;
/// Added to either: the columns are those of level Small, and a chunk may be compressed.
const SMALL: u8 = 4;
/// Bytes that a check takes.
const CHECK: usize = 4;
/// Bytes of a chunk's head.
const HEAD: usize = 4;
/// Bytes of a chunk at most.
const LONGEST: usize = (1 << 30) - 1;
/// The chunk is the last one.
const LAST: u32 = 1 << 30;
/// The chunk's bytes go on in the next one.
const CONTINUED: u32 = 1 << 31;

/// The check of some bytes.
fn check_of(parts: &[&[u8]]) -> [u8; CHECK] {
    let mut checksum = Checksum::new();
    parts.iter().for_each(|part| checksum.update(part));
    checksum.finish()
}

/// What stands before the chunks: the same for all values of a type.
#[derive(Debug)]
pub(crate) struct Header {
    bytes: Vec<u8>,
    /// Where in the bytes the schema stands.
    schema: Range<usize>,
    checked: bool,
}

impl Header {
    pub(crate) fn new(schema: &[u8], checked: bool) -> Self {
        Self::with(schema, if checked { CHECKED } else { UNCHECKED })
    }

    /// The same at level Small.
    fn small(&self) -> Self {
        Self::with(self.schema(), self.bytes[MAGIC.len() + 1] | SMALL)
    }

    fn with(schema: &[u8], check: u8) -> Self {
        let checked = check & CHECKED == CHECKED;
        let mut bytes = Vec::with_capacity(schema.len() + 16);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[VERSION, check]);
        put_varint(&mut bytes, schema.len() as u64);
        let start = bytes.len();
        bytes.extend_from_slice(schema);
        let schema = start..bytes.len();
        if checked {
            let check = check_of(&[&0u32.to_le_bytes(), &bytes]);
            bytes.extend_from_slice(&check);
        }
        Header { bytes, schema, checked }
    }

    /// The schema in it.
    pub(crate) fn schema(&self) -> &[u8] {
        &self.bytes[self.schema.clone()]
    }

    /// The header's bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
