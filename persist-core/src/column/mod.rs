//! Columns as bytes: variable-length integers, and integers narrowed and bit-packed.
//!
//! No type of a user is known here: a column carries its kind.

mod bits;
mod input;
mod int;
mod pack;
mod varint;
mod append;

pub(crate) use input::Input;
pub use int::Int;
pub(crate) use pack::{Unpacked, pack, unpack};
pub(crate) use append::{append_all, push_values};
pub(crate) use varint::put_varint;
