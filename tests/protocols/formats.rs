//! Values in other formats by way of serde: `MessagePack`, RON, postcard, JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::net::IpAddr;

use persist::serde::AsSerde;
use persist::{Context, Dumper, Loader, Persist, Value};
use serde::{Deserialize, Serialize};

/// Has both kinds of traits, so that each can read what the other wrote.
#[derive(Persist, Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Everything {
    flag: bool,
    letter: char,
    small: i8,
    large: u64,
    wide: i64,
    single: f32,
    double: f64,
    text: String,
    unit: (),
    option: Option<u16>,
    nothing: Option<String>,
    list: Vec<Inner>,
    map: BTreeMap<String, Choice>,
    numbers: BTreeMap<u8, i32>,
    set: BTreeSet<char>,
    array: [u16; 3],
    tuple: (u8, String),
    boxed: Option<Box<Everything>>,
    choices: Vec<Choice>,
    newtype: Newtype,
    pair: Pair,
    mark: Mark,
    address: IpAddr,
}

#[derive(Persist, Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Inner {
    point: (f32, f32),
    r#type: String,
}

#[derive(Persist, Serialize, Deserialize, Clone, Debug, PartialEq)]
enum Choice {
    Unit,
    Newtype(u32),
    Tuple(u8, Vec<u16>),
    Named { a: Option<u8>, b: Inner },
}

#[derive(Persist, Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Newtype(String);

#[derive(Persist, Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Pair(u8, String);

#[derive(Persist, Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Mark;

fn everything() -> Everything {
    let inner = Inner { point: (0.5, -1.25), r#type: "t".into() };
    let leaf = Everything {
        flag: true,
        letter: 'é',
        small: -5,
        large: u64::MAX,
        wide: i64::MIN,
        single: 0.1,
        double: 1e300,
        text: "text".into(),
        unit: (),
        option: Some(7),
        nothing: None,
        list: vec![inner.clone(), inner.clone()],
        map: [("a".to_owned(), Choice::Unit), ("b".to_owned(), Choice::Newtype(3))].into(),
        numbers: [(1, -1), (2, -2)].into(),
        set: ['x', 'y'].into(),
        array: [1, 2, 3],
        tuple: (1, "one".into()),
        boxed: None,
        choices: vec![Choice::Tuple(1, vec![2, 3]), Choice::Named { a: None, b: inner }],
        newtype: Newtype("n".into()),
        pair: Pair(1, "p".into()),
        mark: Mark,
        address: IpAddr::from([127, 0, 0, 1]),
    };
    Everything { boxed: Some(Box::new(leaf.clone())), ..leaf }
}

/// A way to write and read.
trait Format {
    fn write<T: Serialize>(value: &T) -> Vec<u8>;
    fn read<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, String>;
}

struct Json;
impl Format for Json {
    fn write<T: Serialize>(value: &T) -> Vec<u8> {
        serde_json::to_vec(value).unwrap()
    }
    fn read<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }
}

struct MessagePack;
impl Format for MessagePack {
    fn write<T: Serialize>(value: &T) -> Vec<u8> {
        rmp_serde::to_vec(value).unwrap()
    }
    fn read<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, String> {
        rmp_serde::from_slice(bytes).map_err(|error| error.to_string())
    }
}

struct MessagePackNamed;
impl Format for MessagePackNamed {
    fn write<T: Serialize>(value: &T) -> Vec<u8> {
        rmp_serde::to_vec_named(value).unwrap()
    }
    fn read<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, String> {
        MessagePack::read(bytes)
    }
}

struct Ron;
impl Format for Ron {
    fn write<T: Serialize>(value: &T) -> Vec<u8> {
        ron::to_string(value).unwrap().into_bytes()
    }
    fn read<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, String> {
        ron::de::from_bytes(bytes).map_err(|error| error.to_string())
    }
}

struct Cbor;
impl Format for Cbor {
    fn write<T: Serialize>(value: &T) -> Vec<u8> {
        let mut bytes = Vec::new();
        ciborium::into_writer(value, &mut bytes).unwrap();
        bytes
    }
    fn read<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, String> {
        ciborium::from_reader(bytes).map_err(|error| error.to_string())
    }
}

/// Does not describe itself.
struct Postcard;
impl Format for Postcard {
    fn write<T: Serialize>(value: &T) -> Vec<u8> {
        postcard::to_stdvec(value).unwrap()
    }
    fn read<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, String> {
        postcard::from_bytes(bytes).map_err(|error| error.to_string())
    }
}

/// Comes back in a format.
fn back<F: Format, T: Persist + Clone + PartialEq + Debug>(value: &T) {
    let bytes = F::write(&AsSerde(value.clone()));
    assert_eq!(&F::read::<AsSerde<T>>(&bytes).unwrap().0, value);
}

/// Is written as serde's own derive does it.
fn like_serde<F: Format, T: Persist + Serialize + for<'de> Deserialize<'de> + Clone + PartialEq + Debug>(value: &T) {
    let (own, theirs) = (F::write(&AsSerde(value.clone())), F::write(value));
    assert_eq!(String::from_utf8_lossy(&own), String::from_utf8_lossy(&theirs));
    assert_eq!(own, theirs);
    assert_eq!(&F::read::<AsSerde<T>>(&theirs).unwrap().0, value);
    assert_eq!(&F::read::<T>(&own).unwrap(), value);
}

#[test]
fn every_format_is_as_serde_writes_it() {
    like_serde::<Json, _>(&everything());
    like_serde::<MessagePack, _>(&everything());
    like_serde::<MessagePackNamed, _>(&everything());
    like_serde::<Ron, _>(&everything());
    like_serde::<Cbor, _>(&everything());
    like_serde::<Postcard, _>(&everything());
    let many: Vec<Choice> = (0..200).map(|i| if i % 3 == 0 { Choice::Unit } else { Choice::Newtype(i) }).collect();
    like_serde::<MessagePack, _>(&many);
    like_serde::<Postcard, _>(&many);
}

#[test]
fn what_serde_has_no_derive_for_comes_back() {
    fn all<T: Persist + Clone + PartialEq + Debug>(value: &T) {
        back::<Json, _>(value);
        back::<MessagePack, _>(value);
        back::<MessagePackNamed, _>(value);
        back::<Ron, _>(value);
        back::<Cbor, _>(value);
    }
    all(&vec![1u8, 2, 3]);
    all(&[1u8, 2, 3]);
    back::<Postcard, _>(&vec![1u8, 2, 3]);
    all(&Kept { id: 1, rest: [("b".to_owned(), 2.into()), ("c".to_owned(), "x".into())].into() });
    all(&Current { id: 1, name: "n".into() });
    back::<Postcard, _>(&Current { id: 1, name: "n".into() });
    all(&vec![VersionedChoice::Unit, VersionedChoice::Named { a: 1 }]);
    back::<Json, _>(&(i128::MIN, u128::MAX));
    back::<Cbor, _>(&(i128::MIN, u128::MAX));
    back::<Postcard, _>(&(i128::MIN, u128::MAX));
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Kept {
    id: u8,
    #[persist(unknown)]
    rest: BTreeMap<String, Value>,
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Old {
    id: u8,
}

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(version = 2, upgrade_from = Old)]
struct Current {
    id: u16,
    name: String,
}

impl From<Old> for Current {
    fn from(old: Old) -> Self {
        Current { id: old.id.into(), name: String::new() }
    }
}

#[derive(Persist, Clone, Debug, PartialEq)]
enum OldChoice {
    Unit,
    Named { a: u8 },
}

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(version = 2, upgrade_from = OldChoice)]
enum VersionedChoice {
    Unit,
    Named { a: u16 },
}

impl From<OldChoice> for VersionedChoice {
    fn from(old: OldChoice) -> Self {
        match old {
            OldChoice::Unit => VersionedChoice::Unit,
            OldChoice::Named { a } => VersionedChoice::Named { a: a.into() },
        }
    }
}

#[test]
fn types_evolve_in_every_format() {
    fn evolves<F: Format>() {
        let old = F::write(&AsSerde(Old { id: 3 }));
        let new = Current { id: 3, name: String::new() };
        assert_eq!(F::read::<AsSerde<Current>>(&old).unwrap().0, new);
        let bytes = F::write(&AsSerde(vec![OldChoice::Unit, OldChoice::Named { a: 1 }]));
        let new = [VersionedChoice::Unit, VersionedChoice::Named { a: 1 }];
        assert_eq!(F::read::<AsSerde<Vec<VersionedChoice>>>(&bytes).unwrap().0, new);
        let kept = F::write(&AsSerde(Current { id: 3, name: "n".into() }));
        assert!(F::read::<AsSerde<Old>>(&kept).is_err());
    }
    evolves::<Json>();
    evolves::<MessagePackNamed>();
    evolves::<Cbor>();
}

#[test]
fn fields_of_serde_types() {
    struct Connection {
        host: String,
        open: bool,
    }
    impl Persist for Connection {
        type Saved<'a> = &'a str;
        type Loaded = String;
        fn get_state(&self) -> persist::Result<&str> {
            Ok(&self.host)
        }
        fn set_state(host: String, context: &Context) -> persist::Result<Self> {
            if host.is_empty() {
                return Err(persist::Error::new("there is no host"));
            }
            Ok(Connection { host, open: context.get::<bool>().copied().unwrap_or(true) })
        }
    }
    #[derive(Serialize, Deserialize)]
    struct Settings {
        #[serde(with = "persist::serde")]
        connection: Connection,
        others: Vec<AsSerde<Connection>>,
    }
    let connection = |host: &str| Connection { host: host.into(), open: false };
    let settings = Settings { connection: connection("a"), others: vec![AsSerde(connection("b"))] };
    let text = ron::to_string(&settings).unwrap();
    assert_eq!(text, r#"(connection:"a",others:["b"])"#);
    let back: Settings = ron::from_str(&text).unwrap();
    assert!(back.connection.open && back.others[0].0.host == "b");
    let error = ron::from_str::<Settings>(r#"(connection:"",others:[])"#).err().unwrap();
    assert!(error.to_string().contains("there is no host"), "{error}");

    let mut loader = Loader::new().provide(false);
    let closed: Connection = loader.deserialize(&mut serde_json::Deserializer::from_str("\"c\"")).unwrap();
    assert!(!closed.open);
    let mut bytes = Vec::new();
    Dumper::new().serialize(&closed, &mut serde_json::Serializer::new(&mut bytes)).unwrap();
    assert_eq!(bytes, b"\"c\"");
}

#[test]
fn mistakes_are_errors_of_the_format() {
    let error = serde_json::from_str::<AsSerde<(u8, Vec<Inner>)>>(r#"[1,[{"point":[1,2]}]]"#).unwrap_err().to_string();
    assert!(error.contains("`type` is missing") && error.contains("[1][0]"), "{error}");
    let error = serde_json::from_str::<AsSerde<Choice>>(r#""Other""#).unwrap_err().to_string();
    assert!(error.contains("Other") && error.contains("Newtype"), "{error}");
    let error = serde_json::from_str::<AsSerde<u8>>("300").unwrap_err().to_string();
    assert!(error.contains("300"), "{error}");
    let error = serde_json::from_str::<AsSerde<Vec<u8>>>("{}").unwrap_err().to_string();
    assert!(error.contains("map"), "{error}");
    let text = "[".repeat(100_000);
    assert!(serde_json::from_str::<AsSerde<Value>>(&text).is_err());
}
