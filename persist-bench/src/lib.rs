//! persist measured beside its peers.
//!
//! The command `cargo run --release -p persist-bench -- compare` writes and reads four data sets with persist and with
//! four other libraries, all in one process, and prints what each took and how that relates to the best of the others.
//!
//! # What is compared
//!
//! The data sets have the shapes of the public `rust_serialization_benchmark`: a web server's log, a triangle mesh, the
//! players of a block game, and the updates of a ship game. Fields, types, counts and ranges are the same; the values
//! come from our own small generator ([`random`]), always from the same seed.
//!
//! Each peer runs the way its authors run it when they want speed ([`peers`] says how for each). Two floors stand below
//! the table: copying the encoded bytes for writing, and `clone()` for reading, each the least that any library that
//! gives back owned values could do.
//!
//! No peer has a checksum, so the row `persist` runs without one; `persist (checksum)` is what a caller gets by default.
//!
//! # How
//!
//! Every round times every library once, in an order that changes from round to round; the ratio of two libraries is
//! taken within each round, and the median over all rounds is printed. A machine that slows down for a while slows both
//! sides of a ratio. The best peer is the one beside which persist looks worst.
//!
//! Reading includes dropping what was read. Before anything is timed each library must give back a value equal to the
//! one it was given. On Linux the time is the thread's own ([`clock`]), so that other programs disturb little.
//!
//! For figures to publish, leave the machine alone all the same, pin the process to one core (`taskset -c 1 ..`), and
//! build with `CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1`: the public benchmark is built with
//! LTO, too, and it favours some libraries more than others.

pub mod random;
pub mod sets;

pub mod peers;

pub mod clock;
pub mod measure;

pub mod report;

pub mod cost;
pub mod heap;
pub mod growth;
pub mod pickle;

/// What the benchmark's functions return: an error of any library ends the run.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
