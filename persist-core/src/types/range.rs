//! Ranges and their bounds, and `Result`.

use std::ops::{Bound, Range, RangeBounds, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use crate::error::{Error, ErrorKind, Result};
use crate::traits::Persist;

record! {
    [T: Persist] Range<T>, "Range" Named {
        start: T = |range| Ok(&range.start);
        end: T = |range| Ok(&range.end);
    } Ok(start..end);
    [T: Persist] RangeInclusive<T>, "RangeInclusive" Named {
        start: T = |range| inclusive_start(range);
        end: T = |range| Ok(range.end());
    } Ok(start..=end);
    [T: Persist] RangeFrom<T>, "RangeFrom" Named { start: T = |range| Ok(&range.start); } Ok(start..);
    [T: Persist] RangeTo<T>, "RangeTo" Named { end: T = |range| Ok(&range.end); } Ok(..end);
    [T: Persist] RangeToInclusive<T>, "RangeToInclusive" Named { end: T = |range| Ok(&range.end); } Ok(..=end);
    [] RangeFull, "RangeFull" Unit {} Ok(..);
}

/// Refuses what would come back as a range of one element: std leaves the bounds of an exhausted range unspecified.
fn inclusive_start<T>(range: &RangeInclusive<T>) -> Result<&T> {
    match RangeBounds::<T>::end_bound(range) {
        Bound::Included(_) => Ok(range.start()),
        _ => Err(Error::of(ErrorKind::Unsupported, "a `RangeInclusive` that was iterated to its end has no bounds")
            .with_help("save an `Option` of it, or a `Range`")),
    }
}

choices! {
    [T: Persist] Bound<T>, "Bound" { 0 Unbounded, 1 Included(T), 2 Excluded(T), };
    [T: Persist, E: Persist] std::result::Result<T, E>, "Result" { 0 Ok(T), 1 Err(E), };
}
