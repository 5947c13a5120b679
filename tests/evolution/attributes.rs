//! Fields that a type does not know, and that it keeps.

use std::collections::{BTreeMap, HashMap};

use persist::{Dumper, ErrorKind, Persist, Protocol, Value, dumps, loads};

use crate::{PROTOCOLS, evolves, through};

#[derive(Persist, Clone, Debug, PartialEq)]
struct New {
    id: u32,
    name: String,
    size: f64,
    tags: Vec<String>,
}

/// An older program, which is careful.
#[derive(Persist, Clone, Debug, PartialEq)]
struct Old {
    id: u32,
    #[persist(unknown)]
    rest: BTreeMap<String, Value>,
    tags: Vec<String>,
}

fn new() -> New {
    New { id: 1, name: "n".into(), size: 0.5, tags: vec!["t".into()] }
}

fn kept() -> Old {
    let rest = [("name".to_owned(), Value::from("n")), ("size".to_owned(), Value::from(0.5))];
    Old { id: 1, rest: rest.into(), tags: vec!["t".into()] }
}

#[test]
fn unknown_fields_are_kept() {
    evolves(&new(), &kept());
    evolves(&kept(), &kept());
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Less {
        id: u32,
        tags: Vec<String>,
    }
    let less = Less { id: 1, tags: vec!["t".into()] };
    evolves(&less, &Old { rest: BTreeMap::new(), ..kept() });
    evolves(&kept(), &less);
}

#[test]
fn unknown_fields_go_back_to_a_program_that_knows_them() {
    evolves(&kept(), &new());
    let text = Dumper::new().protocol(Protocol::Json).dumps(&kept()).unwrap();
    assert_eq!(text, br#"{"id":1,"name":"n","size":0.5,"tags":["t"]}"#);
}

#[test]
fn unknown_fields_of_any_shape_are_kept() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum Choice {
        A(u8),
        B { x: Option<u8> },
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum Message {
        Put {
            key: String,
            choices: Vec<Choice>,
            map: BTreeMap<String, [u16; 2]>,
        },
        #[allow(dead_code)]
        Stop,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum Kept {
        Put {
            key: String,
            #[persist(unknown)]
            rest: HashMap<String, Value>,
        },
        #[allow(dead_code)]
        Stop,
    }
    let put = Message::Put {
        key: "k".into(),
        choices: vec![Choice::A(1), Choice::B { x: None }],
        map: [("m".to_owned(), [1, 2])].into(),
    };
    for protocol in PROTOCOLS {
        let kept: Kept = through(protocol, &put).unwrap();
        let Kept::Put { key, rest } = &kept else { panic!("{kept:?}") };
        assert_eq!((key.as_str(), rest.len()), ("k", 2));
        let again: Message = through(protocol, &kept).unwrap();
        assert_eq!(again, put, "{protocol:?}");
    }
}

#[test]
fn names_are_not_given_twice() {
    let mut value = kept();
    value.rest.insert("id".into(), Value::from(2));
    for protocol in [Protocol::Json, Protocol::Cbor] {
        let error = Dumper::new().protocol(protocol).dumps(&value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Value);
        assert!(error.to_string().contains("`id`"), "{error}");
    }
    // A packed file holds them apart.
    assert_eq!(loads::<Old>(&dumps(&value).unwrap()).unwrap(), value);
    let text = br#"{"id":1,"a":1,"a":2,"tags":[]}"#;
    assert_eq!(loads::<Old>(text).unwrap_err().kind(), ErrorKind::Value);
}
