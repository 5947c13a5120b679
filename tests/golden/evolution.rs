//! What older programs wrote, as newer ones load it.

use std::collections::BTreeMap;

use persist::{Persist, Value};

use crate::folder::Golden;

/// Types of which only the fields matter here.
macro_rules! persist {
    ($($item:item)*) => {$(
        #[derive(Persist, Clone, Debug)]
        $item
    )*};
}

persist! {
    struct Old { id: u32, name: String, size: f32, tags: Vec<String>, shape: OldShape }
    enum OldShape { Empty, Round(u8), Flat { width: u16 } }

    struct Grown {
        #[persist(default)]
        retries: u8,
        #[persist(default = vec!["a".to_owned()])]
        hosts: Vec<String>,
        note: Option<String>,
        size: f64,
        #[persist(alias = "name")]
        title: String,
        id: u64,
        shape: Box<Shape>,
    }
    enum Shape {
        #[persist(other)]
        Unknown,
        Flat { #[persist(default = 3)] height: u8, width: u32 },
        Round(i16),
    }

    struct Careful { id: u32, #[persist(unknown)] rest: BTreeMap<String, Value> }
    struct Wide { values: Vec<i64>, maybe: Option<u32>, boxed: Box<u8>, one: u16 }
    struct Narrow { values: Vec<u8>, maybe: u32, boxed: u8, #[persist(alias_one)] one: Vec<u16> }

    #[persist(transparent)]
    struct Only { field: u16 }

    #[persist(into = String, try_from = String)]
    struct Text { number: u8 }

    struct OldTree { label: String, weight: u32, children: Vec<OldTree> }
    struct NewTree { children: Vec<NewTree>, weight: u64, #[persist(default)] extra: u8, label: String }

    #[persist(rename = "Session")]
    struct SessionV1 { user: String, host: String }

    #[persist(rename = "Session", version = 2, upgrade_from = SessionV1)]
    struct SessionV2 { user: String, address: (String, u16) }

    #[persist(version = 3, upgrade_from = SessionV2)]
    struct Session { users: Vec<String>, address: String }

    enum PlanV1 { Daily, At(u8) }

    #[persist(version = 2, upgrade_from = PlanV1)]
    enum Plan { Daily { hour: u8 } }
}

impl From<Text> for String {
    fn from(text: Text) -> String {
        text.number.to_string()
    }
}

impl TryFrom<String> for Text {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Ok(Text { number: text.parse()? })
    }
}

impl TryFrom<SessionV1> for SessionV2 {
    type Error = std::num::ParseIntError;

    fn try_from(old: SessionV1) -> Result<Self, Self::Error> {
        let (host, port) = old.host.split_once(':').unwrap_or((&old.host, "80"));
        Ok(SessionV2 { address: (host.to_owned(), port.parse()?), user: old.user })
    }
}

impl From<SessionV2> for Session {
    fn from(old: SessionV2) -> Self {
        let (host, port) = old.address;
        Session { users: vec![old.user], address: format!("{host}:{port}") }
    }
}

impl From<PlanV1> for Plan {
    fn from(old: PlanV1) -> Self {
        match old {
            PlanV1::Daily => Plan::Daily { hour: 0 },
            PlanV1::At(hour) => Plan::Daily { hour },
        }
    }
}

pub(crate) fn cases(golden: &mut Golden) {
    fields(golden);
    versions(golden);
    let old = |label: &str, children| OldTree { label: label.into(), weight: 1, children };
    let new = |label: &str, children| NewTree { label: label.into(), weight: 1, children, extra: 0 };
    golden.older(
        "evolution/recursive",
        &old("root", vec![old("a", vec![old("b", vec![])]), old("c", vec![])]),
        &new("root", vec![new("a", vec![new("b", vec![])]), new("c", vec![])]),
    );
}

fn fields(golden: &mut Golden) {
    let old = |id, shape| Old { id, name: format!("n{id}"), size: 0.5, tags: vec!["t".into()], shape };
    let new = |id, shape| Grown {
        retries: 0,
        hosts: vec!["a".into()],
        note: None,
        size: 0.5,
        title: format!("n{id}"),
        id,
        shape: Box::new(shape),
    };
    let shapes = vec![old(1, OldShape::Round(5)), old(2, OldShape::Empty), old(3, OldShape::Flat { width: 9 })];
    let grown = vec![new(1, Shape::Round(5)), new(2, Shape::Unknown), new(3, Shape::Flat { height: 3, width: 9 })];
    golden.older("evolution/fields", &shapes[0], &grown[0]);
    golden.older("evolution/field_rows", &shapes, &grown);

    let rest = [("name", Value::from("n1")), ("size", 0.5.into()), ("tags", Value::from_iter([Value::from("t")]))];
    let shape = ("shape".to_owned(), Value::from("Empty"));
    let rest = rest.map(|(name, value)| (name.to_owned(), value));
    // What is kept of a variant tells of its enum where the file does.
    golden.value("evolution/kept", &Careful { id: 1, rest: rest.into_iter().chain([shape]).collect() });

    let wide = Wide { values: vec![1, 200], maybe: Some(7), boxed: Box::new(8), one: 9 };
    golden.older("evolution/narrowed", &wide, &Narrow { values: vec![1, 200], maybe: 7, boxed: 8, one: vec![9] });
    golden.older("evolution/transparent", &(5u16, Only { field: 6 }), &(Only { field: 5 }, 6u16));
    golden.older(
        "evolution/converted",
        &vec!["7".to_owned(), "255".to_owned()],
        &vec![Text { number: 7 }, Text { number: 255 }],
    );
    golden.older("evolution/sequences", &[1u8, 2, 3], &vec![1u32, 2, 3]);
    let optional = vec![(Some(1u8), "a".to_owned()), (None, String::new())];
    golden.older("evolution/floats", &vec![(1.5f32, 7u8)], &vec![(1.5f64, 7.0f32)]);
    golden.older("evolution/options", &vec![(1u8, "a".to_owned())], &vec![(Some(1u8), Some("a".to_owned()))]);
    golden.value("evolution/optional", &optional);
}

fn versions(golden: &mut Golden) {
    let first = SessionV1 { user: "u".into(), host: "h:8080".into() };
    let second = SessionV2 { user: "u".into(), address: ("h".into(), 8080) };
    let third = Session { users: vec!["u".into()], address: "h:8080".into() };
    golden.older("versions/first", &first, &third);
    golden.older("versions/second", &second, &third);
    golden.value("versions/third", &third);
    golden.older("versions/rows", &vec![second.clone(), second], &vec![third.clone(), third]);
    let plans = vec![PlanV1::At(7), PlanV1::Daily];
    golden.older("versions/enum", &plans, &vec![Plan::Daily { hour: 7 }, Plan::Daily { hour: 0 }]);
    golden.value("versions/enum_of_two", &vec![Plan::Daily { hour: 7 }]);
}
