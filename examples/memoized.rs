//! An expensive function whose results are kept across runs: slow once, fast after.
//!
//!     cargo run --example memoized --features memo
//!
//! It runs itself twice, with one folder for both runs.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example shows what it does")]

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use persist::{Persist, memoize};

/// Tells a run which folder is to be used.
const FOLDER: &str = "MEMOIZED_FOLDER";

/// An expensive call.
const TAKES: Duration = Duration::from_millis(500);

#[derive(Persist, Clone, Debug, PartialEq)]
struct Route {
    stops: Vec<String>,
    minutes: u32,
}

/// Where results are kept.
fn folder() -> PathBuf {
    env::var_os(FOLDER).map_or_else(|| env::temp_dir().join("routes"), PathBuf::from)
}

/// Takes long, and fails for places that are not there.
#[memoize(path = folder(), version = 1, max_size = 100 << 20, on_error = complain, handle = routes)]
fn route(from: &str, to: &str, by_bus: bool) -> Result<Route, String> {
    println!("  computing {from} - {to} ..");
    thread::sleep(TAKES);
    if to == "Atlantis" {
        return Err(format!("there is no way to {to}"));
    }
    let stops = [from, if by_bus { "the bus stop" } else { "the station" }, to];
    Ok(Route { stops: stops.map(str::to_owned).to_vec(), minutes: 40 })
}

/// A memo that fails fails no call; but it should be seen.
fn complain(error: &persist::Error) {
    eprintln!("  the memo failed: {error}");
}

fn main() -> Result<(), Box<dyn Error>> {
    if env::var_os(FOLDER).is_some() {
        let computed = env::args().nth(1).unwrap_or_default().parse()?;
        return plan(computed);
    }
    let folder = tempfile::tempdir()?;
    // The second run finds the route, and asks again for what failed.
    for (run, computed) in [("first", 2), ("second", 1)] {
        println!("The {run} run:");
        let begin = Instant::now();
        let status = Command::new(env::current_exe()?).arg(computed.to_string()).env(FOLDER, folder.path()).status()?;
        assert!(status.success(), "the {run} run failed");
        println!("  took {} ms", begin.elapsed().as_millis());
        assert!(begin.elapsed() >= TAKES * computed, "the {run} run took less than what it computed");
    }
    Ok(())
}

/// What each run does, and how often it has to compute.
fn plan(computed: u64) -> Result<(), Box<dyn Error>> {
    let there = route("home", "work", true)?;
    let again = route("home", "work", true)?;
    assert_eq!(there, again);
    println!("  {} in {} minutes", there.stops.join(", "), there.minutes);

    // An error is given back, and not kept: tomorrow there may be a way.
    let error = route("home", "Atlantis", false).unwrap_err();
    println!("  {error}");

    let did = routes().statistics();
    println!("  computed: {}, read from files: {}", did.computed, did.hits);
    assert_eq!((did.computed, did.hits), (computed, 3 - computed));
    assert_eq!(did.failures, 0);
    assert_eq!(routes().usage()?.results, 1);
    Ok(())
}
