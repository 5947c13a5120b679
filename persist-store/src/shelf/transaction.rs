//! Changes of one file, all of them or none.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use persist_core::{Result, Schema};
use redb::{ReadableTable, WriteTransaction};

use super::engine::{Engine, unknown_schema, unpoisoned};
use super::layout::{Description, SCHEMAS, SHELVES};
use super::problem::{self, contain};
use super::table;

/// A transaction of one file, which may change several of its shelves; see
/// [`ShelfFile::transaction`](super::ShelfFile::transaction).
pub struct Transaction<'t> {
    pub(super) owner: &'t Engine,
    pub(super) engine: &'t WriteTransaction,
    /// Whether a call of the engine failed half-way, so that nothing may be committed.
    broken: AtomicBool,
    /// What is done once it is committed.
    after: Mutex<Vec<After>>,
}

type After = Box<dyn FnOnce() + Send>;

impl Transaction<'_> {
    /// Runs a transaction: all of it, or nothing.
    pub(super) fn run<R>(owner: &Engine, body: impl FnOnce(&Transaction<'_>) -> Result<R>) -> Result<R> {
        let mut after = Vec::new();
        let value = owner.write(|engine| {
            let transaction = Transaction { owner, engine, broken: AtomicBool::new(false), after: Mutex::default() };
            let value = body(&transaction)?;
            after = transaction.end()?;
            Ok(value)
        })?;
        after.into_iter().for_each(|after| after());
        Ok(value)
    }

    /// What is to be done after it was committed; an error where it may not be.
    fn end(self) -> Result<Vec<After>> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(problem::half_way(self.path()));
        }
        Ok(unpoisoned(self.after.into_inner()))
    }

    pub(super) fn path(&self) -> &Path {
        self.owner.path()
    }

    /// Runs a call of the engine. After a failure the transaction is not committed, even if nobody looks at the error.
    pub(super) fn call<T, E: Into<redb::Error>>(&self, call: impl FnOnce() -> Result<T, E>) -> Result<T> {
        contain(self.path(), call).inspect_err(|_| self.broken.store(true, Ordering::Relaxed))
    }

    pub(super) fn after(&self, after: impl FnOnce() + Send + 'static) {
        unpoisoned(self.after.lock()).push(Box::new(after));
    }

    /// The schema of a number.
    pub(super) fn schema(&self, number: u32) -> Result<Schema> {
        let found = self.call(|| -> Result<_, redb::Error> {
            Ok(self.engine.open_table(SCHEMAS)?.get(number)?.map(|bytes| bytes.value().to_vec()))
        })?;
        found.map_or_else(|| Err(unknown_schema(self.path(), number)), |bytes| Schema::from_bytes(&bytes))
    }

    /// The number of a schema, which is noted where it is new.
    pub(super) fn number(&self, schema: &[u8]) -> Result<u32> {
        self.call(|| -> Result<_, redb::Error> {
            let mut schemas = self.engine.open_table(SCHEMAS)?;
            let mut next = 0;
            for entry in schemas.iter()? {
                let (number, known) = entry?;
                if known.value() == schema {
                    return Ok(number.value());
                }
                next = number.value() + 1;
            }
            schemas.insert(next, schema)?;
            Ok(next)
        })
    }

    /// What a shelf holds.
    pub(super) fn description(&self, shelf: &str) -> Result<Option<Description>> {
        let found = self.call(|| -> Result<_, redb::Error> {
            Ok(self.engine.open_table(SHELVES)?.get(shelf)?.map(|bytes| bytes.value().to_vec()))
        })?;
        found.map(|bytes| Description::from_bytes(&bytes)).transpose()
    }

    /// Notes what a shelf holds.
    pub(super) fn describe(&self, shelf: &str, description: &Description) -> Result<()> {
        let bytes = description.to_bytes()?;
        self.call(|| -> Result<_, redb::Error> {
            self.engine.open_table(SHELVES)?.insert(shelf, &bytes[..])?;
            Ok(())
        })
    }

    /// Removes what a shelf holds, and the shelf; gives whether there was one.
    pub(super) fn remove(&self, shelf: &str, name: &str) -> Result<bool> {
        self.call(|| -> Result<_, redb::Error> {
            table::delete(self.engine, name)?;
            let known = self.engine.open_table(SHELVES)?.remove(shelf)?.is_some();
            Ok(known)
        })
    }
}

impl std::fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transaction").field("path", &self.path()).finish_non_exhaustive()
    }
}
