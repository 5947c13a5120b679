//! Files of shelves, which hold many values, and have an engine of their own.

use std::fs::File;
use std::io::Read;
use std::panic;
use std::path::Path;

use crate::failure::Stop;

/// What the files of the engine start with.
const MARK: [u8; 4] = *b"redb";

/// Whether bytes are the start of such a file.
pub(crate) fn starts(bytes: &[u8]) -> bool {
    bytes.starts_with(&MARK)
}

/// Whether a path leads to such a file.
pub(crate) fn is_at(path: &Path) -> bool {
    let mut first = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MARK.len() as u64).read_to_end(&mut first));
    read.is_ok() && starts(&first)
}

/// Calls what may run into a panic of the engine, which is told as an error: the panic itself has nothing to tell a person.
pub(crate) fn quietly<T>(call: impl FnOnce() -> T) -> T {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let result = call();
    panic::set_hook(hook);
    result
}

/// For commands that take single values only.
pub(crate) fn refused(name: &str) -> Stop {
    Stop::new(
        name,
        "is a shelf: `verify` and `compact` take it; its entries are read by a program that has their types, as `Shelf` does",
    )
}
