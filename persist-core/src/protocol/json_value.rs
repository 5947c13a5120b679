//! Dynamic values as JSON: plain where JSON can say it, else an object with one key that starts with `@`.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::value::Value;

/// A value that is written as JSON, so that the same value comes back.
pub(super) struct JsonValue<'v>(pub(super) &'v Value);

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => match i64::try_from(*value) {
                Ok(value) => serializer.serialize_i64(value),
                Err(_) => serializer.serialize_i128(*value),
            },
            Value::Big(value) => serializer.serialize_u128(*value),
            Value::Float(value) => match not_finite(*value) {
                Some(text) => tagged(serializer, "@float", text),
                None => serializer.serialize_f64(*value),
            },
            Value::Text(text) => serializer.serialize_str(text),
            Value::Bytes(bytes) => {
                let mut text = String::with_capacity(2 * bytes.len());
                for byte in bytes {
                    text.extend(
                        [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])),
                    );
                }
                tagged(serializer, "@bytes", &text)
            }
            Value::List(items) => list(serializer, items),
            Value::Map(entries) if is_plain(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key.as_str().unwrap_or_default(), &JsonValue(value))?;
                }
                map.end()
            }
            Value::Map(entries) => tagged(serializer, "@map", &Pairs(entries)),
            Value::Record(name, fields) => tagged(serializer, "@record", &(name, Fields(fields))),
            Value::Variant(choice, variant, content) => {
                tagged(serializer, "@variant", &(choice, variant, JsonValue(content)))
            }
            Value::Tagged(tag, value) => tagged(serializer, "@tag", &(tag, JsonValue(value))),
        }
    }
}

/// Whether a JSON object says the same: all keys are text, and it is not one of our own spellings.
fn is_plain(entries: &[(Value, Value)]) -> bool {
    let marked = |key: &Value| key.as_str().is_some_and(|text| text.starts_with('@'));
    entries.iter().all(|(key, _)| key.as_str().is_some()) && !(entries.len() == 1 && marked(&entries[0].0))
}

fn tagged<S: Serializer>(serializer: S, key: &str, value: &(impl Serialize + ?Sized)) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

fn list<S: Serializer>(serializer: S, items: &[Value]) -> Result<S::Ok, S::Error> {
    let mut seq = serializer.serialize_seq(Some(items.len()))?;
    items.iter().try_for_each(|item| seq.serialize_element(&JsonValue(item)))?;
    seq.end()
}

struct Pairs<'v>(&'v [(Value, Value)]);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(key, value)| (JsonValue(key), JsonValue(value))))
    }
}

struct Fields<'v>(&'v [(String, Value)]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, JsonValue(value))))
    }
}

/// The text for what JSON has no number for.
pub(super) fn not_finite(value: f64) -> Option<&'static str> {
    if value.is_finite() {
        None
    } else if value.is_nan() {
        Some("NaN")
    } else if value > 0.0 {
        Some("Infinity")
    } else {
        Some("-Infinity")
    }
}
