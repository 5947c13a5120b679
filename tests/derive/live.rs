//! Derived types that live on disk, with what cannot be saved in them.

use std::thread;

use persist::{Durability, Error, Persist, Persistent, loads, open};
use rusqlite::Connection;

/// Its connection may go to other threads, and may not be shared by them.
#[derive(Persist)]
struct Library {
    database: String,
    borrowed: u64,
    #[transient(rebuild = Connection::open(database)?)]
    connection: Connection,
    #[transient(provided)]
    motto: &'static str,
}

impl Library {
    fn new(database: &str) -> Self {
        let connection = Connection::open(database).unwrap();
        connection.execute("create table loans (book text)", []).unwrap();
        Library { database: database.to_owned(), borrowed: 0, connection, motto: "made" }
    }

    fn lend(&mut self, book: &str) -> Result<u64, Error> {
        self.connection.execute("insert into loans values (?1)", [book]).map_err(Error::new)?;
        self.borrowed += 1;
        if book.is_empty() { Err(Error::new("no such book")) } else { Ok(self.borrowed) }
    }

    fn loans(&self) -> i64 {
        self.connection.query_row("select count(*) from loans", [], |row| row.get(0)).unwrap()
    }
}

#[test]
fn a_live_value_may_hold_a_connection_and_goes_from_thread_to_thread() {
    let folder = tempfile::tempdir().unwrap();
    let (path, database) = (folder.path().join("library"), folder.path().join("loans.sqlite"));
    for durability in [Durability::OnExit, Durability::Commit] {
        let database = database.to_str().unwrap().to_owned();
        let builder = || Persistent::<Library>::builder(&path).durability(durability).provide("given");
        let library = builder().open_or_else(|| Library::new(&database)).unwrap();
        let before = library.read().borrowed;
        let library = thread::spawn(move || {
            library.try_update(|library| library.lend("Emma")).unwrap();
            let error = library.try_update(|library| library.lend("")).unwrap_err();
            assert_eq!(error.to_string(), "no such book");
            library
        });
        let library = library.join().unwrap();
        assert_eq!(library.read().borrowed, before + 1, "what failed was undone");
        assert_eq!(library.read().motto, "given", "the value was loaded anew");
        assert_eq!(library.read().loans(), 2 * (before as i64 + 1), "what an update does elsewhere stays done");
        library.close().unwrap();
    }
    let error = loads::<Library>(&std::fs::read(&path).unwrap()).err().unwrap().to_string();
    assert!(error.contains("a journal follows the value") && error.contains("`open`"), "{error}");
    let error = open::<Library>(&path).err().unwrap().to_string();
    assert!(error.contains("Library.motto") && error.contains("provide"), "{error}");
}
