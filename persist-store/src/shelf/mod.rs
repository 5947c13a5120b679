//! A dictionary on disk, bigger than memory.
//!
//! ```
//! # fn main() -> persist_core::Result<()> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("scores");
//! use persist_store::Shelf;
//!
//! let scores = Shelf::<String, Vec<u32>>::open(&path)?;
//! scores.insert("anna", &vec![17])?;
//! scores.modify("anna", |list| list.push(19))?;
//! scores.modify_or_default("ben", |list| list.push(3))?;
//!
//! drop(scores);
//! let scores = Shelf::<String, Vec<u32>>::open(&path)?;
//! assert_eq!(scores.get("anna")?, Some(vec![17, 19]));
//! for entry in scores.range("b".to_owned()..)? {
//!     let (name, list) = entry?;
//!     assert_eq!((name.as_str(), &list[..]), ("ben", &[3][..]));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Keys and values are of any `Persist` type. Entries are in the order of their keys, as
//! [`Dumper::sort_key_into`](persist_core::Dumper::sort_key_into) has it: that of `derive(Ord)`. Values are stored without
//! their schema, which is in the file once; what older versions of a type wrote still loads, as it does from files, and
//! nothing is written anew for it. Keys may not change so: their type is fixed with the first entry.
//!
//! # What it promises
//!
//! - A change is on disk when its call has returned: neither `kill -9` nor a power loss takes it back. A process that ends
//!   in the middle of one leaves what was before.
//! - A transaction is there as a whole, or not at all.
//! - No change is lost: one transaction runs at a time.
//! - Reads see what is committed, and each iterator and [`Snapshot`] one moment of it.
//! - Memory is that of the [cache](Builder::cache_size), and of the entries at hand.
//! - Every entry has a checksum: what was not written is not loaded. [`ShelfFile::verify`] checks the whole file.
//! - The file is created as a whole, and is readable at any moment. One process at a time has it open for writing.
//!
//! The engine is the crate `redb`. On some files that are damaged it panics: such a panic is caught, and becomes an error
//! like any other, of which the panic hook has told by then. A program that is compiled to abort on panics ends.

// In dependency order. Blank lines keep rustfmt from sorting them.
mod problem;

mod layout;

mod table;

mod tools;

mod engine;

mod transaction;

mod codec;

mod reading;

mod entries;

mod bounds;

mod changes;

mod snapshot;

mod handle;

mod file;

pub use changes::ShelfMut;
pub use entries::{Iter, Keys, Values};
pub use file::{Builder, ShelfFile};
pub use handle::Shelf;
pub use snapshot::Snapshot;
pub use transaction::Transaction;
