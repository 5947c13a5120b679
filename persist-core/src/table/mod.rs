//! Tables: values by column, while they are written ([`Writer`]) and while they are read ([`Reader`]).
//!
//! Neither knows a user's type. A writer collects columns and packs them; `open` checks packed columns in bulk and
//! makes cursors of them, from which a reader takes row by row or batch by batch.

mod collected;
mod writer;
mod elements;
mod cursor;
mod open;
mod convert;
mod single;
mod reader;
mod measure;

pub(crate) use cursor::Taken;
pub use elements::Elements;
pub(crate) use measure::Columns;
pub(crate) use open::{Opened, Scratch, open};
pub use reader::{Reader, Sequence};
pub(crate) use single::{Body, Single};
pub(crate) use writer::Memory;
pub use writer::Writer;

/// Stack that a level of recursion may need, and by how much the stack grows when less is left.
pub(crate) const STACK_LEFT: usize = 128 << 10;
pub(crate) const STACK_GROWTH: usize = 2 << 20;

/// First byte of a column of equal texts, or opaque items; no width of lengths.
const EQUAL_TEXTS: u8 = 0x7F;
