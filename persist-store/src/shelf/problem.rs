//! What a person is told when a shelf cannot be opened, read or written; and panics of the engine, contained.

use std::fmt::Display;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use persist_core::{Error, ErrorKind, Result};
use redb::AccessGuard;

/// Runs a call of the engine, whose panics become errors: it panics on some files that are damaged.
pub(super) fn contain<T, E: Into<redb::Error>>(path: &Path, call: impl FnOnce() -> Result<T, E>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(of_engine(path, error.into())),
        Err(panic) => Err(of_panic(path, &*panic)),
    }
}

/// The bytes of what the engine found, which lie where the file says.
pub(super) fn bytes<'g>(path: &Path, found: &'g AccessGuard<'_, &'static [u8]>) -> Result<&'g [u8]> {
    contain(path, || Ok::<_, redb::Error>(found.value()))
}

pub(super) fn message(path: &Path, what: impl Display) -> String {
    format!("the shelf `{}`: {what}", path.display())
}

/// An error of the engine.
#[cold]
fn of_engine(path: &Path, error: redb::Error) -> Error {
    use redb::Error as Engine;
    let (kind, what, help) = match &error {
        Engine::Corrupted(what) => (ErrorKind::Corrupt, format!("the file is damaged: {what}"), Some(RESTORE)),
        Engine::Io(source) => return of_io(path, source.kind(), error.to_string(), error),
        Engine::PreviousIo => (
            ErrorKind::Io,
            "an earlier write to the disk failed".to_owned(),
            Some("close it and open it again: it then holds all that was committed"),
        ),
        Engine::ValueTooLarge(len) => (
            ErrorKind::Limit,
            format!("an entry of {len} bytes is larger than the engine takes"),
            Some("split the value over several keys"),
        ),
        Engine::UpgradeRequired(version) => (
            ErrorKind::Version,
            format!("the file has the engine's old format {version}"),
            Some("convert it with a release of the crate `redb` that reads it"),
        ),
        Engine::RepairAborted => (
            ErrorKind::Io,
            "it was not closed in an orderly way, which opening it for reading only cannot mend".to_owned(),
            Some("open it once for writing: that brings back all that was committed"),
        ),
        Engine::TransactionInProgress => {
            (ErrorKind::Unsupported, "an iterator or snapshot of it is still alive".to_owned(), Some("drop it first"))
        }
        Engine::TableAlreadyOpen(..) => (
            ErrorKind::Unsupported,
            "it is open in this transaction already".to_owned(),
            Some("use the one that is open, or drop it first"),
        ),
        Engine::TableTypeMismatch { .. } | Engine::TypeDefinitionChanged { .. } | Engine::TableIsMultimap(_) => {
            (ErrorKind::Protocol, format!("the file holds another kind of data: {error}"), None)
        }
        _ => (ErrorKind::Io, error.to_string(), None),
    };
    let new = Error::of(kind, message(path, what)).with_source(error);
    if let Some(help) = help { new.with_help(help) } else { new }
}

const RESTORE: &str = "restore it from a backup; what still reads can be copied with `iter`";

/// A call of the file system failed, in the engine.
#[cold]
fn of_io(path: &Path, kind: io::ErrorKind, what: String, source: redb::Error) -> Error {
    use io::ErrorKind::{InvalidData, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull, UnexpectedEof};
    let (own, help) = match kind {
        StorageFull | QuotaExceeded => {
            (ErrorKind::Io, Some("make room, then open it again: it holds all that was committed before"))
        }
        PermissionDenied => (
            ErrorKind::Io,
            Some("this user may not write the file: change its permissions, or open it with `read_only(true)`"),
        ),
        ReadOnlyFilesystem => {
            (ErrorKind::Io, Some("the file system is mounted read-only: open the shelf with `read_only(true)`"))
        }
        UnexpectedEof => (ErrorKind::Corrupt, Some(RESTORE)),
        InvalidData => (ErrorKind::Protocol, Some("check the path")),
        _ => (ErrorKind::Io, None),
    };
    let what = match kind {
        UnexpectedEof => "the file is shorter than it says".to_owned(),
        InvalidData => "the file is none".to_owned(),
        _ => what,
    };
    let new = Error::of(own, message(path, what)).with_source(source);
    if let Some(help) = help { new.with_help(help) } else { new }
}

/// The engine panicked.
#[cold]
fn of_panic(path: &Path, panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let what = format!("the file is damaged: {}", text.unwrap_or("the engine gave up"));
    Error::of(ErrorKind::Corrupt, message(path, what)).with_help(RESTORE)
}

#[cold]
pub(super) fn not_a_shelf(path: &Path, start: &[u8]) -> Error {
    let error = Error::of(ErrorKind::Protocol, message(path, "the file is none: it does not start as one does"));
    if start.starts_with(&[0xFC]) {
        error.with_help("it looks like a value that was saved: open it with `open`")
    } else {
        error.with_help("check the path")
    }
}

#[cold]
pub(super) fn other_database(path: &Path) -> Error {
    Error::of(ErrorKind::Protocol, message(path, "the file is a database of another program"))
        .with_help("it is one of the crate `redb`, without what makes it a shelf: check the path")
}

#[cold]
pub(super) fn newer_format(path: &Path, version: u8, own: u8) -> Error {
    Error::of(ErrorKind::Version, message(path, format_args!("the file has format version {version}")))
        .with_help(format!("this library reads up to version {own}: update it"))
}

/// Somebody else has the file open.
#[cold]
pub(super) fn in_use(path: &Path, owner: Option<u32>) -> Error {
    let source = io::Error::from(io::ErrorKind::ResourceBusy);
    let error = |what| Error::of(ErrorKind::Io, message(path, what)).with_source(source);
    match owner {
        Some(pid) if pid == std::process::id() => error("this process has it open already".to_owned())
            .with_help("clone that `Shelf`, or open further shelves by its `ShelfFile`"),
        Some(pid) => error(format!("the process {pid} has it open"))
            .with_help("one process at a time may write: wait until that one has closed it"),
        None => error("another process has it open, or this one".to_owned())
            .with_help("one process at a time may write; within one, clone the `Shelf`, or use its `ShelfFile`"),
    }
}

#[cold]
pub(super) fn read_only(path: &Path) -> Error {
    Error::of(ErrorKind::Unsupported, message(path, "it was opened for reading only"))
        .with_help("open it without `read_only(true)`")
}

#[cold]
pub(super) fn nested(path: &Path) -> Error {
    Error::of(ErrorKind::Unsupported, message(path, "this thread is in the middle of a transaction of the same file"))
        .with_help("inside of a transaction, go by what it is given")
}

#[cold]
pub(super) fn other_file(path: &Path) -> Error {
    Error::of(ErrorKind::Unsupported, message(path, "the transaction is one of another file"))
}

#[cold]
pub(super) fn half_way(path: &Path) -> Error {
    let what = "a change failed half-way, so that nothing of the transaction is kept";
    Error::of(ErrorKind::Io, message(path, what)).with_help("begin another one; the error of that change says more")
}

/// The entry is not what was written under its key.
#[cold]
pub(super) fn damaged_entry() -> Error {
    Error::of(ErrorKind::Corrupt, "the checksum differs: the entry is not the one that was written").with_help(RESTORE)
}
