//! Maps and sets, with any hasher.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use self::build::{Keyed, read_maps};
use super::ALONE;
use crate::error::{Error, ErrorKind, Result};
use crate::message::{Incoming, Outgoing};
use crate::rows::Rows;
use crate::shape::{Builder, Node, NodeId};
use crate::slots::{Done, Slot, Slots};
use crate::table::{Reader, Writer};
use crate::traits::{Describe, Layout, Persist, ReadRows, WriteRows};

mod build;

/// Bytes that an entry takes in a table of which up to half is empty.
const fn entry_size<T>() -> usize {
    ALONE + 2 * size_of::<T>()
}

/// Names the node of a map's pairs.
struct Entry<K, V>(std::marker::PhantomData<(K, V)>);

/// What a collection that is hashed does in reading.
macro_rules! hashed {
    ($key:ty) => {
        const SORTED: bool = false;

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn with_room(entries: usize) -> Self {
            Self::with_capacity_and_hasher(entries, S::default())
        }

        /// They have none, and are never asked.
        fn compare(_: &$key, _: &$key) -> Ordering {
            Ordering::Less
        }
    };
}

/// What one that is sorted does.
macro_rules! sorted {
    ($key:ty) => {
        const SORTED: bool = true;

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn with_room(_: usize) -> Self {
            Self::new()
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn compare(a: &$key, b: &$key) -> Ordering {
            a.cmp(b)
        }
    };
}

macro_rules! maps {
    ($([$($generics:tt)*] $type:ty, $keyed:ident;)*) => {$(
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
                writer.maps(at, rows, |map| (map.len(), map.iter()))
            }

            fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
                out.entries(self.len(), self.iter())
            }
        }

        impl<$($generics)*> ReadRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                read_maps(reader, at, slots)
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

        impl<$($generics)*> Keyed<K, V> for $type {
            $keyed! { K }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn insert(&mut self, key: K, value: V) -> bool {
                Self::insert(self, key, value).is_none()
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn of_all(entries: Vec<(K, V)>) -> Self {
                entries.into_iter().collect()
            }
        }
    )*};
}

maps! {
    [K: Persist + Eq + Hash, V: Persist, S: BuildHasher + Default] HashMap<K, V, S>, hashed;
    [K: Persist + Ord, V: Persist] BTreeMap<K, V>, sorted;
}

#[cfg(feature = "indexmap")]
maps! {
    [K: Persist + Eq + Hash, V: Persist, S: BuildHasher + Default] indexmap::IndexMap<K, V, S>, hashed;
}

macro_rules! sets {
    ($([$($generics:tt)*] $type:ty, $keyed:ident;)*) => {$(
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
                writer.collections(at, rows, |set| (set.len(), set.iter()))
            }

            fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
                out.elements(self.len(), self.iter())
            }
        }

        impl<$($generics)*> ReadRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                read_maps(reader, at, slots)
            }

            fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
                let (count, _) = input.length(entry_size::<T>())?;
                let mut set = <$type>::default();
                input.for_each::<T>(count, |item| if set.insert(item) { Ok(()) } else { Err(twice(0)) })?;
                Ok(slot.put(set))
            }
        }

        impl<$($generics)*> Keyed<T, ()> for $type {
            $keyed! { T }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn insert(&mut self, item: T, (): ()) -> bool {
                Self::insert(self, item)
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn of_all(items: Vec<(T, ())>) -> Self {
                items.into_iter().map(|(item, ())| item).collect()
            }
        }
    )*};
}

sets! {
    [T: Persist + Eq + Hash, S: BuildHasher + Default] HashSet<T, S>, hashed;
    [T: Persist + Ord] BTreeSet<T>, sorted;
}

#[cfg(feature = "indexmap")]
sets! {
    [T: Persist + Eq + Hash, S: BuildHasher + Default] indexmap::IndexSet<T, S>, hashed;
}

/// The error of a row whose key came before.
#[cold]
fn twice(row: usize) -> Error {
    Error::of(ErrorKind::Value, "a key occurs twice").at_row(row)
}
