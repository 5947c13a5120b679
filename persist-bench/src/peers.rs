//! The libraries, each behind [`Library`] and each run the way its authors run it when they want speed.

use crate::{Result, sets::Data};

mod bitcode;
mod ciborium;
mod floors;
mod persist;
mod savefile;
mod wincode;

/// What a row of the table is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// persist itself: compared with the best peer.
    Ours,
    /// persist with other options, for a look.
    Variant,
    /// One that persist is compared with.
    Peer,
    /// No library at all, but the least that the work can cost.
    Floor,
}

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Writing the value to bytes in memory.
    Serialize,
    /// Reading an owned value from these bytes, and dropping it.
    Deserialize,
}

/// One way to write and read a `T`, with whatever memory it reuses between calls.
pub trait Library<T> {
    /// The row's name.
    fn name(&self) -> &'static str;

    /// What the row is there for.
    fn role(&self) -> Role {
        Role::Peer
    }

    /// Whether the row has a figure for this operation. A floor has only one.
    fn does(&self, _operation: Operation) -> bool {
        true
    }

    /// Writes `value` once and keeps the bytes for [`Library::deserialize`]. Gives their number, if the bytes are the
    /// library's own.
    fn prepare(&mut self, value: &T) -> Result<Option<usize>>;

    /// Writes `value` and gives the number of bytes.
    fn serialize(&mut self, value: &T) -> Result<usize>;

    /// Reads the bytes that [`Library::prepare`] kept.
    fn deserialize(&mut self) -> Result<T>;
}

/// Every row, in the order of the table.
#[must_use]
pub fn all<T: Data>() -> Vec<Box<dyn Library<T>>> {
    vec![
        Box::new(persist::Persist::new(false)),
        Box::new(persist::Persist::new(true)),
        Box::new(bitcode::Bitcode::default()),
        Box::new(wincode::Wincode::default()),
        Box::new(savefile::Savefile::default()),
        Box::new(ciborium::Ciborium::default()),
        Box::new(floors::CloneFloor::default()),
        Box::new(floors::CopyFloor::default()),
    ]
}
