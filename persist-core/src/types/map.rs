//! Maps and sets, with any hasher.

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
                let (count, $len) = input.length(entry_size::<(K, V)>())?;
                let mut map: $type = $new;
                input.entries::<K, V>(count, |key, value| match map.insert(key, value) {
                    None => Ok(()),
                    Some(_) => Err(duplicate_key()),
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
        read_sorted(reader, at, Self::from_iter, |map, key, value| map.insert(key, value).is_none())
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
                let (count, $len) = input.length(entry_size::<T>())?;
                let mut set: $type = $new;
                input.for_each::<T>(count, |item| if set.insert(item) { Ok(()) } else { Err(duplicate_key()) })?;
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
        let build = |items: Vec<(T, ())>| items.into_iter().map(|(item, ())| item).collect();
        read_sorted(reader, at, build, |set: &mut Self, item, ()| set.insert(item))
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
    reader.entries(sequence, &mut Vec::new(), |entries, _| insert_all(&mut map, entries.drain(..), &insert))?;
    Ok(map)
}

/// The same of one whose keys are sorted. As long as they come in order, as they were written, entries are kept, and the
/// map is built of all at once, which takes a fraction of the time; from the first one on that is out of order they are
/// inserted one by one.
#[cfg_attr(not(debug_assertions), inline(always))]
fn read_sorted<K: Ord + Encode + Decode, V: Decode, Map: Default>(
    reader: &mut Reader<'_>,
    at: usize,
    build: impl Fn(Vec<(K, V)>) -> Map,
    insert: impl Fn(&mut Map, K, V) -> bool,
) -> Result<Map> {
    let sequence = reader.sequence(at)?;
    if sequence.len == 0 {
        return Ok(Map::default());
    }
    let mut sorted = reader.with_room::<(K, V)>(sequence)?;
    let mut unsorted = None;
    reader.entries(sequence, &mut sorted, |entries, before| {
        let map = match &mut unsorted {
            Some(map) => map,
            None if entries[before.saturating_sub(1)..].is_sorted_by(|a, b| a.0.cmp(&b.0).is_lt()) => return Ok(()),
            None => {
                let batch = entries.split_off(before);
                unsorted.insert(build(std::mem::replace(entries, batch)))
            }
        };
        insert_all(map, entries.drain(..), &insert)
    })?;
    Ok(unsorted.unwrap_or_else(|| build(sorted)))
}

/// Inserts the entries of a batch.
#[cfg_attr(not(debug_assertions), inline(always))]
fn insert_all<K, V, Map>(
    map: &mut Map,
    mut entries: impl Iterator<Item = (K, V)>,
    insert: impl Fn(&mut Map, K, V) -> bool,
) -> Result<()> {
    match entries.position(|(key, value)| !insert(map, key, value)) {
        None => Ok(()),
        Some(row) => Err(Error::of(ErrorKind::Value, "a key occurs twice").at_row(row)),
    }
}
