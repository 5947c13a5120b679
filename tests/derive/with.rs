//! Fields that a module saves and loads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use persist::{Context, Error, ErrorKind, Persist, Result, dumps, loads};
use serde::{Deserialize, Serialize};

use crate::{PROTOCOLS, back, json, through};

/// Of another crate, so to speak.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Color(u8, u8, u8);

/// As text; both functions take what the field's type derefs to, or makes.
mod hex {
    use super::*;

    pub(crate) fn get_state(color: &Color) -> Result<String> {
        if color.0 == 13 {
            return Err(Error::new("an unlucky color"));
        }
        Ok(format!("{:02x}{:02x}{:02x}", color.0, color.1, color.2))
    }

    pub(crate) fn set_state(text: String, _: &Context) -> Result<Color> {
        let byte = |at| u8::from_str_radix(text.get(at..at + 2).unwrap_or_default(), 16);
        Ok(Color(byte(0)?, byte(2)?, byte(4)?))
    }
}

/// What is saved borrows, and what the field is only derefs to what is asked for.
mod text {
    use super::*;

    pub(crate) fn get_state(path: &Path) -> Result<&str> {
        path.to_str().ok_or_else(|| Error::new("not Unicode"))
    }

    pub(crate) fn set_state(text: String, _: &Context) -> Result<PathBuf> {
        Ok(text.into())
    }
}

/// For any type.
mod doubled {
    use super::*;

    pub(crate) fn get_state<T>(value: &T) -> Result<(&T, &T)> {
        Ok((value, value))
    }

    pub(crate) fn set_state<T: PartialEq>((one, other): (T, T), _: &Context) -> Result<T> {
        if one == other { Ok(one) } else { Err(Error::new("they differ")) }
    }
}

/// Of floats only.
mod polar {
    use super::*;

    pub(crate) fn get_state(point: &(f64, f64)) -> Result<[f64; 2]> {
        Ok([point.0, point.1])
    }

    pub(crate) fn set_state([x, y]: [f64; 2], _: &Context) -> Result<(f64, f64)> {
        Ok((x, y))
    }
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Style {
    #[persist(with = hex)]
    color: Color,
    #[persist(with = text)]
    path: PathBuf,
    #[persist(with = self::doubled)]
    size: u16,
    plain: u8,
}

#[derive(Persist, Clone, Debug, PartialEq)]
enum Choice<T: Persist + PartialEq> {
    Color(#[persist(with = hex)] Color, u8),
    Other {
        #[persist(with = doubled)]
        value: T,
    },
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Floats(#[persist(with = polar)] (f64, f64), f64);

/// A type stands for a module as well.
struct Hex;

impl Hex {
    fn get_state(color: &Color) -> Result<String> {
        hex::get_state(color)
    }

    fn set_state(text: String, context: &Context) -> Result<Color> {
        hex::set_state(text, context)
    }
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct ByType {
    #[persist(with = Hex)]
    color: Color,
    #[transient(rebuild = color.0)]
    red: u8,
}

fn style(color: Color) -> Style {
    Style { color, path: "a/b".into(), size: 7, plain: 1 }
}

#[test]
fn values_come_back() {
    back(&style(Color(1, 2, 255)));
    assert_eq!(json(&style(Color(1, 2, 255))), r#"{"color":"0102ff","path":"a/b","size":[7,7],"plain":1}"#);
    back(&vec![Choice::Color(Color(1, 2, 3), 4), Choice::Other { value: "x".to_owned() }]);
    back(&vec![Floats((0.5, 1.5), 2.5); 100]);
    back(&ByType { color: Color(9, 8, 7), red: 9 });
}

#[test]
fn errors_say_where() {
    let rows = |bad| (0..100).map(|i| style(Color(if i == 77 { bad } else { 0 }, 0, 0))).collect::<Vec<_>>();
    assert_eq!(dumps(&rows(13)).unwrap_err().to_string(), "[77].color: an unlucky color");
    let bytes = dumps(&vec![("", "", (0_u16, 0_u16), 0_u8)]).unwrap();
    assert!(loads::<Vec<Style>>(&bytes).is_err());
    let error = loads::<Style>(br#"{"color":"xy","path":"","size":[1,1],"plain":1}"#).unwrap_err();
    assert_eq!((error.path().as_str(), error.kind()), ("Style.color", ErrorKind::Hook));
    let error = loads::<Choice<u8>>(br#"{"Other":{"value":[1,2]}}"#).unwrap_err();
    assert_eq!(error.to_string(), "Choice::Other.value: they differ");
}

/// It saves what it could not load.
mod unequal {
    use super::*;

    pub(crate) fn get_state(value: &u32) -> Result<String> {
        Ok(value.to_string())
    }

    pub(crate) fn set_state(value: u32, _: &Context) -> Result<u32> {
        Ok(value)
    }
}

#[derive(Persist, Debug)]
struct Unequal {
    #[persist(with = unequal)]
    value: u32,
}

#[test]
fn the_first_dump_compares_what_is_saved_and_what_is_loaded() {
    let error = dumps(&vec![Unequal { value: 1 }]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    let text = error.to_string();
    assert!(text.contains("`Unequal.value` saves `") && text.contains("` but loads `u32`"), "{text}");
}

/// Has serde's traits, and not ours.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Foreign {
    name: String,
    values: BTreeMap<String, f64>,
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Mixed {
    #[persist(serde)]
    foreign: Foreign,
    own: u8,
}

#[derive(Persist, Clone, Debug, PartialEq)]
enum MixedChoice {
    Foreign(#[persist(serde)] Vec<Foreign>),
    Own(#[persist(serde, default)] Option<Box<Foreign>>, u8),
}

#[test]
fn any_serde_type() {
    let foreign = |name: &str| Foreign { name: name.into(), values: BTreeMap::from([("half".into(), 0.5)]) };
    let mixed = |name: &str| Mixed { foreign: foreign(name), own: 1 };
    assert_eq!(json(&mixed("f")), r#"{"foreign":{"name":"f","values":{"half":0.5}},"own":1}"#);
    let choices = vec![
        MixedChoice::Foreign(vec![foreign("a")]),
        MixedChoice::Own(Some(Box::new(foreign("b"))), 2),
        MixedChoice::Own(None, 3),
    ];
    for protocol in PROTOCOLS {
        assert_eq!(through(protocol, &mixed("f")), mixed("f"));
        assert_eq!(through(protocol, &vec![mixed("a"), mixed("bc")]), [mixed("a"), mixed("bc")]);
        assert_eq!(through(protocol, &choices), choices);
    }
}

#[test]
fn equal_values_of_a_serde_type() {
    back(&Mixed { foreign: Foreign { name: "f".into(), values: BTreeMap::new() }, own: 1 });
}
