//! All of a transaction, or nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use persist_core::{ErrorKind, Result};
use persist_store::{Shelf, ShelfFile};

use crate::path;

fn entries(shelf: &Shelf<u32, String>) -> Vec<(u32, String)> {
    shelf.iter().unwrap().collect::<Result<_>>().unwrap()
}

#[test]
fn an_error_undoes_all_of_it() {
    let (_folder, path) = path();
    let shelf = Shelf::<u32, String>::open(&path).unwrap();
    shelf.extend((0..10).map(|i| (i, i.to_string()))).unwrap();
    let before = entries(&shelf);
    let result: Result<()> = shelf.transaction(|shelf| {
        shelf.clear()?;
        shelf.insert(&1, &"other".to_owned())?;
        assert_eq!(shelf.len()?, 1);
        Err("stop".into())
    });
    assert_eq!(result.unwrap_err().to_string(), "stop");
    assert_eq!(entries(&shelf), before);
    // And the first one of a file, which makes the shelf.
    let other = shelf.file().shelf::<u8, u8>("other").unwrap();
    assert!(other.transaction(|other| other.insert(&1, &1).and(Err::<(), _>("stop".into()))).is_err());
    assert_eq!(other.get(&1).unwrap(), None);
    assert_eq!(shelf.file().names().unwrap(), ["main"]);
    other.insert(&2, &2).unwrap();
    assert_eq!(other.get(&2).unwrap(), Some(2));
    shelf.file().verify().unwrap();
}

#[test]
fn a_panic_undoes_all_of_it_and_goes_on() {
    let (_folder, path) = path();
    let shelf = Shelf::<u32, String>::open(&path).unwrap();
    shelf.extend((0..10).map(|i| (i, i.to_string()))).unwrap();
    let before = entries(&shelf);
    let panics: [&dyn Fn(); 5] = [
        &|| drop(shelf.transaction(|shelf| -> Result<()> { shelf.clear().map(|()| panic!("stop")) })),
        &|| {
            drop(shelf.modify(&3, |text| {
                text.clear();
                assert!(!text.is_empty(), "stop");
            }));
        },
        &|| drop(shelf.modify_or_insert_with(&99, || panic!("stop"), |_| ())),
        &|| drop(shelf.retain(|key, _| if *key < 5 { false } else { panic!("stop") })),
        &|| drop(shelf.extend((0..).map(|i| if i < 50 { (i, String::new()) } else { panic!("stop") }))),
    ];
    for panics in panics {
        let panic = catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"stop"), "it is the program's own panic");
        assert_eq!(entries(&shelf), before);
    }
    shelf.insert(&1, &"after".to_owned()).unwrap();
    drop(shelf);
    let shelf = Shelf::<u32, String>::open(&path).unwrap();
    assert_eq!(shelf.get(&1).unwrap().unwrap(), "after");
    shelf.file().verify().unwrap();
}

#[test]
fn several_shelves_change_together() {
    let (_folder, path) = path();
    let file = ShelfFile::open(&path).unwrap();
    let (from, to) = (file.shelf::<String, i64>("from").unwrap(), file.shelf::<u8, Vec<i64>>("to").unwrap());
    from.insert("a", &10).unwrap();
    let step = |amount: i64| {
        file.transaction(|t| {
            let mut from = t.shelf(&from)?;
            let mut to = t.shelf(&to)?;
            to.modify_or_default(&1, |list| list.push(amount))?;
            from.try_modify("a", |left| {
                *left -= amount;
                if *left < 0 { Err("too much".into()) } else { Ok(*left) }
            })
        })
    };
    assert_eq!(step(4).unwrap(), Some(6));
    assert!(step(7).is_err());
    assert_eq!(step(6).unwrap(), Some(0));
    assert_eq!((from.get("a").unwrap(), to.get(&1).unwrap()), (Some(0), Some(vec![4, 6])));
    assert_eq!(file.names().unwrap(), ["from", "to"]);

    // One that is removed is gone with all that is in it, and may come again.
    assert!(file.remove("to").unwrap());
    assert!(!file.remove("to").unwrap());
    assert_eq!((to.get(&1).unwrap(), to.len().unwrap()), (None, 0));
    assert_eq!(file.names().unwrap(), ["from"]);
    to.insert(&2, &vec![1]).unwrap();
    assert_eq!(file.names().unwrap(), ["from", "to"]);
    drop((file, from, to));
    let file = ShelfFile::open(&path).unwrap();
    assert_eq!(file.shelf::<u8, Vec<i64>>("to").unwrap().get(&2).unwrap(), Some(vec![1]));
}

#[test]
fn what_would_wait_for_itself_is_an_error() {
    let (_folder, path) = path();
    let shelf = Shelf::<u32, String>::open(&path).unwrap();
    shelf.insert(&1, &"a".to_owned()).unwrap();
    shelf
        .transaction(|inner| {
            inner.insert(&2, &"b".to_owned())?;
            for error in [
                shelf.insert(&3, &"c".to_owned()).unwrap_err(),
                shelf.file().compact().unwrap_err(),
                shelf.file().remove("main").unwrap_err(),
            ] {
                assert_eq!(error.kind(), ErrorKind::Unsupported);
                assert!(error.to_string().contains("middle of a transaction"), "{error}");
            }
            // Reading is another matter: of what was committed before.
            assert_eq!((shelf.get(&1)?.as_deref(), shelf.get(&2)?), (Some("a"), None));
            Ok(())
        })
        .unwrap();
    assert_eq!(entries(&shelf).len(), 2);
}

#[test]
fn a_shelf_is_open_once_and_in_its_own_file() {
    let (_folder, path) = path();
    let file = ShelfFile::open(&path).unwrap();
    let shelf = file.shelf::<u8, u8>("a").unwrap();
    file.transaction(|t| {
        let open = t.shelf(&shelf)?;
        assert!(t.shelf(&shelf).unwrap_err().to_string().contains("open in this transaction"));
        drop(open);
        Ok(())
    })
    .unwrap_err();
    file.transaction(|t| {
        t.shelf(&shelf)?.insert(&1, &1)?;
        t.shelf(&shelf)?.insert(&2, &2)
    })
    .unwrap();
    assert_eq!(shelf.len().unwrap(), 2);

    let (_folder, other) = crate::path();
    let other = ShelfFile::open(&other).unwrap();
    assert!(other.transaction(|t| t.shelf(&shelf).map(drop)).unwrap_err().to_string().contains("another file"));
}

#[test]
fn an_iterator_keeps_the_file_from_being_compacted() {
    let (_folder, path) = path();
    let shelf = Shelf::<u32, Vec<u8>>::open(&path).unwrap();
    shelf.extend((0..2000).map(|i| (i, vec![i as u8; 1000]))).unwrap();
    let iter = shelf.iter().unwrap();
    shelf.retain(|key, _| *key < 10).unwrap();
    let error = shelf.file().compact().unwrap_err();
    assert!(error.to_string().contains("iterator or snapshot"), "{error}");
    assert_eq!(iter.count(), 2000);
    let before = std::fs::metadata(&path).unwrap().len();
    assert!(shelf.file().compact().unwrap());
    drop(shelf);
    let after = std::fs::metadata(&path).unwrap().len();
    assert!(after * 2 < before, "{before} bytes became {after}");
    let shelf = Shelf::<u32, Vec<u8>>::open(&path).unwrap();
    assert_eq!((shelf.len().unwrap(), shelf.get(&9).unwrap()), (10, Some(vec![9; 1000])));
}
