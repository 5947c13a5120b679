//! Dynamic values of any type, and back; from files whose types are gone.
#![allow(clippy::option_option, reason = "options of options are the point")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::net::IpAddr;

use persist::{Dumper, ErrorKind, Loader, Persist, Value, inspect};

use crate::PROTOCOLS;

#[derive(Persist, Clone, Debug, PartialEq)]
struct All {
    unit: (),
    flag: bool,
    letter: char,
    wide: (i128, u128),
    floats: (f32, f64, [f32; 2]),
    bytes: (Vec<u8>, [u8; 2]),
    none: Option<u8>,
    some_none: Option<Option<u8>>,
    some_unit: Option<()>,
    deeper: [Option<Option<Option<String>>>; 4],
    map: BTreeMap<(u8, char), Vec<String>>,
    set: BTreeSet<u16>,
    address: IpAddr,
    newtype: Newtype,
    tuple: Tuple,
    mark: Mark,
    nested: Newmap,
    choices: Vec<Choice>,
    versioned: (Versioned, VersionedChoice, VersionedChoice),
    value: Value,
    tree: Option<Box<All>>,
    #[transient(rebuild = *flag)]
    live: bool,
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Newtype(Vec<u8>);

#[derive(Persist, Clone, Debug, PartialEq)]
struct Newmap(BTreeMap<String, u8>);

#[derive(Persist, Clone, Debug, PartialEq)]
struct Tuple(u8, String);

#[derive(Persist, Clone, Debug, PartialEq)]
struct Mark;

#[derive(Persist, Clone, Debug, PartialEq)]
enum Choice {
    Unit,
    Newtype(u8),
    Maybe(Option<u8>),
    Tuple(u8, Option<String>),
    Named { a: u8, b: Vec<Choice> },
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct First {
    a: u8,
}

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(version = 2, upgrade_from = First)]
struct Versioned {
    a: u16,
    b: String,
}

impl From<First> for Versioned {
    fn from(old: First) -> Self {
        Versioned { a: old.a.into(), b: "from first".into() }
    }
}

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(version = 3)]
enum VersionedChoice {
    A,
    B { x: u8 },
}

fn all() -> All {
    let leaf = All {
        unit: (),
        flag: true,
        letter: 'é',
        wide: (i128::MIN, u128::MAX),
        floats: (0.1, -1e300, [0.5, 1.5]),
        bytes: (vec![1, 2], [3, 4]),
        none: None,
        some_none: Some(None),
        some_unit: Some(()),
        deeper: [None, Some(None), Some(Some(None)), Some(Some(Some("s".into())))],
        map: [((1, 'x'), vec!["a".into()]), ((2, 'y'), vec![])].into(),
        set: [3, 1, 2].into(),
        address: IpAddr::from([127, 0, 0, 1]),
        newtype: Newtype(vec![9]),
        tuple: Tuple(1, "t".into()),
        mark: Mark,
        nested: Newmap([("0".to_owned(), 1)].into()),
        choices: vec![
            Choice::Unit,
            Choice::Newtype(1),
            Choice::Maybe(None),
            Choice::Maybe(Some(2)),
            Choice::Tuple(3, None),
            Choice::Named { a: 4, b: vec![Choice::Unit] },
        ],
        versioned: (Versioned { a: 1, b: "b".into() }, VersionedChoice::A, VersionedChoice::B { x: 1 }),
        value: Value::from_iter([(Value::from(1), Value::from("one"))]),
        tree: None,
        live: true,
    };
    All { tree: Some(Box::new(leaf.clone())), ..leaf }
}

#[test]
fn values_of_files_become_types_again() {
    let value = all();
    for protocol in PROTOCOLS {
        let bytes = Dumper::new().protocol(protocol).dumps(&value).unwrap();
        assert_eq!(inspect(&bytes).unwrap().to::<All>().unwrap(), value, "{protocol:?}");
    }
    let dynamic = Value::of(&value).unwrap();
    assert_eq!(dynamic.to::<All>().unwrap(), value);
    let many: Vec<All> = Value::of(&vec![all(), all()]).unwrap().to().unwrap();
    assert_eq!(many, [all(), all()]);
}

#[test]
fn versions_are_seen() {
    let value = inspect(&persist::dumps(&(Versioned { a: 1, b: "b".into() }, VersionedChoice::A)).unwrap()).unwrap();
    let text = value.to_string();
    assert!(text.contains("@version: 2") && text.contains("@version: 3"), "{text}");
    let old = inspect(&persist::dumps(&First { a: 7 }).unwrap()).unwrap();
    assert_eq!(old.to::<Versioned>().unwrap(), Versioned { a: 7, b: "from first".into() });
}

#[test]
fn misfits_are_errors() {
    fn kind<T: Persist + Debug>(value: impl Into<Value>) -> ErrorKind {
        value.into().to::<T>().unwrap_err().kind()
    }
    assert_eq!(kind::<u8>(300), ErrorKind::Value);
    assert_eq!(kind::<u8>("text"), ErrorKind::Shape);
    assert_eq!(kind::<Tuple>(vec![Value::from(1)]), ErrorKind::Shape);
    let deep = (0..5_000).fold(Value::Null, |value, _| Value::List(vec![value]));
    assert_eq!(deep.to::<Value>().unwrap_err().kind(), ErrorKind::Limit);
    let live: All = Loader::new().loads_value(&Value::of(&all()).unwrap()).unwrap();
    assert!(live.live);
}
