//! Options, boxes and other wrappers around a type.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use persist::{ErrorKind, Persist, Protocol};

use crate::{PROTOCOLS, evolves, refused, refuses, through};

#[test]
fn a_type_becomes_an_option() {
    evolves(&5u8, &Some(5u8));
    evolves(&"a".to_owned(), &Some("a".to_owned()));
    evolves(&0.5f32, &Some(0.5f64));
    evolves(&vec![1u8, 2], &Some(vec![1u8, 2]));
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Old {
        name: String,
        point: (f32, f32),
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        name: Option<String>,
        point: Option<(f32, f32)>,
    }
    evolves(&Old { name: "n".into(), point: (1.0, 2.0) }, &New { name: Some("n".into()), point: Some((1.0, 2.0)) });
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Maybe {
    name: Option<String>,
    ratio: Option<f64>,
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Surely {
    name: String,
    ratio: f64,
}

#[test]
fn an_option_becomes_its_type() {
    evolves(&Some(5u8), &5u8);
    evolves(&Maybe { name: Some("n".into()), ratio: Some(0.5) }, &Surely { name: "n".into(), ratio: 0.5 });
}

#[test]
fn missing_values_are_counted() {
    let rows: Vec<Maybe> = (0..100).map(|i| Maybe { name: (i % 4 != 0).then(String::new), ratio: Some(1.0) }).collect();
    let error = refused::<_, Vec<Surely>>(Protocol::Packed, &rows);
    assert_eq!(error.kind(), ErrorKind::Value);
    let text = error.to_string();
    assert!(text.contains("25 of 100") && text.contains("Surely.name") && text.contains("default"), "{text}");
    refuses::<_, Vec<Surely>>(&rows, &["name"]);
}

#[test]
fn missing_values_have_a_default() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        #[persist(default = "none".into())]
        name: String,
        #[persist(default)]
        ratio: f64,
    }
    let old = [Maybe { name: None, ratio: Some(0.5) }, Maybe { name: Some("n".into()), ratio: None }];
    let new = [New { name: "none".into(), ratio: 0.5 }, New { name: "n".into(), ratio: 0.0 }];
    for protocol in PROTOCOLS {
        assert_eq!(through::<_, Vec<New>>(protocol, &old.to_vec()).unwrap(), new);
    }
    // Also where such a file is read by name.
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Old {
        list: Vec<u8>,
        maybe: Option<String>,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Fixed {
        list: [u8; 2],
        #[persist(default = "none".into())]
        maybe: String,
    }
    evolves(&Old { list: vec![1, 2], maybe: None }, &Fixed { list: [1, 2], maybe: "none".into() });
}

#[test]
fn boxes_come_and_go() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Inner {
        a: u8,
        b: String,
    }
    let inner = Inner { a: 1, b: "b".into() };
    evolves(&inner, &Box::new(inner.clone()));
    evolves(&Box::new(inner.clone()), &inner);
    evolves(&Some(inner.clone()), &Some(Box::new(inner.clone())));
    evolves(&(Box::new(inner.clone()), 1u8), &(inner.clone(), 1u16));
    evolves(&Box::new(0.5f64), &0.5f64);
    evolves(&0.5f64, &Box::new(0.5f64));
    evolves(&(0.5f32, 1.0f32), &Box::new((0.5f64, 1.0f64)));
    evolves(&Box::new(Box::new(3u8)), &3u32);
}

#[test]
fn cells_and_cows_are_their_types() {
    evolves(&5u8, &Cell::new(5u8));
    evolves(&Cell::new(5u8), &5u8);
    evolves(&"a".to_owned(), &RefCell::new("a".to_owned()));
    evolves(&Cow::Borrowed("a"), &"a".to_owned());
}
