//! Types of all shapes, with the traits of this crate and of serde.

use std::collections::{BTreeMap, BTreeSet};

use persist_derive::Persist;
use serde::{Deserialize, Serialize};

#[derive(Persist, Serialize, Deserialize, PartialEq, Debug, Clone, Default)]
#[persist(crate = persist_core)]
pub(crate) struct Job {
    pub id: u64,
    pub name: String,
    pub at: Point,
    pub wide: (i128, u128),
    pub flags: [bool; 3],
    pub letter: char,
    pub nothing: (),
    pub unit: Unit,
    pub wrapped: Wrapped,
    pub pair: Pair,
    pub spare: Option<Box<Point>>,
    pub by_name: BTreeMap<String, Kind>,
    pub by_number: BTreeMap<i8, Vec<u16>>,
    pub by_kind: BTreeMap<Color, char>,
    pub by_flag: BTreeMap<bool, u8>,
    pub words: BTreeSet<String>,
    pub kinds: Vec<Kind>,
    pub tree: Tree,
    pub outcome: Option<Result<u8, String>>,
    pub floats: Vec<f32>,
    pub points: Vec<[Point; 2]>,
}

#[derive(Persist, Serialize, Deserialize, PartialEq, Debug, Clone, Copy, Default)]
#[persist(crate = persist_core)]
pub(crate) struct Point {
    pub x: f32,
    pub y: f64,
}

#[derive(Persist, Serialize, Deserialize, PartialEq, Debug, Clone, Default)]
#[persist(crate = persist_core)]
pub(crate) struct Unit;

#[derive(Persist, Serialize, Deserialize, PartialEq, Debug, Clone, Default)]
#[persist(crate = persist_core)]
pub(crate) struct Wrapped(pub String);

#[derive(Persist, Serialize, Deserialize, PartialEq, Debug, Clone, Default)]
#[persist(crate = persist_core)]
pub(crate) struct Pair(pub u8, pub i16);

#[derive(Persist, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Debug, Clone, Copy)]
#[persist(crate = persist_core)]
pub(crate) enum Color {
    Red,
    Green,
}

#[derive(Persist, Serialize, Deserialize, PartialEq, Debug, Clone)]
#[persist(crate = persist_core)]
pub(crate) enum Kind {
    Nothing,
    Number(i64),
    Both(u8, Option<String>),
    Named { left: f32, right: Vec<Kind> },
}

#[derive(Persist, Serialize, Deserialize, PartialEq, Debug, Clone, Default)]
#[persist(crate = persist_core)]
pub(crate) struct Tree {
    pub value: i32,
    pub children: Vec<Tree>,
    pub next: Option<Box<Tree>>,
    pub by_name: BTreeMap<String, Tree>,
    pub id: u128,
}

pub(crate) fn kind(n: u32) -> Kind {
    match n % 5 {
        0 => Kind::Nothing,
        1 => Kind::Number(-i64::from(n) << 30),
        2 => Kind::Both(n as u8, n.is_multiple_of(2).then(|| format!("\u{1F980} \"{n}\"\n"))),
        _ => Kind::Named { left: 0.1 + n as f32, right: (0..n % 3).map(|i| kind(n / 5 + i)).collect() },
    }
}

pub(crate) fn tree(depth: u32, seed: &mut u32) -> Tree {
    *seed += 1;
    let n = *seed;
    let below = |seed: &mut u32| tree(depth - 1, seed);
    Tree {
        value: -(n as i32),
        children: (0..if depth == 0 { 0 } else { n % 3 }).map(|_| below(seed)).collect(),
        next: (depth != 0 && n.is_multiple_of(2)).then(|| Box::new(below(seed))),
        by_name: (0..if depth == 0 { 0 } else { n % 2 }).map(|i| (format!("k{i}"), below(seed))).collect(),
        id: u128::MAX - u128::from(n),
    }
}

pub(crate) fn job(n: u32) -> Job {
    let point = Point { x: 0.1 + n as f32 / 3.0, y: -1.0 / (1.0 + f64::from(n)) };
    Job {
        id: u64::MAX - u64::from(n),
        name: format!("job {n} \u{e9}"),
        at: point,
        wide: (i128::MIN + i128::from(n), u128::MAX - u128::from(n)),
        flags: [n.is_multiple_of(2), true, false],
        letter: char::from_u32(0x1F600 + n % 70).unwrap(),
        nothing: (),
        unit: Unit,
        wrapped: Wrapped(n.to_string()),
        pair: Pair(n as u8, -5),
        spare: (n % 2 == 1).then(|| Box::new(point)),
        by_name: (0..n % 4).map(|i| (format!("key {i}"), kind(n + i))).collect(),
        by_number: [(-7, vec![n as u16]), (9, vec![])].into(),
        by_kind: [(Color::Red, 'r'), (Color::Green, '"')].into(),
        by_flag: [(true, 1), (false, 0)].into(),
        words: (0..n % 3).map(|i| format!("w{i}")).collect(),
        kinds: (0..n % 6).map(|i| kind(n + i)).collect(),
        tree: tree(n % 4, &mut 0),
        outcome: [None, Some(Ok(n as u8)), Some(Err("no".to_owned()))][n as usize % 3].clone(),
        floats: vec![0.3, 1e-38, f32::MAX, n as f32],
        points: vec![[point; 2]; n as usize % 3],
    }
}

/// The bytes that `ciborium` writes.
pub(crate) fn cbor<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// The text that `serde_json` writes.
pub(crate) fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}
