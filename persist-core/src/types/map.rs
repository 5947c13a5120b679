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
use crate::traits::{Describe, Layout, Persist, ReadRows, WriteRows};

/// Bytes that an entry takes in a table of which up to half is empty.
const fn entry_size<T>() -> usize {
    ALONE + 2 * size_of::<T>()
}

/// Names the node of a map's pairs.
struct Entry<K, V>(std::marker::PhantomData<(K, V)>);

macro_rules! maps {
    ($([$($generics:tt)*] $type:ty, |$len:ident| $new:expr;)*) => {$(
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
                slots.fill().rest(|| {
                    let sequence = reader.sequence(at)?;
                    // So many entries were charged to the budget, where they do not come from a stream.
                    let $len = reader.room(sequence, entry_size::<(K, V)>());
                    let mut map: $type = $new;
                    reader.entries::<K, V>(sequence, |key, value| match map.insert(key, value) {
                        None => Ok(()),
                        Some(_) => Err(duplicate_key()),
                    })?;
                    Ok(map)
                })
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
    [K: Persist + Eq + Hash, V: Persist, S: BuildHasher + Default] HashMap<K, V, S>,
        |len| HashMap::with_capacity_and_hasher(len, S::default());
    [K: Persist + Ord, V: Persist] BTreeMap<K, V>, |_len| BTreeMap::new();
}

#[cfg(feature = "indexmap")]
maps! {
    [K: Persist + Eq + Hash, V: Persist, S: BuildHasher + Default] indexmap::IndexMap<K, V, S>,
        |len| Self::with_capacity_and_hasher(len, S::default());
}

macro_rules! sets {
    ($([$($generics:tt)*] $type:ty, |$len:ident| $new:expr;)*) => {$(
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
                slots.fill().rest(|| {
                    let sequence = reader.sequence(at)?;
                    let $len = reader.room(sequence, entry_size::<T>());
                    let mut set: $type = $new;
                    reader.for_each::<T>(sequence, |item| {
                        if set.insert(item) { Ok(()) } else { Err(duplicate_key()) }
                    })?;
                    Ok(set)
                })
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
    [T: Persist + Eq + Hash, S: BuildHasher + Default] HashSet<T, S>,
        |len| HashSet::with_capacity_and_hasher(len, S::default());
    [T: Persist + Ord] BTreeSet<T>, |_len| BTreeSet::new();
}

#[cfg(feature = "indexmap")]
sets! {
    [T: Persist + Eq + Hash, S: BuildHasher + Default] indexmap::IndexSet<T, S>,
        |len| Self::with_capacity_and_hasher(len, S::default());
}

#[cold]
fn duplicate_key() -> Error {
    Error::of(ErrorKind::Value, "a key occurs twice")
}
