//! What a library costs that is not its running time: how long a crate of 200 derived types takes to compile, and how
//! large its program gets.
//!
//! The types are structs of 4 to 12 fields and enums, of numbers, texts, options, lists, maps and each other, from our
//! own generator and the same each time. The program encodes and decodes a value of each. One crate is written for each
//! library, and one without any as the floor; dependencies are built first, then the crate alone several times:
//! `cargo build -j1`, not incremental. On Linux the time is the processor's, which with one job is the time of a quiet
//! machine.

pub mod build;
pub mod program;
pub mod types;

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use self::build::{Profile, Workspace};
use self::program::{FLOOR, LIBRARIES, Library, WITHOUT_FEATURES, source};
use crate::Result;
use crate::random::Random;
use crate::sets::SEED;

/// Types of the program that shows what an unused feature costs: it needs no more than some.
const FEW: usize = 10;

/// What is built.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Derived types.
    pub types: usize,
    /// Encode and decode one value that holds all others, instead of each of them.
    pub one_root: bool,
    /// How often each crate is built.
    pub times: usize,
}

/// What the crate of one library takes.
#[derive(Clone, Debug)]
pub struct Row {
    /// The library.
    pub name: &'static str,
    /// To build the crate with optimisation.
    pub release: Duration,
    /// To build the crate without.
    pub debug: Duration,
    /// Bytes of the stripped, optimised program.
    pub size: u64,
}

/// All that is found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The crate without any library.
    pub floor: Row,
    /// One row for each library.
    pub rows: Vec<Row>,
    /// Bytes of a program of a few types that uses the derive alone: with persist's default features, and without.
    pub features: (u64, u64),
}

/// Writes all crates into `folder`, builds and weighs them.
pub fn run(plan: Plan, folder: &Path) -> Result<Report> {
    let types = types::generate(&mut Random::new(SEED), plan.types);
    let program = |library: &Library| (*library, source(library, &types, plan.one_root));
    let crates: Vec<_> = std::iter::once(&FLOOR).chain(&LIBRARIES).map(program).collect();
    let workspace = Workspace::write(&folder.join("types"), &crates)?;
    let floor = measure(&workspace, &FLOOR, plan.times)?;
    let rows = LIBRARIES.iter().map(|library| measure(&workspace, library, plan.times)).collect::<Result<_>>()?;
    Ok(Report { floor, rows, features: features(folder)? })
}

fn measure(workspace: &Workspace, library: &Library, times: usize) -> Result<Row> {
    let time = |profile| {
        workspace.prepare(library, profile)?;
        Ok::<_, Box<dyn std::error::Error>>(median(workspace.rebuild(library, profile, times)?))
    };
    let (release, debug) = (time(Profile::Release)?, time(Profile::Debug)?);
    Ok(Row { name: library.name, release, debug, size: workspace.size(library)? })
}

/// The same program of persist with its default features and with the derive alone.
fn features(folder: &Path) -> Result<(u64, u64)> {
    let types = types::generate(&mut Random::new(SEED), FEW);
    let size = |library: &Library| {
        let workspace = Workspace::write(&folder.join("features"), &[(*library, source(library, &types, false))])?;
        workspace.prepare(library, Profile::Release)?;
        workspace.size(library)
    };
    Ok((size(&LIBRARIES[0])?, size(&WITHOUT_FEATURES)?))
}

/// The middle of several times, of which there is at least one.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The first line of [`Report::csv`].
pub const CSV_HEADER: &str = "library,release_seconds,debug_seconds,size_bytes";

impl Report {
    /// Lines `library,release_seconds,debug_seconds,size_bytes`; the floor's own are not taken off.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = String::new();
        for row in std::iter::once(&self.floor).chain(&self.rows) {
            let (release, debug) = (row.release.as_secs_f64(), row.debug.as_secs_f64());
            let _ = writeln!(out, "{},{release:.2},{debug:.2},{}", row.name, row.size);
        }
        out
    }

    /// A table for people, of what each library adds to the floor.
    #[must_use]
    pub fn table(&self) -> String {
        let Report { floor, rows, features } = self;
        let mut out = format!(
            "{:<10} {:>10} {:>9} {:>12}\n{:<10} {:>8.2} s {:>7.2} s {:>8} KiB\n",
            "",
            "release",
            "debug",
            "size",
            floor.name,
            floor.release.as_secs_f64(),
            floor.debug.as_secs_f64(),
            floor.size >> 10
        );
        for row in rows {
            let _ = writeln!(
                out,
                "{:<10} {:>+8.2} s {:>+7.2} s {:>+8} KiB",
                row.name,
                row.release.as_secs_f64() - floor.release.as_secs_f64(),
                row.debug.as_secs_f64() - floor.debug.as_secs_f64(),
                (row.size as i64 - floor.size as i64) >> 10
            );
        }
        let _ = writeln!(
            out,
            "\n{FEW} types of persist: {} bytes with default features, {} bytes with the derive alone",
            features.0, features.1
        );
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_what_is_added_to_the_floor() {
        let row = |name, seconds, size| {
            let release = Duration::from_secs(seconds);
            Row { name, release, debug: release / 2, size }
        };
        let report = Report { floor: row("floor", 4, 8 << 10), rows: vec![row("x", 10, 9 << 10)], features: (1, 2) };
        assert!(report.table().contains("x             +6.00 s   +3.00 s       +1 KiB"), "{}", report.table());
        assert_eq!(report.csv(), "floor,4.00,2.00,8192\nx,10.00,5.00,9216\n");
    }

    #[test]
    fn the_median_stands_in_the_middle() {
        assert_eq!(median([9, 1, 5].map(Duration::from_secs).into()), Duration::from_secs(5));
    }
}
