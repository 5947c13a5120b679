//! Values that can be looked up: equal where they hold the same, whatever the order of the entries of a map.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::mem::discriminant;

use persist_core::Value;

/// A value that can be the key of a `HashMap`. A float is equal to one of the same bits.
#[derive(Clone, Copy)]
pub(crate) struct Exact<'v>(pub(crate) &'v Value);

impl PartialEq for Exact<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| Exact(a) == Exact(b))
            }
            (Value::Map(a), Value::Map(b)) => {
                let b: HashMap<_, _> = b.iter().map(|(key, value)| (Exact(key), value)).collect();
                a.len() == b.len() && a.iter().all(|(key, a)| b.get(&Exact(key)).is_some_and(|b| Exact(a) == Exact(b)))
            }
            (Value::Record(a, x), Value::Record(b, y)) => {
                a == b && x.len() == y.len() && x.iter().zip(y).all(|((a, x), (b, y))| a == b && Exact(x) == Exact(y))
            }
            (Value::Variant(a, v, x), Value::Variant(b, w, y)) => a == b && v == w && Exact(x) == Exact(y),
            (Value::Tagged(a, x), Value::Tagged(b, y)) => a == b && Exact(x) == Exact(y),
            (a, b) => a == b,
        }
    }
}

impl Eq for Exact<'_> {}

impl Hash for Exact<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        discriminant(self.0).hash(state);
        match self.0 {
            Value::Bool(value) => value.hash(state),
            Value::Int(value) => value.hash(state),
            Value::Big(value) => value.hash(state),
            Value::Float(value) => value.to_bits().hash(state),
            Value::Text(value) => value.hash(state),
            Value::Bytes(value) => value.hash(state),
            Value::List(items) => {
                items.len().hash(state);
                items.iter().for_each(|item| Exact(item).hash(state));
            }
            Value::Map(entries) => {
                // In any order.
                let sum = entries.iter().fold(0u64, |sum, (key, value)| {
                    let mut entry = DefaultHasher::new();
                    Exact(key).hash(&mut entry);
                    Exact(value).hash(&mut entry);
                    sum.wrapping_add(entry.finish())
                });
                sum.hash(state);
            }
            Value::Record(name, fields) => {
                name.hash(state);
                for (name, value) in fields {
                    name.hash(state);
                    Exact(value).hash(state);
                }
            }
            Value::Variant(choice, variant, content) => {
                (choice, variant).hash(state);
                Exact(content).hash(state);
            }
            Value::Tagged(tag, value) => {
                tag.hash(state);
                Exact(value).hash(state);
            }
            _ => {}
        }
    }
}

/// The first key that a map in the value has twice.
pub(crate) fn key_twice(value: &Value) -> Option<&Value> {
    match value {
        Value::List(items) => items.iter().find_map(key_twice),
        Value::Map(entries) => {
            let mut seen = HashSet::with_capacity(entries.len());
            entries.iter().find_map(|(key, value)| {
                if seen.insert(Exact(key)) { key_twice(key).or_else(|| key_twice(value)) } else { Some(key) }
            })
        }
        Value::Record(_, fields) => fields.iter().find_map(|(_, value)| key_twice(value)),
        Value::Variant(_, _, content) | Value::Tagged(_, content) => key_twice(content),
        _ => None,
    }
}
