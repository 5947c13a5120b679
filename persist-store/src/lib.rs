//! Durable places for values that [`persist-core`](persist_core) turns into bytes.
//!
//! [`save`], [`open`] and [`open_or_default`] keep one value in one file. `persist` re-exports them; this crate is for
//! those who want the parts: [`atomic`] replaces the content of any file, and [`fs`] is the trait it works through.
//!
//! | feature | adds |
//! | --- | --- |
//! | `persistent` | `Persistent`, a value that lives on disk while it is used, its [`journal`], and `on_shutdown` |
//! | `shelf` | `Shelf`, a dictionary on disk, bigger than memory |
//! | `memo` | `Memo`, results of functions, kept across runs |
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

mod generations;

pub mod atomic;

mod lock;

pub mod journal;

mod salvage;

#[cfg(feature = "persistent")]
mod durability;

#[cfg(feature = "persistent")]
mod keeper;

mod file;

#[cfg(feature = "persistent")]
mod shutdown;

#[cfg(feature = "persistent")]
mod persistent;

mod schema_lock;

#[cfg(feature = "memo")]
pub mod memo;

#[cfg(feature = "shelf")]
pub mod shelf;

#[cfg(feature = "persistent")]
pub use durability::Durability;
pub use file::{Compacted, FileOptions, open, open_or_default, open_or_else, save};
pub use generations::Generation;
pub use lock::FileLock;
#[cfg(feature = "persistent")]
pub use persistent::{Persistent, PersistentBuilder, Reading};
pub use salvage::{LostRecord, SalvagedFile, salvage};
pub use schema_lock::{Locked, check_schema_lock};
#[cfg(feature = "shelf")]
pub use shelf::{Shelf, ShelfFile};
#[cfg(feature = "persistent")]
pub use shutdown::{Shutdown, ShutdownGuard, on_shutdown};
