//! Which elements of two lists are most alike.

use std::collections::HashMap;
use std::mem::discriminant;

use persist_core::Value;

use crate::exact::Exact;

/// Pairs of elements up to which all are held against each other.
const MOST: usize = 1 << 14;
/// Parts of a value that are looked at, and levels of it.
const PARTS: usize = 8;
const LEVELS: usize = 3;

/// Pairs of elements that are taken for the same, in order: those whose likeness adds up to the most, so that as many as
/// can be have their counterpart. Of long lists, each and the one in its place.
pub(crate) fn pairs(old: &[Value], new: &[Value]) -> Vec<(usize, usize)> {
    let (rows, columns) = (old.len(), new.len());
    if rows.saturating_mul(columns) > MOST {
        return (0..rows.min(columns)).map(|i| (i, i)).collect();
    }
    // Needleman and Wunsch: what the rest of both lists is worth, from each place on.
    let width = columns + 1;
    let mut worth = vec![0.0f32; (rows + 1) * width];
    let alike: Vec<f32> = old.iter().flat_map(|a| new.iter().map(move |b| 0.01 + likeness(a, b, LEVELS))).collect();
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            let paired = alike[i * columns + j] + worth[(i + 1) * width + j + 1];
            worth[i * width + j] = paired.max(worth[(i + 1) * width + j]).max(worth[i * width + j + 1]);
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while i < rows && j < columns {
        let best = worth[i * width + j];
        if alike[i * columns + j] + worth[(i + 1) * width + j + 1] >= best {
            found.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if worth[(i + 1) * width + j] >= best {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}

/// From 0, nothing in common, to 1.
fn likeness(a: &Value, b: &Value, levels: usize) -> f32 {
    if discriminant(a) != discriminant(b) {
        return 0.0;
    }
    let Some(levels) = levels.checked_sub(1) else { return 0.5 };
    let share = |sum: f32, a: usize, b: usize| match a.min(PARTS).max(b.min(PARTS)) {
        0 => 1.0,
        parts => 0.1 + 0.9 * sum / parts as f32,
    };
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            let sum = a.iter().zip(b).take(PARTS).map(|(a, b)| likeness(a, b, levels)).sum();
            share(sum, a.len(), b.len())
        }
        (Value::Map(a), Value::Map(b)) => {
            let known: HashMap<_, _> = b.iter().take(4 * PARTS).map(|(key, value)| (Exact(key), value)).collect();
            let alike = |(key, a): &(Value, Value)| known.get(&Exact(key)).map_or(0.0, |b| likeness(a, b, levels));
            share(a.iter().take(PARTS).map(alike).sum(), a.len(), b.len())
        }
        (Value::Record(name, a), Value::Record(other, b)) if name == other => {
            let sum = a.iter().zip(b).take(PARTS).map(|((_, a), (_, b))| likeness(a, b, levels)).sum();
            share(sum, a.len(), b.len())
        }
        (Value::Variant(_, v, a), Value::Variant(_, w, b)) if v == w => 0.5 + likeness(a, b, levels) / 2.0,
        (Value::Tagged(_, a), Value::Tagged(_, b)) => likeness(a, b, levels),
        (Value::Record(..) | Value::Variant(..), _) => 0.0,
        (a, b) => f32::from(u8::from(Exact(a) == Exact(b))),
    }
}
