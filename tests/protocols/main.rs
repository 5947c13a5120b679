//! Json and Cbor: what serde writes for the same types, but for the exceptions of docs/format.md, which come back.
#![allow(clippy::linkedlist, reason = "it is one of the types")]

mod formats;

use std::collections::{BTreeMap, BTreeSet, HashMap, LinkedList, VecDeque};
use std::fmt::Debug;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::Duration;

use persist::{Decode, Dumper, Encode, ErrorKind, Loader, Persist, Protocol, Value, inspect, load, loads};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

fn dumps<T: Encode>(protocol: Protocol, value: &T) -> Vec<u8> {
    Dumper::new().protocol(protocol).dumps(value).unwrap()
}

fn json<T: Encode>(value: &T) -> String {
    String::from_utf8(dumps(Protocol::Json, value)).unwrap()
}

fn cbor<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = vec![0xD9, 0xD9, 0xF7];
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// The value comes back from all protocols.
#[track_caller]
fn back<T: Encode + Decode + PartialEq + Debug>(value: &T) {
    for protocol in [Protocol::Packed, Protocol::Json, Protocol::Cbor] {
        let bytes = dumps(protocol, value);
        assert_eq!(&loads::<T>(&bytes).unwrap(), value, "{protocol:?}: {}", String::from_utf8_lossy(&bytes));
        assert_eq!(Protocol::recognise(&bytes), protocol);
        let mut stream = Vec::new();
        let mut dumper = Dumper::new().protocol(protocol);
        (0..3).for_each(|_| dumper.dump(value, &mut stream).unwrap());
        let mut stream = &stream[..];
        (0..3).for_each(|_| assert_eq!(&load::<T>(&mut stream).unwrap(), value, "{protocol:?}"));
        assert!(load::<T>(&mut stream).unwrap_err().is(ErrorKind::EndOfStream));
        inspect(&bytes).unwrap();
    }
}

/// As [`back`]; and Json and Cbor are just what serde writes, and what serde writes loads.
#[track_caller]
fn like_serde<T>(value: &T)
where
    T: Encode + Decode + Serialize + DeserializeOwned + PartialEq + Debug,
{
    back(value);
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(json(value), text);
    assert_eq!(dumps(Protocol::Cbor, value), cbor(value));
    assert_eq!(&loads::<T>(text.as_bytes()).unwrap(), value);
    assert_eq!(&loads::<T>(serde_json::to_string_pretty(value).unwrap().as_bytes()).unwrap(), value);
    assert_eq!(&loads::<T>(&cbor(value)).unwrap(), value);
    assert_eq!(&loads::<T>(&cbor(value)[3..]).unwrap(), value);
    assert_eq!(&serde_json::from_str::<T>(&json(value)).unwrap(), value);
    assert_eq!(&ciborium::from_reader::<T, _>(&dumps(Protocol::Cbor, value)[..]).unwrap(), value);
}

#[derive(Persist, Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Everything {
    flag: bool,
    small: i8,
    large: u64,
    huge: i128,
    ratio: f32,
    exact: f64,
    letter: char,
    text: String,
    nothing: (),
    maybe: Option<String>,
    list: Vec<u32>,
    grid: [[i16; 2]; 2],
    pair: (u8, String),
    one: (u16,),
    by_name: BTreeMap<String, Vec<bool>>,
    by_number: BTreeMap<i32, char>,
    by_flag: BTreeMap<bool, u16>,
    by_kind: BTreeMap<Kind, u16>,
    boxed: Box<Option<Shape>>,
    shapes: VecDeque<Shape>,
    unit: Unit,
    wrapped: Wrapped,
    point: Point,
    tree: Tree,
    outcome: Result<u8, String>,
    took: Duration,
    chain: LinkedList<String>,
}

#[derive(Persist, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Debug, Clone, Copy, Hash)]
enum Kind {
    Red,
    Green,
}

#[derive(Persist, Serialize, Deserialize, PartialEq, Debug, Clone)]
enum Shape {
    Empty,
    Circle(f64),
    Line(Point, Point),
    Named { name: String, kind: Kind },
}

#[derive(Persist, Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Unit;

#[derive(Persist, Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Wrapped(String);

#[derive(Persist, Serialize, Deserialize, PartialEq, Debug, Clone, Copy)]
struct Point(f32, f64);

#[derive(Persist, Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Tree {
    value: u32,
    children: Vec<Tree>,
    next: Option<Box<Tree>>,
}

fn tree(depth: u32) -> Tree {
    let children = if depth == 0 { 0 } else { 2 + depth % 2 };
    Tree {
        value: depth,
        children: (0..children).map(|_| tree(depth - 1)).collect(),
        next: (depth % 2 == 1).then(|| Box::new(tree(depth - 1))),
    }
}

fn everything(seed: u64) -> Everything {
    let n = seed as u32;
    Everything {
        flag: n % 2 == 0,
        small: -(n as i8 % 100),
        large: u64::MAX - seed,
        huge: i128::MIN + i128::from(seed),
        ratio: 0.1 + n as f32,
        exact: 1.0 / (3.0 + f64::from(n)),
        letter: char::from_u32(0x1F600 + n % 50).unwrap(),
        text: format!("text \"{n}\" \\ \n é"),
        nothing: (),
        maybe: (n % 3 == 0).then(|| n.to_string()),
        list: (0..n % 5).collect(),
        grid: [[1, -2], [n as i16, 4]],
        pair: (n as u8, "p".into()),
        one: (7,),
        by_name: (0..n % 4).map(|i| (format!("k{i}"), vec![true; i as usize])).collect(),
        by_number: [(-5, 'a'), (n as i32, 'b')].into(),
        by_flag: [(true, 1)].into(),
        by_kind: [(Kind::Green, 2), (Kind::Red, 3)].into(),
        boxed: Box::new((n % 2 == 1).then_some(Shape::Circle(0.5))),
        shapes: [
            Shape::Empty,
            Shape::Line(Point(1.0, 2.0), Point(-1.5, 1e300)),
            Shape::Named { name: "n".into(), kind: Kind::Red },
        ]
        .into(),
        unit: Unit,
        wrapped: Wrapped("w".into()),
        point: Point(f32::MIN_POSITIVE, f64::MAX),
        tree: tree(n % 4),
        outcome: if n % 2 == 0 { Ok(3) } else { Err("no".into()) },
        took: Duration::new(seed, 999_999_999),
        chain: ["a".to_owned(), "b".to_owned()].into(),
    }
}

#[test]
fn plain_types_are_written_as_serde_writes_them() {
    like_serde(&everything(0));
    like_serde(&(0..70).map(everything).collect::<Vec<_>>());
    like_serde(&Some(everything(5)));
    like_serde(&tree(6));
    like_serde(&Shape::Empty);
    like_serde(&u128::MAX);
    like_serde(&Vec::<String>::new());
    like_serde(&());
    like_serde(&Unit);
    like_serde(&BTreeMap::from([((), 1u8)]).len());
}

#[test]
fn bytes_are_byte_strings_in_cbor_and_lists_in_json() {
    let bytes = vec![0u8, 127, 255];
    back(&bytes);
    back(&vec![[1u8, 2, 3]; 3]);
    assert_eq!(json(&bytes), "[0,127,255]");
    assert_eq!(dumps(Protocol::Cbor, &bytes), [0xD9, 0xD9, 0xF7, 0x43, 0, 127, 255]);
    assert_eq!(loads::<Vec<u8>>(&cbor(&bytes)).unwrap(), bytes, "a list of numbers loads, too");
    assert_eq!(loads::<[u8; 3]>(&cbor(&bytes)).unwrap(), [0, 127, 255]);
}

#[test]
fn sets_have_a_tag_in_cbor() {
    let set = BTreeSet::from([1u16, 2]);
    back(&set);
    assert_eq!(json(&set), "[1,2]");
    assert_eq!(dumps(Protocol::Cbor, &set), [0xD9, 0xD9, 0xF7, 0xD9, 0x01, 0x02, 0x82, 1, 2]);
    assert_eq!(loads::<BTreeSet<u16>>(&cbor(&set)).unwrap(), set);
}

#[test]
fn options_that_could_be_mistaken_are_told_apart() {
    back(&vec![None, Some(None), Some(Some(1u8))]);
    back(&vec![None, Some(None), Some(Some(None)), Some(Some(Some("x".to_owned())))]);
    back(&vec![None, Some(())]);
    back(&vec![None, Some(Unit)]);
    back(&vec![None, Some(None), Some(Some(BTreeMap::from([("Some".to_owned(), 1u8)])))]);
    back(&vec![None, Some(Box::new(None)), Some(Box::new(Some(tree(2))))]);
    back(&vec![None, Some(None), Some(Some(Shape::Empty)), Some(Some(Shape::Circle(1.0)))]);
    back(&vec![None, Some(Value::Null), Some(Value::from_iter([("Some", 1)]))]);
    assert_eq!(json(&[None, Some(None), Some(Some(1u8))]), r#"[null,{"Some":null},1]"#);
    // What serde writes loads as far as it says anything.
    assert_eq!(loads::<Option<Option<u8>>>(b"1").unwrap(), Some(Some(1)));
    assert_eq!(loads::<Option<Option<u8>>>(b"null").unwrap(), None);
}

#[test]
fn floats_that_json_has_no_number_for() {
    for value in [f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, 5e-324, 0.1 + 0.2, -0.0] {
        back(&value);
        back(&(value as f32));
    }
    assert_eq!(json(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY]), r#"["NaN","Infinity","-Infinity"]"#);
    for protocol in [Protocol::Packed, Protocol::Json, Protocol::Cbor] {
        assert!(loads::<f64>(&dumps(protocol, &f64::NAN)).unwrap().is_nan());
        assert!(loads::<(f32,)>(&dumps(protocol, &(f32::NAN,))).unwrap().0.is_nan());
        assert!(loads::<f64>(&dumps(protocol, &-0.0f64)).unwrap().is_sign_negative());
    }
}

#[test]
fn maps_whose_keys_have_no_text_form() {
    back(&BTreeMap::from([((1u8, 2u8), "a".to_owned()), ((3, 4), "b".to_owned())]));
    back(&BTreeMap::from([(vec![1u32], 1u8), (vec![], 2)]));
    back(&BTreeMap::from([(Some(1u8), 1u8), (None, 2)]));
    back(&BTreeMap::from([('é', 1u8), ('"', 2)]));
    back(&HashMap::from([(u128::MAX, 1u8), (0, 2)]));
    back(&BTreeMap::from([("a".to_owned(), BTreeMap::from([(-1i64, vec![true])]))]));
    assert_eq!(json(&BTreeMap::from([((1u8, 2u8), 3u8)])), "[[[1,2],3]]");
    assert_eq!(loads::<BTreeMap<i32, u8>>(br#"{"-7":1}"#).unwrap(), BTreeMap::from([(-7, 1)]));
    assert!(loads::<BTreeMap<i32, u8>>(br#"{"x":1}"#).is_err());
    assert!(loads::<BTreeMap<i32, u8>>(br#"{"1":1,"1":2}"#).is_err(), "a duplicate key");
}

#[test]
fn addresses_are_text_in_json() {
    let addresses: Vec<IpAddr> = vec!["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()];
    back(&addresses);
    assert_eq!(json(&addresses), r#"["127.0.0.1","::1"]"#);
    let socket: SocketAddr = "[2001:db8::1]:8080".parse().unwrap();
    back(&socket);
    assert_eq!(json(&socket), r#""[2001:db8::1]:8080""#);
    back(&BTreeMap::from([(addresses[0], 1u8)]));
    // The text form of these leaves something out.
    let flow = SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 9, 10);
    back(&vec![flow, SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 0, 10)]);
    back(&SocketAddr::V6(flow));
}

#[derive(Persist, PartialEq, Debug)]
struct Holder {
    any: Value,
    #[persist(serde)]
    foreign: Foreign,
    all: Vec<Value>,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Foreign {
    name: String,
    inner: Option<Vec<f32>>,
    #[serde(flatten)]
    rest: BTreeMap<String, u8>,
}

#[test]
fn dynamic_and_foreign_values() {
    // {'hi': [1, 2, 'asdf'], 3: 17}
    let list: Value = [Value::from(1), 2.into(), "asdf".into()].into_iter().collect();
    let dict: Value = [(Value::from("hi"), list), (3.into(), 17.into())].into_iter().collect();
    let all = vec![
        dict.clone(),
        Value::Null,
        Value::from(f64::INFINITY),
        Value::from(0.1),
        Value::Bytes(vec![1, 2]),
        Value::from(u128::MAX),
        Value::from(i128::MIN),
        Value::from_iter([("@map", 1)]),
        Value::from_iter([("a", 1), ("b", 2)]),
        Value::Record("Point".into(), vec![("x".into(), 1.into())]),
        Value::Variant("Shape".into(), "Circle".into(), Box::new(2.5.into())),
        Value::Tagged(37, Box::new(Value::Bytes(vec![0; 16]))),
    ];
    back(&dict);
    for value in &all {
        back(value);
    }
    let foreign = Foreign { name: "f".into(), inner: Some(vec![0.5]), rest: BTreeMap::from([("x".to_owned(), 1u8)]) };
    let holder = Holder { any: dict, foreign, all };
    back(&holder);
    let text = json(&holder);
    assert!(text.contains(r#""foreign":{"name":"f","inner":[0.5],"x":1}"#), "{text}");
}

#[test]
fn inspect_shows_the_same_data_whatever_the_protocol() {
    let value = vec![(1u8, "a".to_owned(), Some(true)), (2, "b".to_owned(), None)];
    let shown = r#"[[1, "a", true], [2, "b", null]]"#;
    for protocol in [Protocol::Packed, Protocol::Json, Protocol::Cbor] {
        assert_eq!(inspect(&dumps(protocol, &value)).unwrap().to_string(), shown, "{protocol:?}");
    }
    let packed = inspect(&dumps(Protocol::Packed, &tree(1))).unwrap();
    assert_eq!(packed.get("value"), Some(&Value::from(1)));
    assert!(packed.to_string().starts_with("Tree { value: 1, children: [Tree {"), "{packed}");
    assert_eq!(
        inspect(&dumps(Protocol::Packed, &Shape::Named { name: "n".into(), kind: Kind::Green })).unwrap().to_string(),
        r#"Shape::Named({"name": "n", "kind": Kind::Green})"#
    );
}

#[derive(Persist, PartialEq, Debug)]
struct Settings {
    name: String,
    #[persist(default)]
    retries: u8,
    #[persist(default = vec!["a".to_owned()])]
    hosts: Vec<String>,
    note: Option<String>,
}

#[test]
fn fields_may_be_absent_reordered_or_unknown() {
    let settings = Settings { name: "n".into(), retries: 0, hosts: vec!["a".into()], note: None };
    assert_eq!(loads::<Settings>(br#"{"name":"n"}"#).unwrap(), settings);
    assert_eq!(loads::<Settings>(br#"{"more":[{}],"note":null,"name":"n","retries":0}"#).unwrap(), settings);
    let error = loads::<Settings>(br#"{"retries":1}"#).unwrap_err();
    assert!(error.to_string().contains("name") && error.to_string().contains("default"), "{error}");
    assert!(loads::<Settings>(br#"{"name":"n","name":"m"}"#).is_err(), "a duplicate field");
    let list = r#"[{"name":"a"},{"name":"b","hosts":[]},{"retries":3,"name":"c"}]"#;
    let all = loads::<Vec<Settings>>(list.as_bytes()).unwrap();
    assert_eq!(all.iter().map(|settings| settings.retries).collect::<Vec<_>>(), [0, 0, 3]);
    assert_eq!(all.iter().map(|settings| settings.hosts.len()).collect::<Vec<_>>(), [1, 0, 1]);
    back(&all);
    // A recursive type, with its fields in another order.
    let text = r#"{"next":{"next":null,"children":[],"value":2},"children":[{"value":3,"next":null,"children":[]}],"value":1}"#;
    let tree = loads::<Tree>(text.as_bytes()).unwrap();
    assert_eq!((tree.value, tree.next.unwrap().value, tree.children[0].value), (1, 2, 3));
}

#[test]
fn errors_of_text_say_where() {
    let error = loads::<Vec<Settings>>(br#"[{"name":"a"},{"name":"b","retries":300}]"#).unwrap_err();
    assert_eq!(error.path(), "[1].retries", "{error}");
    assert!(error.to_string().contains("300"), "{error}");
    let error = Loader::new().protocol(Protocol::Json).loads::<u8>(b"\xFC").unwrap_err();
    assert!(!error.to_string().is_empty());
    assert!(loads::<u8>(b"1 2").unwrap_err().is(ErrorKind::TrailingBytes));
}
