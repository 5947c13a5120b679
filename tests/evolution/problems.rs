//! What cannot be read is told whole, and at its place.

use std::collections::BTreeMap;

use persist::{ErrorKind, Persist, Protocol, dumps, inspect, loads};

use crate::{PROTOCOLS, refused};

#[derive(Persist, Clone)]
struct OldInner {
    a: u8,
    b: String,
    flag: bool,
}

#[derive(Persist, Clone)]
struct Old {
    name: u64,
    inner: Vec<Option<OldInner>>,
    map: BTreeMap<u8, OldInner>,
    port: u8,
}

#[derive(Persist, Debug)]
#[allow(dead_code)]
struct NewInner {
    #[persist(rename = "renamed")]
    a: u8,
    b: u32,
    flag: bool,
}

#[derive(Persist, Debug)]
#[allow(dead_code)]
struct New {
    name: String,
    inner: Vec<Option<NewInner>>,
    map: BTreeMap<u8, OldInnerFlags>,
    port: u8,
    added: u8,
}

#[derive(Persist, Debug)]
#[allow(dead_code)]
struct OldInnerFlags {
    flag: u8,
}

fn old() -> Old {
    let inner = OldInner { a: 1, b: "b".into(), flag: true };
    Old { name: 1, inner: vec![Some(inner.clone()), None], map: [(1, inner)].into(), port: 1 }
}

#[test]
fn all_problems_are_told_at_once() {
    let error = refused::<_, New>(Protocol::Packed, &old());
    assert_eq!(error.kind(), ErrorKind::Shape);
    let text = error.to_string();
    for part in [
        "in 5 places",
        "New.name: ",
        "`u64`",
        "`String`",
        "New.inner[..].renamed: ",
        "alias = \"a\"",
        "New.inner[..].b: ",
        "New.map[..].flag: ",
        "New.added: ",
        "#[persist(default)]",
    ] {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

#[test]
fn missing_fields_of_a_record_are_told_at_once() {
    for protocol in [Protocol::Json, Protocol::Cbor] {
        let text = refused::<_, OldAndMore>(protocol, &OldInner { a: 1, b: "b".into(), flag: true }).to_string();
        assert!(text.contains("`x`, `y`") && text.contains("OldAndMore"), "{text}");
    }
    #[derive(Persist)]
    #[allow(dead_code)]
    struct OldAndMore {
        x: u8,
        a: u8,
        y: u8,
    }
}

#[test]
fn nothing_is_read_by_the_wrong_name_of_a_style() {
    #[derive(Persist)]
    struct Named {
        a: u8,
    }
    #[derive(Persist)]
    #[allow(dead_code)]
    struct Tuple(#[persist(default)] u8);
    for protocol in PROTOCOLS {
        refused::<_, Tuple>(protocol, &Named { a: 1 });
    }
}

#[test]
fn a_file_that_is_refused_is_still_seen() {
    let bytes = dumps(&old()).unwrap();
    assert!(loads::<New>(&bytes).is_err());
    let value = inspect(&bytes).unwrap();
    assert_eq!(value.get("port").and_then(persist::Value::as_i64), Some(1));
}
