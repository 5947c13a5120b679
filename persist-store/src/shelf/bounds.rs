//! Ranges of keys, as ranges of bytes.

use std::borrow::Borrow;
use std::ops::{Bound, RangeBounds};

use persist_core::{Encode, Error, Persist, Result};

use super::codec::Codec;
use super::entries::Bounds;
use super::tools::Kit;

/// The bounds of a range.
pub(super) fn bounds<K: Persist + Borrow<Q>, V: Persist, Q: ?Sized>(
    codec: &Codec<K, V>,
    range: &impl RangeBounds<Q>,
) -> Result<Bounds>
where
    for<'q> &'q Q: Encode,
{
    let kit = &mut *codec.tools();
    Ok((bound::<K, V, Q>(kit, range.start_bound())?, bound::<K, V, Q>(kit, range.end_bound())?))
}

fn bound<K: Persist, V: Persist, Q: ?Sized>(kit: &mut Kit, bound: Bound<&Q>) -> Result<Bound<Vec<u8>>>
where
    for<'q> &'q Q: Encode,
{
    let mut bytes = |key: &Q| {
        Codec::<K, V>::put_key(kit, &key)?;
        Ok::<_, Error>(kit.key.clone())
    };
    Ok(match bound {
        Bound::Included(key) => Bound::Included(bytes(key)?),
        Bound::Excluded(key) => Bound::Excluded(bytes(key)?),
        Bound::Unbounded => Bound::Unbounded,
    })
}
