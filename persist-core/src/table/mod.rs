//! Tables: values by column, while they are written ([`Writer`]) and while they are read ([`Reader`]).
//!
//! Neither knows a user's type. A writer collects columns and packs them; `open` checks packed columns in bulk and
//! makes cursors of them, from which a reader takes row by row or batch by batch.

mod pieces;
mod texts;
mod collected;
mod memory;
mod workers;
mod writer;
mod elements;
mod filling;
mod cursor;
mod open;
mod assemble;
mod open_texts;
mod open_edges;
mod convert;
mod single;
mod reader;
mod reader_texts;
mod measure;

pub(crate) use cursor::Taken;
pub use elements::Elements;
pub(crate) use elements::changed;
pub(crate) use measure::Columns;
pub(crate) use memory::Memory;
pub(crate) use open::{Opened, Scratch, open};
pub use reader::{Reader, Sequence};
pub(crate) use reader_texts::{TEXT_COLUMNS, TEXT_ROWS};
pub(crate) use single::{Body, Single};
pub use writer::Writer;

/// Stack that a level of recursion may need, and by how much the stack grows when less is left.
pub(crate) const STACK_LEFT: usize = 128 << 10;
pub(crate) const STACK_GROWTH: usize = 2 << 20;

/// First byte of a column of equal texts, or opaque items; no width of lengths.
const EQUAL_TEXTS: u8 = 0x7F;
/// Of one of texts that are places in a dictionary, at level Small.
const PLACES: u8 = 0x7E;
/// Of one of texts that are taken apart.
const PIECES: u8 = 0x7D;
/// Pieces of a text at most: a row takes as much work as it has pieces.
const MOST_PIECES: usize = 64;
/// Of a piece of texts that are numbers.
const NUMBERS: u8 = 0x7C;
