//! A database connection cannot be saved, so it is left out, and made anew on load. Derived, and by hand.
//!
//! `cargo run --example database_connection`
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::path::{Path, PathBuf};

use persist::{Context, Error, Persist, Result, dumps, inspect, loads};
use rusqlite::Connection;

/// The derived way: `#[transient]` leaves a field out, `rebuild` says how it comes back.
#[derive(Persist)]
struct Library {
    database: PathBuf,
    borrowed: u64,
    #[transient(rebuild = connect(database)?)] // the saved fields are in scope, as references
    connection: Connection,
    #[transient] // comes back as `Default::default()`
    searches: Vec<String>,
}

/// By hand: `get_state` picks what is saved, `set_state` makes the value from that. The derive writes just this.
struct Archive {
    database: PathBuf,
    borrowed: u64,
    connection: Connection,
}

impl Persist for Archive {
    type Saved<'a> = (&'a PathBuf, u64); // what is written may borrow
    type Loaded = (PathBuf, u64); // what is read is owned

    fn get_state(&self) -> Result<Self::Saved<'_>> {
        Ok((&self.database, self.borrowed))
    }

    fn set_state((database, borrowed): Self::Loaded, _context: &Context) -> Result<Self> {
        let connection = connect(&database).map_err(Error::new)?;
        Ok(Archive { database, borrowed, connection })
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    println!("  connecting to the database");
    let connection = Connection::open(path)?;
    connection.execute_batch("CREATE TABLE IF NOT EXISTS books (title TEXT)")?;
    Ok(connection)
}

fn titles(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection.prepare("SELECT title FROM books ORDER BY title")?.query_map([], |row| row.get(0))?.collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("library.sqlite");

    println!("The derived type:");
    let library = Library { connection: connect(&database)?, database, borrowed: 2, searches: vec!["Momo".to_owned()] };
    library.connection.execute("INSERT INTO books VALUES ('Emil'), ('Momo')", [])?;
    let saved = dumps(&library)?;
    println!("  saved, without the connection: {}", inspect(&saved)?);
    drop(library); // and the connection with it

    let library: Library = loads(&saved)?;
    assert_eq!(library.borrowed, 2);
    assert_eq!(library.searches, Vec::<String>::new());
    assert_eq!(titles(&library.connection)?, ["Emil", "Momo"]);
    println!("  loaded, and the connection works: {:?}", titles(&library.connection)?);

    println!("The same by hand:");
    let archive = Archive { connection: connect(&library.database)?, database: library.database, borrowed: 7 };
    let bytes = dumps(&archive)?;
    println!("  saved, without the connection: {}", inspect(&bytes)?);
    let archive: Archive = loads(&bytes)?;
    assert_eq!(archive.borrowed, 7);
    assert_eq!(titles(&archive.connection)?, ["Emil", "Momo"]);
    println!("  loaded, and the connection works: {:?}", titles(&archive.connection)?);

    println!("When the database cannot be opened, loading says so, and where:");
    drop(folder);
    let error = loads::<Library>(&saved).err().ok_or("loading should have failed")?;
    println!("  {error}");
    assert_eq!(error.path(), "Library.connection");
    let source = std::error::Error::source(&error).ok_or("its source should have been kept")?;
    assert!(source.is::<rusqlite::Error>());
    Ok(())
}
