//! A shelf does what a map in memory does.

use std::collections::BTreeMap;

use persist_core::Result;
use persist_store::Shelf;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::path;

type Key = (i8, String);

#[derive(Clone, Debug)]
enum Step {
    Insert(Key, Vec<u16>),
    Replace(Key, Vec<u16>),
    Get(Key),
    Remove(Key),
    Delete(Key),
    Push(Key, u16),
    PushOrDefault(Key, u16),
    Range(Key, Key),
    PopFirst,
    PopLast,
    Ends,
    Retain(i8),
    Clear,
    /// Steps in one transaction, and whether it is rolled back.
    Together(Vec<Step>, bool),
    Reopen,
    Compact,
}

fn key() -> impl Strategy<Value = Key> {
    (-2i8..3, "[ab\0]{0,2}")
}

fn step() -> impl Strategy<Value = Step> {
    let value = || vec(any::<u16>(), 0..4);
    let simple = prop_oneof![
        6 => (key(), value()).prop_map(|(key, value)| Step::Insert(key, value)),
        2 => (key(), value()).prop_map(|(key, value)| Step::Replace(key, value)),
        2 => key().prop_map(Step::Get),
        2 => key().prop_map(Step::Remove),
        1 => key().prop_map(Step::Delete),
        2 => (key(), any::<u16>()).prop_map(|(key, number)| Step::Push(key, number)),
        2 => (key(), any::<u16>()).prop_map(|(key, number)| Step::PushOrDefault(key, number)),
        2 => (key(), key()).prop_map(|(low, high)| Step::Range(low.clone().min(high.clone()), low.max(high))),
        1 => Just(Step::PopFirst),
        1 => Just(Step::PopLast),
        1 => Just(Step::Ends),
        1 => (-2i8..3).prop_map(Step::Retain),
        1 => Just(Step::Clear),
    ];
    let together = (vec(simple.clone(), 0..8), any::<bool>()).prop_map(|(steps, undo)| Step::Together(steps, undo));
    prop_oneof![12 => simple, 3 => together, 1 => Just(Step::Reopen), 1 => Just(Step::Compact)]
}

/// The same calls, of a shelf or of one in a transaction.
macro_rules! run {
    ($shelf:expr, $map:expr, $step:expr) => {
        match $step {
            Step::Insert(key, value) => {
                $shelf.insert(key, value)?;
                $map.insert(key.clone(), value.clone());
            }
            Step::Replace(key, value) => {
                assert_eq!($shelf.replace(key, value)?, $map.insert(key.clone(), value.clone()));
            }
            Step::Get(key) => {
                assert_eq!($shelf.get(key)?, $map.get(key).cloned());
                assert_eq!($shelf.contains_key(key)?, $map.contains_key(key));
            }
            Step::Remove(key) => assert_eq!($shelf.remove(key)?, $map.remove(key)),
            Step::Delete(key) => assert_eq!($shelf.delete(key)?, $map.remove(key).is_some()),
            Step::Push(key, number) => {
                let expected = $map.get_mut(key).map(|list| list.push(*number));
                assert_eq!($shelf.modify(key, |list| list.push(*number))?, expected);
            }
            Step::PushOrDefault(key, number) => {
                $map.entry(key.clone()).or_default().push(*number);
                $shelf.modify_or_default(key, |list| list.push(*number))?;
            }
            Step::Range(low, high) => {
                let found: Vec<_> = $shelf.range(low..=high)?.collect::<Result<_>>()?;
                let expected: Vec<_> = $map.range(low..=high).map(|(k, v)| (k.clone(), v.clone())).collect();
                assert_eq!(found, expected);
            }
            Step::PopFirst => assert_eq!($shelf.pop_first()?, $map.pop_first()),
            Step::PopLast => assert_eq!($shelf.pop_last()?, $map.pop_last()),
            Step::Ends => {
                let entry = |(key, value): (&Key, &Vec<u16>)| (key.clone(), value.clone());
                assert_eq!($shelf.first()?, $map.first_key_value().map(entry));
                assert_eq!($shelf.last()?, $map.last_key_value().map(entry));
            }
            Step::Retain(number) => {
                $shelf.retain(|key, value| key.0 != *number && value.len() < 3)?;
                $map.retain(|key, value| key.0 != *number && value.len() < 3);
            }
            Step::Clear => {
                $shelf.clear()?;
                $map.clear();
            }
            Step::Together(..) | Step::Reopen | Step::Compact => unreachable!("they are no single call"),
        }
    };
}

fn check(steps: &[Step], sync: bool) -> Result<()> {
    let (_folder, path) = path();
    let open = || Shelf::<Key, Vec<u16>>::builder(&path).sync(sync).cache_size(1 << 20).open();
    let (mut shelf, mut map) = (open()?, BTreeMap::new());
    for step in steps {
        match step {
            Step::Together(steps, undo) => {
                let mut changed = map.clone();
                let result = shelf.transaction(|shelf| {
                    for step in steps {
                        run!(shelf, changed, step);
                    }
                    if *undo { Err("undone".into()) } else { Ok(()) }
                });
                assert_eq!(result.is_err(), *undo);
                if !undo {
                    map = changed;
                }
            }
            Step::Reopen => {
                drop(shelf);
                shelf = open()?;
            }
            Step::Compact => drop(shelf.file().compact()?),
            step => run!(shelf, map, step),
        }
        assert_eq!(shelf.len()?, map.len() as u64);
        assert_eq!(shelf.iter()?.collect::<Result<BTreeMap<_, _>>>()?, map);
    }
    shelf.file().verify()?;
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn a_shelf_does_what_a_map_does(steps in vec(step(), 0..24), sync in any::<bool>()) {
        check(&steps, sync).unwrap();
    }
}

/// As many entries as need several levels of pages, and a cache that holds few of them.
#[test]
fn a_hundred_thousand_entries() {
    many(100_000);
}

#[test]
#[ignore = "it takes long where nothing is optimized"]
fn a_million_entries() {
    many(1_000_000);
}

fn many(count: u64) {
    let (_folder, path) = path();
    let shelf = Shelf::<u64, (u64, String)>::builder(&path).cache_size(4 << 20).open().unwrap();
    // Every number once, in an order that jumps.
    let key = |i: u64| i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let value = |i: u64| (i, format!("value {i}"));
    for start in (0..count).step_by(20_000) {
        shelf.extend((start..start + 20_000).map(|i| (key(i), value(i)))).unwrap();
    }
    assert_eq!(shelf.len().unwrap(), count);
    for i in (0..count).step_by(97) {
        assert_eq!(shelf.get(&key(i)).unwrap(), Some(value(i)));
    }
    let (mut found, mut sum, mut last) = (0, 0u64, None);
    for entry in shelf.iter().unwrap() {
        let (at, (i, _)) = entry.unwrap();
        assert!(key(i) == at && last < Some(at));
        (found, sum, last) = (found + 1, sum + i, Some(at));
    }
    assert_eq!((found, sum), (count, count * (count - 1) / 2));
    shelf.retain(|_, (i, _)| i % 2 == 0).unwrap();
    assert_eq!(shelf.len().unwrap(), count / 2);
    assert_eq!(shelf.get(&key(1)).unwrap(), None);
    assert_eq!(shelf.get(&key(2)).unwrap(), Some(value(2)));
}
