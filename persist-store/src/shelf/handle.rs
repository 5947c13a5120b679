//! The shelf itself.

use std::borrow::Borrow;
use std::fmt;
use std::ops::RangeBounds;
use std::path::Path;
use std::sync::Arc;

use persist_core::{Encode, Persist, Result};

use super::changes::ShelfMut;
use super::codec::Codec;
use super::engine::Engine;
use super::entries::{Iter, Keys, Values};
use super::reading::Reading;
use super::snapshot::Snapshot;
use super::table::Stays;
use super::transaction::Transaction;

/// A dictionary on disk; see the [module](super) for what it promises.
///
/// All calls take `&self`, and a clone is the same shelf: threads share it as they like. Reads go on while somebody
/// writes. Each change is a transaction of its own, durable when the call returns; many of them are faster in one
/// [`transaction`](Shelf::transaction).
pub struct Shelf<K, V> {
    pub(super) codec: Arc<Codec<K, V>>,
}

#[allow(clippy::redundant_closure_for_method_calls, reason = "a method is of one lifetime, a closure of all")]
impl<K: Persist, V: Persist> Shelf<K, V> {
    /// The name of the shelf that [`open`](Shelf::open) opens.
    pub const DEFAULT_NAME: &'static str = "main";

    pub(super) fn of(engine: &Arc<Engine>, name: &str) -> Result<Self> {
        Ok(Shelf { codec: Arc::new(Codec::open(engine.clone(), name)?) })
    }

    /// The name of the shelf in its file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.codec.name
    }

    /// The path that its file was opened by.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.codec.engine.path()
    }

    /// Runs a transaction: all that `body` does to the shelf it is given, or nothing where `body` gives an error or panics,
    /// or the process ends.
    ///
    /// One transaction of a file runs at a time; others wait for it. In it, the shelf that it is given sees what was changed so
    /// far, and `self` what was committed before. To change several shelves, see
    /// [`ShelfFile::transaction`](super::ShelfFile::transaction).
    ///
    /// ```
    /// # fn main() -> persist_core::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("accounts");
    /// use persist_core::Error;
    /// use persist_store::Shelf;
    ///
    /// let accounts = Shelf::<String, u64>::open(&path)?;
    /// accounts.extend([("anna".to_owned(), 100), ("ben".to_owned(), 20)])?;
    /// let transfer = |amount: u64| {
    ///     accounts.transaction(|accounts| {
    ///         accounts.modify("ben", |money| *money += amount)?;
    ///         let left = accounts.get("anna")?.and_then(|money| money.checked_sub(amount));
    ///         let left = left.ok_or_else(|| Error::new("not enough money"))?;
    ///         accounts.insert("anna", &left)
    ///     })
    /// };
    /// transfer(70)?;
    /// assert!(transfer(70).is_err());
    /// assert_eq!((accounts.get("anna")?, accounts.get("ben")?), (Some(30), Some(90)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn transaction<R>(&self, body: impl FnOnce(&mut ShelfMut<'_, K, V>) -> Result<R>) -> Result<R> {
        Transaction::run(&self.codec.engine, |transaction| body(&mut ShelfMut::open(transaction, &self.codec)?))
    }

    fn read<R>(&self, read: impl FnOnce(Reading<'_, K, V, dyn Stays + Send + Sync>) -> Result<R>) -> Result<R> {
        let pinned = self.codec.engine.now()?;
        read(Reading::pinned(&self.codec, &pinned)?)
    }

    /// Puts a value in, or in the place of the one that has the key. [`replace`](Shelf::replace) gives that one back, for
    /// which it has to be loaded.
    pub fn insert<'q, Q: ?Sized>(&self, key: &'q Q, value: &V) -> Result<()>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        self.transaction(|shelf| shelf.insert(key, value))
    }

    /// Puts a value in, and gives back the one that had the key, as the `insert` of a map in memory does.
    pub fn replace<'q, Q: ?Sized>(&self, key: &'q Q, value: &V) -> Result<Option<V>>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        self.transaction(|shelf| shelf.replace(key, value))
    }

    /// The value of a key.
    pub fn get<'q, Q: ?Sized>(&self, key: &'q Q) -> Result<Option<V>>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        self.read(|shelf| shelf.get(&key))
    }

    /// Whether there is a value of a key. It is not loaded.
    pub fn contains_key<'q, Q: ?Sized>(&self, key: &'q Q) -> Result<bool>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        self.read(|shelf| shelf.contains_key(&key))
    }

    /// Takes the value of a key out. One that does not load stays, and is an error; see [`delete`](Shelf::delete).
    pub fn remove<'q, Q: ?Sized>(&self, key: &'q Q) -> Result<Option<V>>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        self.transaction(|shelf| shelf.remove(key))
    }

    /// Removes the value of a key without loading it, and tells whether there was one.
    pub fn delete<'q, Q: ?Sized>(&self, key: &'q Q) -> Result<bool>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        self.transaction(|shelf| shelf.delete(key))
    }

    /// Changes the value of a key in its place, and gives what `change` gives; nothing where there is no value.
    ///
    /// The value is read, changed and written in one transaction: no change of another thread comes between, and none is
    /// lost. Where `change` panics, the value stays as it was.
    ///
    /// ```
    /// # fn main() -> persist_core::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("lists");
    /// let lists = persist_store::Shelf::<String, Vec<u32>>::open(&path)?;
    /// lists.insert("primes", &vec![2, 3])?;
    /// assert_eq!(lists.modify("primes", |list| { list.push(5); list.len() })?, Some(3));
    /// assert_eq!(lists.get("primes")?, Some(vec![2, 3, 5]));
    /// assert_eq!(lists.modify("squares", |list| list.clear())?, None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn modify<'q, Q: ?Sized, R>(&self, key: &'q Q, change: impl FnOnce(&mut V) -> R) -> Result<Option<R>>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        self.transaction(|shelf| shelf.modify(key, change))
    }

    /// As [`modify`](Shelf::modify); where `change` gives an error, the value stays as it was.
    pub fn try_modify<'q, Q: ?Sized, R>(
        &self,
        key: &'q Q,
        change: impl FnOnce(&mut V) -> Result<R>,
    ) -> Result<Option<R>>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        self.transaction(|shelf| shelf.try_modify(key, change))
    }

    /// Changes the value of a key in its place; where there is none, that of `default` is put in, changed.
    pub fn modify_or_insert_with<'q, Q: ?Sized, R>(
        &self,
        key: &'q Q,
        default: impl FnOnce() -> V,
        change: impl FnOnce(&mut V) -> R,
    ) -> Result<R>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        self.transaction(|shelf| shelf.modify_or_insert_with(key, default, change))
    }

    /// Changes the value of a key in its place; where there is none, the default is put in, changed.
    ///
    /// ```
    /// # fn main() -> persist_core::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("counts");
    /// let counts = persist_store::Shelf::<String, u64>::open(&path)?;
    /// for word in ["to", "be", "or", "not", "to", "be"] {
    ///     counts.modify_or_default(word, |count| *count += 1)?;
    /// }
    /// assert_eq!(counts.get("to")?, Some(2));
    /// # Ok(())
    /// # }
    /// ```
    pub fn modify_or_default<'q, Q: ?Sized, R>(&self, key: &'q Q, change: impl FnOnce(&mut V) -> R) -> Result<R>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
        V: Default,
    {
        self.transaction(|shelf| shelf.modify_or_default(key, change))
    }

    /// The value of a key; where there is none, that of `default` is put in.
    pub fn get_or_insert_with<'q, Q: ?Sized>(&self, key: &'q Q, default: impl FnOnce() -> V) -> Result<V>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        // Mostly it is there, and nothing has to be written.
        if let Some(value) = self.get(key)? {
            return Ok(value);
        }
        self.transaction(|shelf| shelf.get_or_insert_with(key, default))
    }

    /// Puts all of these in, in one transaction: all of them, or none.
    pub fn extend(&self, entries: impl IntoIterator<Item = (K, V)>) -> Result<()> {
        self.transaction(|shelf| shelf.extend(entries))
    }

    /// Removes the entries for which `keep` gives false.
    pub fn retain(&self, keep: impl FnMut(&K, &V) -> bool) -> Result<()> {
        self.transaction(|shelf| shelf.retain(keep))
    }

    /// Removes all entries, without loading them.
    pub fn clear(&self) -> Result<()> {
        self.transaction(|shelf| shelf.clear())
    }

    /// The entry with the lowest key.
    pub fn first(&self) -> Result<Option<(K, V)>> {
        self.snapshot()?.first()
    }

    /// The entry with the highest key.
    pub fn last(&self) -> Result<Option<(K, V)>> {
        self.snapshot()?.last()
    }

    /// Takes the entry with the lowest key out.
    pub fn pop_first(&self) -> Result<Option<(K, V)>> {
        self.transaction(|shelf| shelf.pop_first())
    }

    /// Takes the entry with the highest key out.
    pub fn pop_last(&self) -> Result<Option<(K, V)>> {
        self.transaction(|shelf| shelf.pop_last())
    }

    /// How many entries there are. They are not counted, but known.
    pub fn len(&self) -> Result<u64> {
        self.read(|shelf| shelf.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// The shelf as it is now, whatever is changed from here on: so that several reads agree.
    pub fn snapshot(&self) -> Result<Snapshot<K, V>> {
        Snapshot::new(&self.codec)
    }

    /// The entries, in the order of their keys, as they are now.
    ///
    /// ```
    /// # fn main() -> persist_core::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("squares");
    /// let squares = persist_store::Shelf::<i32, i32>::open(&path)?;
    /// squares.extend((-3..4).map(|n| (n, n * n)))?;
    /// let highest: Vec<i32> = squares.keys()?.rev().take(2).collect::<Result<_, _>>()?;
    /// assert_eq!(highest, [3, 2]);
    /// for entry in squares.iter()? {
    ///     let (n, square) = entry?;
    ///     assert_eq!(n * n, square);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[allow(clippy::iter_not_returning_iterator, reason = "beginning may fail, as it does not in memory")]
    pub fn iter(&self) -> Result<Iter<'static, K, V>> {
        self.snapshot()?.iter()
    }

    /// The keys, in their order, as they are now.
    pub fn keys(&self) -> Result<Keys<'static, K, V>> {
        self.snapshot()?.keys()
    }

    /// The values, in the order of their keys, as they are now.
    pub fn values(&self) -> Result<Values<'static, K, V>> {
        self.snapshot()?.values()
    }

    /// The entries whose keys are in a range, in their order, as they are now. Where a range ends before it starts, there
    /// are none.
    pub fn range<Q: ?Sized, R: RangeBounds<Q>>(&self, range: R) -> Result<Iter<'static, K, V>>
    where
        K: Borrow<Q>,
        for<'q> &'q Q: Encode,
    {
        self.snapshot()?.range(range)
    }

    /// Makes durable what was committed, where the file was opened with [`sync(false)`](super::Builder::sync).
    pub fn flush(&self) -> Result<()> {
        self.codec.engine.flush()
    }
}

impl<K, V> Clone for Shelf<K, V> {
    fn clone(&self) -> Self {
        Shelf { codec: self.codec.clone() }
    }
}

impl<K, V> fmt::Debug for Shelf<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf")
            .field("path", &self.codec.engine.path())
            .field("name", &self.codec.name)
            .finish_non_exhaustive()
    }
}

impl Transaction<'_> {
    /// Opens one of the file's shelves in this transaction. At a time it is open once.
    ///
    /// # Errors
    ///
    /// Where the shelf is of another file, or is open in this transaction already.
    pub fn shelf<K: Persist, V: Persist>(&self, shelf: &Shelf<K, V>) -> Result<ShelfMut<'_, K, V>> {
        if !std::ptr::eq(&raw const *shelf.codec.engine, self.owner) {
            return Err(super::problem::other_file(shelf.path()));
        }
        ShelfMut::open(self, &shelf.codec)
    }
}
