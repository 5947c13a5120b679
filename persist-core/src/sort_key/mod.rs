//! Sort keys: bytes of a value that compare as the value does, so that a database that orders bytes orders values.
//!
//! Both ways go through packed rows: [`write`] takes the row that was packed just now apart by its shape, [`read`] packs
//! one from the bytes of a key.
//!
//! | of | bytes |
//! | --- | --- |
//! | integers | of their width, the highest first; the sign's bit turned over |
//! | floats | the same of their bits, of negative ones all turned over: the order of `total_cmp` |
//! | `bool`, `Option` | one byte, 0 or 1; then what is in it |
//! | `char` | three bytes, the highest first |
//! | text, bytes | as they are; then 00 00, and for each 00 in them 00 FF |
//! | sequences | 01 and the element, for each; then 00 |
//! | sets and maps | the same, elements and entries in the order of their bytes |
//! | structs, tuples, arrays | one after the other |
//! | enums | the variant's place: one byte, or FF and two; then its fields |
//!
//! What comes last in a key needs no end, and has none: a `String` is its own bytes.

mod compare;
mod read;
mod width;
mod write;

pub(crate) use compare::check;
pub(crate) use read::read;
pub(crate) use width::width;
pub(crate) use write::write;

use crate::error::{Error, ErrorKind};
use crate::shape::{IntKind, Node, NodeId, Shape};

/// After an element of a sequence comes another one, or none.
const MORE: u8 = 1;
const END: u8 = 0;
/// A zero byte in a text, which is followed by what no end is.
const ESCAPED: u8 = 0xFF;
/// The first byte of a variant's place that takes two more.
const WIDE: u8 = 0xFF;

#[cold]
fn dynamic() -> Error {
    Error::of(ErrorKind::Unsupported, "a dynamic value, or one of a serde type, has no order, and cannot be a key")
        .with_help("use a type that derives `Persist` throughout")
}

#[cold]
fn damaged(what: &'static str) -> Error {
    Error::of(ErrorKind::Corrupt, what)
}

/// Whether a sequence of the node is bytes, which are written as text is.
fn is_byte(shape: &Shape, node: NodeId) -> bool {
    matches!(shape.node(node), Node::Int(IntKind::U8))
}
