#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! Everything is re-exported here: the traits, tables and protocols are in the crate `persist-core`, the derive in `persist-derive`
//! (feature `derive`), files in `persist-store` (feature `store`); both features are on by default.
//!
//! The feature `zstd`, which is off by default, adds `Level::Small`: [`Dumper::level`] then makes files that take less room
//! than others compressed with zstd. A program without it reads all files but those.
//!
//! These features, off by default, are named after the crates whose types they make `Persist`:
//!
//! | feature | types |
//! | --- | --- |
//! | `bytes` | `Bytes`, `BytesMut` |
//! | `chrono` | `NaiveDate`, `NaiveTime`, `NaiveDateTime`, `DateTime<Utc>`, `DateTime<FixedOffset>`, `FixedOffset`, `TimeDelta`, `Month`, `Weekday` |
//! | `indexmap` | `IndexMap`, `IndexSet`, with any hasher; their order is kept |
//! | `ndarray` | `Array`, `ArcArray`, of any dimension |
//! | `smallvec` | `SmallVec` of arrays |
//! | `time` | `Date`, `Time`, `PrimitiveDateTime`, `UtcDateTime`, `OffsetDateTime`, `UtcOffset`, `Duration` |
//! | `uuid` | `Uuid` |
//!
//! In JSON they are written as serde writes them; dates and times of either crate as chrono's serde does, in the text of
//! RFC 3339, which those of `time` load beside the text of its own serde. In CBOR, dates and times are numbers. Programs
//! without a feature still read, show and convert files that have such values.

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
