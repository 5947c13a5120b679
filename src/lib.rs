#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! Everything is re-exported here: the traits, tables and protocols are in the crate `persist-core`, the derive in `persist-derive`
//! (feature `derive`), files in `persist-store` (feature `store`); both features are on by default.
//!
//! The feature `zstd`, which is off by default, adds `Level::Small`: [`Dumper::level`] then makes files that take less room
//! than others compressed with zstd. A program without it reads all files but those.

#[doc(hidden)]
pub use persist_core::__private;
pub use persist_core::{
    BoxError, Context, Decode, Dumper, Encode, Error, ErrorKind, Level, Limits, Loader, Persist, Protocol, Result,
    Value, dump, dumps, inspect, load, loads, serde, verify, with,
};
#[cfg(feature = "derive")]
pub use persist_derive::Persist;
#[cfg(feature = "store")]
pub use persist_store::{open, open_or_default, save};
