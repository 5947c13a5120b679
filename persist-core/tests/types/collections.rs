//! Collections, and what a lying length can do.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::hash::BuildHasherDefault;
use std::marker::PhantomData;
use std::time::Instant;

use persist_core::{Context, Decode, Encode, ErrorKind, Limits, Loader, Persist, Result, dumps, loads};
use proptest::collection::{btree_map, btree_set, hash_map, hash_set, linked_list, vec, vec_deque};
use proptest::prelude::any;

use crate::harness::round_trips;

type Hasher = BuildHasherDefault<std::collections::hash_map::DefaultHasher>;

round_trips! {
    boxed_slices: vec(any::<Option<u64>>(), 0..8) => |seed| seed.clone().into_boxed_slice(), |value| value.clone();
    deques: vec_deque(any::<u16>(), 0..8) => |seed| rotated(seed.clone()), |value| value.clone();
    lists: linked_list(any::<String>(), 0..4) => |seed| seed.clone(), |value| value.clone();
    heaps: vec(any::<i32>(), 0..8) => |seed| BinaryHeap::from(seed.clone()), |value| value.clone().into_sorted_vec();
    hash_maps: hash_map(any::<u16>(), any::<String>(), 0..4) => |seed| seed.clone(), |value| value.clone();
    hash_maps_of_other_hashers: vec(any::<u8>(), 0..8) => |seed| twice(seed), |value| value.clone();
    hash_sets: hash_set(any::<char>(), 0..8) => |seed| seed.clone(), |value| value.clone();
    tree_maps: btree_map(any::<String>(), vec(any::<u8>(), 0..4), 0..4) => |seed| seed.clone(), |value| value.clone();
    tree_sets: btree_set(any::<(i8, bool)>(), 0..8) => |seed| seed.clone(), |value| value.clone();
}

/// A deque whose first element is not the first in memory.
fn rotated(mut deque: VecDeque<u16>) -> VecDeque<u16> {
    deque.rotate_left(deque.len() / 2);
    deque
}

fn twice(keys: &[u8]) -> HashMap<u8, u8, Hasher> {
    keys.iter().map(|&key| (key, key)).collect()
}

/// A key that is another one once it is loaded.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Folded(u8);

impl Persist for Folded {
    type Saved<'a> = u8;
    type Loaded = u8;

    fn get_state(&self) -> Result<u8> {
        Ok(self.0)
    }

    fn set_state(state: u8, _: &Context) -> Result<Self> {
        Ok(Folded(state % 100))
    }
}

#[test]
fn a_key_twice_is_refused() {
    fn refused<T: Encode + Decode + FromIterator<I>, I>(item: impl Fn(u8) -> I) {
        assert!(loads::<T>(&dumps(&(0..100).map(&item).collect::<T>()).unwrap()).is_ok());
        let error = loads::<T>(&dumps(&(0..=100).map(&item).collect::<T>()).unwrap()).map(drop).unwrap_err();
        assert_eq!((error.kind(), error.path().starts_with('[')), (ErrorKind::Value, true), "{error}");
    }
    refused::<BTreeMap<Folded, u8>, _>(|i| (Folded(i), i));
    refused::<HashMap<Folded, String>, _>(|i| (Folded(i), i.to_string()));
    refused::<BTreeSet<Folded>, _>(Folded);
    refused::<HashSet<Folded>, _>(Folded);
    let error =
        loads::<BTreeSet<Folded>>(&dumps(&(0..=100).map(Folded).collect::<BTreeSet<_>>()).unwrap()).unwrap_err();
    assert_eq!(error.path(), "[100]");
}

/// The error of loading as many empty elements as a length can count, from some thirty bytes.
fn refusal<T: Decode>(limits: Limits) -> ErrorKind {
    let bytes = dumps(&vec![(); u32::MAX as usize]).unwrap();
    assert!(bytes.len() < 64);
    // The shapes are equal, but for what a length says.
    let start = Instant::now();
    let error = Loader::new().limits(limits).loads::<T>(&bytes).err().expect("it is too long");
    assert!(start.elapsed().as_secs() < 5, "it took {:?}", start.elapsed());
    error.kind()
}

#[test]
fn elements_without_bytes_are_counted() {
    let few = || Limits { elements: 1000, ..Limits::default() };
    assert_eq!(refusal::<Vec<()>>(few()), ErrorKind::Limit);
    assert_eq!(refusal::<VecDeque<()>>(few()), ErrorKind::Limit);
    assert_eq!(refusal::<Box<[()]>>(few()), ErrorKind::Limit);
    // Each of these takes memory for every element, however small.
    assert_eq!(refusal::<LinkedList<()>>(Limits::default()), ErrorKind::Limit);
    let loader = |elements| Loader::new().limits(Limits { elements, ..Limits::default() });
    let bytes = dumps(&vec![vec![(); 10]; 10]).unwrap();
    assert_eq!(loader(100).loads::<Vec<Vec<()>>>(&bytes).unwrap().len(), 10);
    assert!(loader(99).loads::<Vec<Vec<()>>>(&bytes).unwrap_err().is(ErrorKind::Limit));
}

/// A set that says it holds as many empty elements as a length can count.
struct Liar;

impl Persist for Liar {
    type Saved<'a> = lie::Set;
    type Loaded = HashSet<()>;

    fn get_state(&self) -> Result<lie::Set> {
        Ok(lie::Set)
    }

    fn set_state(_: HashSet<()>, _: &Context) -> Result<Self> {
        Ok(Liar)
    }
}

mod lie {
    //! A set of more elements than there are values.
    use std::collections::HashSet;

    use persist_core::__private::{Builder, Done, Layout, NodeId, ReadRows, Reader, Rows, Slots, View, Whole};
    use persist_core::__private::{Describe, Incoming, Outgoing, Slot, WriteRows, Writer};
    use persist_core::{Context, Error, Persist, Result};

    pub(super) struct Set;

    impl Layout for Set {
        const COLUMNS: usize = 1;

        fn describe(builder: &mut Builder) -> NodeId {
            <HashSet<()> as Describe>::describe(builder)
        }
    }

    impl WriteRows for Set {
        fn write_rows(_: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
            let count = 1 << 31;
            writer.sequence(at, count, |elements| elements.slice(&vec![(); count]))
        }

        fn send_row(&self, _: &mut Outgoing<'_>) -> Result<()> {
            Err(Error::new("not for messages"))
        }
    }

    impl ReadRows for Set {
        fn read_rows<'s>(_: &mut Reader<'_>, _: usize, _: Slots<'s, Self>) -> Result<Done<'s>> {
            Err(Error::new("only for saving"))
        }

        fn receive_row<'s>(_: &mut Incoming<'_>, _: Slot<'s, Self>) -> Result<Done<'s>> {
            Err(Error::new("only for saving"))
        }
    }

    impl Persist for Set {
        type Saved<'a> = View<'a, Self>;
        type Loaded = Whole<Self>;

        fn get_state(&self) -> Result<View<'_, Self>> {
            Ok(View(self))
        }

        fn set_state(Whole(value): Whole<Self>, _: &Context) -> Result<Self> {
            Ok(value)
        }
    }
}

#[test]
fn a_set_of_billions_of_empty_elements_takes_no_memory() {
    let bytes = dumps(&Liar).unwrap();
    assert!(bytes.len() < 64);
    let start = Instant::now();
    assert!(loads::<HashSet<()>>(&bytes).unwrap_err().is(ErrorKind::Limit));
    // Without limits the second element is refused, since it is the first one again.
    assert!(start.elapsed().as_secs() < 5, "it took {:?}", start.elapsed());
}

#[test]
fn a_phantom_is_an_element_without_bytes() {
    let bytes = dumps(&vec![PhantomData::<u8>; 1 << 20]).unwrap();
    assert_eq!(loads::<Vec<PhantomData<String>>>(&bytes).unwrap().len(), 1 << 20);
}

#[test]
#[cfg(target_pointer_width = "64")]
fn more_elements_than_a_length_counts_are_refused() {
    let error = dumps(&vec![(); 1 << 32]).unwrap_err();
    assert!(error.is(ErrorKind::Unsupported) && error.help().is_some(), "{error}");
    let error = dumps(&vec![(1u8, vec![(); 1 << 32])]).unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Unsupported, "[0]"));
}

#[test]
fn bigger_numbers_than_this_machine_has() {
    let bytes = dumps(&vec![5u64, u64::MAX]).unwrap();
    let loaded = loads::<Vec<usize>>(&bytes);
    if usize::BITS == 64 {
        assert_eq!(loaded.unwrap(), [5, usize::MAX]);
    } else {
        let error = loaded.unwrap_err();
        assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Value, "[1]"));
    }
}
