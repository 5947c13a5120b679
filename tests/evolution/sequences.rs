//! Sequences, sets and maps of one type or another.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};

use persist::{ErrorKind, Persist, Protocol};

use crate::{PROTOCOLS, evolves, refused, through};

#[test]
fn sequences_are_one_shape() {
    let vec = vec!["a".to_owned(), "b".to_owned()];
    evolves(&vec, &VecDeque::from(vec.clone()));
    evolves(&vec, &vec.iter().cloned().collect::<LinkedList<_>>());
    evolves(&vec, &vec.clone().into_boxed_slice());
    evolves(&VecDeque::from(vec.clone()), &vec);
    for protocol in PROTOCOLS {
        let heap: BinaryHeap<String> = through(protocol, &vec).unwrap();
        assert_eq!(heap.into_sorted_vec(), vec);
    }
}

#[test]
fn arrays_of_the_length_are_sequences() {
    evolves(&[1u16, 2, 3], &vec![1u16, 2, 3]);
    evolves(&vec![1u16, 2, 3], &[1u16, 2, 3]);
    evolves(&vec!["a".to_owned(), "b".to_owned()], &["a".to_owned(), "b".to_owned()]);
    evolves(&[0.5f32, 1.5], &vec![0.5f32, 1.5]);
    evolves(&vec![(0.5f32, 1.5f32); 2], &[(0.5f64, 1.5f64); 2]);
    evolves(&[1u8, 2], &vec![1u8, 2]);
    evolves(&vec![1u8, 2], &[1u8, 2]);
    for protocol in PROTOCOLS {
        let error = refused::<_, [u16; 3]>(protocol, &vec![1u16, 2]);
        assert!(error.to_string().contains('3'), "{error}");
        refused::<_, [u16; 2]>(protocol, &[1u16, 2, 3]);
    }
}

#[test]
fn maps_are_one_shape_and_sets_are_one() {
    let map: BTreeMap<String, u8> = [("a".to_owned(), 1), ("b".to_owned(), 2)].into();
    evolves(&map, &map.clone().into_iter().collect::<HashMap<_, _>>());
    evolves(&map, &map.iter().map(|(key, &value)| (key.clone(), u64::from(value))).collect::<BTreeMap<_, _>>());
    let set: BTreeSet<u16> = [1, 2, 3].into();
    evolves(&set, &set.iter().copied().collect::<HashSet<_>>());
    evolves(&set, &set.iter().map(|&value| u32::from(value)).collect::<BTreeSet<_>>());
    assert_eq!(refused::<_, Vec<u16>>(Protocol::Packed, &set).kind(), ErrorKind::Shape);
}

#[test]
fn elements_change_with_their_type() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Old {
        a: u8,
        b: Vec<u8>,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        b: Vec<u32>,
        c: Option<u8>,
        a: i64,
    }
    let (old, new) = (Old { a: 1, b: vec![1, 2] }, New { b: vec![1, 2], c: None, a: 1 });
    let old: BTreeMap<u8, Vec<Option<Old>>> =
        [(1, vec![Some(old.clone()), None]), (2, vec![]), (3, vec![Some(old)])].into();
    let new: BTreeMap<u16, Vec<Option<New>>> =
        [(1, vec![Some(new.clone()), None]), (2, vec![]), (3, vec![Some(new)])].into();
    evolves(&old, &new);
}

#[test]
fn one_value_becomes_a_sequence() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Old {
        tag: String,
        address: Address,
        more: Vec<u8>,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        #[persist(alias_one, alias = "tag")]
        tags: Vec<String>,
        #[persist(alias_one, alias = "address", default)]
        addresses: Vec<Address>,
        #[persist(alias_one)]
        more: Vec<u8>,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Address {
        street: String,
        number: u16,
    }
    let address = Address { street: "s".into(), number: 1 };
    let new = New { tags: vec!["t".into()], addresses: vec![address.clone()], more: vec![1, 2] };
    evolves(&Old { tag: "t".into(), address, more: vec![1, 2] }, &new);
    evolves(&new, &new);
}

/// A row that is the only one, and has other fields now, holds a sequence that goes on in later chunks.
#[test]
fn a_long_sequence_in_the_one_element_of_another() {
    #[derive(Clone, Debug, PartialEq, Persist)]
    struct Before {
        numbers: Vec<u64>,
    }

    #[derive(Clone, Debug, PartialEq, Persist)]
    struct Now {
        numbers: Vec<u64>,
        #[persist(default)]
        more: u8,
    }

    let numbers: Vec<u64> = (0..60_000u64).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
    let bytes = persist::dumps(&vec![Before { numbers: numbers.clone() }]).unwrap();
    let now: Vec<Now> = persist::loads(&bytes).unwrap();
    assert!(now == [Now { numbers: numbers.clone(), more: 0 }]);
    assert!(persist::load::<Vec<Now>>(&bytes[..]).unwrap() == now);
    let bytes = persist::dumps(&(Box::new(Before { numbers: numbers.clone() }), 7u8)).unwrap();
    let (now, behind): (Box<Now>, u8) = persist::loads(&bytes).unwrap();
    assert!(*now == Now { numbers, more: 0 } && behind == 7);
}
