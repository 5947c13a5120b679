//! `SmallVec`.

use persist_core::{ErrorKind, Limits, Loader, Persist, dumps, loads};
use persist_derive::Persist;
use proptest::collection::vec;
use proptest::prelude::any;
use smallvec::{SmallVec, smallvec};

use crate::harness::{back, round_trips, rows_back};
use crate::like_serde::{json, same};

round_trips! {
    of_numbers: vec(any::<u16>(), 0..9) => |seed| SmallVec::<[u16; 4]>::from_slice(seed), |value| value.clone();
    of_texts: vec(any::<String>(), 0..4) => |seed| seed.iter().cloned().collect::<SmallVec<[_; 2]>>(),
        |value| value.clone();
    of_floats: vec(-1e9..1e9, 0..9) => |seed| SmallVec::<[f64; 3]>::from_slice(seed), |value| value.clone();
    of_options: vec(any::<Option<bool>>(), 0..9) => |seed| SmallVec::<[_; 0]>::from_slice(seed), |value| value.clone();
}

#[test]
fn as_serde_writes_it() {
    same(&SmallVec::<[u16; 2]>::from_slice(&[1, 2]));
    same(&SmallVec::<[String; 2]>::new());
    assert_eq!(json(&SmallVec::<[char; 1]>::from_slice(&['a', 'b'])), r#"["a","b"]"#);
    rows_back(|i| SmallVec::<[u32; 3]>::from_elem(i as u32, i % 7));
    back(&SmallVec::<[u8; 4]>::from_slice(&[1; 5]));
}

#[test]
fn one_shape_with_vectors() {
    let (small, all): (SmallVec<[u32; 4]>, Vec<u32>) = (smallvec![1, 2, 3], vec![1, 2, 3]);
    assert_eq!(dumps(&small).unwrap(), dumps(&all).unwrap());
    assert_eq!(loads::<Vec<u32>>(&dumps(&small).unwrap()).unwrap(), all);
    let loaded: SmallVec<[u32; 4]> = loads(&dumps(&all).unwrap()).unwrap();
    assert!(loaded == small && !loaded.spilled());
    let loaded: SmallVec<[u32; 2]> = loads(&dumps(&all).unwrap()).unwrap();
    assert!(loaded[..] == all && loaded.spilled());
    // Elements without size.
    back(&SmallVec::<[(); 3]>::from_slice(&[(); 100]));
}

#[derive(Debug, Clone, PartialEq, Persist)]
#[persist(crate = persist_core)]
struct Tree {
    name: String,
    children: SmallVec<[Box<Tree>; 2]>,
}

#[test]
fn recursive_types() {
    let leaf = |name: &str| Box::new(Tree { name: name.to_owned(), children: smallvec![] });
    let twig = Box::new(Tree { name: "b".to_owned(), children: smallvec![leaf("x"), leaf("y"), leaf("z")] });
    back(&Tree { name: "a".to_owned(), children: smallvec![leaf("c"), twig] });
}

#[test]
fn lengths_are_limited() {
    fn refused<T: Persist>(bytes: &[u8], limits: Limits) {
        assert!(
            Loader::new().limits(limits).loads::<SmallVec<[T; 2]>>(bytes).map(drop).unwrap_err().is(ErrorKind::Limit)
        );
    }
    refused::<()>(&dumps(&vec![(); 1001]).unwrap(), Limits { elements: 1000, ..Limits::default() });
    refused::<u64>(&dumps(&vec![0u64; 100_000]).unwrap(), Limits { memory: 1000, expansion: 1, ..Limits::default() });
}
