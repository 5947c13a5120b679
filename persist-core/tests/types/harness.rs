//! Round trips of one type in everything that can hold it.

use std::collections::BTreeMap;
use std::fmt::Debug;

use persist_core::{Decode, Dumper, Encode, Loader, Persist, Protocol, dumps, loads, weigh};

const PROTOCOLS: [Protocol; 3] = [Protocol::Packed, Protocol::Cbor, Protocol::Json];

/// A value in everything that can hold it; what else can is tried with fewer types, in `nesting`.
type Holder<T> = (T, [T; 3], Vec<Option<T>>, BTreeMap<u8, T>, Vec<Vec<(u8, T)>>);

fn holder<T>(mut next: impl FnMut() -> T) -> Holder<T> {
    (
        next(),
        [next(), next(), next()],
        vec![None, Some(next()), None, Some(next())],
        (0..4).map(|i| (i, next())).collect(),
        vec![vec![], vec![(1, next())], vec![(1, next()), (2, next())]],
    )
}

/// All values of a holder, with `None` where one could be and is not, or where a row of them ends.
fn list<T>(holder: &Holder<T>) -> Vec<Option<&T>> {
    let mut all = vec![Some(&holder.0)];
    all.extend(holder.1.iter().map(Some));
    all.extend(holder.2.iter().map(Option::as_ref));
    all.extend([None, None]);
    all.extend(holder.3.values().map(Some));
    all.extend(holder.4.iter().flat_map(|row| row.iter().map(|(_, value)| Some(value)).chain([None])));
    all
}

/// Values of the seeds come back as equal ones, going by `key`.
pub(crate) fn everywhere<S, T: Persist, K: PartialEq + Debug>(
    seeds: &[S],
    make: impl Fn(&S) -> T,
    key: impl Fn(&T) -> K,
) {
    let make = |i: usize| make(&seeds[i % seeds.len()]);
    let keys = |values: &[T]| values.iter().map(&key).collect::<Vec<_>>();
    for count in [0, 1, 2, 70, 1000] {
        let values: Vec<T> = (0..count).map(make).collect();
        assert_eq!(keys(&loads::<Vec<T>>(&dumps(&values).unwrap()).unwrap()), keys(&values));
    }
    let mut i = 0;
    let mut next = || {
        i += 1;
        make(i - 1)
    };
    let keys = |holder: &Holder<T>| list(holder).into_iter().map(|value| value.map(&key)).collect::<Vec<_>>();
    let holders: Vec<Holder<T>> = (0..5).map(|_| holder(&mut next)).collect();
    for protocol in PROTOCOLS {
        let bytes = Dumper::new().protocol(protocol).dumps(&holders[0]).unwrap();
        weighs_all(&bytes);
        assert_eq!(keys(&loads(&bytes).unwrap()), keys(&holders[0]), "{protocol:?}");
    }
    for holder in &holders {
        assert_eq!(keys(&through_message(holder)), keys(holder), "a message");
    }
    let bytes = dumps(&holders).unwrap();
    weighs_all(&bytes);
    let loaded: Vec<Holder<T>> = loads(&bytes).unwrap();
    assert_eq!(loaded.iter().map(keys).collect::<Vec<_>>(), holders.iter().map(keys).collect::<Vec<_>>());
}

/// The parts of a value take all of its bytes.
fn weighs_all(bytes: &[u8]) {
    let weights = weigh(bytes).unwrap();
    assert_eq!(weights.parts.iter().map(|part| part.bytes).sum::<u64>() as i64 - weights.saved, bytes.len() as i64);
}

/// The bits of a float, where a protocol may tell more than one NaN.
pub(crate) fn bits(float: impl Into<f64>) -> u64 {
    let float = float.into();
    if float.is_nan() { f64::NAN.to_bits() } else { float.to_bits() }
}

/// One value comes back as an equal one.
pub(crate) fn back<T: Encode + Decode + PartialEq + Debug>(value: &T) {
    for protocol in PROTOCOLS {
        let bytes = Dumper::new().protocol(protocol).dumps(value).unwrap();
        let loaded = loads::<T>(&bytes).unwrap_or_else(|error| panic!("{protocol:?}: {error}"));
        assert_eq!(&loaded, value, "{protocol:?}");
    }
    assert_eq!(&through_message(value), value, "a message");
}

/// The value that comes of a message with this one; nothing shorter is a message of it.
fn through_message<T: Encode + Decode>(value: &T) -> T {
    let message = Dumper::new().message(value).unwrap();
    let mut loader = Loader::new();
    for end in (0..message.len()).rev().take(40) {
        assert!(loader.message::<T>(&message[..end]).is_err(), "{end} of {} bytes", message.len());
    }
    loader.message(&message).unwrap_or_else(|error| panic!("a message: {error}"))
}

/// Rows of values come back, in numbers around all sizes of batches.
pub(crate) fn rows_back<T: Persist + PartialEq + Debug>(make: impl Fn(usize) -> T) {
    for count in [0, 1, 2, 16, 17, 63, 64, 65, 70, 1000, 5000] {
        back(&(0..count).map(&make).collect::<Vec<T>>());
    }
    back(&(make(3), vec![(0..130).map(&make).collect::<Vec<T>>(), vec![make(1)], vec![]]));
}

/// Round trips of a type, made of seeds that proptest finds.
macro_rules! round_trips {
    ($($name:ident: $strategy:expr => |$seed:ident| $make:expr, |$value:ident| $key:expr;)*) => {
        proptest::proptest! {
            #![proptest_config(proptest::prelude::ProptestConfig {
                cases: 12,
                failure_persistence: None,
                ..Default::default()
            })]
            $(
                #[test]
                fn $name(seeds in proptest::collection::vec($strategy, 1..80)) {
                    $crate::harness::everywhere(&seeds, |$seed| $make, |$value| $key);
                }
            )*
        }
    };
}

pub(crate) use round_trips;
