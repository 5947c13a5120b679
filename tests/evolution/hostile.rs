//! Files of other types than the reader's, and damaged ones: a value or an error, never a panic.

use std::collections::BTreeMap;

use persist::{Dumper, ErrorKind, Limits, Loader, Persist, Protocol, Value};

use crate::PROTOCOLS;

#[derive(Persist, Clone, Debug, PartialEq)]
struct Old {
    id: u16,
    name: String,
    point: (f32, f32),
    tree: Option<Box<Old>>,
    list: Vec<(u8, Option<char>)>,
    map: BTreeMap<String, i64>,
    choice: OldChoice,
}

#[derive(Persist, Clone, Debug, PartialEq)]
enum OldChoice {
    A,
    B(u8, String),
    C { old: Vec<Old> },
}

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(version = 2, upgrade_from = OldSmall)]
struct New {
    point: [f64; 2],
    id: i64,
    #[persist(default)]
    list: Vec<(u16, Option<char>, u8)>,
    #[persist(unknown)]
    rest: BTreeMap<String, Value>,
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct OldSmall {
    id: u8,
}

impl From<OldSmall> for New {
    fn from(old: OldSmall) -> Self {
        New { point: [0.0; 2], id: old.id.into(), list: vec![], rest: BTreeMap::new() }
    }
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Other {
    name: Option<String>,
    point: (f64, f64),
    tree: Vec<Other>,
    choice: OtherChoice,
    id: f32,
}

#[derive(Persist, Clone, Debug, PartialEq)]
enum OtherChoice {
    #[persist(other)]
    Unknown,
    C {
        old: Vec<Other>,
    },
    B(u64),
}

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(transparent)]
struct Chain {
    next: Option<Box<Chain>>,
}

fn old(levels: usize) -> Old {
    let deeper = |levels: usize| (levels > 0).then(|| old(levels - 1));
    Old {
        id: levels as u16,
        name: "n".repeat(levels),
        point: (0.5, 1.5),
        tree: deeper(levels).map(Box::new),
        list: vec![(1, Some('é')), (2, None)],
        map: [("k".to_owned(), -1)].into(),
        choice: match levels % 3 {
            0 => OldChoice::A,
            1 => OldChoice::B(1, "b".into()),
            _ => OldChoice::C { old: deeper(levels).into_iter().collect() },
        },
    }
}

fn new() -> New {
    New { point: [1.0, 2.0], id: 3, list: vec![(1, None, 2)], rest: [("r".to_owned(), 1.into())].into() }
}

fn file<T: Persist>(protocol: Protocol, value: &T) -> Vec<u8> {
    Dumper::new().protocol(protocol).dumps(value).unwrap()
}

/// Loads bytes as a type; what loads is valid.
fn survive<T: Persist>(bytes: &[u8]) {
    let loaded = Loader::new().loads::<T>(bytes);
    let streamed = Loader::new().load::<T>(&mut &bytes[..]);
    let verified = Loader::new().verify::<T>(bytes);
    assert!(loaded.is_err() || verified.is_ok());
    drop(streamed);
}

macro_rules! types {
    ($($type:ty),* $(,)?) => {
        [$(survive::<$type>),*]
    };
}

#[test]
fn any_file_as_any_type() {
    macro_rules! files {
        ($($value:expr),* $(,)?) => {{
            let dump = |protocol: Protocol| [$(|protocol| file(protocol, &$value)),*].map(|file: fn(Protocol) -> Vec<u8>| file(protocol));
            PROTOCOLS.into_iter().flat_map(dump)
        }};
    }
    let types: &[fn(&[u8])] = &types![
        Old, OldChoice, New, OldSmall, Other, OtherChoice, Chain, Vec<Old>, Vec<Other>, Box<New>, Option<Box<Other>>,
        [Old; 2], Vec<Chain>, u8, i128, f32, f64, bool, char, String, (), Vec<u8>, [u8; 3], [f64; 2], (f32, u8),
        Option<f32>, Vec<Option<u16>>, BTreeMap<u8, String>, BTreeMap<String, Other>, Box<[(f64, f64)]>, Vec<Vec<f32>>,
        Result<u8, String>, Box<Box<u32>>, Option<Option<u8>>, Value, std::time::Duration, std::net::IpAddr,
        std::collections::HashSet<u32>,
    ];
    let files = files!(
        old(0),
        old(4),
        vec![old(3); 70],
        OldChoice::C { old: vec![old(1)] },
        new(),
        OldSmall { id: 1 },
        vec![OldSmall { id: 1 }, OldSmall { id: 2 }],
        Chain { next: Some(Box::new(Chain { next: None })) },
        1u8,
        -1i64,
        0.5f32,
        [0.5f64, 1.5],
        vec![[1.0f32; 3]; 5],
        (1.0f32, 2.0f32),
        vec![(1.0f64, 2u8); 3],
        Some(Some(3u8)),
        vec![Some(1u8), None],
        (),
        vec![(); 9],
        "text",
        vec![1u8, 2, 3],
        [vec![1u16], vec![]],
        Box::new(Box::new(4u16)),
        BTreeMap::from([(1u8, "a".to_owned())]),
        Value::from_iter([("id", Value::from(1)), ("@version", Value::from(2))]),
        std::time::Duration::from_millis(5),
        std::net::Ipv4Addr::LOCALHOST,
    );
    for file in files {
        types.iter().for_each(|survive| survive(&file));
    }
}

#[test]
fn damaged_files_of_another_type() {
    for value in [old(0), old(2)] {
        let bytes = Dumper::new().checksum(false).dumps(&vec![value; 3]).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            survive::<Vec<Other>>(&bytes);
            survive::<Vec<New>>(&bytes);
        }
        for end in 0..bytes.len() {
            survive::<Vec<Other>>(&bytes[..end]);
        }
    }
}

#[test]
fn what_is_skipped_is_bounded() {
    // Four billion flags in a few bytes, in a field that nobody reads.
    #[derive(Persist)]
    struct Flags {
        flags: Vec<bool>,
        id: u8,
    }
    #[derive(Persist, Debug, PartialEq)]
    struct Id {
        id: u8,
    }
    let bytes = Dumper::new().checksum(false).dumps(&Flags { flags: vec![true; 1 << 20], id: 3 }).unwrap();
    assert_eq!(Loader::new().loads::<Id>(&bytes).unwrap(), Id { id: 3 });
    assert!(
        persist::loads::<Id>(&Dumper::new().protocol(Protocol::Json).dumps(&Flags { flags: vec![], id: 1 }).unwrap())
            .is_ok()
    );
}

#[test]
fn what_is_read_by_name_is_bounded() {
    #[derive(Persist, Clone)]
    struct Old {
        a_name_that_takes_much_more_room_than_its_value_does: [u8; 1],
    }
    #[derive(Persist, Debug, PartialEq)]
    struct New {
        a_name_that_takes_much_more_room_than_its_value_does: Vec<u8>,
    }
    let rows = vec![Old { a_name_that_takes_much_more_room_than_its_value_does: [7] }; 100_000];
    let bytes = persist::dumps(&rows).unwrap();
    let limits = Limits { memory: 3 << 20, ..Limits::default() };
    assert!(bytes.len() < 1000);
    let error = Loader::new().limits(limits).loads::<Vec<New>>(&bytes).unwrap_err();
    assert!(error.is(ErrorKind::Limit) && error.to_string().contains("by name"), "{error}");
    assert_eq!(persist::loads::<Vec<New>>(&bytes).unwrap().len(), 100_000);
}
