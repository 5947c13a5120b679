//! `Value`: any saved value, with no Rust type at hand.

pub(crate) mod cbor;
mod data;
mod display;
mod from_rows;
mod of;
mod read;

pub(crate) use from_rows::value;
pub(crate) use of::in_entry;
pub(crate) use read::{decode, read};

use std::collections::{BTreeMap, HashMap};

use crate::traits::KeepsUnknown;

/// One CBOR item: the state of a value of a serde type; see [`with::serde`](crate::with::serde).
#[derive(Clone, Debug)]
pub struct Item(pub(crate) Vec<u8>);

/// Any value: what [`inspect`](crate::inspect) gives, and a field for what has no fixed type.
///
/// ```
/// use persist_core::Value;
///
/// // {'hi': [1, 2, 'asdf'], 3: 17}
/// let list: Value = [Value::from(1), 2.into(), "asdf".into()].into_iter().collect();
/// let dict: Value = [(Value::from("hi"), list), (3.into(), 17.into())].into_iter().collect();
/// assert_eq!(dict.to_string(), r#"{"hi": [1, 2, "asdf"], 3: 17}"#);
/// assert_eq!(dict.get("hi").and_then(|list| list.index(2)), Some(&Value::from("asdf")));
///
/// let bytes = persist_core::dumps(&dict)?;
/// assert_eq!(persist_core::loads::<Value>(&bytes)?, dict);
/// # Ok::<(), persist_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Nothing: `None`, `()`, a unit struct.
    #[default]
    Null,
    /// A flag.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// An integer above the largest `i128`.
    Big(u128),
    /// A float; one of 32 bits is widened.
    Float(f64),
    /// Text; characters, too.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A sequence, set, array or tuple.
    List(Vec<Value>),
    /// A map with keys of any kind, in the order of the file.
    Map(Vec<(Value, Value)>),
    /// A struct: its name and its fields; those of a tuple struct are named `0`, `1` and so on.
    Record(String, Vec<(String, Value)>),
    /// A variant: of which enum, its name, and what it holds: [`Null`](Value::Null) for a unit variant, the value of a
    /// newtype variant, a list or a map from field names for the others.
    Variant(String, String, Box<Value>),
    /// A value that CBOR marks with a tag which means nothing here.
    Tagged(u64, Box<Value>),
}

impl KeepsUnknown for BTreeMap<String, Value> {}
impl<S> KeepsUnknown for HashMap<String, Value, S> {}

impl Value {
    /// The value of a text key of a map, or of a field of a record.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Map(entries) => {
                entries.iter().find(|(key, _)| matches!(key, Value::Text(text) if text == name)).map(|(_, value)| value)
            }
            Value::Record(_, fields) => fields.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The element of a list.
    #[must_use]
    pub fn index(&self, index: usize) -> Option<&Value> {
        match self {
            Value::List(items) => items.get(index),
            _ => None,
        }
    }

    /// The text, where it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, where it is one that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(value) => i64::try_from(*value).ok(),
            _ => None,
        }
    }

    /// The number as a float, where it is a number.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Float(value) => Some(*value),
            Value::Int(value) => Some(*value as f64),
            Value::Big(value) => Some(*value as f64),
            _ => None,
        }
    }

    /// The flag, where it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }
}

macro_rules! from {
    ($($type:ty, |$value:ident| $make:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $make
            }
        }
    )*};
}

from! {
    (), |_unit| Value::Null;
    bool, |value| Value::Bool(value);
    u8, |value| Value::Int(value.into());
    u16, |value| Value::Int(value.into());
    u32, |value| Value::Int(value.into());
    u64, |value| Value::Int(value.into());
    usize, |value| Value::Int(value as i128);
    u128, |value| i128::try_from(value).map_or(Value::Big(value), Value::Int);
    i8, |value| Value::Int(value.into());
    i16, |value| Value::Int(value.into());
    i32, |value| Value::Int(value.into());
    i64, |value| Value::Int(value.into());
    isize, |value| Value::Int(value as i128);
    i128, |value| Value::Int(value);
    f32, |value| Value::Float(value.into());
    f64, |value| Value::Float(value);
    char, |value| Value::Text(value.into());
    &str, |value| Value::Text(value.into());
    String, |value| Value::Text(value);
    Vec<Value>, |value| Value::List(value);
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Value::List(items.into_iter().collect())
    }
}

impl<K: Into<Value>, V: Into<Value>> FromIterator<(K, V)> for Value {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}
