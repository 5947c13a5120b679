//! A shelf that is being changed, in a transaction.

use std::borrow::Borrow;
use std::fmt;
use std::ops::RangeBounds;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use persist_core::{Encode, Persist, Result};

use super::bounds::bounds;
use super::codec::{Codec, Source};
use super::entries::{Bounds, Iter, Keys, Values};
use super::layout;
use super::problem;
use super::reading::Reading;
use super::table::{self, Changes};
use super::tools::Kit;
use super::transaction::Transaction;

/// A shelf in a transaction, which sees what was changed in it so far.
///
/// [`Shelf::transaction`](super::Shelf::transaction) and [`Transaction::shelf`] give it.
pub struct ShelfMut<'t, K, V> {
    codec: Arc<Codec<K, V>>,
    transaction: &'t Transaction<'t>,
    /// Nothing only while it is cleared, and where that failed.
    table: Option<Box<dyn Changes + 't>>,
    /// That of the values' schema, once something was put in.
    number: Option<u32>,
}

impl<'t, K: Persist, V: Persist> ShelfMut<'t, K, V> {
    pub(super) fn open(transaction: &'t Transaction<'t>, codec: &Arc<Codec<K, V>>) -> Result<Self> {
        let mut shelf = ShelfMut { codec: codec.clone(), transaction, table: None, number: None };
        shelf.open_table()?;
        Ok(shelf)
    }

    fn open_table(&mut self) -> Result<()> {
        let engine = self.transaction.engine;
        self.table = Some(self.transaction.call(|| table::change(engine, &self.codec.table, self.codec.width))?);
        Ok(())
    }

    fn reading(&self) -> Reading<'_, K, V, dyn Changes + 't> {
        Reading { codec: &self.codec, table: self.table.as_deref(), source: Source::Transaction(self.transaction) }
    }

    /// Changes the table.
    fn change<R>(&mut self, change: impl FnOnce(&mut (dyn Changes + 't)) -> redb::Result<R>) -> Result<R> {
        let table = self.table.as_deref_mut().ok_or_else(|| problem::half_way(self.transaction.path()))?;
        self.transaction.call(|| change(table))
    }

    /// Puts a value in at the key that the kit holds.
    fn insert_at(&mut self, kit: &mut Kit, value: &V) -> Result<()> {
        let number = match self.number {
            Some(number) => number,
            None => *self.number.insert(self.codec.register(self.transaction)?),
        };
        Codec::<K, V>::put_row(kit, number, value)?;
        self.change(|table| table.insert(&kit.key, &kit.row))
    }

    /// Puts a value in, or in the place of the one that has the key. [`replace`](ShelfMut::replace) gives that one back.
    pub fn insert<'q, Q: ?Sized>(&mut self, key: &'q Q, value: &V) -> Result<()>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        let kit = &mut *self.codec.tools();
        Codec::<K, V>::put_key(kit, &key)?;
        self.insert_at(kit, value)
    }

    /// Puts a value in, and gives back the one that had the key.
    pub fn replace<'q, Q: ?Sized>(&mut self, key: &'q Q, value: &V) -> Result<Option<V>>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        let kit = &mut *self.codec.tools();
        Codec::<K, V>::put_key(kit, &key)?;
        let old = self.reading().get_at(kit)?;
        self.insert_at(kit, value)?;
        Ok(old)
    }

    /// The value of a key.
    pub fn get<'q, Q: ?Sized>(&self, key: &'q Q) -> Result<Option<V>>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        self.reading().get(&key)
    }

    /// Whether there is a value of a key. It is not loaded.
    pub fn contains_key<'q, Q: ?Sized>(&self, key: &'q Q) -> Result<bool>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        self.reading().contains_key(&key)
    }

    /// Takes the value of a key out.
    pub fn remove<'q, Q: ?Sized>(&mut self, key: &'q Q) -> Result<Option<V>>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        let kit = &mut *self.codec.tools();
        Codec::<K, V>::put_key(kit, &key)?;
        // One that does not load stays.
        let value = self.reading().get_at(kit)?;
        if value.is_some() {
            self.change(|table| table.remove(&kit.key).map(drop))?;
        }
        Ok(value)
    }

    /// Removes the value of a key without loading it, and tells whether there was one.
    pub fn delete<'q, Q: ?Sized>(&mut self, key: &'q Q) -> Result<bool>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        let kit = &mut *self.codec.tools();
        Codec::<K, V>::put_key(kit, &key)?;
        self.change(|table| table.remove(&kit.key))
    }

    /// Changes the value of a key in its place, and gives what `change` gives; nothing where there is no value.
    pub fn modify<'q, Q: ?Sized, R>(&mut self, key: &'q Q, change: impl FnOnce(&mut V) -> R) -> Result<Option<R>>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        self.try_modify(key, |value| Ok(change(value)))
    }

    /// As [`modify`](ShelfMut::modify); where `change` gives an error, the value stays as it was.
    pub fn try_modify<'q, Q: ?Sized, R>(
        &mut self,
        key: &'q Q,
        change: impl FnOnce(&mut V) -> Result<R>,
    ) -> Result<Option<R>>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        let kit = &mut *self.codec.tools();
        Codec::<K, V>::put_key(kit, &key)?;
        let Some(mut value) = self.reading().get_at(kit)? else { return Ok(None) };
        let result = change(&mut value)?;
        self.insert_at(kit, &value)?;
        Ok(Some(result))
    }

    /// Changes the value of a key in its place; where there is none, that of `default` is put in, changed.
    pub fn modify_or_insert_with<'q, Q: ?Sized, R>(
        &mut self,
        key: &'q Q,
        default: impl FnOnce() -> V,
        change: impl FnOnce(&mut V) -> R,
    ) -> Result<R>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        let kit = &mut *self.codec.tools();
        Codec::<K, V>::put_key(kit, &key)?;
        let mut value = self.reading().get_at(kit)?.unwrap_or_else(default);
        let result = change(&mut value);
        self.insert_at(kit, &value)?;
        Ok(result)
    }

    /// Changes the value of a key in its place; where there is none, the default is put in, changed.
    pub fn modify_or_default<'q, Q: ?Sized, R>(&mut self, key: &'q Q, change: impl FnOnce(&mut V) -> R) -> Result<R>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
        V: Default,
    {
        self.modify_or_insert_with(key, V::default, change)
    }

    /// The value of a key; where there is none, that of `default` is put in.
    pub fn get_or_insert_with<'q, Q: ?Sized>(&mut self, key: &'q Q, default: impl FnOnce() -> V) -> Result<V>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        let kit = &mut *self.codec.tools();
        Codec::<K, V>::put_key(kit, &key)?;
        if let Some(value) = self.reading().get_at(kit)? {
            return Ok(value);
        }
        let value = default();
        self.insert_at(kit, &value)?;
        Ok(value)
    }

    /// Puts all of these in.
    pub fn extend(&mut self, entries: impl IntoIterator<Item = (K, V)>) -> Result<()> {
        entries.into_iter().try_for_each(|(key, value)| self.insert(&key, &value))
    }

    /// Removes the entries for which `keep` gives false.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) -> Result<()> {
        let (codec, source) = (self.codec.clone(), Source::Transaction(self.transaction));
        let mut found = Ok(Ok(()));
        self.change(|table| {
            table.retain(&mut |key, row| {
                if !matches!(found, Ok(Ok(()))) {
                    return true;
                }
                // A panic of the program's code is not one of the engine, and must not go through it.
                let kept = catch_unwind(AssertUnwindSafe(|| {
                    let loader = &mut codec.tools().loader;
                    Ok(keep(&codec.key(loader, key)?, &codec.value(loader, key, row, source)?))
                }));
                match kept {
                    Ok(Ok(kept)) => return kept,
                    Ok(Err(error)) => found = Ok(Err(error)),
                    Err(panic) => found = Err(panic),
                }
                true
            })
        })?;
        found.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Removes all entries, without loading them.
    pub fn clear(&mut self) -> Result<()> {
        self.table = None;
        let engine = self.transaction.engine;
        self.transaction.call(|| table::delete(engine, &self.codec.table))?;
        self.open_table()
    }

    /// The entry with the lowest key.
    pub fn first(&self) -> Result<Option<(K, V)>> {
        Ok(self.reading().edge(true)?.map(|(key, value, _)| (key, value)))
    }

    /// The entry with the highest key.
    pub fn last(&self) -> Result<Option<(K, V)>> {
        Ok(self.reading().edge(false)?.map(|(key, value, _)| (key, value)))
    }

    /// Takes the entry with the lowest key out.
    pub fn pop_first(&mut self) -> Result<Option<(K, V)>> {
        self.pop(true)
    }

    /// Takes the entry with the highest key out.
    pub fn pop_last(&mut self) -> Result<Option<(K, V)>> {
        self.pop(false)
    }

    fn pop(&mut self, first: bool) -> Result<Option<(K, V)>> {
        let Some((key, value, bytes)) = self.reading().edge(first)? else { return Ok(None) };
        self.change(|table| table.remove(&bytes).map(drop))?;
        Ok(Some((key, value)))
    }

    /// How many entries there are.
    pub fn len(&self) -> Result<u64> {
        self.reading().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// The entries, in the order of their keys.
    #[allow(clippy::iter_not_returning_iterator, reason = "beginning may fail, as it does not in memory")]
    pub fn iter(&self) -> Result<Iter<'_, K, V>> {
        self.within(&layout::ALL)
    }

    /// The keys, in their order.
    pub fn keys(&self) -> Result<Keys<'_, K, V>> {
        self.iter().map(Iter::keys)
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> Result<Values<'_, K, V>> {
        self.iter().map(Iter::values)
    }

    /// The entries whose keys are in a range, in their order. Where a range ends before it starts, there are none.
    pub fn range<Q: ?Sized, R: RangeBounds<Q>>(&self, range: R) -> Result<Iter<'_, K, V>>
    where
        K: Borrow<Q>,
        for<'q> &'q Q: Encode,
    {
        self.within(&bounds::<K, V, Q>(&self.codec, &range)?)
    }

    fn within(&self, bounds: &Bounds) -> Result<Iter<'_, K, V>> {
        let table = self.table.as_deref().ok_or_else(|| problem::half_way(self.transaction.path()))?;
        Iter::within(&self.codec, self.transaction, table, bounds)
    }
}

impl<K, V> fmt::Debug for ShelfMut<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShelfMut").field("transaction", &self.transaction).finish_non_exhaustive()
    }
}
