//! How many bytes each part of a value takes, with no Rust type at hand.

mod items;
mod packed;

use std::collections::HashMap;

use crate::error::Result;
use crate::limits::Limits;
use crate::protocol::Protocol;
use crate::protocol::cbor::SELF_DESCRIBED;
use crate::source::Source as _;
use crate::source::cbor::Cbor;
use crate::source::json::Json;
pub(crate) use packed::Walk;

/// What a part of a value takes: a column of a packed value, or all items of a kind at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Weight {
    /// Where it is: `shelves[].books[].title`. Elements of lists and values of maps are `[]`, keys of maps `[keys]`, the
    /// fields of a variant stand behind its name; empty for the value itself.
    pub path: String,
    /// What it is: an integer's type, `bool`, `char`, `text`, `bytes`, `number`, `null`, `f32`, `f64`, `floats`
    /// (several in a row), or `opaque` (what has no fixed type). Or what holds others together: `lengths`, `flags` (which options have a value), `tags`
    /// (which variant it is), `counts` (rows of a recursion), `list`, `map`, `keys`. Or `schema` and `frame`.
    pub kind: &'static str,
    /// How many there are.
    pub rows: u64,
    /// What they take together.
    pub bytes: u64,
}

/// What the parts of a value take; what [`weigh`] gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Weights {
    /// All bytes of the value, with its frame.
    pub size: u64,
    /// What the parts would take beyond that, had no chunk been compressed.
    pub saved: i64,
    /// The parts, in the order in which they were met. Together they take [`size`](Weights::size) and
    /// [`saved`](Weights::saved).
    pub parts: Vec<Weight>,
}

/// How many bytes each part of a value takes, whatever its protocol.
///
/// Packed values are weighed by column, those of Json and Cbor by item.
///
/// ```
/// let bytes = persist_core::dumps(&vec![("a", 1u8), ("b", 2)])?;
/// let weights = persist_core::weigh(&bytes)?;
/// let texts = weights.parts.iter().find(|part| part.kind == "text").unwrap();
/// assert_eq!((texts.path.as_str(), texts.rows), ("[].0", 2));
/// assert_eq!(weights.parts.iter().map(|part| part.bytes).sum::<u64>(), bytes.len() as u64);
/// # Ok::<(), persist_core::Error>(())
/// ```
pub fn weigh(bytes: &[u8]) -> Result<Weights> {
    let limits = Limits::default();
    let mut found = Found::default();
    let mut saved = 0;
    match Protocol::recognise(bytes) {
        Protocol::Packed => saved = packed::weigh(bytes, &limits, &mut found)?,
        Protocol::Json => {
            let mut source = Json::new(bytes)?;
            items::weigh(&mut source, 0, "", limits.depth, &mut found)?;
            let end = source.offset();
            source.end()?;
            found.add("", "frame", 0, (bytes.len() - end) as u64);
        }
        Protocol::Cbor => {
            let start = if bytes.starts_with(&SELF_DESCRIBED) { SELF_DESCRIBED.len() } else { 0 };
            let mut source = Cbor { bytes, at: start };
            found.add("", "frame", 1, start as u64);
            items::weigh(&mut source, start, "", limits.depth, &mut found)?;
            if !source.is_empty() {
                return Err(source.corrupt("bytes are left after the value"));
            }
        }
    }
    Ok(Weights { size: bytes.len() as u64, saved, parts: found.parts })
}

/// The weights so far, by path and kind.
#[derive(Default)]
pub(crate) struct Found {
    parts: Vec<Weight>,
    places: HashMap<(String, &'static str), usize>,
}

impl Found {
    /// Adds rows and bytes to a part; nothing at all makes no part.
    fn add(&mut self, path: &str, kind: &'static str, rows: u64, bytes: u64) {
        if rows == 0 && bytes == 0 {
            return;
        }
        let next = self.parts.len();
        let place = *self.places.entry((path.to_owned(), kind)).or_insert(next);
        if place == next {
            self.parts.push(Weight { path: path.to_owned(), kind, rows: 0, bytes: 0 });
        }
        let part = &mut self.parts[place];
        part.rows += rows;
        part.bytes += bytes;
    }
}

/// Appends a field's name to a path.
fn push_name(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}
