//! Files that were damaged: an error, or what was written. Never something else, and never a panic.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use persist_core::{Persist, Result};
use persist_store::Shelf;

use crate::path;

/// Damages that are tried.
const ROUNDS: u32 = 250;

/// Keys of any length, and of a fixed one.
type Text = (u16, String);
type Number = (u16, u16);
type Value = (u64, Vec<String>);

fn text(i: u16) -> Text {
    (i % 7, format!("key {i}"))
}

fn number(i: u16) -> Number {
    (i % 7, i)
}

fn written<K: Persist + Ord + Clone>(path: &Path, key: fn(u16) -> K) -> BTreeMap<K, Value> {
    let value = |i: u16| (i.into(), vec![format!("value {i}"); usize::from(i % 5)]);
    let entries: BTreeMap<_, _> = (0..400).map(|i| (key(i), value(i))).collect();
    let shelf = Shelf::<K, Value>::open(path).unwrap();
    shelf.extend(entries.clone()).unwrap();
    shelf.file().compact().unwrap();
    entries
}

/// Everything that a program might do with the file. What it finds has to be what was written.
fn look<K: Persist + Ord + Clone>(path: &Path, key: fn(u16) -> K, entries: &BTreeMap<K, Value>) -> Result<()> {
    let shelf = Shelf::<K, Value>::builder(path).cache_size(1 << 20).open()?;
    let known = |key: &K, value: &Value| {
        assert_eq!(entries.get(key), Some(value), "something that was never written");
    };
    let mut worst = Ok(());
    for (key, value) in entries.iter().step_by(29) {
        match shelf.get(key) {
            Ok(Some(found)) => assert_eq!(&found, value),
            Ok(None) => {}
            Err(error) => worst = Err(error),
        }
    }
    for entry in shelf.iter()?.chain(shelf.range(key(3)..)?.rev()) {
        match entry {
            Ok((key, value)) => known(&key, &value),
            Err(error) => worst = Err(error),
        }
    }
    for key in shelf.keys()? {
        match key {
            Ok(key) => assert!(entries.contains_key(&key), "a key that was never written"),
            Err(error) => worst = Err(error),
        }
    }
    for entry in [shelf.first(), shelf.last()] {
        match entry {
            Ok(Some((key, value))) => known(&key, &value),
            Ok(None) => {}
            Err(error) => worst = Err(error),
        }
    }
    let _ = shelf.len();
    let new = key(999);
    let _ = shelf.insert(&new, &(1, vec![]));
    let _ = shelf.remove(&new);
    let _ = shelf.file().verify();
    worst
}

#[test]
fn damaged_bytes_are_errors_or_change_nothing() {
    damaged(text);
}

#[test]
fn damaged_bytes_are_no_less_so_with_keys_of_one_width() {
    damaged(number);
}

fn damaged<K: Persist + Ord + Clone>(key: fn(u16) -> K) {
    let (_folder, path) = path();
    let entries = written(&path, key);
    let whole = fs::read(&path).unwrap();
    look(&path, key, &entries).unwrap();
    let (mut refused, mut random) = (0, 12_345_u64);
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    for round in 0..ROUNDS {
        let mut bytes = whole.clone();
        // Where much depends on it first, then anywhere that is used.
        let place = if round < 100 { next(320) } else { next(whole.len()) };
        bytes[place] ^= 1 << next(8);
        fs::write(&path, &bytes).unwrap();
        refused += usize::from(look(&path, key, &entries).is_err());
    }
    assert!(refused > 20, "{refused} of {ROUNDS}");
}

#[test]
fn truncated_files_are_errors_or_change_nothing() {
    let (_folder, path) = path();
    let entries = written(&path, text);
    let whole = fs::read(&path).unwrap();
    let lengths = (1..whole.len()).step_by(4096).chain([1, 8, 9, 10, 100, 319, 320, whole.len() - 1]);
    for length in lengths {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(look(&path, text, &entries).is_err(), "{length} of {} bytes", whole.len());
    }
    // What is behind the end is not ours to judge, but nothing is lost by it.
    fs::write(&path, [&whole[..], &[7; 5000]].concat()).unwrap();
    let _ = look(&path, text, &entries);
}

#[test]
fn every_damage_to_an_entry_is_found() {
    let (_folder, path) = path();
    let shelf = Shelf::<u32, String>::open(&path).unwrap();
    let text = "a text that stands in the file as it is";
    shelf.insert(&1, &text.to_owned()).unwrap();
    drop(shelf);
    let whole = fs::read(&path).unwrap();
    let places: Vec<usize> =
        (0..whole.len() - text.len()).filter(|&i| whole[i..].starts_with(text.as_bytes())).collect();
    assert!(!places.is_empty());
    for i in 0..text.len() {
        let mut bytes = whole.clone();
        for &place in &places {
            bytes[place + i] ^= 1;
        }
        fs::write(&path, &bytes).unwrap();
        let shelf = Shelf::<u32, String>::open(&path).unwrap();
        let error = shelf.get(&1).unwrap_err();
        assert_eq!(error.kind(), persist_core::ErrorKind::Corrupt);
        assert!(error.to_string().contains("the entry 1") && error.to_string().contains("backup"), "{error}");
        assert!(shelf.iter().unwrap().next().unwrap().is_err());
        assert!(shelf.file().verify().is_err());
    }
}
