//! The value of a pickle's objects. What is shared is written out each time, within limits.

use std::collections::HashMap;

use persist_core::{Limits, Value};

use super::Problem;
use super::machine::{Id, Object};
use crate::exact::Exact;

/// Makes a value of an object, of a pickle of so many bytes.
pub(super) fn value(objects: &[Object], root: Id, length: usize) -> Result<Value, Problem> {
    let limits = Limits::default();
    let memory = limits.memory.max(limits.expansion.saturating_mul(length as u64));
    let mut converter = Converter { objects, open: vec![false; objects.len()], depth: limits.depth, memory };
    converter.value(root)
}

struct Converter<'o> {
    objects: &'o [Object],
    /// Objects that are being converted: one of them again would have no end.
    open: Vec<bool>,
    /// Levels and bytes that are left.
    depth: usize,
    memory: u64,
}

impl Converter<'_> {
    fn value(&mut self, id: Id) -> Result<Value, Problem> {
        let objects = self.objects;
        let bytes = match &objects[id] {
            Object::Text(text) => text.len(),
            Object::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        self.memory = self.memory.checked_sub((size_of::<Value>() + bytes) as u64).ok_or_else(|| {
            Problem::foreign("the pickle refers to the same objects so often that they would not fit into memory")
        })?;
        Ok(match &objects[id] {
            Object::None => Value::Null,
            Object::Bool(value) => Value::Bool(*value),
            Object::Int(value) => Value::Int(*value),
            Object::Big(value) => Value::Big(*value),
            Object::Float(value) => Value::Float(*value),
            Object::Text(text) => Value::Text(text.clone()),
            Object::Bytes(bytes) => Value::Bytes(bytes.clone()),
            Object::Global(name) => {
                return Err(Problem::foreign(format!("the pickle refers to `{name}`, which only Python knows")));
            }
            Object::List(items) | Object::Tuple(items) | Object::Set(items) => self.deeper(id, |converter| {
                items.iter().map(|&item| converter.value(item)).collect::<Result<_, _>>().map(Value::List)
            })?,
            Object::Dict(entries) => self.deeper(id, |converter| {
                let entries: Result<Vec<_>, _> =
                    entries.iter().map(|&(key, value)| Ok((converter.value(key)?, converter.value(value)?))).collect();
                Ok(Value::Map(last_of_each(entries?)))
            })?,
        })
    }

    fn deeper<T>(&mut self, id: Id, go: impl FnOnce(&mut Self) -> Result<T, Problem>) -> Result<T, Problem> {
        if std::mem::replace(&mut self.open[id], true) {
            return Err(Problem::foreign("the pickle holds an object that holds itself"));
        }
        self.depth = self.depth.checked_sub(1).ok_or_else(|| {
            Problem::foreign(format!("the pickle is nested more deeply than {} levels", Limits::default().depth))
        })?;
        let result = go(self);
        self.depth += 1;
        self.open[id] = false;
        result
    }
}

/// The entries of a dict: of a key that is set twice the last value, where the key was first.
fn last_of_each(mut entries: Vec<(Value, Value)>) -> Vec<(Value, Value)> {
    let mut places = HashMap::with_capacity(entries.len());
    let mut again: Vec<(usize, usize)> = Vec::new();
    for (i, (key, _)) in entries.iter().enumerate() {
        let place = *places.entry(Exact(key)).or_insert(i);
        if place != i {
            again.push((place, i));
        }
    }
    for &(first, later) in &again {
        entries[first].1 = std::mem::take(&mut entries[later].1);
    }
    let mut left = again.iter().map(|&(_, later)| later).peekable();
    let mut at = 0;
    entries.retain(|_| {
        at += 1;
        left.next_if_eq(&(at - 1)).is_none()
    });
    entries
}
