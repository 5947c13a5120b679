//! A shelf as it was at some moment.

use std::borrow::Borrow;
use std::fmt;
use std::ops::RangeBounds;
use std::sync::Arc;

use persist_core::{Encode, Persist, Result};

use super::bounds::bounds;
use super::codec::Codec;
use super::engine::Pinned;
use super::entries::{Iter, Keys, Values};
use super::layout;
use super::reading::Reading;
use super::table::Stays;

/// A shelf as it was at some moment, whatever is changed since: so that several reads agree.
///
/// [`Shelf::snapshot`](super::Shelf::snapshot) takes it. While it is alive, the room in the file that was freed since is not
/// used again.
pub struct Snapshot<K, V> {
    codec: Arc<Codec<K, V>>,
    pinned: Arc<Pinned>,
}

impl<K: Persist, V: Persist> Snapshot<K, V> {
    pub(super) fn new(codec: &Arc<Codec<K, V>>) -> Result<Self> {
        Ok(Snapshot { codec: codec.clone(), pinned: codec.engine.now()? })
    }

    fn reading(&self) -> Result<Reading<'_, K, V, dyn Stays + Send + Sync>> {
        Reading::pinned(&self.codec, &self.pinned)
    }

    /// The value of a key.
    pub fn get<'q, Q: ?Sized>(&self, key: &'q Q) -> Result<Option<V>>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        self.reading()?.get(&key)
    }

    /// Whether there is a value of a key. It is not loaded.
    pub fn contains_key<'q, Q: ?Sized>(&self, key: &'q Q) -> Result<bool>
    where
        K: Borrow<Q>,
        &'q Q: Encode,
    {
        self.reading()?.contains_key(&key)
    }

    /// The entry with the lowest key.
    pub fn first(&self) -> Result<Option<(K, V)>> {
        Ok(self.reading()?.edge(true)?.map(|(key, value, _)| (key, value)))
    }

    /// The entry with the highest key.
    pub fn last(&self) -> Result<Option<(K, V)>> {
        Ok(self.reading()?.edge(false)?.map(|(key, value, _)| (key, value)))
    }

    /// How many entries there are.
    pub fn len(&self) -> Result<u64> {
        self.reading()?.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// The entries, in the order of their keys.
    #[allow(clippy::iter_not_returning_iterator, reason = "beginning may fail, as it does not in memory")]
    pub fn iter(&self) -> Result<Iter<'static, K, V>> {
        Iter::pinned(&self.codec, &self.pinned, &layout::ALL)
    }

    /// The keys, in their order.
    pub fn keys(&self) -> Result<Keys<'static, K, V>> {
        self.iter().map(Iter::keys)
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> Result<Values<'static, K, V>> {
        self.iter().map(Iter::values)
    }

    /// The entries whose keys are in a range, in their order. Where a range ends before it starts, there are none.
    pub fn range<Q: ?Sized, R: RangeBounds<Q>>(&self, range: R) -> Result<Iter<'static, K, V>>
    where
        K: Borrow<Q>,
        for<'q> &'q Q: Encode,
    {
        Iter::pinned(&self.codec, &self.pinned, &bounds::<K, V, Q>(&self.codec, &range)?)
    }
}

impl<K, V> Clone for Snapshot<K, V> {
    fn clone(&self) -> Self {
        Snapshot { codec: self.codec.clone(), pinned: self.pinned.clone() }
    }
}

impl<K, V> fmt::Debug for Snapshot<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("shelf", &self.codec.name).finish_non_exhaustive()
    }
}
