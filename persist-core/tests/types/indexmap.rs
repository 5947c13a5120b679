//! `IndexMap` and `IndexSet`: maps and sets whose order is kept.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::BuildHasherDefault;

use indexmap::{IndexMap, IndexSet};
use persist_core::{Dumper, ErrorKind, Limits, Loader, Protocol, dumps, loads};
use proptest::collection::vec;
use proptest::prelude::any;

use crate::harness::{back, round_trips, rows_back};
use crate::like_serde::{cbor, json, loads_from_serde, same};

type Hasher = BuildHasherDefault<DefaultHasher>;
type Map<K, V> = IndexMap<K, V, Hasher>;
type Set<T> = IndexSet<T, Hasher>;

// Equality of the types themselves does not see the order.
round_trips! {
    maps: vec(any::<(u16, String)>(), 0..6) => |seed| seed.iter().cloned().collect::<Map<_, _>>(),
        |value| value.clone().into_iter().collect::<Vec<_>>();
    sets: vec(any::<char>(), 0..8) => |seed| seed.iter().copied().collect::<Set<_>>(),
        |value| value.clone().into_iter().collect::<Vec<_>>();
}

fn map() -> Map<String, u8> {
    [("z".to_owned(), 1), ("a".to_owned(), 2), ("m".to_owned(), 3)].into_iter().collect()
}

#[test]
fn as_serde_writes_them() {
    same(&map());
    same(&Map::<String, Vec<u16>>::default());
    assert_eq!(json(&map()), r#"{"z":1,"a":2,"m":3}"#);
    let set: Set<u16> = [3, 1, 2].into_iter().collect();
    assert_eq!(json(&set), serde_json::to_string(&set).unwrap());
    // A set of CBOR has a tag, which serde does not write.
    assert_eq!(cbor(&set), cbor(&[3u16, 1, 2].into_iter().collect::<IndexSet<_>>()));
    loads_from_serde(&set);
    rows_back(|i| (0..i % 5).map(|key| (key as u8, i as u32)).collect::<Map<u8, u32>>());
}

#[test]
fn the_order_is_kept_in_the_default_hasher_too() {
    let map: IndexMap<u32, ()> = (0..5000).rev().map(|key| (key * 7 % 5003, ())).collect();
    let set: IndexSet<u32> = map.keys().copied().collect();
    for protocol in [Protocol::Packed, Protocol::Cbor, Protocol::Json] {
        let bytes = Dumper::new().protocol(protocol).dumps(&(&map, &set)).unwrap();
        let (loaded, other): (IndexMap<u32, ()>, IndexSet<u32>) = loads(&bytes).unwrap();
        assert!(loaded.keys().eq(map.keys()) && other.iter().eq(set.iter()), "{protocol:?}");
    }
}

#[test]
fn one_shape_with_maps_and_sets_of_std() {
    let std: HashMap<String, u8> = map().into_iter().collect();
    assert_eq!(loads::<HashMap<String, u8>>(&dumps(&map()).unwrap()).unwrap(), std);
    assert_eq!(loads::<Map<String, u8>>(&dumps(&std).unwrap()).unwrap(), map());
    let set: Set<u16> = (0..100).collect();
    assert_eq!(loads::<HashSet<u16>>(&dumps(&set).unwrap()).unwrap().len(), 100);
    assert_eq!(loads::<Set<u16>>(&dumps(&(0..100).collect::<BTreeSet<u16>>()).unwrap()).unwrap(), set);
    // Keys that are not text are pairs in JSON.
    back(&[((1u8, 2u8), 'a'), ((0, 0), 'b')].into_iter().collect::<Map<_, _>>());
}

#[test]
fn a_key_twice_is_refused() {
    for text in [r#"{"a":1,"b":2,"a":3}"#, r#"[["a",1],["a",1]]"#] {
        assert!(loads::<Map<String, u8>>(text.as_bytes()).unwrap_err().is(ErrorKind::Value));
    }
    let error = loads::<Set<u8>>(b"[1,2,1]").unwrap_err();
    assert!(error.is(ErrorKind::Value) && error.to_string().contains("twice"), "{error}");
}

#[test]
fn lengths_are_limited() {
    let bytes = dumps(&(0..1000u16).collect::<Set<_>>()).unwrap();
    let limits = Limits { memory: 1000, expansion: 1, ..Limits::default() };
    assert!(Loader::new().limits(limits).loads::<Set<u16>>(&bytes).unwrap_err().is(ErrorKind::Limit));
}
