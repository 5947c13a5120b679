//! persist measured beside its peers.
//!
//! The command `cargo run --release -p persist-bench -- compare` writes and reads data sets with persist and with ten other
//! libraries, and prints what each took and how that relates to the best of the others.
//!
//! # What is compared
//!
//! Four data sets have the shapes of the public `rust_serialization_benchmark`: a web server's log, a triangle mesh, the
//! players of a block game, and the updates of a ship game. Fields, types, counts and ranges are the same; the values
//! come from our own small generator ([`random`]), always from the same seed. For these there are also the times and
//! sizes with zstd around each library's bytes.
//!
//! Three sets are small messages, each written on its own, in two ways: into memory that is kept, and with nothing kept
//! between calls. Here persist writes no frame, since both sides know the schema, as they do with all peers.
//!
//! Five sets are large: a hash map and a sorted map, a tree, strings, and enums.
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
//! taken within each round, and the median over all rounds of all starts of the program is printed. A machine that slows
//! down for a while slows both sides of a ratio; and luck with where things lie in memory is drawn anew with each start.
//! The best peer is the one beside which persist looks worst.
//!
//! Reading includes dropping what was read. Before anything is timed each library must give back a value equal to the
//! one it was given. On Linux the time is the thread's own ([`clock`]), so that other programs disturb little.
//!
//! For figures to publish, leave the machine alone all the same, and pin the process to one core (`taskset -c 1 ..`).
//! `CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1` builds as the public benchmark does, with LTO,
//! which favours some libraries more than others.

pub mod random;
pub mod sets;

pub mod figure;
pub mod catalogue;

pub mod codec;
pub mod compression;
pub mod library;
pub mod peers;

pub mod clock;
pub mod measure;
pub mod start;
pub mod pool;

pub mod report;
pub mod machine;
pub mod markdown;
pub mod chart;
pub mod plots;
pub mod document;
pub mod renew;

pub mod cost;
pub mod heap;
pub mod growth;
pub mod evolve;
pub mod memo;
pub mod standard;
pub mod threads;
pub mod pickle;
pub mod commits;
pub mod shelf;

/// What the benchmark's functions return: an error of any library ends the run.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
