//! Types in odd combinations.
#![allow(clippy::zero_sized_map_values, reason = "they are among the odd ones")]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::marker::PhantomData;

use persist_core::{Persist, dumps, loads};

use crate::harness::{back, rows_back};

#[test]
fn arrays_of_nothing() {
    rows_back(|_| [0u8; 0]);
    rows_back(|_| [[0u64; 0]; 4]);
    rows_back(|_| [[0u64; 4]; 0]);
    rows_back(|_| <[String; 0]>::default());
    rows_back(|_| <[Vec<u8>; 0]>::default());
    rows_back(|_| [(1u8, 'a'); 0]);
    rows_back(|_| [(); 0]);
    rows_back(|_| [(); 5]);
    rows_back(|i| ([0u8; 0], i as u32, [Some(1u8); 0]));
    rows_back(|i| Some([0u16; 0]).filter(|_| i % 2 == 0));
    rows_back(|_| Box::new([0u16; 0]));
    rows_back(|i| vec![[0u16; 0]; i % 3]);
    rows_back(|_| <[Option<Box<[u8; 0]>>; 0]>::default());
    back(&BTreeMap::from([([0u8; 0], [0u16; 0])]));
    back(&BTreeSet::from([[(); 3]]));
}

#[test]
fn nothing_at_all() {
    rows_back(|_| ());
    rows_back(|_| ((),));
    rows_back(|_| ((), ((), ((),), [(); 2])));
    rows_back(|_| Box::new(()));
    rows_back(|_| Box::new(Box::new(Box::new(()))));
    rows_back(|i| Some(()).filter(|()| i % 3 == 0));
    rows_back(|i| vec![(); i % 50]);
    rows_back(|i| vec![vec![(); i % 3], vec![]]);
    rows_back(|i| vec![vec![vec![(); 1]; i % 2]; i % 3]);
    rows_back(|_| (PhantomData::<str>, [PhantomData::<Vec<u8>>; 3], ..));
    rows_back(|i| (0..i % 2).map(|_| ((), ())).collect::<BTreeMap<_, _>>());
    rows_back(|i| (0..i % 2).map(|_| ()).collect::<HashSet<()>>());
    rows_back(|i| if i % 2 == 0 { Ok(()) } else { Err(()) });
}

#[test]
fn options_of_options() {
    rows_back(|i| match i % 4 {
        0 => None,
        1 => Some(None),
        2 => Some(Some(None)),
        _ => Some(Some(Some(i as u16))),
    });
    let even = |i: usize| i.is_multiple_of(2);
    let deep = |i: usize| Some(Some(Some(Some(Some(Some(Some(Some(Some(Some(even(i).then_some(())))))))))));
    rows_back(deep);
    rows_back(|i| Some(Some(Some(vec![deep(i), None, Some(None)]))).filter(|_| i % 5 != 0));
    rows_back(|i| (i % 2 == 0).then(|| [(i % 3 == 0).then(|| (i % 5 == 0).then_some('x')), None]));
    rows_back(|i| (i % 2 == 0).then(|| Box::new((i % 3 == 0).then(|| Box::new(None::<Box<u8>>)))));
}

#[test]
fn long_tuples() {
    // std compares tuples of up to 12.
    macro_rules! halves {
        ($make:expr) => {{
            for count in [0, 1, 2, 70, 1000] {
                let all: Vec<_> = (0..count).map($make).collect();
                let loaded = like(&all, loads(&dumps(&all).unwrap()));
                assert_eq!(loaded.len(), count);
                for (x, y) in all.iter().zip(&loaded) {
                    let (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) = x;
                    let (a2, b2, c2, d2, e2, f2, g2, h2, i2, j2, k2, l2, m2, n2, o2, p2) = y;
                    assert_eq!((a, b, c, d, e, f, g, h), (a2, b2, c2, d2, e2, f2, g2, h2));
                    assert_eq!((i, j, k, l, m, n, o, p), (i2, j2, k2, l2, m2, n2, o2, p2));
                }
            }
        }};
    }
    halves!(|i| {
        let (a, b) = (i as u8, i as u16);
        (a, b, i as u32, i as u64, i as u128, -1i8, -2i16, -3i32, 'c', true, (), 1.5f32, Some(a), [b; 2], vec![a], i)
    });
    halves!(|i| {
        let (a, b) = ((1.5f32, i as f32), [i as f64; 2]);
        (a, b, a, b, a, b, a, b, a, b, a, b, a, b, a, b)
    });
    back(&((((((((1u8,), 2u16), 3u32), 4u64), 'e'), "f".to_owned()), Some(7)), [8; 8]));
    rows_back(|i| ((i as u8, format!("{i}")), [(i as u8, Some(vec![(i, [1u8; 2])]))]));
}

/// What was loaded, of the type of a model.
fn like<T>(_: &T, loaded: persist_core::Result<T>) -> T {
    loaded.unwrap()
}

#[test]
fn arrays_of_arrays() {
    rows_back(|i| [[format!("{i}"), String::new()], ["a".to_owned(), "ä".repeat(i % 4)]]);
    rows_back(|i| [[[i as u64; 1]; 2]; 3]);
    rows_back(|i| [[vec![i as u8; i % 3], vec![]], [vec![1], vec![i as u8]]]);
    rows_back(|i| [[[(i as u8, vec![[i as u16; 2]; i % 2]); 1]; 1]; 1]);
    rows_back(|i| [BTreeMap::from([(i as u8, [i as u32; 3])]), BTreeMap::new()]);
    rows_back(|i| [[Box::new([Box::new(i), Box::new(1)])]]);
    back(&[[3u8; 70]; 70]);
    back(&vec![vec![[7u16; 65]; 3]; 3]);
    back(&vec![Box::new([1u8; 10_000]); 5]);
    back(&vec![[const { Some((1u8, 2u64)) }; 200]; 70]);
}

#[test]
fn keys_of_all_kinds() {
    fn keys<K: Persist + std::hash::Hash + Ord + std::fmt::Debug>(make: impl Fn(usize) -> K) {
        let all = |from: usize, to: usize| {
            (
                (from..to).map(|i| (make(i), i as u32)).collect::<HashMap<K, u32>>(),
                (from..to).map(|i| (make(i), vec![make(i)])).collect::<BTreeMap<K, Vec<K>>>(),
                (from..to).map(&make).collect::<HashSet<K>>(),
                (from..to).map(&make).collect::<BTreeSet<K>>(),
            )
        };
        for count in [0, 1, 2, 70] {
            back(&vec![all(0, count), all(5, 5 + count), all(0, 1)]);
        }
        back(&vec![all(0, 1000)]);
    }
    keys(|i| i as u64);
    keys(|i| -(i as i128));
    keys(|i| char::from_u32(i as u32).unwrap());
    keys(|i| i % 2 == 0);
    keys(|_| ());
    keys(|i| format!("{i}"));
    keys(|i| (i as u8, i.to_string(), [i as u32; 2]));
    keys(|i| [i as u16, 5]);
    keys(|i| Some(i).filter(|i| i % 3 != 0));
    keys(|i| vec![Some(i as u8); i % 3]);
    keys(|i| Box::new([Box::new(i as i8)]));
    keys(|i| if i % 2 == 0 { Ok(i) } else { Err(i.to_string()) });
    keys(|i| BTreeMap::from([(i, BTreeSet::from([i.to_string()]))]));
    keys(std::num::NonZero::<usize>::new);
    keys(|i| std::cmp::Reverse(std::path::PathBuf::from(format!("{i}"))));
    keys(|i| std::net::IpAddr::from([1, 2, 3, i as u8]));
    keys(|i| std::time::Duration::from_millis(i as u64));
}

#[test]
fn everything_twice() {
    // Two columns of one node, and tables of tables.
    rows_back(|i| (vec![i as u8; i % 3], vec![i as u8; i % 4], Some(vec![vec![i as u8]])));
    rows_back(|i| (Some(Box::new(i as u8)), Box::new(Some(i as u8)), [Box::new(i as u8), Box::new(0)]));
    rows_back(|i| vec![(BTreeMap::from([(i, vec![BTreeMap::from([(i, vec![i as u8; i % 3])])])]), "x".repeat(i % 3))]);
    rows_back(|i| Ok::<_, Vec<String>>(Err::<Vec<String>, _>(Ok::<_, String>(vec![i.to_string()]))));
}

#[test]
fn long_sequences_in_groups() {
    let text = |i: usize| i.to_string().repeat(i % 7);
    back(&(0..100_000).map(text).collect::<Vec<_>>());
    back(&(0..30_000).map(|i| (text(i), vec![text(i + 1); i % 3], i as f32)).collect::<Vec<_>>());
    back(&(0..30_000).map(|i| (i, vec![Some(text(i)); i % 3])).collect::<HashMap<_, _>>());
    back(&(0..30_000).map(|i| vec![vec![text(i); i % 3]; i % 4]).collect::<BTreeSet<_>>());
    back(&(0..30_000).map(|i| [(i, Box::new(text(i))), (1, Box::new(text(i)))]).collect::<Vec<_>>());
    back(&(0..400_000u32).collect::<std::collections::LinkedList<_>>());
    let deep = vec![(0..30_000).map(text).collect::<Vec<_>>(); 2];
    back(&deep);
}
