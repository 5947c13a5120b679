//! Paths that are wrong, files of others, and options.

use std::fs;
use std::sync::Arc;

use persist_core::{Context, ErrorKind, Limits, Persist, Result};
use persist_derive::Persist;
use persist_store::shelf::Builder;
use persist_store::{Shelf, ShelfFile};

use crate::path;

type Plain = Shelf<u8, u8>;

fn refused(path: &std::path::Path) -> persist_core::Error {
    let error = Plain::open(path).unwrap_err();
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    error
}

#[test]
fn paths_that_cannot_be_a_shelf_are_told_apart() {
    let (folder, path) = path();
    let error = refused(folder.path());
    assert!(error.to_string().contains("it is a folder"), "{error}");

    let missing = folder.path().join("missing").join("shelf");
    let error = refused(&missing);
    assert!(error.to_string().contains("there is no folder") && error.help().is_some(), "{error}");
    assert!(!missing.exists());

    let error = Plain::builder(&path).read_only(true).open().unwrap_err();
    assert!(error.to_string().contains("there is no such file"), "{error}");
    assert!(!path.exists(), "a file that is only read is not made");
}

#[test]
fn files_of_others_stay_as_they_are() {
    let (_folder, path) = path();
    let saved = persist_core::dumps(&vec![1u8, 2]).unwrap();
    for (bytes, hint) in [(&b"hello, this is no shelf"[..], "check the path"), (b"redb", "check"), (&saved, "`open`")] {
        fs::write(&path, bytes).unwrap();
        let error = refused(&path);
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(error.help().unwrap().contains(hint), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert!(Plain::builder(&path).read_only(true).open().is_err());
    }
}

const OTHER: redb::TableDefinition<'static, &str, u64> = redb::TableDefinition::new("theirs");

#[test]
fn databases_of_others_stay_as_they_are() {
    let (_folder, path) = path();
    let database = redb::Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(OTHER).unwrap().insert("a", 1).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let before = fs::read(&path).unwrap();
    let error = refused(&path);
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.to_string().contains("database of another program"), "{error}");
    assert_eq!(fs::read(&path).unwrap().len(), before.len());
}

#[test]
fn a_newer_format_is_told() {
    const FACTS: redb::TableDefinition<'static, &str, &[u8]> = redb::TableDefinition::new("persist");
    let (_folder, path) = path();
    Plain::open(&path).unwrap().insert(&1, &1).unwrap();
    let database = redb::Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(FACTS).unwrap().insert("format", &[2u8][..]).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let error = refused(&path);
    assert_eq!(error.kind(), ErrorKind::Version);
    assert!(error.to_string().contains("format version 2") && error.to_string().contains("update"), "{error}");
}

#[test]
fn an_empty_file_becomes_a_shelf() {
    let (_folder, path) = path();
    fs::write(&path, b"").unwrap();
    Plain::open(&path).unwrap().insert(&1, &2).unwrap();
    assert_eq!(Plain::open(&path).unwrap().get(&1).unwrap(), Some(2));
    // So does a database in which there is nothing.
    let (_folder, path) = crate::path();
    drop(redb::Database::create(&path).unwrap());
    Plain::open(&path).unwrap().insert(&1, &2).unwrap();
}

#[test]
fn nothing_but_the_file_is_left() {
    let (folder, path) = path();
    Plain::open(&path).unwrap().insert(&1, &2).unwrap();
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["shelf"]);
}

#[cfg(unix)]
#[test]
fn links_lead_to_the_file_and_permissions_are_usual() {
    use std::os::unix::fs::{MetadataExt, symlink};
    let (folder, path) = path();
    let link = folder.path().join("link");
    symlink(&path, &link).unwrap();
    Plain::open(&link).unwrap().insert(&1, &2).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(Plain::open(&path).unwrap().get(&1).unwrap(), Some(2));
    let usual = folder.path().join("usual");
    fs::File::create(&usual).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode(), fs::metadata(&usual).unwrap().mode());
}

#[test]
fn a_file_is_open_once_in_a_process() {
    let (_folder, path) = path();
    let shelf = Plain::open(&path).unwrap();
    let error = refused(&path);
    assert!(error.to_string().contains("open"), "{error}");
    assert!(error.help().unwrap().contains("ShelfFile"), "{error}");
    // The file goes on as long as anything of it is there.
    let (file, clone) = (shelf.file(), shelf.clone());
    drop(shelf);
    clone.insert(&1, &1).unwrap();
    let iter = clone.iter().unwrap();
    drop(clone);
    drop(file);
    assert_eq!(iter.count(), 1);
    Plain::open(&path).unwrap();
}

#[test]
fn a_file_that_is_only_read() {
    let (_folder, path) = path();
    Plain::open(&path).unwrap().insert(&1, &2).unwrap();
    let before = fs::read(&path).unwrap();
    let shelf = Plain::builder(&path).read_only(true).open().unwrap();
    let second = Plain::builder(&path).read_only(true).open().unwrap();
    assert_eq!((shelf.get(&1).unwrap(), second.len().unwrap()), (Some(2), 1));
    for error in [
        shelf.insert(&1, &3).unwrap_err(),
        shelf.clear().unwrap_err(),
        shelf.file().compact().unwrap_err(),
        shelf.file().verify().unwrap_err(),
        shelf.file().remove("main").unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("reading only"), "{error}");
    }
    shelf.flush().unwrap();
    let error = shelf.file().shelf::<u8, u8>("users").unwrap_err();
    assert!(error.to_string().contains("`users`: there is none of this name; there is `main`"), "{error}");
    drop((shelf, second));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn shelves_of_a_file_have_types_of_their_own() {
    let (_folder, path) = path();
    let file = ShelfFile::builder(&path).cache_size(1 << 20).open().unwrap();
    assert_eq!(file.names().unwrap(), [""; 0]);
    let users = file.shelf::<u64, String>("users").unwrap();
    users.insert(&1, &"anna".to_owned()).unwrap();
    file.shelf::<String, Vec<u8>>("blobs").unwrap().insert("x", &vec![1]).unwrap();
    assert_eq!(file.names().unwrap(), ["blobs", "users"]);
    assert_eq!(users.name(), "users");
    assert_eq!(users.path(), path);
    assert!(file.shelf::<String, String>("users").is_err());
    drop((file, users));
    let users = Shelf::<u64, String>::builder(&path).name("users").open().unwrap();
    assert_eq!(users.get(&1).unwrap().unwrap(), "anna");
    assert_eq!(users.file().path(), path);
}

/// A client that is not saved.
#[derive(Clone, Debug)]
struct Client(Arc<str>);

#[derive(Debug, Persist)]
struct Job {
    id: u32,
    #[transient(provided)]
    client: Client,
}

#[test]
fn what_is_provided_reaches_the_hooks() {
    let (_folder, path) = path();
    let open = |builder: Builder<Shelf<u8, Job>>| builder.open().unwrap();
    let shelf = open(Shelf::builder(&path).provide(Client("here".into())));
    shelf.insert(&1, &Job { id: 5, client: Client("there".into()) }).unwrap();
    let job = shelf.get(&1).unwrap().unwrap();
    assert_eq!((job.id, &*job.client.0), (5, "here"));
    assert_eq!(&*shelf.values().unwrap().next().unwrap().unwrap().client.0, "here");
    assert_eq!(shelf.modify(&1, |job| job.client.0.to_string()).unwrap().unwrap(), "here");
    drop(shelf);

    let shelf = open(Shelf::builder(&path));
    let error = shelf.get(&1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Context);
    assert!(error.to_string().contains("the entry 1") && error.to_string().contains("Client"), "{error}");
    // What does not load is not lost, and can be removed.
    assert!(shelf.remove(&1).is_err() && shelf.pop_first().is_err());
    assert!(shelf.replace(&1, &Job { id: 6, client: Client("x".into()) }).is_err());
    assert!(
        shelf
            .transaction(|shelf| {
                assert!(shelf.remove(&1).is_err());
                shelf.contains_key(&1)
            })
            .unwrap()
    );
    assert_eq!(shelf.keys().unwrap().count(), 1);
    assert!(shelf.delete(&1).unwrap());
}

/// A value whose hook goes back to the shelf that it is loaded from.
#[derive(Debug)]
struct Curious(u8);

impl Persist for Curious {
    type Saved<'a> = u8;
    type Loaded = u8;

    fn get_state(&self) -> Result<u8> {
        Ok(self.0)
    }

    fn set_state(id: u8, context: &Context) -> Result<Self> {
        let others = context.get::<Shelf<u8, u8>>()?;
        Ok(Curious(id + others.get(&id)?.unwrap_or(0)))
    }
}

#[test]
fn hooks_may_read_other_shelves() {
    let (folder, path) = path();
    let others = Shelf::<u8, u8>::open(folder.path().join("others")).unwrap();
    others.insert(&5, &100).unwrap();
    let shelf = Shelf::<u8, Curious>::builder(&path).provide(others).open().unwrap();
    shelf.insert(&1, &Curious(5)).unwrap();
    assert_eq!(shelf.get(&1).unwrap().unwrap().0, 105);
    shelf.modify(&1, |curious| assert_eq!(curious.0, 105)).unwrap();
}

#[test]
fn limits_hold() {
    let (_folder, path) = path();
    let shelf = Shelf::<u8, Vec<u64>>::open(&path).unwrap();
    shelf.insert(&1, &vec![7; 10_000]).unwrap();
    drop(shelf);
    let limits = Limits { memory: 1000, expansion: 1, ..Limits::default() };
    let shelf = Shelf::<u8, Vec<u64>>::builder(&path).limits(limits).open().unwrap();
    assert_eq!(shelf.get(&1).unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn large_values_work() {
    let (_folder, path) = path();
    let shelf = Shelf::<u8, Vec<u8>>::builder(&path).cache_size(1 << 20).open().unwrap();
    let large: Vec<u8> = (0..8 << 20).map(|i| ((i ^ i >> 9) >> 3) as u8).collect();
    shelf.insert(&1, &large).unwrap();
    assert_eq!(shelf.get(&1).unwrap().unwrap(), large);
}

#[test]
fn what_is_not_synced_is_there_after_a_flush() {
    let (folder, path) = path();
    let shelf = Shelf::<u32, u32>::builder(&path).sync(false).open().unwrap();
    shelf.extend((0..100).map(|i| (i, i))).unwrap();
    shelf.flush().unwrap();
    // What a crash of the machine would leave.
    let copy = folder.path().join("copy");
    fs::copy(&path, &copy).unwrap();
    assert_eq!(Shelf::<u32, u32>::open(&copy).unwrap().len().unwrap(), 100);
    drop(shelf);
    assert_eq!(Shelf::<u32, u32>::open(&path).unwrap().len().unwrap(), 100);
}

/// The file at any moment between two calls is what a crash of the machine leaves: whole.
#[test]
fn a_file_that_was_not_closed_opens() {
    let (folder, path) = path();
    let shelf = Shelf::<u32, String>::open(&path).unwrap();
    for round in 0..5u32 {
        shelf.extend((0..50).map(|i| (round * 50 + i, format!("{i}")))).unwrap();
        let copy = folder.path().join(format!("copy {round}"));
        fs::copy(&path, &copy).unwrap();
        let error = Shelf::<u32, String>::builder(&copy).read_only(true).open().unwrap_err();
        assert!(error.help().unwrap().contains("once for writing"), "{error}");
        let copied = Shelf::<u32, String>::open(&copy).unwrap();
        assert_eq!(copied.len().unwrap(), u64::from(round + 1) * 50);
        copied.file().verify().unwrap();
    }
}
