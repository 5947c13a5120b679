#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! Everything is re-exported here: the traits, tables and protocols are in the crate `persist-core`, the derive in `persist-derive`
//! (feature `derive`), files in `persist-store` (feature `store`); both features are on by default.
//!
//! These features are off by default:
//!
//! | feature | adds |
//! | --- | --- |
//! | `persistent` | `Persistent`, a value that lives on disk while it is used, and `on_shutdown` |
//! | `shelf` | `Shelf`, a dictionary on disk that may be bigger than memory |
//! | `memo` | `#[persist::memoize]`, which keeps the results of a function across runs, and `Memo`, which does so by hand |
//! | `zstd` | `Level::Small`: [`Dumper::level`] then makes files that take less room than others compressed with zstd; a program without it reads all files but those |
//! | `full` | all of these, and all below: everything that needs no server |
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
    BoxError, Change, Context, Decode, Dumper, Encode, Error, ErrorKind, Level, Limits, LoadPlan, Loader, Persist,
    Protocol, Result, Schema, SchemaLock, Value, dump, dumps, inspect, load, loads, serde, verify, with,
};
#[cfg(feature = "derive")]
pub use persist_derive::Persist;
#[cfg(feature = "memo")]
pub use persist_derive::memoize;
#[cfg(feature = "memo")]
#[doc(hidden)]
pub use persist_store::memo::__memo;
#[cfg(feature = "memo")]
pub use persist_store::memo::{self, Memo};
#[cfg(feature = "store")]
pub use persist_store::{
    Compacted, FileLock, FileOptions, Generation, Locked, check_schema_lock, fs, journal, open, open_or_default,
    open_or_else, save,
};
#[cfg(feature = "persistent")]
pub use persist_store::{Durability, Persistent, PersistentBuilder, Reading, Shutdown, ShutdownGuard, on_shutdown};
#[cfg(feature = "shelf")]
pub use persist_store::{Shelf, ShelfFile, shelf};

/// Fails a test where types changed in a way that old files would not survive: it holds them against a lock, a text
/// file that is kept in the repository.
///
/// The path is relative to the package. `PERSIST_LOCK=update cargo test` makes the lock, and notes new types and changes
/// that old files survive; every schema that was noted has to load for ever after. `PERSIST_LOCK=break cargo test`
/// forgets those of types that broke. One test keeps a lock; two that write to one would undo each other's notes.
///
/// ```no_run
/// # use persist::Persist;
/// # #[derive(Persist)] struct Session { user: String }
/// # #[derive(Persist)] struct Job { id: u64 }
/// #[test]
/// # fn hidden() {}
/// fn saved_files_stay_readable() {
///     persist::assert_schema_lock!("schema.lock", Session, Vec<Job>);
/// }
/// ```
///
/// # Panics
///
/// With what is in the way of which type, at the place of each problem, and what to do about it.
#[cfg(feature = "store")]
#[macro_export]
macro_rules! assert_schema_lock {
    ($path:expr, $($type:ty),+ $(,)?) => {
        if let ::core::result::Result::Err(error) = $crate::check_schema_lock(
            $path,
            &[$($crate::Locked::new::<$type>(::core::stringify!($type))),+],
        ) {
            ::core::panic!("{error}");
        }
    };
}
