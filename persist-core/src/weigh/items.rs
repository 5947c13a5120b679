//! Weighing the items of JSON and CBOR.

use std::collections::HashMap;

use super::{Found, push_name};
use crate::error::Result;
use crate::limits::reached;
use crate::source::{Item, Open, Source, any_item, skip};

/// Names that a map may have before its keys are taken for data: no path is made of further ones.
const NAMES: usize = 64;

/// Weighs the next item, whose bytes begin at `start`, at a path.
pub(super) fn weigh<'d, S: Source<'d>>(
    source: &mut S,
    start: usize,
    path: &str,
    depth: usize,
    found: &mut Found,
) -> Result<()> {
    let mut walk = Walk { source: *source, seen: start, spots: vec![Spot::default()], levels: Vec::new(), depth };
    walk.run()?;
    *source = walk.source;
    walk.report(path, found);
    Ok(())
}

/// All items at one path.
#[derive(Default)]
struct Spot {
    /// By kind, in the order in which they were met: how many, and their bytes.
    kinds: Vec<(&'static str, u64, u64)>,
    /// The elements of lists; the values of keys that are no text, and of further names where there are too many.
    elements: Option<usize>,
    names: HashMap<String, usize>,
    order: Vec<(String, usize)>,
    /// Whether keys are data: there are too many names.
    folded: bool,
}

/// A list or map that is being walked through.
struct Level {
    open: Open,
    spot: usize,
    /// Where the value goes whose key was taken.
    value: Option<usize>,
}

struct Walk<S> {
    source: S,
    /// Up to where bytes were weighed.
    seen: usize,
    spots: Vec<Spot>,
    levels: Vec<Level>,
    depth: usize,
}

impl<'d, S: Source<'d>> Walk<S> {
    fn run(&mut self) -> Result<()> {
        let mut spot = 0;
        loop {
            self.item(spot)?;
            loop {
                let Some(level) = self.levels.last_mut() else { return Ok(()) };
                let holder = level.spot;
                if let Some(place) = level.value.take() {
                    self.source.colon()?;
                    self.add(holder, "map", 0);
                    spot = place;
                    break;
                }
                if self.source.more(&mut level.open)? {
                    let is_map = level.open.map;
                    self.add(holder, if is_map { "map" } else { "list" }, 0);
                    if !is_map {
                        spot = self.elements(holder);
                        break;
                    }
                    let place = self.key(holder)?;
                    if let Some(level) = self.levels.last_mut() {
                        level.value = Some(place);
                    }
                    continue;
                }
                let kind = if level.open.map { "map" } else { "list" };
                self.add(holder, kind, 0);
                self.levels.pop();
            }
        }
    }

    /// Takes an item; one that holds others is gone through next.
    fn item(&mut self, spot: usize) -> Result<()> {
        let item = any_item(&mut self.source)?;
        let kind = match &item {
            Item::Null => "null",
            Item::Bool(_) => "bool",
            Item::Number(_) => "number",
            Item::Text(_) => "text",
            Item::Bytes(_) => "bytes",
            Item::Numbers(_) | Item::List(_) => "list",
            Item::Map(_) => "map",
        };
        self.add(spot, kind, 1);
        if let Item::List(open) | Item::Map(open) = item {
            if self.levels.len() >= self.depth {
                let error = reached("depth", "the value is nested more deeply than allowed");
                return Err(error.at_offset(self.source.offset() as u64));
            }
            self.levels.push(Level { open, spot, value: None });
        }
        Ok(())
    }

    /// Takes a key, of any kind; gives where its value goes.
    fn key(&mut self, holder: usize) -> Result<usize> {
        let mut ahead = self.source;
        if let Item::Text(text) = any_item(&mut ahead)? {
            self.source = ahead;
            self.add(holder, "keys", 1);
            return Ok(self.member(holder, &text));
        }
        let left = self.depth - self.levels.len().min(self.depth);
        skip(&mut self.source, left)?;
        self.add(holder, "keys", 1);
        Ok(self.elements(holder))
    }

    fn member(&mut self, holder: usize, name: &str) -> usize {
        let next = self.spots.len();
        let spot = &mut self.spots[holder];
        if let Some(&place) = spot.names.get(name) {
            return place;
        }
        if spot.folded || spot.order.len() == NAMES {
            spot.folded = true;
            return self.elements(holder);
        }
        spot.names.insert(name.to_owned(), next);
        spot.order.push((name.to_owned(), next));
        self.spots.push(Spot::default());
        next
    }

    fn elements(&mut self, holder: usize) -> usize {
        let next = self.spots.len();
        let place = *self.spots[holder].elements.get_or_insert(next);
        if place == next {
            self.spots.push(Spot::default());
        }
        place
    }

    /// Adds what was taken since the last time.
    fn add(&mut self, spot: usize, kind: &'static str, rows: u64) {
        let end = self.source.offset();
        let bytes = (end - self.seen) as u64;
        self.seen = end;
        let kinds = &mut self.spots[spot].kinds;
        match kinds.iter_mut().find(|(known, ..)| *known == kind) {
            Some((_, all, sum)) => {
                *all += rows;
                *sum += bytes;
            }
            None => kinds.push((kind, rows, bytes)),
        }
    }

    fn report(&self, path: &str, found: &mut Found) {
        // Each spot after what holds it, by a stack of its own: a value may be nested deeply.
        let mut open = vec![(0, path.to_owned())];
        while let Some((spot, path)) = open.pop() {
            let Spot { kinds, elements, order, folded, .. } = &self.spots[spot];
            for &(kind, rows, bytes) in kinds {
                found.add(&path, kind, rows, bytes);
            }
            for (name, place) in order.iter().rev() {
                let mut path = path.clone();
                if *folded {
                    path.push_str("[]");
                } else {
                    push_name(&mut path, name);
                }
                open.push((*place, path));
            }
            if let Some(place) = elements {
                open.push((*place, format!("{path}[]")));
            }
        }
    }
}
