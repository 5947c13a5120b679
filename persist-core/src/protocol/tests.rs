//! Programs write just what serde's serializers write of the same rows.
#![allow(clippy::option_option, reason = "the two kinds of nothing are told apart")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};

use persist_derive::Persist;
use proptest::prelude::*;
use serde::Serialize as _;

use super::packed::{Packed, open_rows};
use super::serialize::Rows;
use crate::column::Input;
use crate::context::Context;
use crate::error::Result;
use crate::info::{Type, info};
use crate::limits::Limits;
use crate::table::{Memory, Reader, Scratch, Writer};
use crate::{Dumper, Encode, Protocol, Value};

/// What the serializers of `serde_json` and `ciborium` write of a value's rows.
fn by_serde<T: Encode>(value: &T) -> [Result<Vec<u8>>; 2] {
    let info = info(Type::of::<T>()).unwrap();
    let limits = Limits::default();
    let mut body = Vec::new();
    T::write(crate::rows::Rows::one(value), &mut Writer::new(&mut Memory::new(&info.shape), &mut body, &limits), 0)
        .unwrap();
    let context = Context::new();
    let rows = || {
        let packed = Packed::body(Input::new(&body));
        let opened = open_rows(packed, &info.plan, &Limits::none(), Scratch::default()).unwrap();
        Rows::new(Reader::new(opened, &context, limits.depth), &info.shape)
    };
    let (mut text, mut item) = (Vec::new(), super::cbor::SELF_DESCRIBED.to_vec());
    let json = rows();
    let json_error = json.root().serialize(&mut serde_json::Serializer::new(&mut text)).err();
    let cbor = rows();
    let cbor_error = ciborium::into_writer(&cbor.root(), &mut item).err();
    [
        json_error.map_or(Ok(text), |error| Err(json.error(error))),
        cbor_error.map_or(Ok(item), |error| Err(cbor.error(error))),
    ]
}

#[track_caller]
fn same<T: Encode + Debug>(value: &T) {
    for (protocol, expected) in [Protocol::Json, Protocol::Cbor].into_iter().zip(by_serde(value)) {
        let mut dumper = Dumper::new().protocol(protocol);
        match (dumper.dumps(value), expected) {
            (Ok(found), Ok(expected)) => {
                let shown = [&found, &expected].map(|bytes| String::from_utf8_lossy(bytes));
                assert_eq!(found, expected, "{protocol:?} {value:?}: {} {}", shown[0], shown[1]);
                let mut stream = Vec::new();
                dumper.dump(value, &mut stream).unwrap();
                let end: &[u8] = if protocol == Protocol::Json { b"\n" } else { b"" };
                assert_eq!(stream, [&found, end].concat());
            }
            (Err(found), Err(expected)) => assert_eq!(found.kind(), expected.kind(), "{found} {expected}"),
            (found, expected) => panic!("{protocol:?} {value:?}: {found:?}, expected {expected:?}"),
        }
    }
}

#[derive(Persist, Debug, Clone, Default)]
#[persist(crate = crate)]
struct First {
    #[persist(unknown)]
    more: BTreeMap<String, Value>,
    a: u8,
    #[persist(default)]
    b: Option<String>,
}

#[derive(Persist, Debug, Clone, Default)]
#[persist(crate = crate)]
struct Middle {
    a: u8,
    #[persist(unknown)]
    more: BTreeMap<String, Value>,
    #[persist(default)]
    b: Vec<Middle>,
}

#[derive(Persist, Debug, Clone, Default)]
#[persist(crate = crate)]
struct Alone {
    #[persist(unknown)]
    more: BTreeMap<String, Value>,
}

#[derive(Persist, Debug, Clone)]
#[persist(crate = crate, version = 3)]
struct Newer {
    point: (f32, f64),
    inner: Option<Box<Newer>>,
}

#[derive(Persist, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[persist(crate = crate, version = 2)]
enum Choice {
    Nothing,
    One(u8),
    Two(#[persist(default)] u8, i128),
    #[persist(rename = "a \"quoted\" \\ name")]
    Named {
        more: Option<Option<()>>,
        text: String,
    },
}

#[derive(Persist, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[persist(crate = crate)]
struct Key(#[persist(default)] i64);

fn unknown(names: &[&str]) -> BTreeMap<String, Value> {
    names.iter().map(|&name| (name.to_owned(), Value::from(vec![Value::from(name), Value::Null]))).collect()
}

#[test]
fn unknown_fields_stand_where_they_stood() {
    for names in [&[][..], &["x"], &["x", "y", "\n"]] {
        let more = unknown(names);
        same(&First { more: more.clone(), a: 1, b: None });
        same(&vec![First { more: more.clone(), a: 1, b: Some("b".into()) }; 3]);
        let middle = Middle { a: 2, more: more.clone(), b: vec![] };
        same(&Middle { b: vec![middle.clone(), middle], more: more.clone(), a: 1 });
        same(&vec![Alone { more: more.clone() }; 2]);
    }
    same(&First { more: unknown(&["a"]), ..First::default() });
    same(&Alone { more: unknown(&["@version"]) });
}

#[test]
fn versions_stand_first() {
    let inner = Newer { point: (1.5, f64::NAN), inner: None };
    same(&vec![Newer { inner: Some(Box::new(inner.clone())), ..inner }; 2]);
    let text = "\u{1} \u{7F} \u{2028} é / \" \\".to_owned();
    let all = vec![
        Choice::Nothing,
        Choice::One(1),
        Choice::Two(2, i128::MIN),
        Choice::Named { more: Some(None), text: text.clone() },
        Choice::Named { more: Some(Some(())), text },
    ];
    same(&all);
    same(&all.into_iter().zip(0u8..).collect::<BTreeMap<_, _>>());
}

#[test]
fn keys_options_sets_and_arrays() {
    same(&BTreeMap::from([(Key(-1), 1u8), (Key(i64::MAX), 2)]));
    same(&BTreeMap::from([(true, 'a'), (false, '"')]));
    same(&BTreeMap::from([(Some(1u8), 1u8), (None, 2)]));
    same(&BTreeMap::from([(vec![1u8], [1u8; 3]), (vec![], [0; 3])]));
    same(&BTreeSet::from(["a", "b"].map(str::to_owned)));
    same(&vec![Some(Some(BTreeSet::from([1u16]))), Some(None), None]);
    same(&vec![Some(Some(BTreeMap::from([("Some".to_owned(), 1u16)]))), Some(None), None]);
    same(&vec![([0u8; 0], [[1u8; 2]; 2], [(); 3], [1.5f32; 2], [1e300f64; 0])]);
    same(&(vec![1u8; 300], vec![vec![2u8; 70_000]; 3], vec![vec![0u8; 0]; 3], (0..=255).collect::<Vec<u8>>()));
    let deep = (
        (
            (
                (
                    (((((((((1u8,), 2u8), 'a'), 1.5f32), "b".to_owned()), [1u16; 2]), Some(1u8)), ()), (1u8, 2u8, 3u8)),
                    true,
                ),
                4u8,
            ),
            5u8,
        ),
        6u8,
    );
    same(&vec![(deep.clone(), deep.clone(), Some(deep.clone()), deep); 2]);
}

#[test]
fn addresses() {
    let flow = SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 9, 10);
    let plain = SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 0, 10);
    same(&vec![flow, plain]);
    same(&vec![SocketAddr::V6(flow), SocketAddr::V6(plain), "1.2.3.4:5".parse().unwrap()]);
    same(&BTreeMap::from([(SocketAddr::V6(plain), 1u8)]));
    same(&BTreeMap::from([(SocketAddr::V6(flow), 1u8)]));
    same(&BTreeMap::from([(flow, 1u8)]));
    same(&BTreeMap::from([("1.2.3.4".parse::<IpAddr>().unwrap(), 1u8), (Ipv6Addr::LOCALHOST.into(), 2)]));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn leaves(
        text: String,
        bytes: Vec<u8>,
        letter: char,
        wide: (i128, u128),
        ints: Vec<(i8, i16, i32, i64, u8, u16, u32, u64)>,
        shifts: Vec<(u64, u8)>,
        floats: Vec<(f32, f64)>,
        halves: Vec<(u16, u32)>,
    ) {
        same(&(text, bytes, letter, wide));
        same(&ints);
        let shifted = |&(value, shift): &(u64, u8)| {
            let value = value >> (shift % 64);
            (value, value as i64, !(value as i64), i128::from(value) << (shift % 64))
        };
        same(&shifts.iter().map(shifted).collect::<Vec<_>>());
        same(&floats);
        // Floats with few digits, and NaN of every kind.
        let few = |&(half, single): &(u16, u32)| {
            let double = u64::from(half) << 48 | u64::from(single & 7) << 40;
            (f64::from_bits(double), f32::from_bits(single & 0xFFF0_0000), f64::from(f32::from_bits(single)), f64::from(single))
        };
        same(&halves.iter().map(few).collect::<Vec<_>>());
    }

    #[test]
    fn texts(texts in proptest::collection::vec("[a-c\"\\\\\u{0}-\u{1F}é😀]{0,24}", 0..20)) {
        let map: BTreeMap<String, Option<String>> = texts.iter().map(|text| (text.clone(), Some(text.clone()))).collect();
        same(&(texts, map));
    }
}
