//! Structs of every form.

use persist::Persist;

use crate::{back, json};

#[derive(Persist, Clone, Debug, PartialEq)]
struct Named {
    id: u64,
    name: String,
    flag: bool,
    letter: char,
    tags: Vec<Option<String>>,
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Tuple(u8, String, [i16; 3]);

#[derive(Persist, Clone, Debug, PartialEq)]
struct Newtype(String);

#[derive(Persist, Clone, Debug, PartialEq)]
struct Unit;

#[derive(Persist, Clone, Debug, PartialEq)]
struct EmptyNamed {}

#[derive(Persist, Clone, Debug, PartialEq)]
struct EmptyTuple();

/// Nothing but floats: one column.
#[derive(Persist, Clone, Copy, Debug, PartialEq)]
struct Point {
    x: f64,
    y: f64,
    z: f64,
}

/// Floats with padding between them: one column, too, but not as memory holds it.
#[derive(Persist, Clone, Copy, Debug, PartialEq)]
struct Mixed(f32, Point, [f32; 2]);

#[derive(Persist, Clone, Debug, PartialEq)]
#[repr(C)]
struct All {
    small: u8,
    named: Named,
    tuple: Tuple,
    newtype: Newtype,
    unit: Unit,
    empty: (EmptyNamed, EmptyTuple),
    points: Vec<Point>,
    mixed: Mixed,
    last: u128,
}

fn all() -> All {
    let point = Point { x: 1.5, y: -0.0, z: f64::MAX };
    All {
        small: 255,
        named: Named { id: u64::MAX, name: "a".into(), flag: true, letter: 'ß', tags: vec![None, Some("t".into())] },
        tuple: Tuple(1, "b".into(), [-1, 0, 1]),
        newtype: Newtype("c".into()),
        unit: Unit,
        empty: (EmptyNamed {}, EmptyTuple()),
        points: vec![point; 70],
        mixed: Mixed(0.1, point, [2.0, 3.0]),
        last: u128::MAX,
    }
}

#[test]
fn values_come_back() {
    let all = all();
    back(&all);
    back(&all.named);
    back(&all.tuple);
    back(&all.newtype);
    back(&all.unit);
    back(&all.empty.0);
    back(&all.empty.1);
    back(&all.points[0]);
    back(&all.mixed);
}

#[test]
fn they_look_as_serde_would_write_them() {
    let all = all();
    assert_eq!(
        json(&all.named),
        r#"{"id":18446744073709551615,"name":"a","flag":true,"letter":"ß","tags":[null,"t"]}"#
    );
    assert_eq!(json(&all.tuple), r#"[1,"b",[-1,0,1]]"#);
    assert_eq!(json(&all.newtype), r#""c""#);
    assert_eq!(json(&all.unit), "null");
    assert_eq!(json(&all.empty), "[{},[]]");
    assert_eq!(
        json(&Mixed(0.5, Point { x: 1.0, y: 2.0, z: 3.0 }, [4.0, 5.0])),
        r#"[0.5,{"x":1.0,"y":2.0,"z":3.0},[4.0,5.0]]"#
    );
}
