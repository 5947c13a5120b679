//! Durable places for values that [`persist-core`](persist_core) turns into bytes.
//!
//! [`save`], [`open`] and [`open_or_default`] keep one value in one file. `persist` re-exports them; this crate is for
//! those who want the parts: [`atomic`] replaces the content of any file, and [`fs`] is the trait it works through.
//!
//! # What survives what
//!
//! | | |
//! | --- | --- |
//! | a panic, `SIGTERM`, `kill -9` during `save` | the file holds what it held before, or the new value whole |
//! | a power loss during `save` | the same |
//! | a power loss after `save` has returned `Ok` | the new value |
//! | a full disk, a failing disk, no permission | an error; the file holds what it held before |
//! | a damaged file | [`open`] gives an error; never other data, never the default |
//!
//! This rests on a file system that honours fsync and renames in one step: the usual local ones do. Network file systems
//! promise less, and a disk that lies about its cache is beyond any program.

// In dependency order: a module uses only those above it. Blank lines keep rustfmt from sorting them.
mod draft;

pub mod fs;

mod problem;

pub mod atomic;

mod file;
mod schema_lock;

#[cfg(feature = "shelf")]
pub mod shelf;

pub use file::{open, open_or_default, save};
pub use schema_lock::{Locked, check_schema_lock};
#[cfg(feature = "shelf")]
pub use shelf::{Shelf, ShelfFile};
