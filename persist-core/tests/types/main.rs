//! Every type of std that can be saved comes back: alone, in bulk, and in whatever holds it.

mod harness;

mod cells;
mod collections;
mod derived;
mod floats;
mod like_serde;
mod many_maps;
mod nesting;
mod numbers;
mod os_text;
mod recursion;
mod refused;
mod sorted;
mod sums;
mod texts;

#[cfg(feature = "bytes")]
mod bytes;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "indexmap")]
mod indexmap;
#[cfg(feature = "ndarray")]
mod ndarray;
mod readable;
#[cfg(feature = "smallvec")]
mod smallvec;
#[cfg(feature = "time")]
mod time;
#[cfg(feature = "uuid")]
mod uuid;
