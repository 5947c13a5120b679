//! The command `persist`: shows, converts, compares, verifies and weighs persisted values, without their Rust types.
//!
//! A library only so that it can be tested; the binary calls [`main`].
#![forbid(unsafe_code)]

// In dependency order: a module uses only those above it.

mod failure;
mod progress;
mod exact;
mod plain;
mod line;
mod moment;
mod path;
mod pickle;
mod shelf;
mod input;
mod output;
mod tree;
mod sets;
mod likeness;
mod changes;
#[cfg(feature = "svg")]
mod flame;
mod commands;
mod start;

pub use start::main;
