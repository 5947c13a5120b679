//! Spellings of our own, for what serde loses or refuses.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use persist_core::{Decode, Dumper, Encode, ErrorKind, Protocol, Value, loads};
use persist_derive::Persist;

use crate::model::*;

#[track_caller]
fn back<T: Encode + Decode + PartialEq + Debug>(value: &T) {
    for protocol in [Protocol::Json, Protocol::Cbor, Protocol::Packed] {
        let bytes = Dumper::new().protocol(protocol).dumps(value).unwrap();
        assert_eq!(&loads::<T>(&bytes).unwrap(), value, "{protocol:?} {}", String::from_utf8_lossy(&bytes));
    }
}

#[derive(Persist, PartialEq, Debug, Clone)]
#[persist(crate = persist_core)]
struct Maybe(Option<u8>);

#[derive(Persist, PartialEq, Debug, Clone)]
#[persist(crate = persist_core)]
#[allow(non_snake_case)]
struct Some_ {
    Some: u8,
}

#[test]
fn options_of_what_can_be_null() {
    for value in [None, Some(None), Some(Some(5u8))] {
        back(&value);
    }
    for value in [None, Some(None), Some(Some(None)), Some(Some(Some(Unit)))] {
        back(&value);
    }
    back(&vec![None, Some(())]);
    back(&vec![None, Some(Maybe(None)), Some(Maybe(Some(1)))]);
    back(&vec![None, Some(Box::new(Maybe(None))), Some(Box::new(Maybe(Some(1))))]);
    back(&vec![None, Some(None), Some(Some(Kind::Number(1))), Some(Some(Kind::Nothing))]);
    back(&vec![None, Some(None), Some(Some(Some_ { Some: 1 }))]);
    back(&vec![None, Some(Some_ { Some: 1 })]);
    let map = |key: &str| Some(Some(BTreeMap::from([(key.to_owned(), 1u8)])));
    back(&vec![None, Some(None), map("Some"), map("a"), Some(Some(BTreeMap::new()))]);
    back(&vec![None, Some(Value::Null), Some(Value::from(1)), Some([("Some", 1)].into_iter().collect())]);
    assert_eq!(loads::<Option<Option<u8>>>(b"5").unwrap(), Some(Some(5)));
    assert_eq!(loads::<Option<Option<u8>>>(br#" {"Some" : null} "#).unwrap(), Some(None));
    // Not the one key: a map like any other.
    let two = loads::<Option<Option<BTreeMap<String, u8>>>>(br#"{"Some": 1, "None": 2}"#).unwrap();
    assert_eq!(two.unwrap().unwrap().len(), 2);
}

#[test]
fn floats_that_json_has_no_number_for() {
    assert!(loads::<f32>(b"\"NaN\"").unwrap().is_nan());
    assert_eq!(loads::<(f64, f32)>(br#"["Infinity", "-Infinity"]"#).unwrap(), (f64::INFINITY, f32::NEG_INFINITY));
    back(&vec![Point { x: f32::INFINITY, y: f64::NEG_INFINITY }]);
    assert!(loads::<f64>(b"\"inf\"").unwrap_err().is(ErrorKind::Shape));
    assert!(loads::<f64>(b"null").unwrap_err().is(ErrorKind::Shape));
}

#[test]
fn maps_with_any_keys() {
    back(&BTreeMap::from([((1u8, 2u8), 'a'), ((1, 3), 'b')]));
    back(&HashMap::from([(Some(1u8), 'a'), (None, 'b')]));
    back(&BTreeMap::from([(vec![1u16], 'a'), (vec![], 'b')]));
    back(&BTreeMap::from([((), 'a')]));
    assert_eq!(loads::<BTreeMap<String, u8>>(br#"[["a", 1]]"#).unwrap()["a"], 1);
    assert_eq!(loads::<BTreeMap<u8, u8>>(b"[[1, 2], [3, 4]]").unwrap()[&3], 4);
    assert_eq!(loads::<BTreeMap<u8, u8>>(&[0x81, 0x82, 1, 2]).unwrap()[&1], 2);
    let error = loads::<BTreeMap<(u8, u8), u8>>(br#"{"1": 2}"#).unwrap_err();
    assert!(error.to_string().contains("list of pairs"), "{error}");
    for text in ["{\"+1\": 1}", "{\"01\": 1}", "{\"\": 1}", "{\"1.0\": 1}", "{\"-0\": 1}", "{\" 1\": 1}"] {
        assert!(loads::<BTreeMap<i8, u8>>(text.as_bytes()).unwrap_err().is(ErrorKind::Shape), "{text}");
    }
    assert!(loads::<BTreeMap<i8, u8>>(b"{\"128\": 1}").unwrap_err().is(ErrorKind::Value));
    assert!(loads::<BTreeMap<i8, u8>>(b"{\"1\": 1, \"1\": 2}").unwrap_err().is(ErrorKind::Value));
}

#[derive(Persist, PartialEq, PartialOrd, Debug, Clone, Copy)]
#[persist(crate = persist_core)]
struct Ordered(f64);

impl Eq for Ordered {}

#[allow(clippy::derive_ord_xor_partial_ord)]
impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[test]
fn keys_that_are_floats() {
    back(&BTreeMap::from([(Ordered(1.5), 1u8), (Ordered(f64::INFINITY), 2)]));
    // As `serde_json` writes them.
    let map = loads::<BTreeMap<Ordered, u8>>(br#"{"1.5": 1, "-2e3": 2}"#).unwrap();
    assert_eq!(map.into_iter().collect::<Vec<_>>(), [(Ordered(-2000.0), 2), (Ordered(1.5), 1)]);
    assert!(loads::<BTreeMap<Ordered, u8>>(br#"{"one": 1}"#).unwrap_err().is(ErrorKind::Shape));
}
