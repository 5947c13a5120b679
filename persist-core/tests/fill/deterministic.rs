//! The core deterministic encoding of CBOR (RFC 8949, section 4.2.1).

use std::collections::{BTreeMap, HashMap, HashSet};

use persist_core::{Dumper, Encode, ErrorKind, Protocol, Value, loads};
use persist_derive::Persist;
use proptest::collection::{hash_map, hash_set, vec};
use proptest::prelude::*;

use crate::model::*;

fn dumps<T: Encode>(value: &T) -> Vec<u8> {
    let bytes = Dumper::new().protocol(Protocol::Cbor).deterministic(true).dumps(value).unwrap();
    let mut stream = Vec::new();
    Dumper::new().protocol(Protocol::Cbor).deterministic(true).dump(value, &mut stream).unwrap();
    assert_eq!(stream, bytes);
    assert!(bytes.starts_with(&[0xD9, 0xD9, 0xF7]));
    bytes[3..].to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let digit = |byte: u8| char::from(b"0123456789abcdef"[usize::from(byte)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Sorts the entries of all maps, and the elements of sets, by their bytes.
fn sort(value: &mut ciborium::Value) {
    match value {
        ciborium::Value::Array(items) => items.iter_mut().for_each(sort),
        ciborium::Value::Map(entries) => {
            entries.iter_mut().for_each(|(key, value)| {
                sort(key);
                sort(value);
            });
            entries.sort_by_key(|(key, _)| cbor(key));
        }
        ciborium::Value::Tag(tag, inner) => {
            sort(inner);
            if let (258, ciborium::Value::Array(items)) = (*tag, &mut **inner) {
                items.sort_by_key(cbor);
            }
        }
        _ => {}
    }
}

/// The bytes are those of what they hold, encoded deterministically by another library.
#[track_caller]
fn is_sorted(bytes: &[u8]) {
    let mut value: ciborium::Value = ciborium::from_reader(bytes).unwrap();
    sort(&mut value);
    assert_eq!(hex(bytes), hex(&cbor(&value)));
}

#[test]
fn numbers_are_as_short_as_can_be() {
    // Appendix A of the RFC.
    for (value, expected) in [
        (0.0f64, "f90000"),
        (-0.0, "f98000"),
        (1.0, "f93c00"),
        (1.1, "fb3ff199999999999a"),
        (1.5, "f93e00"),
        (65504.0, "f97bff"),
        (100_000.0, "fa47c35000"),
        (3.402_823_466_385_288_6e38, "fa7f7fffff"),
        (1.0e300, "fb7e37e43c8800759c"),
        (5.960_464_477_539_063e-8, "f90001"),
        (0.000_061_035_156_25, "f90400"),
        (-4.0, "f9c400"),
        (-4.1, "fbc010666666666666"),
        (f64::INFINITY, "f97c00"),
        (f64::NAN, "f97e00"),
        (f64::NEG_INFINITY, "f9fc00"),
    ] {
        assert_eq!(hex(&dumps(&value)), expected);
        assert_eq!(hex(&dumps(&Value::Float(value))), expected);
        let narrow = value as f32;
        if f64::from(narrow).to_bits() == value.to_bits() {
            assert_eq!(hex(&dumps(&narrow)), expected);
        }
    }
    for (value, expected) in [
        (0i128, "00"),
        (23, "17"),
        (24, "1818"),
        (100, "1864"),
        (1_000, "1903e8"),
        (1_000_000, "1a000f4240"),
        (1_000_000_000_000, "1b000000e8d4a51000"),
        (18_446_744_073_709_551_615, "1bffffffffffffffff"),
        (18_446_744_073_709_551_616, "c249010000000000000000"),
        (-18_446_744_073_709_551_616, "3bffffffffffffffff"),
        (-18_446_744_073_709_551_617, "c349010000000000000000"),
        (-1, "20"),
        (-100, "3863"),
    ] {
        assert_eq!(hex(&dumps(&value)), expected);
        assert_eq!(hex(&dumps(&Value::from(value))), expected);
    }
    // Every NaN is the same one.
    for bits in [0x7FF8_0000_0000_0001, 0xFFF8_0000_0000_0000, 0x7FF0_0000_0000_0001] {
        let nan = f64::from_bits(bits);
        assert_eq!(hex(&dumps(&(nan, nan as f32, Value::Float(nan)))), "83f97e00f97e00f97e00");
        let mut dumper = Dumper::new().protocol(Protocol::Cbor).deterministic(true).typed_arrays(true);
        assert_eq!(hex(&dumper.dumps(&vec![nan]).unwrap()), "d9d9f7d85648000000000000f87f");
        assert_eq!(hex(&dumper.dumps(&[nan as f32]).unwrap()), "d9d9f7d855440000c07f");
    }
}

#[test]
fn keys_are_sorted_by_their_bytes() {
    // The example of section 4.2.1: 10, 100, -1, "z", "aa", [100], [-1], false.
    let keys = [
        Value::from(false),
        Value::List(vec![(-1).into()]),
        "aa".into(),
        100.into(),
        "z".into(),
        (-1).into(),
        Value::List(vec![100.into()]),
        10.into(),
    ];
    let map: Value = keys.into_iter().map(|key| (key, Value::Null)).collect();
    assert_eq!(hex(&dumps(&map)), "a80af61864f620f6617af6626161f6811864f68120f6f4f6");
    let nested: Value =
        [("b", map.clone()), ("a", Value::Record("R".into(), vec![("bb".into(), map), ("c".into(), 1.into())]))]
            .into_iter()
            .collect();
    let bytes = dumps(&vec![nested]);
    is_sorted(&bytes);
    let set = Value::Tagged(258, Box::new(Value::List(vec!["b".into(), 1.into(), Value::Float(f64::NAN)])));
    assert_eq!(hex(&dumps(&set)), "d9010283016162f97e00");
    assert_eq!(hex(&dumps(&HashSet::from(["b".to_owned(), "aa".into(), "a".into()]))), "d901028361616162626161");
    assert_eq!(hex(&dumps(&HashSet::from([-1i64, 1, 256, 24]))), "d901028401181819010020");
    assert_eq!(hex(&dumps(&HashMap::from([(-1i8, 'a'), (24, 'b'), (1, 'c')]))), "a301616318186162206161");
    assert_eq!(hex(&dumps(&HashMap::<u8, u8>::new())), "a0");
    assert_eq!(hex(&dumps(&HashSet::<u8>::new())), "d9010280");
}

#[derive(Persist, Clone, Default)]
#[persist(crate = persist_core)]
struct Long {
    longest: u8,
    z: u8,
    #[persist(default)]
    a: Option<f32>,
    run: Run,
    middle: String,
}

#[derive(Persist, Clone, Copy, Default)]
#[persist(crate = persist_core)]
struct Run {
    yy: f64,
    z: f32,
}

#[derive(Persist, Clone, Default)]
#[persist(crate = persist_core, version = 2)]
struct Node {
    value: u8,
    next: Option<Box<Node>>,
    a: Vec<Node>,
    by_name: HashMap<String, Node>,
    id: u16,
}

#[derive(Persist, Clone)]
#[persist(crate = persist_core, version = 2)]
enum Choice {
    Short { b: u8, a: u8 },
    LongerThanTheVersion { text: String, b: u8 },
    Nothing,
}

#[derive(Persist, Clone, Default)]
#[persist(crate = persist_core)]
struct Open {
    known: u8,
    #[persist(unknown)]
    more: HashMap<String, Value>,
    a: u8,
}

#[test]
fn fields_are_sorted_as_keys_are() {
    let run = Run { yy: 1.5, z: f32::NAN };
    let long = Long { longest: 1, z: 2, a: Some(0.5), run, middle: "m".into() };
    assert_eq!(hex(&dumps(&run)), "a2617af97e00627979f93e00");
    for value in [&long, &Long::default()] {
        is_sorted(&dumps(value));
        is_sorted(&dumps(&vec![value.clone(); 3]));
    }
    let loaded: Long = loads(&dumps(&long)).unwrap();
    assert_eq!((loaded.longest, loaded.z, loaded.a, loaded.middle.as_str()), (1, 2, Some(0.5), "m"));

    let choices =
        [Choice::Short { b: 1, a: 2 }, Choice::LongerThanTheVersion { text: "t".into(), b: 3 }, Choice::Nothing];
    let bytes = dumps(&choices);
    is_sorted(&bytes);
    assert!(
        matches!(&loads::<[Choice; 3]>(&bytes).unwrap()[1], Choice::LongerThanTheVersion { text, b: 3 } if text == "t")
    );
}

#[test]
fn recursive_types_are_sorted_at_each_level() {
    let leaf = |id| Node { id, ..Node::default() };
    let inner = Node { next: Some(Box::new(leaf(1))), a: vec![leaf(2), leaf(3)], ..leaf(4) };
    let by_name: HashMap<_, _> = (0..20).map(|i| ("k".repeat(i), leaf(i as u16))).collect();
    let node = Node { next: Some(Box::new(inner.clone())), a: vec![inner.clone(), inner], by_name, ..leaf(9) };
    let bytes = dumps(&node);
    is_sorted(&bytes);
    assert_eq!(dumps(&loads::<Node>(&bytes).unwrap()), bytes);
    for n in 0..30 {
        let bytes = dumps(&job(n));
        is_sorted(&bytes);
        assert_eq!(loads::<Job>(&bytes).unwrap(), job(n));
    }
}

#[test]
fn unknown_fields_are_among_the_known() {
    let more: HashMap<_, _> = ["zz", "b", "longer than others", ""].map(|name| (name.to_owned(), name.into())).into();
    let open = Open { known: 1, more, a: 2 };
    let bytes = dumps(&vec![open.clone(), Open::default(), open]);
    is_sorted(&bytes);
    assert_eq!(loads::<Vec<Open>>(&bytes).unwrap()[2].more.len(), 4);
    let twice = Open { more: HashMap::from([("a".to_owned(), Value::Null)]), ..Open::default() };
    let error = Dumper::new().protocol(Protocol::Cbor).deterministic(true).dumps(&twice).unwrap_err();
    assert!(error.is(ErrorKind::Value), "{error}");
}

#[test]
fn other_protocols_do_not_change() {
    for protocol in [Protocol::Json, Protocol::Packed] {
        let dumps = |on| Dumper::new().protocol(protocol).deterministic(on).dumps(&job(5)).unwrap();
        assert_eq!(dumps(true), dumps(false));
    }
}

type Entries = HashMap<(i16, String), HashMap<i64, Vec<Option<u32>>>>;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn equal_maps_have_equal_bytes(
        entries in hash_map((any::<i16>(), "[a-c]{0,3}"), hash_map(any::<i64>(), vec(any::<Option<u32>>(), 0..4), 0..8), 0..20),
        set in hash_set("[a-z]{0,30}", 0..40),
    ) {
        let value = (&entries, &set);
        let bytes = dumps(&value);
        is_sorted(&bytes);
        let again: HashMap<_, _> = entries.clone().into_iter().collect::<BTreeMap<_, _>>().into_iter().rev().collect();
        prop_assert_eq!(dumps(&(&again, &set.iter().cloned().collect::<HashSet<_>>())), bytes.clone());
        prop_assert_eq!(loads::<(Entries, HashSet<String>)>(&bytes).unwrap(), (entries, set));
    }
}
