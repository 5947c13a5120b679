//! Columns as bytes: variable-length integers, and integers narrowed and bit-packed.
//!
//! No type of a user is known here: a column carries its kind.

mod input;
mod varint;
mod int;
mod cpu;
mod room;
mod span;
mod bits;
mod gather;
mod pack;

pub(crate) use cpu::{Cpu, force_plain};
pub(crate) use gather::{append_all, append_all_on};
pub(crate) use input::Input;
pub use int::Int;
pub(crate) use pack::{Unpacked, pack, unpack, pack_on, unpack_on};
pub(crate) use room::push_values;
pub(crate) use varint::put_varint;
