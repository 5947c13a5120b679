//! `persist-bench compare`: see the library's documentation for what is compared and how.

mod commands;

use std::io::{Write, stderr, stdout};
use std::process::Stdio;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};
use persist_bench::catalogue::{Group, Set};
use persist_bench::heap::Heap;
use persist_bench::markdown::Run;
use persist_bench::report::{CSV_HEADER, Report};
use persist_bench::{Result, pool, renew, start};

#[global_allocator]
static HEAP: Heap = Heap;

/// persist measured beside its peers.
#[derive(Parser)]
struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Time and weigh all libraries on all data sets, beside each other.
    Compare(Compare),
    /// One start of `compare` on one data set: its raw figures, as lines.
    #[command(hide = true)]
    Figures(Figures),
    /// Time, size and memory from a thousand records to ten million.
    Growth(commands::Growth),
    /// Records of an older schema, beside those of the type's own.
    Evolve(commands::Evolve),
    /// A result that a memo kept, beside reading the same bytes from a file.
    Memo(commands::Memo),
    /// Cbor and Json beside ciborium and `serde_json`.
    Standard(commands::Standard),
    /// What several threads take to write a value, of what one takes.
    Threads(commands::Threads),
    /// What a crate of 200 derived types takes to compile, and how large its program gets; it builds for minutes.
    Cost(commands::Cost),
    /// A dict of dicts, beside Python's pickle; needs `python3`.
    Pickle(commands::Pickle),
    /// Durable updates a second, beside SQLite and redb, and how long it takes to open what a kill leaves.
    Commits(commands::Commits),
    /// A shelf, beside its engine by hand and Python's shelve; needs `python3`.
    Shelf(commands::Shelf),
}

#[derive(Args)]
struct Compare {
    /// How often each library is timed in each start [default: 150, and 5 for the large sets].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// How often the program is started anew [default: 3].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    starts: Option<u32>,
    /// One start of a few rounds: for a look, not for a verdict.
    #[arg(long)]
    quick: bool,
    /// Lines `set,measure,variant,ratio,best_peer` instead of tables.
    #[arg(long)]
    csv: bool,
    /// Only this data set, or these (may be repeated).
    #[arg(long = "set", value_name = "NAME", value_parser = PossibleValuesParser::new(Set::names()))]
    sets: Vec<String>,
    /// Renew `docs/comparison.md` and the plots beside it: the parts whose sets were all measured.
    #[arg(long)]
    write: bool,
}

#[derive(Args)]
struct Figures {
    /// The data set.
    set: String,
    /// How often each library is timed.
    rounds: usize,
}

fn main() -> Result<()> {
    let Command { action } = Command::parse();
    if cfg!(debug_assertions) {
        writeln!(stderr(), "This build is not optimized: its figures say nothing. Use `cargo run --release`.")?;
    }
    match action {
        Action::Compare(compare) => compare.run(),
        Action::Figures(figures) => figures.run(),
        Action::Growth(growth) => growth.run(),
        Action::Evolve(evolve) => evolve.run(),
        Action::Memo(memo) => memo.run(),
        Action::Standard(standard) => standard.run(),
        Action::Threads(threads) => threads.run(),
        Action::Cost(cost) => cost.run(),
        Action::Pickle(pickle) => pickle.run(),
        Action::Commits(commits) => commits.run(),
        Action::Shelf(shelf) => shelf.run(),
    }
}

impl Compare {
    fn run(&self) -> Result<()> {
        if self.csv {
            writeln!(stdout(), "{CSV_HEADER}")?;
        }
        let mut reports = Vec::new();
        for set in self.sets() {
            let report = Report { set, rows: self.measure(set)? };
            if self.csv {
                write!(stdout(), "{}", report.csv())?;
            } else {
                writeln!(stdout(), "{}", report.table())?;
            }
            reports.push(report);
        }
        if self.write {
            renew::comparison(&reports, self.described())?;
        }
        Ok(())
    }

    fn sets(&self) -> Vec<Set> {
        let chosen: Vec<_> = self.sets.iter().filter_map(|name| Set::named(name)).flatten().collect();
        Set::ALL.into_iter().filter(|set| chosen.is_empty() || chosen.contains(set)).collect()
    }

    /// The pooled figures of all starts. Each is a process of its own, so that a large set leaves nothing behind.
    fn measure(&self, set: Set) -> Result<Vec<persist_bench::figure::Row>> {
        let mut rows = Vec::new();
        for start in 1..=self.starts() {
            writeln!(stderr(), "{}: start {start} of {}", set.name(), self.starts())?;
            let mut process = std::process::Command::new(std::env::current_exe()?);
            process.args(["figures", set.name(), &self.rounds(set.group()).to_string()]);
            let output = process.stderr(Stdio::inherit()).output()?;
            if !output.status.success() {
                return Err(format!("measuring {} ended with {}", set.name(), output.status).into());
            }
            pool::add(&mut rows, &String::from_utf8(output.stdout)?)?;
        }
        Ok(rows)
    }

    fn starts(&self) -> u32 {
        self.starts.unwrap_or(if self.quick { 1 } else { 3 })
    }

    fn rounds(&self, group: Group) -> u32 {
        self.rounds.unwrap_or(match (group, self.quick) {
            (Group::Public | Group::Messages, false) => 150,
            (Group::Public | Group::Messages, true) => 15,
            (Group::Large, false) => 5,
            (Group::Large, true) => 3,
        })
    }

    fn described(&self) -> Run {
        Run { starts: self.starts(), rounds: self.rounds(Group::Public), rounds_large: self.rounds(Group::Large) }
    }
}

impl Figures {
    fn run(&self) -> Result<()> {
        let set = Set::ALL.into_iter().find(|set| set.name() == self.set).ok_or("no such data set")?;
        write!(stdout(), "{}", pool::lines(&start::figures(set, self.rounds)?))?;
        Ok(())
    }
}
