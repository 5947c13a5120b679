//! What is asked of a shelf, be it of a moment or in a transaction.

use std::sync::Arc;

use persist_core::{Encode, Persist, Result};

use super::codec::{Codec, Source};
use super::engine::Pinned;
use super::problem::bytes;
use super::table::{Reads, Row, Stays};
use super::tools::Kit;

/// The entries of a shelf: of a table, where there is one.
pub(super) struct Reading<'r, K, V, T: ?Sized> {
    pub(super) codec: &'r Codec<K, V>,
    pub(super) table: Option<&'r T>,
    pub(super) source: Source<'r>,
}

impl<'r, K: Persist, V: Persist> Reading<'r, K, V, dyn Stays + Send + Sync> {
    pub(super) fn pinned(codec: &'r Codec<K, V>, pinned: &'r Arc<Pinned>) -> Result<Self> {
        let table = codec.engine.entries(pinned, codec.place)?;
        Ok(Reading { codec, table: table.map(|entries| &**entries), source: Source::Pinned(pinned) })
    }
}

impl<'r, K: Persist, V: Persist, T: Reads + ?Sized> Reading<'r, K, V, T> {
    fn call<R>(&self, call: impl FnOnce(&'r T) -> redb::Result<R>) -> Result<Option<R>> {
        let Some(table) = self.table else { return Ok(None) };
        self.source.call(self.codec.engine.path(), || call(table)).map(Some)
    }

    fn bytes<'g>(&self, found: &'g Row<'_>) -> Result<&'g [u8]> {
        bytes(self.codec.engine.path(), found)
    }

    pub(super) fn get<Q: Encode>(&self, key: &Q) -> Result<Option<V>> {
        let kit = &mut *self.codec.tools();
        Codec::<K, V>::put_key(kit, key)?;
        self.get_at(kit)
    }

    /// The value of the key that the kit holds.
    pub(super) fn get_at(&self, kit: &mut Kit) -> Result<Option<V>> {
        let Kit { key, loader, .. } = kit;
        match self.call(|table| table.get(&key[..]))?.flatten() {
            Some(row) => self.codec.value(loader, key, self.bytes(&row)?, self.source).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn contains_key<Q: Encode>(&self, key: &Q) -> Result<bool> {
        let kit = &mut *self.codec.tools();
        Codec::<K, V>::put_key(kit, key)?;
        Ok(self.call(|table| table.get(&kit.key[..]))?.flatten().is_some())
    }

    /// The entry at an end, and the bytes of its key.
    pub(super) fn edge(&self, first: bool) -> Result<Option<(K, V, Vec<u8>)>> {
        let mut key = Vec::new();
        let Some(row) = self.call(|table| table.edge(first, &mut key))?.flatten() else { return Ok(None) };
        let loader = &mut self.codec.tools().loader;
        let value = self.codec.value(loader, &key, self.bytes(&row)?, self.source)?;
        Ok(Some((self.codec.key(loader, &key)?, value, key)))
    }

    pub(super) fn len(&self) -> Result<u64> {
        Ok(self.call(Reads::len)?.unwrap_or(0))
    }
}
