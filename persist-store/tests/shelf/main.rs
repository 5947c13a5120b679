//! The shelf against what it promises.
// Where the derive looks for it.
extern crate persist_core as persist;

mod basics;
mod evolution;
mod files;
mod hostile;
mod kills;
mod model;
mod threads;
mod transactions;
mod widths;

use std::path::PathBuf;

use tempfile::TempDir;

/// A path in a folder that is removed at the end.
fn path() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shelf");
    (folder, path)
}
