//! Keys of one width: what the file holds of them, and files in which their table is another one.

use std::fmt::Debug;

use persist_core::{ErrorKind, Persist, Result};
use persist_store::Shelf;
use persist_store::shelf::ShelfMut;
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};

use crate::path;

const ANY: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("shelf/main");
const FOUR: TableDefinition<'static, &[u8; 4], &[u8]> = TableDefinition::new("shelf/main");
const EIGHT: TableDefinition<'static, &[u8; 8], &[u8]> = TableDefinition::new("shelf/main");

#[test]
fn the_file_holds_keys_of_a_width_as_the_engine_does() {
    let (_folder, path) = path();
    Shelf::<(u32, i32), u8>::open(&path).unwrap().extend([((1, -1), 5), ((1, 1), 6)]).unwrap();
    let database = Database::open(&path).unwrap();
    let table = database.begin_read().unwrap().open_table(EIGHT).unwrap();
    assert!(table.get(&[0, 0, 0, 1, 0x7F, 0xFF, 0xFF, 0xFF]).unwrap().is_some());
    assert!(table.get(&[0, 0, 0, 1, 0x80, 0, 0, 1]).unwrap().is_some());
    drop((table, database));

    // There is no table for this one.
    let (_folder, path) = crate::path();
    Shelf::<[u8; 5], u8>::open(&path).unwrap().insert(&[1; 5], &5).unwrap();
    let database = Database::open(&path).unwrap();
    let table = database.begin_read().unwrap().open_table(ANY).unwrap();
    assert!(table.get(&[1; 5][..]).unwrap().is_some());
}

/// Every way to an entry.
fn works<K: Persist + Ord + Clone + Debug>(mut keys: Vec<K>) {
    let (_folder, path) = path();
    let shelf = Shelf::<K, String>::open(&path).unwrap();
    let text = |i: usize| format!("value {i}");
    shelf.extend(keys.iter().cloned().enumerate().map(|(i, key)| (key, text(i)))).unwrap();
    assert_eq!(shelf.replace(&keys[0], &text(0)).unwrap(), Some(text(0)));
    for (i, key) in keys.iter().enumerate() {
        assert_eq!(shelf.get(key).unwrap(), Some(text(i)));
    }
    shelf
        .transaction(|shelf| keys.iter().try_for_each(|key| shelf.modify(key, |text| text.push('!')).map(drop)))
        .unwrap();
    shelf.file().verify().unwrap();
    drop(shelf);
    let shelf = Shelf::<K, String>::open(&path).unwrap();
    keys.sort();
    assert_eq!(shelf.keys().unwrap().collect::<Result<Vec<_>>>().unwrap(), keys);
    let (low, high) = (keys[1].clone(), keys[keys.len() - 2].clone());
    let within: Vec<K> = shelf.range(low..=high).unwrap().rev().map(|entry| entry.unwrap().0).collect();
    assert_eq!(within, keys[1..keys.len() - 1].iter().rev().cloned().collect::<Vec<_>>());
    shelf
        .transaction(|shelf| {
            assert_eq!(shelf.keys()?.collect::<Result<Vec<_>>>()?, keys);
            shelf.retain(|key, text| text.ends_with('!') && *key != keys[1])?;
            assert_eq!(shelf.pop_first()?.unwrap().0, keys[0]);
            assert!(shelf.delete(&keys[2])? && !shelf.delete(&keys[2])?);
            Ok(())
        })
        .unwrap();
    assert_eq!(shelf.first().unwrap().unwrap().0, keys[3]);
    assert_eq!(shelf.last().unwrap().unwrap().0, keys[keys.len() - 1]);
    assert_eq!(shelf.len().unwrap(), keys.len() as u64 - 3);
    shelf.clear().unwrap();
    assert!(shelf.is_empty().unwrap() && shelf.get(&keys[0]).unwrap().is_none());
}

#[test]
fn shelves_do_all_they_do_whatever_the_width_of_their_keys() {
    let numbers = || (0..500u32).map(|i| i.wrapping_mul(2_654_435_761));
    works(numbers().map(|i| i as u16).collect::<std::collections::BTreeSet<_>>().into_iter().rev().collect());
    works(numbers().collect());
    works(numbers().map(|i| i as i32).collect());
    works(numbers().map(|i| (i, 'x')).collect());
    works(numbers().map(|i| u64::from(i) << 20).collect());
    works(numbers().map(|i| (i64::from(i) - (1 << 31), u64::from(i))).collect());
    works(numbers().map(|i| [u64::from(i), 0, 1, 2]).collect());
    works(numbers().map(|i| [u64::from(i); 5]).collect());
    works(numbers().map(|i| i.to_string()).collect());
}

/// Moves the entries of a file to a table of keys of any width.
fn moved(path: &std::path::Path) {
    let database = Database::open(path).unwrap();
    let transaction = database.begin_write().unwrap();
    let entries: Vec<(Vec<u8>, Vec<u8>)> = {
        let table = transaction.open_table(FOUR).unwrap();
        table
            .iter()
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|(key, row)| (key.value().into(), row.value().into()))
            .collect()
    };
    transaction.delete_table(FOUR).unwrap();
    let mut table = transaction.open_table(ANY).unwrap();
    for (key, row) in &entries {
        table.insert(&key[..], &row[..]).unwrap();
    }
    assert_eq!(table.len().unwrap(), entries.len() as u64);
    drop(table);
    transaction.commit().unwrap();
}

#[test]
fn a_table_of_keys_of_any_width_is_used_as_it_is() {
    let (_folder, path) = path();
    Shelf::<u32, u32>::open(&path).unwrap().extend((0..100).map(|i| (i, i))).unwrap();
    moved(&path);
    let shelf = Shelf::<u32, u32>::open(&path).unwrap();
    assert_eq!(shelf.get(&7).unwrap(), Some(7));
    shelf.insert(&100, &100).unwrap();
    assert_eq!(shelf.values().unwrap().collect::<Result<Vec<_>>>().unwrap(), (0..=100).collect::<Vec<_>>());
    shelf.file().verify().unwrap();
    drop(shelf);
    let database = Database::open(&path).unwrap();
    let table = database.begin_read().unwrap().open_table(ANY).unwrap();
    assert_eq!(ReadableTableMetadata::len(&table).unwrap(), 101);
}

#[test]
fn a_key_that_does_not_fit_its_table_is_refused() {
    let (_folder, path) = path();
    Shelf::<String, u8>::open(&path).unwrap().insert("some", &1).unwrap();
    let database = Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    let row = transaction.open_table(ANY).unwrap().get(&b"some"[..]).unwrap().unwrap().value().to_vec();
    transaction.delete_table(ANY).unwrap();
    transaction.open_table(FOUR).unwrap().insert(b"some", &row[..]).unwrap();
    transaction.commit().unwrap();
    drop(database);

    let shelf = Shelf::<String, u8>::open(&path).unwrap();
    let error = shelf.insert("longer", &2).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("have 4 bytes, and not the 6"), "{error}");
    // It says so even where nobody looks at the error, and what was there stays.
    let ignored = |shelf: &mut ShelfMut<'_, String, u8>| {
        drop(shelf.insert("longer", &2));
        Ok(())
    };
    shelf.transaction(ignored).unwrap_err();
    assert_eq!((shelf.get("longer").unwrap(), shelf.get("some").unwrap(), shelf.len().unwrap()), (None, Some(1), 1));
    shelf.insert("four", &4).unwrap();
    shelf.file().verify().unwrap();
}

#[test]
fn two_types_of_keys_may_wait_for_the_first_entry() {
    let (_folder, path) = path();
    let file = persist_store::ShelfFile::open(&path).unwrap();
    let texts = file.shelf::<String, u8>("main").unwrap();
    let numbers = file.shelf::<u64, u8>("main").unwrap();
    numbers.insert(&1, &1).unwrap();
    assert_eq!(numbers.get(&1).unwrap(), Some(1));
    assert!(texts.get("a").unwrap().is_none());
    assert!(texts.insert("a", &1).is_err());
    assert_eq!(numbers.len().unwrap(), 1);
}
