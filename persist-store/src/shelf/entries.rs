//! Entries, one after the other, in the order of their keys.

use std::fmt;
use std::iter::FusedIterator;
use std::ops::Bound;
use std::sync::Arc;

use persist_core::{Persist, Result};

use super::codec::{Codec, Source};
use super::engine::Pinned;
use super::problem::{bytes, contain};
use super::table::{Borrowed, Reads, Row, Steps};
use super::transaction::Transaction;

/// Bounds of keys, as bytes.
pub(super) type Bounds = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// Entries as the engine has them.
struct Rows<'a, K, V> {
    /// Nothing where there is nothing, and after an error.
    steps: Option<Box<dyn Steps<'a> + Send + 'a>>,
    /// That of the row that was found last.
    key: Vec<u8>,
    codec: Arc<Codec<K, V>>,
    held: Held<'a>,
}

/// What the rows are of, and where schemas are looked up.
#[derive(Clone)]
pub(super) enum Held<'a> {
    Pinned(Arc<Pinned>),
    Transaction(&'a Transaction<'a>),
}

impl Held<'_> {
    pub(super) fn source(&self) -> Source<'_> {
        match self {
            Held::Pinned(pinned) => Source::Pinned(pinned),
            Held::Transaction(transaction) => Source::Transaction(transaction),
        }
    }
}

impl<'a, K: Persist, V: Persist> Rows<'a, K, V> {
    fn step(&mut self, front: bool) -> Option<Result<Row<'a>>> {
        let (steps, key) = (self.steps.as_mut()?, &mut self.key);
        let found = self.held.source().call(self.codec.engine.path(), || steps.step(front, key).transpose());
        let found = found.transpose();
        if !matches!(found, Some(Ok(_))) {
            self.steps = None;
        }
        found
    }

    fn entry(&self, row: &Row<'_>) -> Result<(K, V)> {
        let loader = &mut self.codec.tools().loader;
        let (key, row) = (&self.key, self.bytes(row)?);
        Ok((self.codec.key(loader, key)?, self.codec.value(loader, key, row, self.held.source())?))
    }

    fn key(&self, row: &Row<'_>) -> Result<K> {
        self.codec.checked_key(&mut self.codec.tools().loader, &self.key, self.bytes(row)?)
    }

    fn value(&self, row: &Row<'_>) -> Result<V> {
        let loader = &mut self.codec.tools().loader;
        self.codec.value(loader, &self.key, self.bytes(row)?, self.held.source())
    }

    fn bytes<'g>(&self, found: &'g Row<'_>) -> Result<&'g [u8]> {
        bytes(self.codec.engine.path(), found)
    }
}

macro_rules! iterators {
    ($($(#[$doc:meta])* $name:ident $item:ty, $take:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// From both ends. It sees its shelf as it was when it began; it holds no more than an entry in memory, but keeps
        /// the room in the file that was freed since from being used again.
        ///
        /// An entry that cannot be loaded is an error, after which it goes on. After an error of the file it ends.
        pub struct $name<'a, K, V>(Rows<'a, K, V>);

        impl<K: Persist, V: Persist> Iterator for $name<'_, K, V> {
            type Item = Result<$item>;

            fn next(&mut self) -> Option<Self::Item> {
                let found = self.0.step(true)?;
                Some(found.and_then(|found| self.0.$take(&found)))
            }
        }

        impl<K: Persist, V: Persist> DoubleEndedIterator for $name<'_, K, V> {
            fn next_back(&mut self) -> Option<Self::Item> {
                let found = self.0.step(false)?;
                Some(found.and_then(|found| self.0.$take(&found)))
            }
        }

        impl<K: Persist, V: Persist> FusedIterator for $name<'_, K, V> {}

        impl<K, V> fmt::Debug for $name<'_, K, V> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

iterators! {
    /// The entries of a shelf, in the order of their keys: `Result<(K, V)>`.
    Iter (K, V), entry;
    /// The keys of a shelf, in their order: `Result<K>`. No value is loaded.
    Keys K, key;
    /// The values of a shelf, in the order of their keys: `Result<V>`. No key is made.
    Values V, value;
}

impl<'a, K: Persist, V: Persist> Iter<'a, K, V> {
    pub(super) fn keys(self) -> Keys<'a, K, V> {
        Keys(self.0)
    }

    pub(super) fn values(self) -> Values<'a, K, V> {
        Values(self.0)
    }
}

impl<K: Persist, V: Persist> Iter<'static, K, V> {
    /// Those of what is pinned.
    pub(super) fn pinned(codec: &Arc<Codec<K, V>>, pinned: &Arc<Pinned>, bounds: &Bounds) -> Result<Self> {
        let engine = &codec.engine;
        let steps = match (borrowed(bounds), engine.entries(pinned, codec.place)?) {
            (Some(bounds), Some(entries)) => {
                Some(contain(engine.path(), || entries.stay(bounds))? as Box<dyn Steps<'static> + Send>)
            }
            _ => None,
        };
        Ok(Iter(Rows { steps, key: Vec::new(), codec: codec.clone(), held: Held::Pinned(pinned.clone()) }))
    }
}

impl<'a, K: Persist, V: Persist> Iter<'a, K, V> {
    /// Those of a table that is open in a transaction.
    pub(super) fn within(
        codec: &Arc<Codec<K, V>>,
        transaction: &'a Transaction<'a>,
        table: &'a (impl Reads + ?Sized),
        bounds: &Bounds,
    ) -> Result<Self> {
        let steps = match borrowed(bounds) {
            Some(bounds) => Some(transaction.call(|| table.range(bounds))?),
            None => None,
        };
        Ok(Iter(Rows { steps, key: Vec::new(), codec: codec.clone(), held: Held::Transaction(transaction) }))
    }
}

/// The bounds; nothing where nothing lies between them.
fn borrowed((low, high): &Bounds) -> Option<Borrowed<'_>> {
    let bounds = (low.as_ref().map(Vec::as_slice), high.as_ref().map(Vec::as_slice));
    match bounds {
        (Bound::Included(low), Bound::Included(high)) if low > high => None,
        (Bound::Included(low), Bound::Excluded(high))
        | (Bound::Excluded(low), Bound::Included(high) | Bound::Excluded(high))
            if low >= high =>
        {
            None
        }
        _ => Some(bounds),
    }
}
