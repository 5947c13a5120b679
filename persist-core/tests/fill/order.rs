//! Fields in any order, missing ones, and those that are not known.

use persist_core::{ErrorKind, Limits, Loader, loads};
use persist_derive::Persist;
use serde_json::Value as Json;

use crate::model::*;

/// The value with the fields of all maps in another order.
fn shuffled(value: &Json, seed: &mut u64) -> Json {
    match value {
        Json::Array(items) => items.iter().map(|item| shuffled(item, seed)).collect(),
        Json::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().map(|(key, value)| (key.clone(), shuffled(value, seed))).collect();
            for i in (1..entries.len()).rev() {
                *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                entries.swap(i, (*seed >> 33) as usize % (i + 1));
            }
            // `serde_json` sorts keys unless told otherwise, so that the order is written as text below.
            Json::Array(vec![
                Json::String("object".to_owned()),
                entries.into_iter().map(|(key, value)| Json::Array(vec![key.into(), value])).collect(),
            ])
        }
        other => other.clone(),
    }
}

fn text_of(value: &Json, out: &mut String) {
    match value {
        Json::Array(items) if items.first().and_then(Json::as_str) == Some("object") => {
            out.push('{');
            for (i, entry) in items[1].as_array().unwrap().iter().enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                out.push_str(&entry[0].to_string());
                out.push(':');
                text_of(&entry[1], out);
            }
            out.push('}');
        }
        Json::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { "," });
                text_of(item, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// Ids small enough for `serde_json`'s own values, which hold no integers of 128 bits.
fn small(tree: &mut Tree) {
    tree.id &= 0xFFFF;
    tree.children.iter_mut().chain(tree.next.as_deref_mut()).chain(tree.by_name.values_mut()).for_each(small);
}

#[test]
fn fields_come_in_any_order() {
    let mut seed = 1;
    for n in 0..40 {
        let mut job = job(n);
        job.wide = (i128::from(n), 5);
        small(&mut job.tree);
        let value = serde_json::to_value(&job).unwrap();
        for _ in 0..10 {
            let mut text = String::new();
            text_of(&shuffled(&value, &mut seed), &mut text);
            assert_eq!(loads::<Job>(text.as_bytes()).unwrap(), job, "{text}");
        }
    }
}

#[test]
fn fields_of_cbor_come_in_any_order() {
    for n in 0..10 {
        let mut tree = tree(n % 6, &mut 0);
        small(&mut tree);
        // `serde_json` sorts the fields of its own values.
        assert_eq!(loads::<Tree>(&cbor(&serde_json::to_value(&tree).unwrap())).unwrap(), tree);
    }
}

#[test]
fn recursive_fields_that_come_early_are_exact() {
    let text = br#"{"next": {"by_name": {"a": {"id": 340282366920938463463374607431768211455, "by_name": {},
        "children": [], "value": 2}}, "next": null, "children": [], "value": -3,
        "id": 170141183460469231731687303715884105728}, "id": 1, "by_name": {}, "value": 1, "children": []}"#;
    let tree: Tree = loads(text).unwrap();
    let next = tree.next.unwrap();
    assert_eq!((next.value, next.id), (-3, 1 << 127));
    assert_eq!(next.by_name["a"].id, u128::MAX);
}

#[derive(Persist, PartialEq, Debug)]
#[persist(crate = persist_core)]
struct Fork {
    left: Option<Box<Fork>>,
    right: Option<Box<Fork>>,
    #[persist(default)]
    label: String,
}

fn depth(fork: &Fork) -> usize {
    1 + fork.left.iter().chain(&fork.right).map(|fork| depth(fork)).max().unwrap_or(0)
}

#[test]
fn a_deep_value_in_another_order_takes_linear_time() {
    // Each level comes before its sibling, which is to be read first.
    let depths = 900;
    let mut text = String::new();
    for _ in 0..depths {
        text.push_str(r#"{"right":"#);
    }
    text.push_str(r#"{"right": null, "left": null, "label": ""#);
    text.extend(std::iter::repeat_n('x', 4 << 20));
    text.push_str("\"}");
    for _ in 0..depths {
        text.push_str(r#", "left": null}"#);
    }
    let start = std::time::Instant::now();
    assert_eq!(depth(&loads::<Fork>(text.as_bytes()).unwrap()), depths + 1);
    // Passing over the long text once a level would be nearly 4 GB.
    assert!(start.elapsed().as_secs() < 20, "it took {:?}", start.elapsed());
}

#[derive(Persist, PartialEq, Debug)]
#[persist(crate = persist_core)]
struct Old {
    id: u32,
    note: Option<String>,
    #[persist(default = 7)]
    weight: u8,
    #[persist(default)]
    links: Vec<Old>,
}

#[test]
fn fields_may_be_missing_or_unknown() {
    let old = Old { id: 1, note: None, weight: 7, links: vec![] };
    assert_eq!(loads::<Old>(br#"{"id": 1}"#).unwrap(), old);
    assert_eq!(loads::<Old>(br#"{"new": [{"a": [1, "\u00e9", null]}], "id": 1, "newer": -1.5e3}"#).unwrap(), old);
    assert_eq!(loads::<Old>(&cbor(&serde_json::json!({"x": [{}, {"y": [1.5]}], "id": 1, "z": {}}))).unwrap(), old);
    let full = Old { id: 2, note: Some(String::new()), weight: 0, links: vec![old] };
    assert_eq!(loads::<Old>(br#"{"links": [{"id": 1}], "weight": 0, "note": "", "id": 2}"#).unwrap(), full);
    assert_eq!(loads::<Vec<Old>>(br#"[{"id": 1, "weight": 1}, {"id": 2}]"#).unwrap()[1].weight, 7);

    let error = loads::<Old>(br#"{"note": "x"}"#).unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Shape, "Old.id"));
    assert!(
        error.to_string().contains("`id` is missing") && error.to_string().contains("#[persist(default)]"),
        "{error}"
    );
    let error = loads::<Old>(br#"{"id": 1, "id": 2}"#).unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Value, "Old.id"));
    assert!(error.to_string().contains("twice"), "{error}");
}

#[test]
fn unknown_fields_have_a_depth_limit() {
    let nested = |levels: usize| format!(r#"{{"x": {}1{}, "id": 1}}"#, "[".repeat(levels), "]".repeat(levels));
    loads::<Old>(nested(1_500).as_bytes()).unwrap();
    let error = loads::<Old>(nested(100_000).as_bytes()).unwrap_err();
    assert!(error.is(ErrorKind::Limit) && error.to_string().contains("Limits::depth"), "{error}");
    let mut loader = Loader::new().limits(Limits { depth: 100_000, ..Limits::default() });
    loader.loads::<Old>(nested(100_000).as_bytes()).unwrap();
}
