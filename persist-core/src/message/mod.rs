//! Messages: a value's leaves one after the other, in the order of its schema, which both sides know.
//!
//! A value is written by code that the compiler makes for its type as a whole, with nothing between it and the bytes:
//! no tables, no schema, no look at what kind of row it is. So this is for small values, of which there are many.
//!
//! A **number** of up to 56 bits takes as many bytes as seven bits each need, little-endian: the lowest set bit tells
//! how many these are, and the number stands above it. A longer one is a byte 0 and then its eight bytes. So neither
//! way needs a loop, and all that is needed stands in one word.

mod incoming;
mod number;
mod outgoing;

pub use incoming::Incoming;
pub(crate) use number::Number;
pub use outgoing::Outgoing;

#[cfg(test)]
mod tests;
