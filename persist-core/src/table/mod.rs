//! Tables: values by column, while they are written ([`Writer`]) and while they are read ([`Reader`]).
//!
//! Neither knows a user's type. A writer collects columns and packs them; `open` checks packed columns in bulk and
//! makes cursors of them, from which a reader takes row by row or batch by batch.

mod cursor;
mod elements;
mod open;
mod reader;
mod writer;

pub use elements::Elements;
pub(crate) use open::{Opened, open};
pub use reader::{Reader, Sequence};
pub use writer::Writer;
pub(crate) use writer::{STACK_GROWTH, STACK_LEFT};
