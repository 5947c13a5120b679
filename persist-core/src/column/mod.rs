//! Columns as bytes: variable-length integers, and integers narrowed and bit-packed.
//!
//! No type of a user is known here: a column carries its kind. Values are little-endian bytes everywhere; what is done
//! to them is done to numbers, so that it is right whatever the processor's own order is.
//!
//! `input` to `int` are what a column is made of; `cpu` compiles code for the processor at hand, which `span`, `bits` and
//! `gather` are written for; `pack` puts it together. `forms` and `floats` have the forms of level Small, of what
//! `estimate` says and of `planes`.

mod varint;
mod input;
mod int;
mod cpu;
mod room;
mod span;
mod bits;
mod gather;
mod pack;
mod estimate;
mod planes;
mod forms;
mod floats;

pub use cpu::force_plain;
pub(crate) use floats::{Rows, pack_floats, unpack_floats};
pub(crate) use forms::{FEW, pack_small, unpack};
pub(crate) use gather::{Pieces, TOO_LONG, copy, copy_short, prefetch, prefetch_on, prefetch_slice};
pub(crate) use input::Input;
pub use int::Int;
pub(crate) use pack::{Unpacked, pack, put_whole};
pub(crate) use room::push_values;
pub(crate) use span::{all_chars, count_set, highest, sum_u32};
pub(crate) use varint::put_varint;
