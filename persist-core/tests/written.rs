//! What Json and Cbor write: what serde's serializers write of the same values, and our own spellings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};

use persist_core::{Dumper, Encode, ErrorKind, Protocol, Value, dumps, transcode};
use persist_derive::Persist;
use proptest::prelude::*;
use serde::Serialize;

/// The bytes of a value; a stream gets the same, and so does who has only the packed value.
#[track_caller]
fn written<T: Encode>(protocol: Protocol, value: &T) -> Vec<u8> {
    let mut dumper = Dumper::new().protocol(protocol);
    let bytes = dumper.dumps(value).unwrap();
    let end: &[u8] = if protocol == Protocol::Json { b"\n" } else { b"" };
    let mut stream = Vec::new();
    dumper.dump(value, &mut stream).unwrap();
    assert_eq!(stream, [&bytes, end].concat());
    stream.clear();
    transcode(&dumps(value).unwrap(), protocol, &mut stream).unwrap();
    assert_eq!(stream, [&bytes, end].concat());
    bytes
}

fn json<T: Encode>(value: &T) -> String {
    String::from_utf8(written(Protocol::Json, value)).unwrap()
}

fn cbor<T: Encode>(value: &T) -> Vec<u8> {
    written(Protocol::Cbor, value)[3..].to_vec()
}

/// What `ciborium` writes.
fn as_ciborium<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// Both are what serde's serializers write.
#[track_caller]
fn like_serde<T: Encode + Serialize>(value: &T) {
    assert_eq!(json(value), serde_json::to_string(value).unwrap());
    assert_eq!(cbor(value), as_ciborium(value));
}

/// This is the text, and the CBOR holds the same, in the same order.
#[track_caller]
fn writes<T: Encode>(value: &T, text: &str) {
    assert_eq!(json(value), text);
    let item: ciborium::Value = ciborium::from_reader(&cbor(value)[..]).unwrap();
    assert_eq!(serde_json::to_string(&item).unwrap(), text);
}

#[derive(Persist, Debug, Clone, Default)]
#[persist(crate = persist_core)]
struct First {
    #[persist(unknown)]
    more: BTreeMap<String, Value>,
    a: u8,
    #[persist(default)]
    b: Option<String>,
}

#[derive(Persist, Debug, Clone, Default)]
#[persist(crate = persist_core)]
struct Middle {
    a: u8,
    #[persist(unknown)]
    more: BTreeMap<String, Value>,
    #[persist(default)]
    b: Vec<Middle>,
}

#[derive(Persist, Debug, Clone, Default)]
#[persist(crate = persist_core)]
struct Alone {
    #[persist(unknown)]
    more: BTreeMap<String, Value>,
}

#[derive(Persist, Debug, Clone)]
#[persist(crate = persist_core, version = 3)]
struct Newer {
    point: (f32, f64),
    inner: Option<Box<Newer>>,
}

#[derive(Persist, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[persist(crate = persist_core, version = 2)]
enum Choice {
    Nothing,
    One(u8),
    Two(#[persist(default)] u8, i128),
    #[persist(rename = "a \"quoted\" \\ name")]
    Named {
        more: Option<()>,
        text: String,
    },
}

#[derive(Persist, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[persist(crate = persist_core)]
struct Key(#[persist(default)] i64);

fn unknown(names: &[&str]) -> BTreeMap<String, Value> {
    names.iter().map(|&name| (name.to_owned(), Value::List(vec![name.into(), Value::Null]))).collect()
}

#[test]
fn unknown_fields_stand_where_they_stood() {
    for (names, inner) in [
        (&[][..], ""),
        (&["x"], r#""x":["x",null]"#),
        (&["\n", "x", "y"], r#""\n":["\n",null],"x":["x",null],"y":["y",null]"#),
    ] {
        let (more, after) = (unknown(names), if names.is_empty() { "" } else { "," });
        writes(&First { more: more.clone(), a: 1, b: None }, &format!(r#"{{{inner}{after}"a":1,"b":null}}"#));
        let first = First { more: more.clone(), a: 1, b: Some("b".into()) };
        let text = format!(r#"{{{inner}{after}"a":1,"b":"b"}}"#);
        writes(&vec![first; 3], &format!("[{text},{text},{text}]"));
        let middle = Middle { a: 2, more: more.clone(), b: vec![] };
        let text = format!(r#"{{"a":2{after}{inner},"b":[]}}"#);
        let outer = format!(r#"{{"a":1{after}{inner},"b":[{text},{text}]}}"#);
        writes(&Middle { b: vec![middle.clone(), middle], more: more.clone(), a: 1 }, &outer);
        writes(&vec![Alone { more: more.clone() }; 2], &format!("[{{{inner}}},{{{inner}}}]"));
    }
    // Their number is not known before them.
    assert_eq!(cbor(&Alone::default()), [0xBF, 0xFF]);
    for protocol in [Protocol::Json, Protocol::Cbor] {
        let mut dumper = Dumper::new().protocol(protocol);
        let error = dumper.dumps(&First { more: unknown(&["a"]), ..First::default() }).unwrap_err();
        assert!(error.is(ErrorKind::Value) && error.to_string().contains("`a`"), "{error}");
        assert!(dumper.dumps(&Alone { more: unknown(&["@version"]) }).unwrap_err().is(ErrorKind::Value));
    }
}

#[test]
fn versions_stand_first() {
    let inner = Newer { point: (1.5, 0.1), inner: None };
    let text = r#"{"@version":3,"point":[1.5,0.1],"inner":null}"#;
    let outer = text.replace("null", text);
    writes(&vec![Newer { inner: Some(Box::new(inner.clone())), ..inner }; 2], &format!("[{outer},{outer}]"));
    let text = "\u{1} \u{7F} \u{2028} é / \" \\".to_owned();
    let all = vec![
        Choice::Nothing,
        Choice::One(1),
        Choice::Two(2, i128::from(i64::MIN)),
        Choice::Named { more: None, text: text.clone() },
        Choice::Named { more: Some(()), text },
    ];
    let named = r#"{"@version":2,"a \"quoted\" \\ name":{"more":null,"text":"\u0001 "#;
    let rest = " \u{2028} é / \\\" \\\\\"}}";
    let list = format!(
        r#"[{{"@version":2,"Nothing":null}},{{"@version":2,"One":1}},{{"@version":2,"Two":[2,-9223372036854775808]}},{named}{}{rest},{}{}{rest}]"#,
        '\u{7F}',
        named.replace("null", r#"{"Some":null}"#),
        '\u{7F}',
    );
    writes(&all, &list);
    let pairs: BTreeMap<_, _> = all[..2].iter().cloned().zip(0u8..).collect();
    assert_eq!(json(&pairs), r#"[[{"@version":2,"Nothing":null},0],[{"@version":2,"One":1},1]]"#);
}

#[test]
fn keys_options_sets_and_arrays() {
    assert_eq!(json(&BTreeMap::from([(Key(-1), 1u8), (Key(i64::MAX), 2)])), r#"{"-1":1,"9223372036854775807":2}"#);
    assert_eq!(cbor(&BTreeMap::from([(Key(-1), 1u8)])), [0xA1, 0x20, 1]);
    like_serde(&BTreeMap::from([(true, 'a'), (false, '"')]));
    like_serde(&BTreeMap::from([('"', u128::MAX), ('é', 0)]));
    assert_eq!(json(&BTreeMap::from([(Some(1u8), 1u8), (None, 2)])), "[[null,2],[1,1]]");
    assert_eq!(json(&BTreeMap::from([(vec![1u8], [1u8; 3]), (vec![], [0; 3])])), "[[[],[0,0,0]],[[1],[1,1,1]]]");
    let set = BTreeSet::from([1u16, 300]);
    let told = vec![Some(Some(set.clone())), Some(None), None];
    assert_eq!(json(&told), r#"[[1,300],{"Some":null},null]"#);
    let item = [0x83, 0xD9, 1, 2, 0x82, 1, 0x19, 1, 44, 0xA1, 0x64, b'S', b'o', b'm', b'e', 0xF6, 0xF6];
    assert_eq!(cbor(&told), item);
    let maps = vec![Some(Some(BTreeMap::from([("Some".to_owned(), 1u16)]))), Some(None), None];
    writes(&maps, r#"[{"Some":{"Some":1}},{"Some":null},null]"#);
    like_serde(&vec![([0u16; 0], [[1u16; 2]; 2], [(); 3], [1.5f32; 2], [1e300f64; 0]); 3]);
    let bytes = (vec![vec![2u8; 3]; 2], vec![vec![0u8; 0]; 1], (250..=255).collect::<Vec<u8>>());
    assert_eq!(json(&bytes), "[[[2,2,2],[2,2,2]],[[]],[250,251,252,253,254,255]]");
    assert_eq!(
        cbor(&bytes),
        [0x83, 0x82, 0x43, 2, 2, 2, 0x43, 2, 2, 2, 0x81, 0x40, 0x46, 250, 251, 252, 253, 254, 255]
    );
    let long: Vec<u8> = (0..300_000).map(|i| i as u8).collect();
    assert_eq!(json(&long), serde_json::to_string(&long).unwrap());
    assert_eq!(cbor(&long)[5..], long);
    // In line, but too large to be repeated where it stands.
    let wide = ((1u8, 2u16, 'a', 1.5f32), ("b".to_owned(), [1u16; 2], Some(1u8), ()), (true, 4u8, 5u8, -6i8));
    let wide = ((wide.clone(), wide.clone()), (wide.clone(), wide.clone()), Some(wide));
    like_serde(&vec![(wide.clone(), wide.clone(), Some(wide.clone()), wide); 2]);
}

#[test]
fn addresses() {
    let flow = SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 9, 10);
    let plain = SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 0, 10);
    assert_eq!(json(&vec![flow, plain]), r#"[["::1",80,9,10],"[::1%10]:80"]"#);
    let all = vec![SocketAddr::V6(flow), SocketAddr::V6(plain), "1.2.3.4:5".parse().unwrap()];
    assert_eq!(json(&all), r#"[{"V6":["::1",80,9,10]},"[::1%10]:80","1.2.3.4:5"]"#);
    assert_eq!(json(&BTreeMap::from([(SocketAddr::V6(plain), 1u8)])), r#"{"[::1%10]:80":1}"#);
    let hosts = BTreeMap::from([("1.2.3.4".parse::<IpAddr>().unwrap(), 1u8), (Ipv6Addr::LOCALHOST.into(), 2)]);
    assert_eq!(json(&hosts), r#"{"1.2.3.4":1,"::1":2}"#);
    let mut dumper = Dumper::new().protocol(Protocol::Json);
    assert!(dumper.dumps(&BTreeMap::from([(flow, 1u8)])).unwrap_err().is(ErrorKind::Unsupported));
    assert!(dumper.dumps(&BTreeMap::from([(all[0], 1u8)])).unwrap_err().is(ErrorKind::Unsupported));
}

#[test]
fn signalling_nan_is_the_same_however_it_is_compiled() {
    assert_eq!(cbor(&f32::from_bits(0xFF80_0001)), [0xFA, 0xFF, 0xC0, 0, 1]);
    assert_eq!(cbor(&f64::from_bits(0x7FF0_0000_0000_0001)), [0xFB, 0x7F, 0xF0, 0, 0, 0, 0, 0, 1]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn numbers(
        wide: (char, i128, u128),
        ints: Vec<(i8, i16, i32, i64, u8, u16, u32, u64)>,
        shifts: Vec<(u64, u8)>,
        floats: Vec<(f32, f64)>,
        few: Vec<(u16, u32)>,
    ) {
        like_serde(&wide);
        like_serde(&ints);
        let shifted = |&(value, shift): &(u64, u8)| {
            let value = value >> (shift % 64);
            (value, value as i64, !(value as i64), i128::from(value) << (shift % 64))
        };
        like_serde(&shifts.iter().map(shifted).collect::<Vec<_>>());
        // Floats of few digits, and NaN; only quiet ones, since what becomes of others elsewhere depends on the compiler.
        let quiet = |single: f32| if single.is_nan() { f32::from_bits(single.to_bits() | 1 << 22) } else { single };
        let quiet_wide = |double: f64| if double.is_nan() { f64::from_bits(double.to_bits() | 1 << 51) } else { double };
        let few: Vec<_> = few
            .iter()
            .flat_map(|&(half, single)| {
                let double = u64::from(half) << 48 | u64::from(single & 7) << 40;
                let narrow = quiet(f32::from_bits(single & 0xFFF0_0000));
                [
                    (narrow, quiet_wide(f64::from_bits(double))),
                    (quiet(f32::from_bits(single)), narrow.into()),
                    (0.5, single.into()),
                ]
            })
            .collect();
        for floats in [&floats, &few] {
            prop_assert_eq!(cbor(floats), as_ciborium(floats));
            let finite: Vec<_> = floats.iter().filter(|(a, b)| a.is_finite() && b.is_finite()).collect();
            prop_assert_eq!(json(&finite), serde_json::to_string(&finite).unwrap());
        }
    }

    #[test]
    fn texts(texts in proptest::collection::vec("[a-c\"\\\\\u{0}-\u{1F}é😀]{0,24}", 0..20)) {
        let map: BTreeMap<_, _> = texts.iter().map(|text| (text.clone(), Some(text.clone()))).collect();
        like_serde(&(texts, map));
    }
}
