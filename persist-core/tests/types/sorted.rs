//! Sorted maps and sets, from files whose keys come in any order.

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use persist_core::{Context, Decode, Dumper, Error, ErrorKind, Persist, Protocol, Result, dumps, load, loads};

/// A key that stands at a place of its own in a map, whatever it is.
struct Placed<K>(usize, K);

impl<K> PartialEq for Placed<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for Placed<K> {}

impl<K> PartialOrd for Placed<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Placed<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<K: Persist + Clone> Persist for Placed<K> {
    type Saved<'a>
        = K
    where
        Self: 'a;
    type Loaded = K;

    fn get_state(&self) -> Result<K> {
        Ok(self.1.clone())
    }

    fn set_state(key: K, _: &Context) -> Result<Self> {
        Ok(Placed(0, key))
    }
}

/// A map whose file has these keys in this order, each with its index.
fn map<K: Clone>(keys: &[K]) -> BTreeMap<Placed<K>, u32> {
    keys.iter().enumerate().map(|(i, key)| (Placed(i, key.clone()), i as u32)).collect()
}

fn set<K: Clone>(keys: &[K]) -> BTreeSet<Placed<K>> {
    keys.iter().enumerate().map(|(i, key)| Placed(i, key.clone())).collect()
}

/// A map and a set of these keys come back, in whatever order the file has them.
fn come_back<K: Persist + Ord + Clone + Debug>(keys: &[K]) {
    let expected: BTreeMap<K, u32> = keys.iter().cloned().zip(0..).collect();
    let items: BTreeSet<K> = keys.iter().cloned().collect();
    assert_eq!((expected.len(), items.len()), (keys.len(), keys.len()));
    for protocol in [Protocol::Packed, Protocol::Cbor, Protocol::Json] {
        let mut dumper = Dumper::new().protocol(protocol);
        let bytes = dumper.dumps(&map(keys)).unwrap();
        assert_eq!(loads::<BTreeMap<K, u32>>(&bytes).unwrap(), expected);
        assert_eq!(load::<BTreeMap<K, u32>>(&bytes[..]).unwrap(), expected);
        let bytes = dumper.dumps(&set(keys)).unwrap();
        assert_eq!(loads::<BTreeSet<K>>(&bytes).unwrap(), items);
        assert_eq!(load::<BTreeSet<K>>(&bytes[..]).unwrap(), items);
        // Beside others, and so in tables.
        let bytes = dumper.dumps(&vec![map(keys), map(&[]), map(keys)]).unwrap();
        let loaded = loads::<Vec<BTreeMap<K, u32>>>(&bytes).unwrap();
        assert_eq!(loaded, [expected.clone(), BTreeMap::new(), expected.clone()]);
    }
}

/// The numbers below `len`, without a pattern.
fn shuffled(len: u32) -> Vec<u32> {
    let mut keys: Vec<u32> = (0..len).collect();
    let mut state = 1u64;
    for i in (1..keys.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        keys.swap(i, (state >> 33) as usize % (i + 1));
    }
    keys
}

#[test]
fn keys_in_any_order() {
    for len in [0, 1, 2, 3, 11, 12, 63, 64, 65, 128, 129, 1000] {
        let ascending: Vec<u32> = (0..len).collect();
        come_back(&ascending);
        come_back(&ascending.iter().rev().copied().collect::<Vec<_>>());
        come_back(&shuffled(len));
        // One key alone is out of order.
        for at in [0, len / 2, len.saturating_sub(2)] {
            let mut keys = ascending.clone();
            if (at as usize) + 1 < keys.len() {
                keys.swap(at as usize, at as usize + 1);
                come_back(&keys);
            }
        }
    }
    come_back(&shuffled(200).iter().map(u32::to_string).collect::<Vec<_>>());
    come_back(&shuffled(200).iter().map(|i| (i / 3, i % 3 == 0, i % 3 == 1)).collect::<Vec<_>>());
}

#[test]
fn keys_in_order_over_many_groups() {
    let keys: Vec<String> = (0..50_000).map(|i| format!("a key of some length {i:08}")).collect();
    let bytes = dumps(&map(&keys)).unwrap();
    let loaded: BTreeMap<String, u32> = load(&bytes[..]).unwrap();
    assert!(loaded.into_iter().eq(keys.into_iter().zip(0..)));
}

#[test]
fn a_key_twice_is_named_where_it_comes_again() {
    fn refused<T: Decode>(bytes: &[u8], index: usize) {
        for error in [loads::<T>(bytes).err().unwrap(), load::<T>(bytes).err().unwrap()] {
            assert!(error.is(ErrorKind::Value) && error.to_string().contains("twice"), "{error}");
            assert_eq!(error.path(), format!("[{index}]"));
        }
    }
    let mut descending: Vec<u32> = (0..300).collect();
    descending.reverse();
    for keys in [(0..300).collect(), descending, shuffled(300)] {
        for (at, of) in
            [(1, 0), (2, 0), (63, 62), (64, 63), (64, 0), (65, 64), (150, 149), (150, 3), (299, 298), (299, 0)]
        {
            let mut keys = keys.clone();
            keys[at] = keys[of];
            refused::<BTreeMap<u32, u32>>(&dumps(&map(&keys)).unwrap(), at);
            refused::<BTreeSet<u32>>(&dumps(&set(&keys)).unwrap(), at);
        }
    }
    refused::<BTreeSet<()>>(&dumps(&set(&[(), ()])).unwrap(), 1);
}

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    /// Comparisons that are left before one panics.
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Counts those that live; loading 1000 fails, and comparing may panic.
struct Counted(u32);

impl Drop for Counted {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

impl Persist for Counted {
    type Saved<'a> = u32;
    type Loaded = u32;

    fn get_state(&self) -> Result<u32> {
        Ok(self.0)
    }

    fn set_state(state: u32, _: &Context) -> Result<Self> {
        if state == 1000 {
            return Err(Error::new("not this one"));
        }
        LIVE.set(LIVE.get() + 1);
        Ok(Counted(state))
    }
}

impl PartialEq for Counted {
    /// Does not panic: std, which asks for it while it builds a map, forgets what it has built when it does.
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Counted {}

impl PartialOrd for Counted {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Counted {
    fn cmp(&self, other: &Self) -> Ordering {
        LEFT.set(LEFT.get().checked_sub(1).expect("a comparison that panics"));
        self.0.cmp(&other.0)
    }
}

type Both = BTreeMap<Counted, Counted>;

#[test]
fn an_error_names_its_entry_and_leaves_nothing_behind() {
    for keys in [(0..200).collect(), shuffled(200)] {
        for at in [0, 1, 63, 64, 100, 199] {
            let mut values = map(&keys);
            values.insert(Placed(at, keys[at]), 1000);
            let error = loads::<Both>(&dumps(&values).unwrap()).err().unwrap();
            assert_eq!((error.path(), LIVE.get()), (format!("[{}]", keys[at]), 0), "{error}");
            let mut keys = keys.clone();
            keys[at] = 1000;
            for error in [
                loads::<Both>(&dumps(&map(&keys)).unwrap()).err().unwrap(),
                loads::<BTreeSet<Counted>>(&dumps(&set(&keys)).unwrap()).err().unwrap(),
            ] {
                assert_eq!((error.path(), LIVE.get()), (format!("[{at}]"), 0), "{error}");
            }
            keys[at] = keys[usize::from(at == 0)];
            assert_eq!(loads::<Both>(&dumps(&map(&keys)).unwrap()).err().unwrap().kind(), ErrorKind::Value);
            assert_eq!(LIVE.get(), 0);
        }
    }
}

#[test]
fn a_comparison_that_panics_leaves_nothing_behind() {
    for keys in [(0..100).collect(), shuffled(100)] {
        let bytes = dumps(&map(&keys)).unwrap();
        let mut comparisons = 0;
        loop {
            LEFT.set(comparisons);
            let loaded = catch_unwind(AssertUnwindSafe(|| loads::<Both>(&bytes).map(|map| map.len())));
            LEFT.set(usize::MAX);
            assert_eq!(LIVE.get(), 0, "a panic at comparison {comparisons}");
            match loaded {
                Ok(len) => break assert_eq!(len.unwrap(), 100),
                Err(_) => comparisons += if comparisons < 20 { 1 } else { 17 },
            }
        }
        assert!(comparisons >= 99);
    }
}
