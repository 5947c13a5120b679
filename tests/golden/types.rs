//! What has parts: options, sequences, sets, maps, tuples, structs and enums of every style, dynamic and foreign values.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZeroU32;
use std::ops::{Bound, Range};

use persist::{Context, Persist, Result, Value};
use serde::{Deserialize, Serialize};

use crate::folder::Golden;

#[derive(Persist, Clone, Debug)]
struct Named {
    id: u64,
    name: String,
    note: Option<String>,
    at: Point,
}

#[derive(Persist, Clone, Copy, Debug)]
struct Point {
    x: f32,
    y: f64,
}

#[derive(Persist, Clone, Debug)]
struct Pair(u16, String);

#[derive(Persist, Clone, Debug)]
struct Wrapped(Vec<u16>);

#[derive(Persist, Clone, Debug)]
struct Empty;

#[derive(Persist, Clone, Debug)]
struct NoFields {}

#[derive(Persist, Clone, Debug)]
enum Figure {
    Nothing,
    Circle(f32),
    Line(Point, Point),
    Label { text: String, at: Option<Point> },
    Hidden(),
}

#[derive(Persist, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Color {
    Red,
    Green,
}

pub(crate) fn cases(golden: &mut Golden) {
    options(golden);
    collections(golden);
    structs(golden);
    enums(golden);
    std_types(golden);
    dynamic(golden);
    foreign(golden);
    hooks(golden);
}

fn options(golden: &mut Golden) {
    golden.value("options/one", &(Some(5u8), None::<u8>, Some("text".to_owned())));
    golden.value("options/nested", &vec![None, Some(None), Some(Some(None)), Some(Some(Some(7u8)))]);
    golden.value("options/nothing", &vec![None, Some(()), None]);
    golden.value("options/maps", &vec![None, Some(None), Some(Some(BTreeMap::from([("Some".to_owned(), 1u8)])))]);
    golden.value("options/rows", &(0..20u16).map(|i| (i % 3 > 0).then_some(i)).collect::<Vec<_>>());
}

fn collections(golden: &mut Golden) {
    golden.value(
        "collections/empty",
        &(Vec::<u32>::new(), BTreeMap::<String, u8>::new(), BTreeSet::<u8>::new(), [0u16; 0]),
    );
    golden.value("collections/sequences", &vec![vec![vec![1u32, 2], vec![]], vec![], vec![vec![3]]]);
    golden.value("collections/one_each", &vec![vec![vec!["deep".to_owned()]]]);
    golden.value("collections/queue", &VecDeque::from([Some(1i16), None, Some(-3)]));
    golden.value("collections/sets", &(BTreeSet::from([3u32, 1, 2]), BTreeSet::from([(1u8, 'a'), (0, 'b')])));
    golden.value("collections/set_of_sets", &BTreeSet::from([BTreeSet::from([1u8, 2]), BTreeSet::new()]));
    let names = |many: u8| (0..many).map(|i| (format!("key {i}"), vec![i; usize::from(i)])).collect::<BTreeMap<_, _>>();
    golden.value("collections/maps", &vec![names(0), names(1), names(4)]);
    golden.value("collections/number_keys", &BTreeMap::from([(-7i64, 'a'), (i64::MAX, 'b')]));
    golden.value("collections/wide_keys", &BTreeMap::from([(u128::MAX, true), (0, false)]));
    golden.value("collections/flag_keys", &BTreeMap::from([(true, 1u8), (false, 0)]));
    golden.value("collections/letter_keys", &BTreeMap::from([('é', 1u8), ('"', 2)]));
    golden.value("collections/variant_keys", &BTreeMap::from([(Color::Red, 1u8), (Color::Green, 2)]));
    golden
        .value("collections/tuple_keys", &BTreeMap::from([((1u8, "a".to_owned()), 1.5f64), ((2, String::new()), 2.5)]));
    golden.value("collections/list_keys", &BTreeMap::from([(vec![1u32, 2], 1u8), (vec![], 2)]));
    golden.value("collections/option_keys", &BTreeMap::from([(None, 0u8), (Some(1u8), 1)]));
    golden.value("collections/arrays", &([[1i16, -2], [3, -4]], [String::from("one")], [[0u8; 0]; 3]));
    golden.value("collections/array_rows", &vec![[Some(1u8), None], [None, None]]);
}

fn structs(golden: &mut Golden) {
    let named = |id: u64| Named {
        id,
        name: format!("name {id}"),
        note: (id % 2 == 1).then(|| "odd".to_owned()),
        at: Point { x: id as f32 / 2.0, y: -1.0 },
    };
    golden.value("structs/one", &named(1));
    golden.value("structs/rows", &(0..10).map(named).collect::<Vec<_>>());
    golden.value(
        "structs/styles",
        &(Pair(1, "p".into()), Wrapped(vec![2, 3]), Empty, NoFields {}, Point { x: 1.0, y: 2.0 }),
    );
    golden.value("structs/style_rows", &vec![(Pair(1, "p".into()), Wrapped(vec![]), Empty, NoFields {}); 3]);
    golden.value("structs/boxed", &(Box::new(named(2)), vec![Box::new(named(3)); 2], Some(Box::new(4u8))));
    golden.value("structs/tuples", &((1u8,), ((), (2u16, (true, 'x'))), vec![(1u8, vec![(2u8, "t".to_owned())])]));
}

fn enums(golden: &mut Golden) {
    let at = Point { x: 0.5, y: 0.25 };
    let all = vec![
        Figure::Nothing,
        Figure::Circle(1.5),
        Figure::Line(at, Point { x: 1.0, y: 1.0 }),
        Figure::Label { text: "label".into(), at: None },
        Figure::Label { text: String::new(), at: Some(at) },
        Figure::Hidden(),
        Figure::Circle(2.5),
    ];
    golden.value("enums/unit", &Figure::Nothing);
    golden.value("enums/data", &(all[1].clone(), all[2].clone(), all[4].clone(), all[5].clone()));
    golden.value("enums/rows", &all);
    golden.value("enums/units", &[Color::Red, Color::Green].repeat(5));
    golden.value("enums/results", &vec![Ok(1u8), Err("no".to_owned())]);
}

fn std_types(golden: &mut Golden) {
    let range: Range<u32> = 3..9;
    golden.value("std/ranges", &(range, 1u8..=2, ..5i8, (Bound::Included(1u8), Bound::<u8>::Unbounded)));
    golden.value("std/wrappers", &(NonZeroU32::MIN, Reverse(5u8), std::num::Wrapping(7i32), std::cell::Cell::new(1u8)));
    golden
        .value("std/paths", &(std::path::PathBuf::from("folder/file"), c"text".to_owned(), Box::<str>::from("boxed")));
}

fn dynamic(golden: &mut Golden) {
    let list: Value = [Value::from(1), 2.into(), "asdf".into()].into_iter().collect();
    let dict: Value = [(Value::from("hi"), list), (3.into(), 17.into())].into_iter().collect();
    golden.value("dynamic/dict", &dict);
    let all = vec![
        dict,
        Value::Null,
        Value::from(true),
        Value::from(f64::NAN),
        Value::from(f64::INFINITY),
        Value::from(0.1),
        Value::Bytes(vec![1, 2]),
        Value::from(u128::MAX),
        Value::from(i128::MIN),
        Value::from_iter([("@map", 1)]),
        Value::from_iter([("a", 1), ("b", 2)]),
        Value::Record("Point".into(), vec![("x".into(), 1.into())]),
        Value::Variant("Shape".into(), "Circle".into(), Box::new(2.5.into())),
        Value::Variant("Shape".into(), "Empty".into(), Box::new(Value::Null)),
        Value::Tagged(37, Box::new(Value::Bytes(vec![0; 16]))),
    ];
    golden.value("dynamic/all", &all);
    golden.value("dynamic/in_option", &vec![None, Some(Value::Null), Some(Value::from_iter([("Some", 1)]))]);
}

#[derive(Persist, Clone, Debug)]
struct Holder {
    before: u8,
    #[persist(serde)]
    foreign: Foreign,
}

/// A type that has serde's traits only.
#[derive(Serialize, Deserialize, Clone, Debug)]
struct Foreign {
    name: String,
    inner: Option<Vec<f32>>,
    #[serde(flatten)]
    rest: BTreeMap<String, u8>,
}

fn foreign(golden: &mut Golden) {
    let foreign = Foreign { name: "f".into(), inner: Some(vec![0.5]), rest: [("x".to_owned(), 1)].into() };
    let holder = Holder { before: 1, foreign };
    golden.value("foreign/one", &holder);
    let other = Foreign { name: "g".into(), inner: None, rest: BTreeMap::new() };
    golden.value("foreign/rows", &vec![holder.clone(), Holder { before: 2, foreign: other }, holder]);
}

/// Has a part that is left out, and made again of the others.
#[derive(Persist, Clone, Debug)]
struct Rebuilt {
    width: u32,
    #[transient(rebuild = width * height)]
    area: u32,
    height: u32,
    by: Hand,
}

/// Saved as something else, by hand.
#[derive(Clone, Debug)]
struct Hand(Vec<String>);

impl Persist for Hand {
    type Saved<'a> = String;
    type Loaded = String;

    fn get_state(&self) -> Result<String> {
        Ok(self.0.join("/"))
    }

    fn set_state(state: String, _: &Context) -> Result<Self> {
        Ok(Hand(state.split('/').map(str::to_owned).collect()))
    }
}

fn hooks(golden: &mut Golden) {
    let rebuilt = |n: u32| Rebuilt { width: n, area: n * 7, height: 7, by: Hand(vec!["a".into(), n.to_string()]) };
    golden.value("hooks/one", &rebuilt(3));
    golden.value("hooks/rows", &(0..5).map(rebuilt).collect::<Vec<_>>());
}
