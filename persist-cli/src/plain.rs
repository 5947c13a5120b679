//! Values as JSON and CBOR have them for everybody: no names of types, as serde would write them.

use persist_core::Value;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// A value without the names of types: records and variants become maps, lists or what they hold.
pub(crate) fn plain(value: Value) -> Value {
    match value {
        Value::List(items) => items.into_iter().map(plain).collect(),
        Value::Map(entries) => entries.into_iter().map(|(key, value)| (plain(key), plain(value))).collect(),
        Value::Record(_, fields) => content(fields),
        Value::Variant(_, variant, content) => match *content {
            Value::Null => Value::Text(variant),
            content => Value::Map(vec![(Value::Text(variant), plain(content))]),
        },
        Value::Tagged(_, value) => plain(*value),
        value => value,
    }
}

/// A record with numbers for names is a tuple, and with a single one just what it holds.
fn content(mut fields: Vec<(String, Value)>) -> Value {
    if fields.is_empty() {
        return Value::Null;
    }
    if fields.iter().enumerate().any(|(i, (name, _))| *name != i.to_string()) {
        return fields.into_iter().map(|(name, value)| (Value::Text(name), plain(value))).collect();
    }
    if fields.len() == 1
        && let Some((_, value)) = fields.pop()
    {
        return plain(value);
    }
    fields.into_iter().map(|(_, value)| plain(value)).collect()
}

/// A plain value with what JSON cannot say in the way in which serde says it: bytes are lists of numbers, keys are text.
pub(crate) fn for_json(value: Value) -> Value {
    match value {
        Value::Float(value) if !value.is_finite() => Value::Text(not_finite(value).to_owned()),
        Value::Bytes(bytes) => bytes.into_iter().map(Value::from).collect(),
        Value::List(items) => items.into_iter().map(for_json).collect(),
        Value::Map(entries) => {
            if entries.iter().all(|(key, _)| key_text(key).is_some()) {
                let text = |key: &Value| key_text(key).unwrap_or_default();
                return entries.into_iter().map(|(key, value)| (Value::Text(text(&key)), for_json(value))).collect();
            }
            entries.into_iter().map(|(key, value)| Value::List(vec![for_json(key), for_json(value)])).collect()
        }
        value => value,
    }
}

/// A key as the text that JSON has for it.
fn key_text(key: &Value) -> Option<String> {
    match key {
        Value::Text(text) => Some(text.clone()),
        Value::Bool(_) | Value::Int(_) | Value::Big(_) => Some(key.to_string()),
        _ => None,
    }
}

fn not_finite(value: f64) -> &'static str {
    match value {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => "NaN",
    }
}

/// Writes a value that is [`for_json`].
pub(crate) struct Json<'v>(pub(crate) &'v Value);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => match i64::try_from(*value) {
                Ok(value) => serializer.serialize_i64(value),
                Err(_) => serializer.serialize_i128(*value),
            },
            Value::Big(value) => serializer.serialize_u128(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(&Json(item)))?;
                list.end()
            }
            Value::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key.as_str().unwrap_or_default(), &Json(value))?;
                }
                map.end()
            }
            _ => serializer.serialize_unit(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_and_what_they_name_stays() {
        let record = |fields: &[(&str, Value)]| {
            Value::Record(
                "T".to_owned(),
                fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            )
        };
        let variant = |content| Value::Variant("E".to_owned(), "V".to_owned(), Box::new(content));
        let cases = [
            (record(&[("a", 1.into())]), r#"{"a": 1}"#),
            (record(&[("0", 1.into())]), "1"),
            (record(&[("0", 1.into()), ("1", variant(Value::Null))]), r#"[1, "V"]"#),
            (record(&[]), "null"),
            (variant(2.into()), r#"{"V": 2}"#),
            (Value::Tagged(258, Box::new(vec![Value::from(1)].into())), "[1]"),
        ];
        for (value, expected) in cases {
            assert_eq!(plain(value).to_string(), expected);
        }
        let map: Value =
            [(Value::from(1), Value::Bytes(vec![7])), (true.into(), f64::NAN.into())].into_iter().collect();
        assert_eq!(for_json(map).to_string(), r#"{"1": [7], "true": "NaN"}"#);
        let map: Value = [(Value::Null, Value::from(1))].into_iter().collect();
        assert_eq!(for_json(map).to_string(), "[[null, 1]]");
    }
}
