//! When changes of a live value reach the disk.

use std::time::Duration;

/// When changes of a [`Persistent`](crate::Persistent) reach the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// When the value is dropped, closed or saved; with [`on_shutdown`](crate::on_shutdown), also on `SIGTERM` and the like.
    /// `kill -9` and power loss take everything since then.
    OnExit,
    /// The same, and so long after a change at most, in the background: what a crash takes is no older.
    Every(Duration),
    /// Before the update that makes them returns: no crash takes an update that returned `Ok`.
    #[default]
    Commit,
}
