//! Values of older versions of a type load; keys stay what they are.

use persist_core::{ErrorKind, Result};
use persist_derive::Persist;
use persist_store::{Shelf, ShelfFile};

use crate::path;

mod old {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Persist)]
    pub(super) struct User {
        pub(super) name: String,
        pub(super) age: u8,
        pub(super) nick: Option<String>,
    }
}

mod new {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Persist)]
    pub(super) struct User {
        #[persist(alias = "name")]
        pub(super) full_name: String,
        pub(super) age: u64,
        #[persist(default)]
        pub(super) mails: Vec<String>,
    }
}

mod third {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Persist)]
    pub(super) struct User {
        #[persist(alias = "name")]
        pub(super) full_name: String,
        pub(super) age: u64,
        #[persist(default)]
        pub(super) mails: Vec<String>,
        #[persist(default = 5)]
        pub(super) stars: i32,
    }
}

fn written_by_the_old(path: &std::path::Path) {
    let shelf = Shelf::<u32, old::User>::open(path).unwrap();
    let user =
        |i: u32| old::User { name: format!("user {i}"), age: i as u8, nick: (i % 2 == 0).then(|| "n".to_owned()) };
    shelf.extend((0..100).map(|i| (i, user(i)))).unwrap();
}

#[test]
fn values_of_all_versions_load_side_by_side() {
    let (_folder, path) = path();
    written_by_the_old(&path);
    let shelf = Shelf::<u32, new::User>::open(&path).unwrap();
    let size = std::fs::metadata(&path).unwrap().len();
    let user = |i: u32| new::User { full_name: format!("user {i}"), age: i.into(), mails: vec![] };
    for (i, value) in (0..).zip(shelf.values().unwrap()) {
        assert_eq!(value.unwrap(), user(i));
    }
    assert_eq!(std::fs::metadata(&path).unwrap().len(), size, "nothing is written anew");

    shelf.modify(&7, |user| user.mails.push("a@b".to_owned())).unwrap();
    shelf.insert(&200, &new::User { mails: vec!["x".to_owned()], ..user(200) }).unwrap();
    drop(shelf);

    let shelf = Shelf::<u32, third::User>::open(&path).unwrap();
    shelf.modify(&8, |user| user.stars = 9).unwrap();
    drop(shelf);
    let shelf = Shelf::<u32, third::User>::open(&path).unwrap();
    let user = |i: u32| third::User { full_name: format!("user {i}"), age: i.into(), mails: vec![], stars: 5 };
    assert_eq!(shelf.get(&6).unwrap(), Some(user(6)));
    assert_eq!(shelf.get(&7).unwrap(), Some(third::User { mails: vec!["a@b".to_owned()], ..user(7) }));
    assert_eq!(shelf.get(&8).unwrap(), Some(third::User { stars: 9, ..user(8) }));
    assert_eq!(shelf.get(&200).unwrap(), Some(third::User { mails: vec!["x".to_owned()], ..user(200) }));
    assert_eq!(shelf.values().unwrap().collect::<Result<Vec<_>>>().unwrap().len(), 101);
}

#[test]
fn opening_with_another_type_changes_nothing() {
    let (_folder, path) = path();
    written_by_the_old(&path);
    let shelf = Shelf::<u32, new::User>::open(&path).unwrap();
    assert_eq!(shelf.len().unwrap(), 100);
    assert!(shelf.modify(&1000, |_| ()).unwrap().is_none());
    drop(shelf);
    // The older program goes on, as long as the newer one put nothing in that it does not know.
    let shelf = Shelf::<u32, old::User>::open(&path).unwrap();
    assert_eq!(shelf.get(&2).unwrap().unwrap().nick.as_deref(), Some("n"));
}

#[derive(Debug, Persist)]
struct Other {
    name: String,
    age: bool,
    must: u8,
}

#[test]
fn values_that_do_not_load_are_an_error_when_it_is_opened() {
    let (_folder, path) = path();
    written_by_the_old(&path);
    Shelf::<u32, new::User>::open(&path).unwrap().modify(&1, |user| user.age += 1).unwrap();
    let error = Shelf::<u32, Other>::open(&path).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("main") && text.contains("age") && text.contains("must"), "{text}");
    assert!(text.contains("do not load as `Other`") && text.contains(path.to_str().unwrap()), "{text}");
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert_eq!(Shelf::<u32, new::User>::open(&path).unwrap().get(&1).unwrap().unwrap().age, 2);
}

#[derive(Clone, Copy, Debug, PartialEq, Persist)]
struct UserId(u32);

#[test]
fn keys_of_another_type_are_an_error_when_it_is_opened() {
    let (_folder, path) = path();
    written_by_the_old(&path);
    for error in [
        Shelf::<u64, old::User>::open(&path).unwrap_err(),
        Shelf::<i32, old::User>::open(&path).unwrap_err(),
        Shelf::<String, old::User>::open(&path).unwrap_err(),
        Shelf::<(u32, u8), old::User>::open(&path).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Shape);
        let text = error.to_string();
        assert!(text.contains("its keys are `u32`") && text.contains("another shelf"), "{text}");
    }
    let shelf = Shelf::<UserId, old::User>::open(&path).unwrap();
    assert_eq!(shelf.get(&UserId(3)).unwrap().unwrap().age, 3);
    assert_eq!(shelf.first().unwrap().unwrap().0, UserId(0));
}

#[test]
fn variants_may_be_added_to_keys() {
    #[derive(Clone, Debug, PartialEq, Persist)]
    enum Two {
        A,
        B(u8),
    }
    #[derive(Clone, Debug, PartialEq, Persist)]
    enum Three {
        A,
        B(u8),
        C { text: String },
    }
    let (_folder, path) = path();
    Shelf::<Two, u8>::open(&path).unwrap().extend([(Two::A, 1), (Two::B(7), 2)]).unwrap();
    let shelf = Shelf::<Three, u8>::open(&path).unwrap();
    assert_eq!(shelf.get(&Three::B(7)).unwrap(), Some(2));
    drop(shelf);
    // Until there is a key that it does not know, the older program can go on.
    drop(Shelf::<Two, u8>::open(&path).unwrap());
    let shelf = Shelf::<Three, u8>::open(&path).unwrap();
    shelf.insert(&Three::C { text: "x".to_owned() }, &3).unwrap();
    assert_eq!(shelf.last().unwrap(), Some((Three::C { text: "x".to_owned() }, 3)));
    drop(shelf);
    assert_eq!(Shelf::<Two, u8>::open(&path).unwrap_err().kind(), ErrorKind::Shape);
}

#[test]
fn a_schema_is_in_the_file_once() {
    let (_folder, path) = path();
    let file = ShelfFile::open(&path).unwrap();
    for i in 0..20 {
        let shelf = file.shelf::<u32, old::User>(&format!("{i}")).unwrap();
        shelf.insert(&1, &old::User { name: "a".to_owned(), age: 1, nick: None }).unwrap();
    }
    drop(file);
    let bytes = std::fs::read(&path).unwrap();
    let found = bytes.windows(4).filter(|bytes| bytes == b"nick").count();
    // Pages that were freed may hold older copies; far fewer than shelves, and than values.
    assert!((1..10).contains(&found), "{found}");
}

#[test]
fn two_versions_of_a_type_work_side_by_side_in_one_process() {
    let (_folder, path) = path();
    let file = ShelfFile::open(&path).unwrap();
    let old = file.shelf::<u32, old::User>("users").unwrap();
    let new = file.shelf::<u32, new::User>("users").unwrap();
    old.insert(&1, &old::User { name: "a".to_owned(), age: 1, nick: None }).unwrap();
    // It was opened before there was such a schema.
    assert_eq!(new.get(&1).unwrap().unwrap().full_name, "a");
    file.transaction(|t| {
        assert_eq!(t.shelf(&new)?.get(&1)?.unwrap().age, 1);
        Ok(())
    })
    .unwrap();
    new.modify(&1, |user| user.mails.push("m".to_owned())).unwrap();
    let error = old.get(&1).unwrap_err();
    assert!(error.to_string().contains("the entry 1"), "{error}");
}
