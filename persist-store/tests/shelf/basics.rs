//! Every call, once.

use std::collections::BTreeMap;

use persist_core::{ErrorKind, Result};
use persist_derive::Persist;
use persist_store::Shelf;
use persist_store::shelf::{Iter, Keys, ShelfMut, Snapshot, Values};

use crate::path;

#[derive(Clone, Debug, PartialEq, Persist)]
struct Book {
    title: String,
    pages: u32,
    tags: Vec<String>,
}

fn book(title: &str) -> Book {
    Book { title: title.to_owned(), pages: 100, tags: vec!["a".to_owned(), "b".to_owned()] }
}

#[test]
fn entries_come_and_go() {
    let (_folder, path) = path();
    let shelf = Shelf::<String, Book>::open(&path).unwrap();
    assert!(shelf.is_empty().unwrap());
    assert_eq!(shelf.get("x").unwrap(), None);
    assert_eq!(shelf.remove("x").unwrap(), None);
    assert!(!shelf.contains_key("x").unwrap());
    assert_eq!(shelf.first().unwrap(), None);
    assert_eq!(shelf.pop_last().unwrap(), None);
    assert_eq!(shelf.iter().unwrap().count(), 0);

    shelf.insert("x", &book("X")).unwrap();
    shelf.insert(&"y".to_owned(), &book("Y")).unwrap();
    assert_eq!(shelf.get("x").unwrap(), Some(book("X")));
    assert_eq!(shelf.get(&"y".to_owned()).unwrap(), Some(book("Y")));
    assert!(shelf.contains_key("x").unwrap());
    assert_eq!(shelf.len().unwrap(), 2);

    assert_eq!(shelf.replace("x", &book("X2")).unwrap(), Some(book("X")));
    assert_eq!(shelf.replace("z", &book("Z")).unwrap(), None);
    assert_eq!(shelf.remove("x").unwrap(), Some(book("X2")));
    assert_eq!(shelf.get("x").unwrap(), None);
    assert!(shelf.delete("y").unwrap());
    assert!(!shelf.delete("y").unwrap());
    assert_eq!(shelf.len().unwrap(), 1);
    shelf.clear().unwrap();
    assert!(shelf.is_empty().unwrap());
    shelf.insert("x", &book("X")).unwrap();
    assert_eq!(shelf.len().unwrap(), 1);
}

#[test]
fn what_was_put_in_is_there_when_it_is_opened_again() {
    let (_folder, path) = path();
    let entries: BTreeMap<(u8, String), Book> = (0..100).map(|i| ((i % 3, format!("{i}")), book("B"))).collect();
    Shelf::open(&path).unwrap().extend(entries.clone()).unwrap();
    for _ in 0..2 {
        let shelf = Shelf::<(u8, String), Book>::open(&path).unwrap();
        let found: BTreeMap<_, _> = shelf.iter().unwrap().collect::<Result<_>>().unwrap();
        assert_eq!(found, entries);
    }
}

#[test]
fn values_change_in_their_place() {
    let (_folder, path) = path();
    let shelf = Shelf::<u64, Book>::open(&path).unwrap();
    assert_eq!(shelf.modify(&1, |book| book.pages += 1).unwrap(), None);
    shelf.insert(&1, &book("A")).unwrap();
    let pages = shelf.modify(&1, |book| {
        book.tags.push("new".to_owned());
        book.pages += 1;
        book.pages
    });
    assert_eq!(pages.unwrap(), Some(101));
    assert_eq!(shelf.get(&1).unwrap().unwrap().tags, ["a", "b", "new"]);

    let refused = shelf.try_modify(&1, |book| {
        book.pages = 0;
        Err::<(), _>("no".into())
    });
    assert_eq!(refused.unwrap_err().to_string(), "no");
    assert_eq!(shelf.get(&1).unwrap().unwrap().pages, 101);
    assert_eq!(shelf.try_modify(&1, |book| Ok(book.pages)).unwrap(), Some(101));

    let pages = shelf.modify_or_insert_with(&2, || book("B"), |book| std::mem::replace(&mut book.pages, 7));
    assert_eq!(pages.unwrap(), 100);
    assert_eq!(shelf.get(&2).unwrap().unwrap().pages, 7);
    assert_eq!(shelf.get_or_insert_with(&2, || unreachable!()).unwrap().pages, 7);
    assert_eq!(shelf.get_or_insert_with(&3, || book("C")).unwrap(), book("C"));
    assert_eq!(shelf.get(&3).unwrap(), Some(book("C")));

    let lists = shelf.file().shelf::<i8, Vec<u8>>("lists").unwrap();
    assert_eq!(lists.modify_or_default(&-1, |list| list.push(4)).unwrap(), ());
    lists.modify_or_default(&-1, |list| list.push(5)).unwrap();
    assert_eq!(lists.get(&-1).unwrap(), Some(vec![4, 5]));
}

fn numbers(shelf: &Shelf<i32, i32>) -> Vec<i32> {
    shelf.keys().unwrap().collect::<Result<_>>().unwrap()
}

#[test]
fn iterators_go_by_key_from_both_ends() {
    let (_folder, path) = path();
    let shelf = Shelf::<i32, i32>::open(&path).unwrap();
    shelf.extend((-50..50).rev().map(|i| (i, i * 2))).unwrap();
    assert_eq!(numbers(&shelf), (-50..50).collect::<Vec<_>>());
    let back: Vec<(i32, i32)> = shelf.iter().unwrap().rev().take(3).collect::<Result<_>>().unwrap();
    assert_eq!(back, [(49, 98), (48, 96), (47, 94)]);
    let values: Vec<i32> = shelf.values().unwrap().skip(49).take(3).collect::<Result<_>>().unwrap();
    assert_eq!(values, [-2, 0, 2]);
    assert_eq!((shelf.first().unwrap(), shelf.last().unwrap()), (Some((-50, -100)), Some((49, 98))));

    let mut both = shelf.keys().unwrap();
    let (mut low, mut high) = (-50, 49);
    while let Some(key) = both.next() {
        assert_eq!(key.unwrap(), low);
        low += 1;
        if let Some(key) = both.next_back() {
            assert_eq!(key.unwrap(), high);
            high -= 1;
        }
    }
    assert_eq!(low, high + 1);
    assert!(both.next().is_none() && both.next_back().is_none());
}

#[test]
fn ranges_are_those_of_a_map() {
    use std::ops::Bound::{Excluded, Included, Unbounded};
    let (_folder, path) = path();
    let shelf = Shelf::<i32, i32>::open(&path).unwrap();
    let map: BTreeMap<i32, i32> = (-9..9).step_by(3).map(|i| (i, i)).collect();
    shelf.extend(map.clone()).unwrap();
    let within = |range: (std::ops::Bound<i32>, std::ops::Bound<i32>)| {
        shelf.range(range).unwrap().map(|entry| entry.unwrap().0).collect::<Vec<_>>()
    };
    let bounds = |at: i32| [Included(at), Excluded(at), Unbounded];
    for low in -11..11 {
        for high in low..11 {
            for range in bounds(low).into_iter().flat_map(|low| bounds(high).map(|high| (low, high))) {
                // A map panics here.
                let expected = match range {
                    (Excluded(low), Excluded(high)) if low == high => vec![],
                    range => map.range(range).map(|(key, _)| *key).collect::<Vec<_>>(),
                };
                assert_eq!(within(range), expected, "{range:?}");
            }
        }
    }
    assert_eq!(within((Included(5), Excluded(-5))), [0; 0]);
    assert_eq!(within((Excluded(0), Included(0))), [0; 0]);
    assert_eq!(shelf.range(-3..=3).unwrap().rev().map(|entry| entry.unwrap().0).collect::<Vec<_>>(), [3, 0, -3]);
    assert_eq!(shelf.range(..0).unwrap().count(), 3);

    let texts = shelf.file().shelf::<String, ()>("texts").unwrap();
    texts.extend(["a", "ab", "b", "b\0", "c"].map(|text| (text.to_owned(), ()))).unwrap();
    let found: Vec<String> =
        texts.range::<str, _>((Included("ab"), Excluded("b\0"))).unwrap().map(|entry| entry.unwrap().0).collect();
    assert_eq!(found, ["ab", "b"]);
    assert_eq!(texts.range("b".to_owned()..).unwrap().count(), 3);
}

#[test]
fn both_ends_can_be_taken() {
    let (_folder, path) = path();
    let shelf = Shelf::<i32, String>::open(&path).unwrap();
    shelf.extend((0..5).map(|i| (i, i.to_string()))).unwrap();
    assert_eq!(shelf.pop_first().unwrap(), Some((0, "0".to_owned())));
    assert_eq!(shelf.pop_last().unwrap(), Some((4, "4".to_owned())));
    assert_eq!(shelf.len().unwrap(), 3);
    shelf.retain(|key, value| *key != 2 && value != "9").unwrap();
    assert_eq!(shelf.keys().unwrap().collect::<Result<Vec<_>>>().unwrap(), [1, 3]);
}

#[test]
fn keys_of_many_types_work() {
    fn holds<K: persist_core::Persist + Clone + PartialEq + std::fmt::Debug>(keys: &[K]) {
        let (_folder, path) = path();
        let shelf = Shelf::<K, u32>::open(&path).unwrap();
        for (i, key) in (0..).zip(keys) {
            shelf.insert(key, &i).unwrap();
        }
        for (i, key) in (0..).zip(keys) {
            assert_eq!(shelf.get(key).unwrap(), Some(i));
        }
        assert_eq!(shelf.keys().unwrap().collect::<Result<Vec<_>>>().unwrap(), keys);
    }
    holds(&[()]);
    holds(&[false, true]);
    holds(&[f64::NEG_INFINITY, -1.5, -0.0, 0.0, 2.0]);
    holds(&[None, Some(String::new()), Some("a".to_owned())]);
    holds(&[vec![], vec![1u8], vec![1, 0], vec![2]]);
    holds(&[(i128::MIN, 'a'), (-1, 'b'), (0, 'a')]);
    holds(&["10.0.0.1".parse::<std::net::IpAddr>().unwrap(), "::1".parse().unwrap()]);
}

#[test]
fn keys_without_an_order_are_refused() {
    let (_folder, path) = path();
    let error = Shelf::<persist_core::Value, u8>::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("no order"), "{error}");
}

#[test]
fn a_snapshot_stays_as_it_was() {
    let (_folder, path) = path();
    let shelf = Shelf::<i32, i32>::open(&path).unwrap();
    shelf.extend((0..1000).map(|i| (i, i))).unwrap();
    let snapshot = shelf.snapshot().unwrap();
    let mut running = shelf.iter().unwrap();
    for i in 0..500 {
        assert_eq!(running.next().unwrap().unwrap(), (i, i));
    }
    shelf.clear().unwrap();
    shelf.insert(&5, &50).unwrap();
    assert_eq!(numbers(&shelf), [5]);
    for i in 500..1000 {
        assert_eq!(running.next().unwrap().unwrap(), (i, i));
    }
    assert!(running.next().is_none());
    assert_eq!(snapshot.clone().len().unwrap(), 1000);
    assert_eq!((snapshot.get(&5).unwrap(), snapshot.get(&6).unwrap()), (Some(5), Some(6)));
    assert_eq!(snapshot.first().unwrap(), Some((0, 0)));
    assert_eq!(snapshot.last().unwrap(), Some((999, 999)));
    assert_eq!(snapshot.range(10..20).unwrap().count(), 10);
    assert_eq!(snapshot.values().unwrap().next_back().unwrap().unwrap(), 999);
    assert!(snapshot.contains_key(&6).unwrap() && !snapshot.is_empty().unwrap());
    drop(shelf);
    assert_eq!(snapshot.keys().unwrap().count(), 1000);
}

#[test]
fn handles_go_to_other_threads() {
    fn is_sent_and_shared<T: Send + Sync + Clone>() {}
    fn is_sent<T: Send>() {}
    is_sent_and_shared::<Shelf<String, std::cell::Cell<u8>>>();
    is_sent_and_shared::<persist_store::ShelfFile>();
    is_sent_and_shared::<Snapshot<u8, u8>>();
    is_sent::<Iter<'static, u8, u8>>();
    is_sent::<Keys<'static, u8, u8>>();
    is_sent::<Values<'static, u8, u8>>();
}

#[test]
fn a_shelf_in_a_transaction_does_all_that_a_shelf_does() {
    let (_folder, path) = path();
    let shelf = Shelf::<i32, String>::open(&path).unwrap();
    let body = |shelf: &mut ShelfMut<'_, i32, String>| {
        shelf.extend((0..10).map(|i| (i, i.to_string())))?;
        assert_eq!((shelf.len()?, shelf.is_empty()?), (10, false));
        assert_eq!(shelf.replace(&1, &"one".to_owned())?.as_deref(), Some("1"));
        assert_eq!(shelf.get(&1)?.as_deref(), Some("one"));
        assert_eq!(shelf.remove(&2)?.as_deref(), Some("2"));
        assert!(shelf.delete(&3)? && !shelf.contains_key(&3)?);
        assert_eq!(shelf.modify(&4, |text| text.push('!'))?, Some(()));
        assert_eq!(shelf.modify_or_default(&11, |text| text.push('x'))?, ());
        assert_eq!(shelf.get_or_insert_with(&12, || "twelve".to_owned())?, "twelve");
        assert_eq!(shelf.pop_first()?, Some((0, "0".to_owned())));
        assert_eq!(shelf.pop_last()?, Some((12, "twelve".to_owned())));
        assert_eq!(shelf.first()?, Some((1, "one".to_owned())));
        assert_eq!(shelf.last()?, Some((11, "x".to_owned())));
        shelf.retain(|key, _| key % 2 == 0 || *key == 11)?;
        let entries: Vec<(i32, String)> = shelf.range(..9)?.rev().collect::<Result<_>>()?;
        assert_eq!(entries, [(8, "8".to_owned()), (6, "6".to_owned()), (4, "4!".to_owned())]);
        assert_eq!(shelf.keys()?.collect::<Result<Vec<_>>>()?, [4, 6, 8, 11]);
        assert_eq!(shelf.values()?.count(), 4);
        Ok(shelf.iter()?.count())
    };
    assert_eq!(shelf.transaction(body).unwrap(), 4);
    assert_eq!(shelf.keys().unwrap().collect::<Result<Vec<_>>>().unwrap(), [4, 6, 8, 11]);
    shelf
        .transaction(|shelf| {
            shelf.clear()?;
            shelf.insert(&1, &String::new())
        })
        .unwrap();
    assert_eq!(shelf.len().unwrap(), 1);
}
