//! Fields that were added, removed, reordered, renamed, or left out.

use persist::{ErrorKind, Persist, Protocol};

use crate::{evolves, evolves_in, refused, refuses};

#[derive(Persist, Clone, Debug, PartialEq)]
struct Old {
    id: u32,
    name: String,
    ratio: f64,
    tags: Vec<String>,
}

fn old() -> Old {
    Old { id: 7, name: "seven".into(), ratio: 0.5, tags: vec!["a".into(), String::new()] }
}

#[test]
fn field_added_with_default() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        id: u32,
        #[persist(default)]
        count: u64,
        name: String,
        ratio: f64,
        #[persist(default = vec![1, 2])]
        list: Vec<u8>,
        tags: Vec<String>,
        #[persist(default = "x".to_owned())]
        text: String,
    }
    let Old { id, name, ratio, tags } = old();
    evolves(&old(), &New { id, count: 0, name, ratio, list: vec![1, 2], tags, text: "x".into() });
}

#[test]
fn field_added_option() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        id: u32,
        note: Option<String>,
        name: String,
        ratio: f64,
        point: Option<(f32, f32)>,
        tags: Vec<String>,
    }
    let Old { id, name, ratio, tags } = old();
    evolves(&old(), &New { id, note: None, name, ratio, point: None, tags });
}

#[test]
fn field_added_otherwise_is_refused() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        id: u32,
        name: String,
        ratio: f64,
        tags: Vec<String>,
        size: u64,
    }
    refuses::<_, New>(&old(), &["New.size", "`size`", "#[persist(default)]"]);
    refuses::<_, Vec<Option<New>>>(&vec![Some(old())], &["size"]);
}

#[test]
fn field_removed() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        id: u32,
        tags: Vec<String>,
    }
    evolves(&old(), &New { id: 7, tags: old().tags });
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Nothing {}
    evolves(&old(), &Nothing {});
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Ratio {
        ratio: f64,
    }
    evolves(&old(), &Ratio { ratio: 0.5 });
}

#[test]
fn field_removed_of_every_kind() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Everything {
        first: u8,
        unit: (),
        flag: bool,
        letter: char,
        large: i128,
        run: [f32; 3],
        option: Option<Box<Everything>>,
        list: Vec<(String, Vec<f64>)>,
        array: [Option<u16>; 2],
        choice: Result<u8, String>,
        value: persist::Value,
        address: std::net::Ipv4Addr,
        last: String,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Ends {
        first: u8,
        last: String,
    }
    let inner = Everything {
        first: 1,
        unit: (),
        flag: true,
        letter: 'x',
        large: -1 << 100,
        run: [1.0, 2.0, 3.0],
        option: None,
        list: vec![("a".into(), vec![1.5]), (String::new(), vec![])],
        array: [Some(3), None],
        choice: Err("e".into()),
        value: persist::Value::from("v"),
        address: std::net::Ipv4Addr::LOCALHOST,
        last: "last".into(),
    };
    let whole = Everything { option: Some(Box::new(inner.clone())), ..inner.clone() };
    evolves(&inner, &Ends { first: 1, last: "last".into() });
    evolves(&whole, &Ends { first: 1, last: "last".into() });
}

#[test]
fn field_removed_is_refused_where_unknown_ones_are_denied() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    #[persist(deny_unknown_fields)]
    struct New {
        id: u32,
        name: String,
        tags: Vec<String>,
    }
    refuses::<_, New>(&old(), &["ratio", "New"]);
    #[derive(Persist, Clone, Debug, PartialEq)]
    #[persist(deny_unknown_fields)]
    enum Choice {
        A {
            x: u8,
        },
        #[allow(dead_code)]
        B,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum Before {
        A {
            x: u8,
            y: u8,
        },
        #[allow(dead_code)]
        B,
    }
    refuses::<_, Choice>(&Before::A { x: 1, y: 2 }, &["`y`", "Choice::A"].map(|said| said.trim_matches('`')));
}

#[test]
fn fields_reordered() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        tags: Vec<String>,
        ratio: f64,
        id: u32,
        name: String,
    }
    let Old { id, name, ratio, tags } = old();
    evolves(&old(), &New { tags, ratio, id, name });
}

#[test]
fn field_renamed_keeps_its_saved_name() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        #[persist(rename = "id")]
        number: u32,
        #[persist(rename = "name")]
        title: String,
        ratio: f64,
        tags: Vec<String>,
    }
    let Old { id: number, name: title, ratio, tags } = old();
    evolves(&old(), &New { number, title, ratio, tags });
}

#[test]
fn field_renamed_has_an_alias() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        #[persist(alias = "key", alias = "id")]
        number: u32,
        #[persist(alias = "name", default)]
        title: String,
        ratio: f64,
        tags: Vec<String>,
    }
    let Old { id: number, name: title, ratio, tags } = old();
    evolves(&old(), &New { number, title: title.clone(), ratio, tags: tags.clone() });
    // Its own name, too.
    let new = New { number, title, ratio, tags };
    evolves(&new, &new);
}

#[test]
fn both_names_of_a_field_are_refused() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        #[persist(alias = "id", alias = "name")]
        one: persist::Value,
        #[persist(default)]
        ratio: f64,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Before {
        id: persist::Value,
        name: persist::Value,
    }
    refuses::<_, New>(&Before { id: 1.into(), name: 2.into() }, &["name"]);
}

#[test]
fn field_becomes_transient_and_back() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        id: u32,
        #[transient(rebuild = format!("id {id}"))]
        name: String,
        ratio: f64,
        #[transient]
        tags: Vec<String>,
    }
    let new = New { id: 7, name: "id 7".into(), ratio: 0.5, tags: vec![] };
    evolves(&old(), &new);
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Again {
        id: u32,
        #[persist(default = "none".into())]
        name: String,
        ratio: f64,
        #[persist(default)]
        tags: Vec<String>,
    }
    evolves(&new, &Again { id: 7, name: "none".into(), ratio: 0.5, tags: vec![] });
    let error = refused::<New, Old>(Protocol::Packed, &new);
    assert_eq!(error.kind(), ErrorKind::Shape);
}

#[test]
fn tuple_fields_are_matched_by_position() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Two(u8, String);
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Three(u8, String, #[persist(default)] u64);
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct One(u8);
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Four(u8, String, Option<u8>, #[persist(default)] u64);
    evolves(&Two(1, "a".into()), &Three(1, "a".into(), 0));
    evolves(&Two(1, "a".into()), &Four(1, "a".into(), None, 0));
    evolves(&Three(1, "a".into(), 5), &Two(1, "a".into()));
    // In the protocols without schema a list of one is no bare value.
    evolves_in(Protocol::Packed, &Two(1, "a".into()), &One(1));
}

#[test]
fn fields_of_floats_come_and_go() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Flat {
        x: f32,
        y: f32,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Solid {
        z: Option<f32>,
        y: f64,
        x: f32,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Line {
        y: f64,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Labelled {
        x: f32,
        #[persist(default)]
        label: String,
        y: f32,
    }
    let flat = Flat { x: 0.5, y: -2.0 };
    evolves(&flat, &Solid { z: None, y: -2.0, x: 0.5 });
    evolves(&flat, &Line { y: -2.0 });
    let labelled = Labelled { x: 0.5, label: String::new(), y: -2.0 };
    evolves(&flat, &labelled);
    evolves(&labelled, &flat);
    evolves(&Solid { z: Some(1.0), y: -2.0, x: 0.5 }, &Line { y: -2.0 });
    evolves(&[flat.clone(), flat], &[Line { y: -2.0 }, Line { y: -2.0 }]);
}

#[test]
fn container_default_stands_for_all_fields() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    #[persist(default)]
    struct New {
        id: u32,
        size: u8,
        name: String,
        flag: bool,
        #[persist(default = 9)]
        nine: u8,
        ratio: f64,
        tags: Vec<String>,
    }
    impl Default for New {
        fn default() -> Self {
            New { id: 1, size: 2, name: "n".into(), flag: true, nine: 3, ratio: 4.0, tags: vec![] }
        }
    }
    let Old { id, name, ratio, tags } = old();
    evolves(&old(), &New { id, size: 2, name, flag: true, nine: 9, ratio, tags });
    #[derive(Persist, Clone, Debug, PartialEq)]
    #[persist(default = Pair(3, "three".into()))]
    struct Pair(u8, String);
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Nothing {}
    evolves_in(Protocol::Packed, &Nothing {}, &Pair(3, "three".into()));
}
