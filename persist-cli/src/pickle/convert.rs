//! The value of a pickle's objects. What is shared is written out each time, within limits.

use std::collections::HashMap;

use persist_core::{Limits, Value};

use super::Problem;
use super::machine::{Id, Object};
use crate::exact::Exact;

/// Makes a value of an object, of a pickle of so many bytes.
pub(super) fn value(objects: &[Object], root: Id, length: usize) -> Result<Value, Problem> {
    let limits = Limits::default();
    let mut measure = Measure { objects, extents: vec![Extent::Unknown; objects.len()], depth: limits.depth };
    let (memory, _) = measure.extent(root, 0)?;
    if memory > limits.memory.max(limits.expansion.saturating_mul(length as u64)) {
        return Err(Problem::foreign(
            "the pickle refers to the same objects so often that they would not fit into memory",
        ));
    }
    Ok(write_out(objects, root))
}

/// What is known of an object's value.
#[derive(Clone, Copy)]
enum Extent {
    Unknown,
    /// Being looked into: meeting it again would have no end.
    Open,
    /// Bytes of memory, and levels of nesting.
    Known(u64, usize),
}

/// Finds out how large values will be before they are made; each object is looked into once, however often it is shared.
struct Measure<'o> {
    objects: &'o [Object],
    extents: Vec<Extent>,
    depth: usize,
}

impl Measure<'_> {
    /// The extent of an object that stands below so many levels.
    fn extent(&mut self, id: Id, above: usize) -> Result<(u64, usize), Problem> {
        let (memory, levels) = match self.extents[id] {
            Extent::Known(memory, levels) => (memory, levels),
            Extent::Open => return Err(Problem::foreign("the pickle holds an object that holds itself")),
            Extent::Unknown => {
                self.extents[id] = Extent::Open;
                let extent = self.look_into(id, above)?;
                self.extents[id] = Extent::Known(extent.0, extent.1);
                extent
            }
        };
        if above + levels > self.depth {
            let message = format!("the pickle is nested more deeply than {} levels", self.depth);
            return Err(Problem::foreign(message));
        }
        Ok((memory, levels))
    }

    fn look_into(&mut self, id: Id, above: usize) -> Result<(u64, usize), Problem> {
        let objects = self.objects;
        let own = size_of::<Value>() as u64;
        let mut parts = |mut ids: &mut dyn Iterator<Item = Id>| {
            if above >= self.depth {
                return Err(Problem::foreign(format!("the pickle is nested more deeply than {} levels", self.depth)));
            }
            (&mut ids).try_fold((own, 1), |(memory, levels), id| {
                let (part, below) = self.extent(id, above + 1)?;
                Ok((memory.saturating_add(part), levels.max(below + 1)))
            })
        };
        match &objects[id] {
            Object::Text(text) => Ok((own + text.len() as u64, 0)),
            Object::Bytes(bytes) => Ok((own + bytes.len() as u64, 0)),
            Object::List(items) | Object::Tuple(items) | Object::Set(items) => parts(&mut items.iter().copied()),
            Object::Dict(entries) => parts(&mut entries.iter().flat_map(|&(key, value)| [key, value])),
            Object::Global(name) => {
                Err(Problem::foreign(format!("the pickle refers to `{name}`, which only Python knows")))
            }
            _ => Ok((own, 0)),
        }
    }
}

/// Makes the value of an object that was measured.
fn write_out(objects: &[Object], id: Id) -> Value {
    let value = |&id: &Id| write_out(objects, id);
    match &objects[id] {
        Object::None | Object::Global(_) => Value::Null,
        Object::Bool(value) => Value::Bool(*value),
        Object::Int(value) => Value::Int(*value),
        Object::Big(value) => Value::Big(*value),
        Object::Float(value) => Value::Float(*value),
        Object::Text(text) => Value::Text(text.clone()),
        Object::Bytes(bytes) => Value::Bytes(bytes.clone()),
        Object::List(items) | Object::Tuple(items) | Object::Set(items) => items.iter().map(value).collect(),
        Object::Dict(entries) => {
            Value::Map(last_of_each(entries.iter().map(|(key, item)| (value(key), value(item))).collect()))
        }
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
