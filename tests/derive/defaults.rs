//! Fields that may be absent from what is loaded.

use persist::{Context, ErrorKind, Persist, Result, loads};

use crate::{back, json};

#[derive(Persist, Clone, Debug, PartialEq)]
struct Settings<T> {
    name: String,
    #[persist(default)]
    size: u32,
    #[persist(default = Self::three())]
    three: u8,
    #[persist(default = vec![1, 2])]
    list: Vec<u8>,
    #[persist(default)]
    value: Option<T>,
    #[persist(default = 0.5)]
    half: f64,
    #[persist(default = "none".to_owned(), with = shout)]
    loud: String,
    last: bool,
}

impl<T> Settings<T> {
    fn three() -> u8 {
        3
    }
}

mod shout {
    use super::*;

    pub(crate) fn get_state(text: &str) -> Result<String> {
        Ok(text.to_uppercase())
    }

    pub(crate) fn set_state(text: String, _: &Context) -> Result<String> {
        Ok(text.to_lowercase())
    }
}

fn full() -> Settings<u16> {
    Settings {
        name: "n".into(),
        size: 1,
        three: 4,
        list: vec![],
        value: Some(7),
        half: 1.5,
        loud: "hush".into(),
        last: true,
    }
}

fn absent(name: &str) -> Settings<u16> {
    let (list, loud) = (vec![1, 2], "none".into());
    Settings { name: name.into(), size: 0, three: 3, list, value: None, half: 0.5, loud, last: false }
}

#[test]
fn what_is_there_comes_back() {
    back(&full());
    back(&vec![absent("a"), full()]);
    assert_eq!(
        json(&full()),
        r#"{"name":"n","size":1,"three":4,"list":[],"value":7,"half":1.5,"loud":"HUSH","last":true}"#
    );
}

#[test]
fn what_is_absent_has_its_default() {
    assert_eq!(loads::<Settings<u16>>(br#"{"name":"n","last":false}"#).unwrap(), absent("n"));
    let many =
        r#"[{"name":"a","last":false},{"name":"b","last":false,"three":3,"list":[1,2]},{"name":"c","last":false}]"#;
    assert_eq!(loads::<Vec<Settings<u16>>>(many.as_bytes()).unwrap(), ["a", "b", "c"].map(absent));
    let error = loads::<Settings<u16>>(br#"{"last":false}"#).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape, "{error}");
}

/// A struct of floats is none any more once a field may be absent.
#[derive(Persist, Clone, Debug, PartialEq)]
struct Point {
    x: f32,
    #[persist(default = 1.0)]
    y: f32,
}

#[derive(Persist, Clone, Debug, PartialEq)]
enum Choice {
    Named {
        a: u8,
        #[persist(default = u8::MAX)]
        b: u8,
        #[persist(default, with = shout)]
        c: String,
    },
    Tuple(u8, #[persist(default)] u16, #[persist(default = vec![Choice::Unit])] Vec<Choice>),
    Unit,
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Rebuilt {
    a: u8,
    #[persist(default = Self::ten())]
    b: u8,
    #[transient(rebuild = a + b)]
    sum: u8,
}

impl Rebuilt {
    fn ten() -> u8 {
        10
    }
}

#[test]
fn in_every_form() {
    back(&vec![Point { x: 0.5, y: 0.25 }; 3]);
    assert_eq!(loads::<Point>(br#"{"x":0.5}"#).unwrap(), Point { x: 0.5, y: 1.0 });

    back(&vec![
        Choice::Named { a: 1, b: 2, c: "c".into() },
        Choice::Unit,
        Choice::Tuple(1, 2, vec![Choice::Tuple(3, 4, vec![])]),
    ]);
    assert_eq!(
        loads::<Vec<Choice>>(br#"[{"Named":{"a":1}},"Unit",{"Named":{"a":2,"b":3,"c":"C"}}]"#).unwrap(),
        [Choice::Named { a: 1, b: 255, c: String::new() }, Choice::Unit, Choice::Named { a: 2, b: 3, c: "c".into() },]
    );

    back(&Rebuilt { a: 1, b: 2, sum: 3 });
    assert_eq!(loads::<Rebuilt>(br#"{"a":1}"#).unwrap(), Rebuilt { a: 1, b: 10, sum: 11 });
}

#[test]
fn lists_may_end_early() {
    assert_eq!(
        loads::<Vec<Choice>>(br#"[{"Tuple":[5]},{"Tuple":[6,7]},{"Tuple":[8,9,[]]}]"#).unwrap(),
        [Choice::Tuple(5, 0, vec![Choice::Unit]), Choice::Tuple(6, 7, vec![Choice::Unit]), Choice::Tuple(8, 9, vec![]),]
    );
    assert!(loads::<Choice>(br#"{"Tuple":[]}"#).is_err());
}
