//! Maps and sets, with any hasher.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use super::ALONE;
use crate::error::{Error, ErrorKind, Result};
use crate::message::{Incoming, Outgoing};
use crate::rows::Rows;
use crate::shape::{Builder, Node, NodeId};
use crate::slots::{Done, Slot, Slots};
use crate::table::{Reader, Writer};
use crate::traits::{Decode, Describe, Encode, Layout, Persist, ReadRows, WriteRows};

/// Bytes that an entry takes in a table of which up to half is empty.
const fn entry_size<T>() -> usize {
    ALONE + 2 * size_of::<T>()
}

/// Names the node of a map's pairs.
struct Entry<K, V>(std::marker::PhantomData<(K, V)>);

macro_rules! maps {
    ($([$($generics:tt)*] $type:ty, $read:expr;)*) => {$(
        direct!([$($generics)*] $type);

        impl<$($generics)*> Layout for $type {
            const COLUMNS: usize = 1;

            fn describe(builder: &mut Builder) -> NodeId {
                builder.add::<Self>(size_of::<Self>(), |builder| {
                    Node::Map(builder.add::<Entry<K, V>>(entry_size::<(K, V)>(), |builder| {
                        Node::Pair(<K as Describe>::describe(builder), <V as Describe>::describe(builder))
                    }))
                })
            }
        }

        impl<$($generics)*> WriteRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                rows.iter().enumerate().try_for_each(|(row, map)| {
                    writer
                        .sequence(at, map.len(), |elements| elements.entries(map.iter()))
                        .map_err(|error| error.at_row(row))
                })
            }

            fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
                out.entries(self.len(), self.iter())
            }
        }

        impl<$($generics)*> ReadRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                slots.fill().rest(|| $read(reader, at))
            }

            fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
                let (count, _) = input.length(entry_size::<(K, V)>())?;
                let mut map = <$type>::default();
                input.entries::<K, V>(count, |key, value| match map.insert(key, value) {
                    None => Ok(()),
                    Some(_) => Err(twice(0)),
                })?;
                Ok(slot.put(map))
            }
        }
    )*};
}

maps! {
    [K: Persist + Eq + Hash, V: Persist, S: BuildHasher + Default] HashMap<K, V, S>, |reader, at| {
        read_hashed(reader, at, |len| Self::with_capacity_and_hasher(len, S::default()), |map, key, value| {
            map.insert(key, value).is_none()
        })
    };
    [K: Persist + Ord, V: Persist] BTreeMap<K, V>, |reader, at| {
        read_sorted(reader, at, Self::from_iter)
    };
}

#[cfg(feature = "indexmap")]
maps! {
    [K: Persist + Eq + Hash, V: Persist, S: BuildHasher + Default] indexmap::IndexMap<K, V, S>, |reader, at| {
        read_hashed(reader, at, |len| Self::with_capacity_and_hasher(len, S::default()), |map, key, value| {
            map.insert(key, value).is_none()
        })
    };
}

macro_rules! sets {
    ($([$($generics:tt)*] $type:ty, $read:expr;)*) => {$(
        direct!([$($generics)*] $type);

        impl<$($generics)*> Layout for $type {
            const COLUMNS: usize = 1;

            fn describe(builder: &mut Builder) -> NodeId {
                builder.add::<Self>(size_of::<Self>(), |builder| {
                    let item = <T as Describe>::describe(builder);
                    builder.takes(item, entry_size::<T>());
                    Node::Set(item)
                })
            }
        }

        impl<$($generics)*> WriteRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                rows.iter().enumerate().try_for_each(|(row, set)| {
                    writer
                        .sequence(at, set.len(), |elements| elements.iter(set.iter()))
                        .map_err(|error| error.at_row(row))
                })
            }

            fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
                out.elements(self.len(), self.iter())
            }
        }

        impl<$($generics)*> ReadRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                slots.fill().rest(|| $read(reader, at))
            }

            fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
                let (count, _) = input.length(entry_size::<T>())?;
                let mut set = <$type>::default();
                input.for_each::<T>(count, |item| if set.insert(item) { Ok(()) } else { Err(twice(0)) })?;
                Ok(slot.put(set))
            }
        }
    )*};
}

sets! {
    [T: Persist + Eq + Hash, S: BuildHasher + Default] HashSet<T, S>, |reader, at| {
        read_hashed(reader, at, |len| Self::with_capacity_and_hasher(len, S::default()), |set, item, ()| {
            set.insert(item)
        })
    };
    [T: Persist + Ord] BTreeSet<T>, |reader, at| {
        read_sorted(reader, at, |items: Vec<(T, ())>| items.into_iter().map(|(item, ())| item).collect())
    };
}

#[cfg(feature = "indexmap")]
sets! {
    [T: Persist + Eq + Hash, S: BuildHasher + Default] indexmap::IndexSet<T, S>, |reader, at| {
        read_hashed(reader, at, |len| Self::with_capacity_and_hasher(len, S::default()), |set, item, ()| {
            set.insert(item)
        })
    };
}

/// Reads a map, or a set, whose items have nothing beside them: `insert` says whether the key is new.
#[cfg_attr(not(debug_assertions), inline(always))]
fn read_hashed<K: Encode + Decode, V: Decode, Map>(
    reader: &mut Reader<'_>,
    at: usize,
    new: impl FnOnce(usize) -> Map,
    insert: impl Fn(&mut Map, K, V) -> bool,
) -> Result<Map> {
    let sequence = reader.sequence(at)?;
    // So many entries were charged to the budget, where they do not come from a stream.
    let mut map = new(reader.room(sequence, entry_size::<(K, V)>()));
    reader.entries(sequence, &mut Vec::new(), |entries, _| {
        match entries.drain(..).position(|(key, value)| !insert(&mut map, key, value)) {
            None => Ok(()),
            Some(row) => Err(twice(row)),
        }
    })?;
    Ok(map)
}

/// The same of one whose keys are sorted: it is built of all entries at once, which takes a fraction of the time that
/// inserting each would. They mostly come in order, as they were written; if not, they are sorted.
#[cfg_attr(not(debug_assertions), inline(always))]
fn read_sorted<K: Ord + Encode + Decode, V: Decode, Map: Default>(
    reader: &mut Reader<'_>,
    at: usize,
    build: impl Fn(Vec<(K, V)>) -> Map,
) -> Result<Map> {
    let sequence = reader.sequence(at)?;
    if sequence.len == 0 {
        return Ok(Map::default());
    }
    let mut all = reader.with_room::<(K, V)>(sequence)?;
    let mut sorted = true;
    reader.entries(sequence, &mut all, |all, before| {
        for row in before.max(1)..all.len() {
            match all[row - 1].0.cmp(&all[row].0) {
                Ordering::Less => {}
                Ordering::Equal => return Err(twice(row - before)),
                Ordering::Greater => sorted = false,
            }
        }
        Ok(())
    })?;
    if !sorted {
        let order = order(all.len(), &|a, b| all[a].0.cmp(&all[b].0))?;
        arrange(order, &mut |a, b| all.swap(a, b));
    }
    Ok(build(all))
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

/// The error of a row whose key came before.
#[cold]
fn twice(row: usize) -> Error {
    Error::of(ErrorKind::Value, "a key occurs twice").at_row(row)
}
