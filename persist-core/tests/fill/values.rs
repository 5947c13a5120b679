//! Dynamic values: in fields, of any file, and in JSON.

use persist_core::{Dumper, ErrorKind, Limits, Loader, Protocol, Value, dumps, inspect, loads};
use persist_derive::Persist;

use crate::model::{cbor, json};

fn text(value: &str) -> Value {
    Value::from(value)
}

fn map<const N: usize>(entries: [(Value, Value); N]) -> Value {
    Value::Map(entries.into())
}

fn all() -> Vec<Value> {
    vec![
        Value::Null,
        true.into(),
        Value::Int(i128::MIN),
        Value::Int(i128::MAX),
        Value::Int(-(1 << 64)),
        Value::Int(-(1 << 64) - 1),
        Value::Int(1 << 64),
        Value::from(u64::MAX),
        Value::from(u128::MAX),
        Value::Int(-1),
        Value::Float(0.1),
        Value::Float(1.0),
        Value::Float(1e300),
        Value::Float(-0.0),
        Value::Float(f64::INFINITY),
        Value::Float(f64::NEG_INFINITY),
        text("text \u{1F980}"),
        Value::Bytes(vec![0, 255]),
        Value::List(vec![]),
        Value::List(vec![1.into(), text("a"), Value::Null]),
        map([]),
        map([(text("a"), 1.into()), (text("b"), Value::List(vec![]))]),
        map([(1.into(), text("one")), (Value::Null, text("nothing")), (Value::Float(1.0), text("float"))]),
        map([(map([(1.into(), 2.into())]), 3.into())]),
        Value::Record("Point".into(), vec![("x".into(), 1.into()), ("y".into(), Value::Float(f64::INFINITY))]),
        Value::Record("Unit".into(), vec![]),
        Value::Record("Odd".into(), vec![("@bytes".into(), text("00"))]),
        Value::Variant("Kind".into(), "A".into(), Box::new(Value::Null)),
        Value::Variant("Kind".into(), "B".into(), Box::new(Value::List(vec![1.into()]))),
        Value::Tagged(1, Box::new(1_700_000_000.into())),
        Value::Tagged(2, Box::new(Value::Bytes(vec![1; 17]))),
        Value::Tagged(27, Box::new(text("no object"))),
        Value::Tagged(27, Box::new(Value::List(vec![1.into(), 2.into()]))),
        map([(text("@bytes"), text("00"))]),
        map([(text("@map"), Value::List(vec![]))]),
        map([(text("@other"), 1.into())]),
        map([(text("@record"), Value::List(vec![text("R"), map([(text("a"), 1.into())])]))]),
        map([(text("@record"), Value::List(vec![text("R"), Value::Bytes(vec![7])])), (text("x"), 1.into())]),
    ]
}

#[test]
fn dynamic_values_come_back() {
    let all = all();
    for value in all.iter().chain([&Value::List(all.clone()), &Value::List(all.iter().rev().cloned().collect())]) {
        for protocol in [Protocol::Json, Protocol::Cbor, Protocol::Packed] {
            let bytes = Dumper::new().protocol(protocol).dumps(value).unwrap();
            assert_eq!(&loads::<Value>(&bytes).unwrap(), value, "{protocol:?} {}", String::from_utf8_lossy(&bytes));
            if protocol != Protocol::Packed {
                assert_eq!(&inspect(&bytes).unwrap(), value);
            }
        }
    }
    let bytes = Dumper::new().protocol(Protocol::Json).dumps(&Value::Float(f64::NAN)).unwrap();
    assert!(loads::<Value>(&bytes).unwrap().as_f64().unwrap().is_nan());
}

#[test]
fn values_are_fields() {
    #[derive(Persist, Debug, PartialEq)]
    #[persist(crate = persist_core)]
    struct Holder {
        any: Value,
        maybe: Option<Value>,
        list: Vec<Value>,
    }
    for value in all() {
        let holder =
            Holder { any: value.clone(), maybe: Some(value.clone()), list: vec![value, Value::Null, 1.into()] };
        for protocol in [Protocol::Json, Protocol::Cbor, Protocol::Packed] {
            let bytes = Dumper::new().protocol(protocol).dumps(&holder).unwrap();
            assert_eq!(loads::<Holder>(&bytes).unwrap(), holder, "{protocol:?}");
        }
    }
}

#[test]
fn values_of_what_others_wrote() {
    let value = serde_json::json!({"a": [1, -2.5, null, true], "b": {"c": "\u{e9}"}});
    let expected = map([
        (text("a"), Value::List(vec![1.into(), Value::Float(-2.5), Value::Null, true.into()])),
        (text("b"), map([(text("c"), text("\u{e9}"))])),
    ]);
    assert_eq!(loads::<Value>(&json(&value)).unwrap(), expected);
    assert_eq!(loads::<Value>(&cbor(&value)).unwrap(), expected);
    // What is not quite one of our spellings is what it looks like.
    for text in [
        r#"{"@bytes": "0"}"#,
        r#"{"@bytes": "0g"}"#,
        r#"{"@float": 1}"#,
        r#"{"@map": [[1]]}"#,
        r#"{"@record": ["A", {"a": 1}, 2]}"#,
        r#"{"@record": {"a": 1}}"#,
        r#"{"@variant": ["A", 1, 2]}"#,
        r#"{"@tag": [-1, 2]}"#,
        r#"{"@id": 1}"#,
        r#"{"@bytes": "00", "more": 1}"#,
    ] {
        let value = loads::<Value>(text.as_bytes()).unwrap();
        assert_eq!(value.to_string(), text);
    }
}

#[test]
fn items_are_kept_as_they_are() {
    // An indefinite list with a tag in it, and a simple value that is not known.
    let item = [0x9F, 0xC1, 0x18, 0x01, 0xF7, 0xFF];
    let expected = Value::List(vec![Value::Tagged(1, Box::new(1.into())), Value::Null]);
    assert_eq!(loads::<Value>(&item).unwrap(), expected);
    assert_eq!(inspect(&item).unwrap(), expected);
    assert!(loads::<Value>(&[0xF0]).unwrap_err().is(ErrorKind::Corrupt));
    assert!(inspect(&[0xF8, 0x10]).unwrap_err().is(ErrorKind::Corrupt));
}

#[test]
fn keys_that_occur_twice_are_errors() {
    let many: Vec<String> = (0..100).map(|i| format!("\"k{}\": 1", i % 99)).collect();
    let many = format!("{{{}}}", many.join(","));
    for text in [r#"{"a": 1, "a": 2}"#, &many, r#"{"@map": [[1, 2], [1, 3]]}"#] {
        let error = loads::<Value>(text.as_bytes()).unwrap_err();
        assert!(error.is(ErrorKind::Value) && error.to_string().contains("twice"), "{error}");
    }
    for bytes in [&[0xA2, 1, 1, 1, 2][..], &[0xA2, 0xF9, 0x7E, 0, 1, 0xF9, 0x7E, 0, 2], &[0xA2, 0x80, 1, 0x80, 2]] {
        assert!(inspect(bytes).unwrap_err().is(ErrorKind::Value));
        assert!(loads::<Value>(bytes).unwrap_err().is(ErrorKind::Value));
    }
}

#[test]
fn values_have_a_depth_limit() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    loads::<Value>(deep(1_000).as_bytes()).unwrap();
    for levels in [1_001, 100_000] {
        let error = loads::<Value>(deep(levels).as_bytes()).unwrap_err();
        assert!(error.is(ErrorKind::Limit) && error.to_string().contains("Limits::depth"), "{error}");
        let mut bytes = vec![0x81; levels];
        bytes.push(0x80);
        assert!(loads::<Value>(&bytes).unwrap_err().is(ErrorKind::Limit));
        assert!(inspect(&bytes).unwrap_err().is(ErrorKind::Limit));
    }
    assert!(loads::<Value>("[".repeat(100_000).as_bytes()).is_err());
    assert!(loads::<Value>("{\"a\":".repeat(100_000).as_bytes()).is_err());
    let mut tags = vec![0xC7; 100_000];
    tags.push(1);
    assert!(loads::<Value>(&tags).unwrap_err().is(ErrorKind::Limit));
    let limits = Limits { depth: 3_000, ..Limits::default() };
    let mut loader = Loader::new().limits(limits.clone());
    let value: Value = loader.loads(deep(3_000).as_bytes()).unwrap();
    assert!(dumps(&value).unwrap_err().is(ErrorKind::Limit));
    let bytes = persist_core::Dumper::new().limits(limits).dumps(&value).unwrap();
    assert_eq!(loader.loads::<Value>(&bytes).unwrap(), value);
}
