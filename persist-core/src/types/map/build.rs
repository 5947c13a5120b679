//! Building maps and sets of the entries that are read.

use std::cmp::Ordering;

use super::{entry_size, twice};
use crate::decode::vec_with_room;
use crate::encode::place_of;
use crate::error::Result;
use crate::rows::BATCH;
use crate::slots::{Done, Slots};
use crate::table::{Reader, Sequence};
use crate::traits::{Decode, Encode};

/// A map; or a set, whose items have nothing beside them.
pub(super) trait Keyed<K, V>: Default {
    /// Whether it is sorted: then it is built of all entries at once, which takes a fraction of the time that inserting each
    /// would. They mostly come in order, as they were written.
    const SORTED: bool;

    fn with_room(entries: usize) -> Self;

    /// Says whether the key is new.
    fn insert(&mut self, key: K, value: V) -> bool;

    /// The order of keys that are sorted.
    fn compare(a: &K, b: &K) -> Ordering;

    /// Of entries in order, none of them twice.
    fn of_all(entries: Vec<(K, V)>) -> Self;
}

/// A map while its entries come.
struct Building<K, V, Map> {
    /// Where they are inserted.
    map: Map,
    /// The entries of one that is sorted.
    all: Vec<(K, V)>,
    in_order: bool,
}

impl<K, V, Map: Keyed<K, V>> Building<K, V, Map> {
    #[inline(never)]
    fn new(room: usize) -> Result<Self> {
        let (map, all) =
            if Map::SORTED { (Map::default(), vec_with_room(room)?) } else { (Map::with_room(room), Vec::new()) };
        Ok(Building { map, all, in_order: true })
    }

    /// Adds entries; an error is one of them whose key came before, as far as that is seen yet.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn add(&mut self, mut entries: impl Iterator<Item = (K, V)>) -> Result<()> {
        if Map::SORTED {
            let before = self.all.len();
            self.all.extend(entries);
            return look_for_order::<K, V, Map>(&self.all, before, &mut self.in_order);
        }
        entries.position(|(key, value)| !self.map.insert(key, value)).map_or(Ok(()), |row| Err(twice(row)))
    }

    #[inline(never)]
    fn finish(mut self) -> Result<Map> {
        if !Map::SORTED {
            return Ok(self.map);
        }
        if !self.in_order {
            let order = order(self.all.len(), &|a, b| Map::compare(&self.all[a].0, &self.all[b].0))?;
            arrange(order, &mut |a, b| self.all.swap(a, b));
        }
        Ok(Map::of_all(self.all))
    }
}

/// Looks whether the entries from the given one on are in order, and none of them is that of the one before.
#[cfg_attr(not(debug_assertions), inline(always))]
fn look_for_order<K, V, Map: Keyed<K, V>>(all: &[(K, V)], from: usize, in_order: &mut bool) -> Result<()> {
    for row in from.max(1)..all.len() {
        match Map::compare(&all[row - 1].0, &all[row].0) {
            Ordering::Less => {}
            Ordering::Equal => return Err(twice(row - from)),
            Ordering::Greater => *in_order = false,
        }
    }
    Ok(())
}

/// Reads rows that are maps or sets.
#[inline(never)]
pub(super) fn read_maps<'s, K: Encode + Decode, V: Decode, Map: Keyed<K, V>>(
    reader: &mut Reader<'_>,
    at: usize,
    slots: Slots<'s, Map>,
) -> Result<Done<'s>> {
    let mut entries = Vec::new();
    if slots.len() == 1 || !reader.is_batched(at) {
        return slots.fill().rest(|| {
            let sequence = reader.sequence(at)?;
            if sequence.len == 0 { Ok(Map::default()) } else { read_map(reader, sequence, &mut entries) }
        });
    }
    slots.in_batches(BATCH, |slots| read_batch(reader, at, slots, &mut entries))
}

/// Reads one map.
fn read_map<K: Encode + Decode, V: Decode, Map: Keyed<K, V>>(
    reader: &mut Reader<'_>,
    sequence: Sequence,
    entries: &mut Vec<(K, V)>,
) -> Result<Map> {
    // So many entries were charged to the budget, where they do not come from a stream.
    let room = if Map::SORTED { size_of::<(K, V)>() } else { entry_size::<(K, V)>() };
    let mut map = Building::<K, V, Map>::new(reader.room(sequence, room))?;
    if Map::SORTED {
        // They stay where they are read.
        let Building { all, in_order, .. } = &mut map;
        let mut before = 0;
        reader.entries(sequence, all, |all| {
            look_for_order::<K, V, Map>(all, std::mem::replace(&mut before, all.len()), in_order)
        })?;
    } else {
        reader.entries(sequence, entries, |entries| map.add(entries.drain(..)))?;
    }
    map.finish()
}

/// Reads at most [`BATCH`] maps: the entries of all of them together.
fn read_batch<'s, K: Encode + Decode, V: Decode, Map: Keyed<K, V>>(
    reader: &mut Reader<'_>,
    at: usize,
    slots: Slots<'s, Map>,
    entries: &mut Vec<(K, V)>,
) -> Result<Done<'s>> {
    let mut lengths = [0; BATCH];
    let lengths = &mut lengths[..slots.len()];
    let (found, first) = reader.lengths(at, lengths.len())?;
    lengths.iter_mut().zip(found).for_each(|(place, length)| *place = length as usize);
    let lengths = &*lengths;
    let total: usize = lengths.iter().sum();
    let mut fill = slots.fill();
    let (mut row, mut before, mut left) = (0, 0, lengths[0]);
    let mut map = Building::<K, V, Map>::new(left)?;
    while before < total {
        let count = (total - before).min(BATCH);
        reader.batch_of_entries(first, count, entries, &|row| place_of(before + row, lengths.iter().copied()))?;
        let mut entries = entries.drain(..);
        while entries.len() != 0 {
            while left == 0 {
                fill.push(map.finish().map_err(|error| error.at_row(row))?);
                row += 1;
                left = lengths[row];
                map = Building::new(left)?;
            }
            let (count, before) = (left.min(entries.len()), lengths[row] - left);
            let added = map.add(entries.by_ref().take(count));
            added.map_err(|error| {
                let index = before + error.row();
                error.in_element(index).at_row(row)
            })?;
            left -= count;
        }
        before += count;
    }
    fill.push(map.finish().map_err(|error| error.at_row(row))?);
    // Those that are left are empty.
    fill.rest(|| Ok(Map::default()))
}

/// The rows in the order of their keys, none of which may occur twice. It is compiled once for all types, and so sorts
/// numbers of rows.
#[cold]
fn order(rows: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Result<Vec<u32>> {
    // A length has no more bits.
    let mut order: Vec<u32> = (0..rows as u32).collect();
    order.sort_by(|&a, &b| compare(a as usize, b as usize));
    // Of equal ones, the second is the first that is one too many.
    let again = order.windows(2).filter(|pair| compare(pair[0] as usize, pair[1] as usize).is_eq()).map(|pair| pair[1]);
    match again.min() {
        None => Ok(order),
        Some(row) => Err(twice(0).in_element(row as usize)),
    }
}

/// Brings rows into an order by swapping them.
#[cold]
fn arrange(mut order: Vec<u32>, swap: &mut dyn FnMut(usize, usize)) {
    for first in 0..order.len() {
        // What stood in `first` moves on, from place to place, until it comes to its own.
        let mut place = first;
        loop {
            let from = std::mem::replace(&mut order[place], place as u32) as usize;
            if from == first {
                break;
            }
            swap(place, from);
            place = from;
        }
    }
}
