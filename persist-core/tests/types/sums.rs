//! `Result`, bounds and ranges.

use std::ops::{Bound, RangeFull, RangeInclusive};

use persist_core::{ErrorKind, dumps, loads};
use proptest::prelude::any;

use crate::harness::{back, bits, round_trips, rows_back};

round_trips! {
    results: any::<Result<u32, String>>() => |seed| seed.clone(), |value| value.clone();
    nested_results: any::<Result<Option<()>, Result<bool, char>>>() => |seed| *seed, |value| *value;
    bounds: any::<(u8, i64)>() => |seed| bound(seed.0, seed.1), |value| *value;
    ranges: any::<(u16, u16)>() => |seed| seed.0..seed.1, |value| value.clone();
    float_ranges: any::<(u64, u64)>() => |seed| f64::from_bits(seed.0)..f64::from_bits(seed.1),
        |value| (bits(value.start), bits(value.end));
    text_ranges: any::<(String, String)>() => |seed| seed.0.clone()..seed.1.clone(), |value| value.clone();
    inclusive: any::<(i8, i8)>() => |seed| seed.0..=seed.1, |value| value.clone();
    from: any::<f32>() => |seed| *seed.., |value| bits(value.start);
    to: any::<char>() => |seed| ..*seed, |value| *value;
    to_inclusive: any::<u64>() => |seed| ..=*seed, |value| *value;
    full: any::<bool>() => |_seed| .., |value| RangeFull::clone(value);
}

fn bound<T>(choice: u8, value: T) -> Bound<T> {
    match choice % 3 {
        0 => Bound::Unbounded,
        1 => Bound::Included(value),
        _ => Bound::Excluded(value),
    }
}

#[test]
fn every_variant_in_every_order() {
    rows_back(|i| if i % 3 == 0 { Ok(i as u64) } else { Err(format!("{i}")) });
    rows_back(|i| Ok::<_, ()>(vec![i as u8; i % 5]));
    rows_back(|i| Err::<(), _>(Some(i as u8)));
    rows_back(|i| bound(i as u8, (bound(i as u8 / 3, i as f32), [i as u16; 2])));
    rows_back(|i| if i < 100 { Bound::Unbounded } else { Bound::Included(i as u32) });
    rows_back(|i| (bound(i as u8, ())..bound(i as u8 / 3, ()), ..));
    rows_back(|i| (i as f32..1.5, 2.5f32..));
}

#[test]
fn an_exhausted_range_is_refused() {
    let mut range = 1..=3;
    range.next();
    assert_eq!(loads::<RangeInclusive<i32>>(&dumps(&range).unwrap()).unwrap(), 2..=3);
    range.by_ref().for_each(drop);
    let error = dumps(&vec![0..=1, range]).unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Unsupported, "[1].start"));
    // An empty one that was never iterated is not exhausted.
    #[allow(clippy::reversed_empty_ranges, reason = "that is the test")]
    back(&(3..=1));
}
