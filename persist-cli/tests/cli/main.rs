//! The command `persist`, as a user calls it.

mod process;
mod library;
mod show;
mod convert;
mod pickles;
mod diff;
mod verify;
mod weigh;
mod schema;
mod journal;
mod shelf;
mod pipes;
mod hostile;
mod help;
#[cfg(unix)]
mod readme;
