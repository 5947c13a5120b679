use std::collections::BTreeMap;

use persist_core::{Dumper, Encode};
use proptest::prelude::*;

use super::super::delta::apply;
use super::*;

/// The size of the delta, which has to make the new bytes of the old ones.
fn size(old: &[u8], new: &[u8]) -> usize {
    let mut delta = vec![7];
    let cost = diff(old, new, &mut delta);
    let (mut bytes, mut left) = (old.to_vec(), &delta[1..]);
    assert_eq!(apply(&mut left, &mut bytes, &mut vec![1, 2, 3]).unwrap(), cost);
    assert!(left.is_empty());
    assert!(bytes == new, "{} bytes became {} others", old.len(), new.len());
    delta.len() - 1
}

fn noise(count: usize, mut seed: u64) -> Vec<u8> {
    let next = || {
        seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        (seed >> 56) as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

#[test]
fn edits_of_every_kind_are_small() {
    let old = noise(100_000, 1);
    assert_eq!(size(&old, &old), 4);
    for at in [0, 1, 7, 5_000, 99_990] {
        for count in [1, 3, 40, 1000, 9000] {
            let mut longer = old.clone();
            longer.splice(at..at, noise(count, 2));
            assert!(size(&old, &longer) <= count + 20, "{count} bytes come at {at}: {}", size(&old, &longer));
            assert!(size(&longer, &old) <= 40, "{count} bytes go at {at}: {}", size(&longer, &old));
            let mut other = old.clone();
            let end = (at + count).min(old.len());
            other[at..end].copy_from_slice(&noise(end - at, 3));
            assert!(size(&old, &other) <= count + 40, "{count} bytes change at {at}: {}", size(&old, &other));
        }
    }
    assert_eq!(size(&[], &[]), 2);
    assert!(size(&[], &old) <= old.len() + 12);
    assert!(size(&old, &[]) <= 12);
    assert!(size(&old, &noise(100_000, 4)) <= old.len() + 12);
}

#[test]
fn many_edits_are_found() {
    let old = noise(1 << 20, 5);
    let mut new = Vec::new();
    for (i, part) in old.chunks(4096).enumerate() {
        new.extend_from_slice(&noise(i % 5, i as u64));
        new.extend_from_slice(&part[(i % 3)..]);
    }
    let size = size(&old, &new);
    assert!(size < 256 * 16, "{size}");
}

/// The size of the delta between two values.
fn between<T: Encode>(old: &T, new: &T) -> usize {
    let mut dumper = Dumper::new().diffable(true);
    size(&dumper.dumps(old).unwrap(), &dumper.dumps(new).unwrap())
}

#[test]
fn a_delta_follows_what_changed_and_not_the_size() {
    type Row = (String, u64, bool, Option<f64>, Vec<u16>);
    let row = |i: u64| -> Row {
        (format!("row {i}"), i * i, i % 3 == 0, (i % 2 == 0).then_some(i as f64), vec![7; i as usize % 5])
    };
    let rows: Vec<Row> = (0..100_000).map(row).collect();
    let mut sizes = Vec::new();
    let mut check = |what: &str, new: &Vec<Row>, most: usize| {
        let size = between(&rows, new);
        assert!(size <= most, "{what}: {size}");
        sizes.push(size);
    };
    for at in [0, 1, 31_000, 99_999] {
        let mut new = rows.clone();
        new[at].1 = u64::MAX;
        check("a number", &new, 60);
        new[at].0.push_str("a longer name");
        check("a number and a text", &new, 110);
        new.remove(at);
        check("a row goes", &new, 320);
        new = rows.clone();
        new.insert(at, row(5));
        check("a row comes", &new, 320);
    }
    let mut new = rows.clone();
    new.extend((0..10).map(row));
    check("ten rows at the end", &new, 700);

    let map: BTreeMap<String, u32> = (0..50_000).map(|i| (format!("{:08x}", i * 77_777u32), i)).collect();
    let mut more = map.clone();
    more.insert("5".to_owned(), 1 << 30);
    assert!(between(&map, &more) < 120, "{}", between(&map, &more));
}

proptest! {
    #[test]
    fn any_edits_come_back(
        old in prop::collection::vec(0u8..4, 0..3000),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..200, prop::collection::vec(0u8..4, 0..200)), 0..6),
    ) {
        let mut new = old.clone();
        for (at, gone, come) in edits {
            let at = at.index(new.len() + 1);
            let end = (at + gone).min(new.len());
            new.splice(at..end, come);
        }
        size(&old, &new);
        size(&new, &old);
    }

    #[test]
    fn what_is_no_delta_is_an_error(delta: Vec<u8>, old in prop::collection::vec(any::<u8>(), 0..50)) {
        let mut bytes = old.clone();
        let _ = apply(&mut &delta[..], &mut bytes, &mut Vec::new());
        prop_assert!(bytes.len() <= old.len() + delta.len());
    }
}
