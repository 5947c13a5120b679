//! Every type of std that can be saved comes back: alone, in bulk, and in whatever holds it.

mod harness;

mod cells;
mod collections;
mod floats;
mod like_serde;
mod nesting;
mod numbers;
mod os_text;
mod recursion;
mod refused;
mod sums;
