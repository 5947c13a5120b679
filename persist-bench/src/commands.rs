//! The other subcommands: what they are told, and what they print.

use std::io::{Write, stderr, stdout};
use std::path::PathBuf;

use clap::Args;
use persist_bench::{Result, commits, cost, evolve, growth, memo, pickle, shelf, standard, threads};

/// `growth`.
#[derive(Args)]
pub(crate) struct Growth {
    /// The largest number of records.
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    most: usize,
    /// Lines of figures instead of a table.
    #[arg(long)]
    csv: bool,
}

impl Growth {
    pub(crate) fn run(&self) -> Result<()> {
        writeln!(stdout(), "{}", if self.csv { growth::CSV_HEADER } else { growth::HEADER })?;
        for count in std::iter::successors(Some(1000), |count| Some(count * 10)).take_while(|&count| count <= self.most)
        {
            let row = growth::measure(count)?;
            writeln!(stdout(), "{}", if self.csv { row.csv() } else { row.line() })?;
        }
        Ok(())
    }
}

/// `evolve`.
#[derive(Args)]
pub(crate) struct Evolve {
    /// How many records.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    records: usize,
    /// How often they are loaded each way.
    #[arg(long, value_name = "N", default_value_t = 11, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

impl Evolve {
    pub(crate) fn run(&self) -> Result<()> {
        let row = evolve::measure(self.records, self.rounds as usize)?;
        let each = |time: f64| time / self.records as f64;
        writeln!(stdout(), "as saved:  {:6.1} ns/record", each(row.unchanged))?;
        writeln!(stdout(), "as changed: {:5.1} ns/record, {:.3} times as long", each(row.changed), row.ratio)?;
        Ok(())
    }
}

/// `memo`.
#[derive(Args)]
pub(crate) struct Memo {
    /// How often each is looked up.
    #[arg(long, value_name = "N", default_value_t = 1001, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

impl Memo {
    pub(crate) fn run(&self) -> Result<()> {
        for size in memo::SIZES {
            let row = memo::measure(size, self.rounds as usize)?;
            writeln!(
                stdout(),
                "{size:>8} bytes: a hit {:9.1} us, reading a file {:9.1} us, {:.2} times as long",
                row.hit / 1e3,
                row.read / 1e3,
                row.ratio
            )?;
        }
        Ok(())
    }
}

/// `standard`.
#[derive(Args)]
pub(crate) struct Standard {
    /// How many records.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    records: usize,
    /// How often they are written and read each way.
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

impl Standard {
    pub(crate) fn run(&self) -> Result<()> {
        writeln!(stdout(), "nanoseconds per record       persist      peer     ratio")?;
        for row in standard::measure(self.records, self.rounds as usize)? {
            for (what, [own, peer, ratio]) in [("write", row.dump), ("read", row.load)] {
                let each = |time: f64| time / self.records as f64;
                writeln!(stdout(), "{:<18} {what:<5} {:>10.1} {:>10.1} {ratio:>9.3}", row.name, each(own), each(peer))?;
            }
        }
        Ok(())
    }
}

/// `threads`.
#[derive(Args)]
pub(crate) struct Threads {
    /// The largest number of threads [default: as many as run at once].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    most: Option<u32>,
}

impl Threads {
    pub(crate) fn run(&self) -> Result<()> {
        let most = match self.most {
            Some(most) => most as usize,
            None => std::thread::available_parallelism()?.get(),
        };
        let rows = threads::measure(most)?;
        writeln!(stdout(), "{}", threads::header(most))?;
        rows.iter().try_for_each(|row| writeln!(stdout(), "{}", row.line()))?;
        Ok(())
    }
}

/// `cost`.
#[derive(Args)]
pub(crate) struct Cost {
    /// How many types are derived.
    #[arg(long, value_name = "N", default_value_t = 200)]
    types: usize,
    /// Encode and decode one value that holds one of each type, instead of each by itself.
    #[arg(long)]
    one_root: bool,
    /// How often each crate is built.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
    /// Keep the crates in this folder, to be looked at, and so that their dependencies need not be built again.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Lines of figures instead of a table.
    #[arg(long)]
    csv: bool,
}

impl Cost {
    pub(crate) fn run(&self) -> Result<()> {
        let plan = cost::Plan { types: self.types, one_root: self.one_root, times: self.times as usize };
        let folder = tempfile::tempdir()?;
        let folder = self.keep.as_deref().unwrap_or(folder.path());
        writeln!(stderr(), "Building the crates takes some minutes.")?;
        let report = cost::run(plan, folder)?;
        if self.csv {
            write!(stdout(), "{}\n{}", cost::CSV_HEADER, report.csv())?;
        } else {
            write!(stdout(), "{}", report.table())?;
        }
        Ok(())
    }
}

/// `pickle`.
#[derive(Args)]
pub(crate) struct Pickle {
    /// How many dicts the dict holds.
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    entries: usize,
    /// How often each is timed.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
    /// Lines of figures instead of a table.
    #[arg(long)]
    csv: bool,
}

impl Pickle {
    pub(crate) fn run(&self) -> Result<()> {
        let rows = pickle::run(self.entries, self.times as usize)?;
        if self.csv {
            write!(stdout(), "{}\n{}", pickle::CSV_HEADER, pickle::csv(&rows))?;
        } else {
            write!(stdout(), "{}", pickle::table(&rows))?;
        }
        Ok(())
    }
}

/// `commits`.
#[derive(Args)]
pub(crate) struct Commits {
    /// How often each store has its turn, in each table.
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Where the files are: on the disk that is to be measured.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Only the updates, not the large values.
    #[arg(long)]
    updates: bool,
}

impl Commits {
    pub(crate) fn run(&self) -> Result<()> {
        let out = &mut stdout();
        for table in commits::measure(&self.folder, self.rounds as usize)? {
            writeln!(out, "{}", table.markdown())?;
        }
        if self.updates {
            return Ok(());
        }
        for megabytes in [10, 100] {
            let commits::Large { size: (size, saved), seconds, record } =
                commits::large(&self.folder, megabytes << 20, 5)?;
            let (size, saved, time) = (size as f64 / 1e6, saved as f64 / 1e6, seconds * 1e3);
            writeln!(
                out,
                "An update of a value of {size:.1} MB ({saved:.1} MB where `save` writes it): {time:.1} ms, {record} bytes."
            )?;
        }
        let commits::Recovery { journal, large } = commits::recovery(&self.folder, 1_000_000, 1 << 30)?;
        let (records, bytes, seconds) = journal;
        writeln!(
            out,
            "Opening a file with {records} records in its journal ({:.0} MB): {seconds:.2} s.",
            bytes as f64 / 1e6
        )?;
        let (bytes, open, load, read) = large;
        writeln!(
            out,
            "A file of {:.0} MB: `open` {open:.2} s, `load` {load:.2} s, reading its bytes alone {read:.2} s.",
            bytes as f64 / 1e6
        )?;
        Ok(())
    }
}

/// `shelf`.
#[derive(Args)]
pub(crate) struct Shelf {
    /// How many records.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    entries: usize,
    /// How many records are committed together.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    group: u32,
    /// How often each side is timed.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How many records Python puts in, which takes long; 0 leaves it out.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    python: usize,
}

impl Shelf {
    pub(crate) fn run(&self) -> Result<()> {
        let plan = shelf::Plan {
            entries: self.entries,
            group: self.group as usize,
            rounds: self.rounds as usize,
            python: self.python,
        };
        write!(stdout(), "{}", shelf::run(plan)?.table())?;
        Ok(())
    }
}
