//! What survives what, shown: crashes on a simulated disk, calls that fail, processes that are killed.
//!
//! `cargo test` runs the quick form. The long form, with its figures:
//!
//! ```text
//! PERSIST_PROOF=long cargo test --release -p persist-store --features persistent --test crash -- --nocapture
//! ```
//!
//! `PERSIST_SEED=<number>` sets another seed than the usual ones. A seed repeats what is done, and which images are looked at,
//! but for what hangs on the random id of a journal.
//!
//! `docs/durability.md` has the promises, and what a run of the long form found.
#![allow(clippy::print_stdout, reason = "figures")]

mod broken;
mod chance;
mod explore;
mod platter;
mod simulated;
mod workload;

#[cfg(unix)]
mod children;
mod crashes;
mod damage;
#[cfg(unix)]
mod kills;
#[cfg(unix)]
mod shutdowns;
mod threads;

use std::env;

/// Whether this is the long form.
fn long() -> bool {
    env::var("PERSIST_PROOF").is_ok_and(|form| form == "long")
}

/// One of two numbers.
fn effort<T>(quick: T, thorough: T) -> T {
    if long() { thorough } else { quick }
}

/// The seed of a test, unless the environment says otherwise.
fn seed(usual: u64) -> u64 {
    env::var("PERSIST_SEED").ok().map_or(usual, |seed| seed.parse().expect("PERSIST_SEED is a number"))
}
