//! `persist-bench compare`: see the library's documentation for what is compared and how.

mod commands;

use std::io::{Write, stderr, stdout};
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use persist_bench::Result;
use persist_bench::heap::Heap;
use persist_bench::measure::{self, Effort};
use persist_bench::random::Random;
use persist_bench::report::{CSV_HEADER, Report};
use persist_bench::sets::{Data, SEED, log, mesh, minecraft, mk48};

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
    /// Time, size and memory from a thousand records to ten million.
    Growth(commands::Growth),
    /// What a crate of 200 derived types takes to compile, and how large its program gets; it builds for minutes.
    Cost(commands::Cost),
    /// A dict of dicts, beside Python's pickle; needs `python3`.
    Pickle(commands::Pickle),
}

#[derive(Args)]
struct Compare {
    /// How often each library is timed.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// A few rounds: for a look, not for a verdict.
    #[arg(long)]
    quick: bool,
    /// Lines `set,measure,ratio,best_peer` instead of tables.
    #[arg(long)]
    csv: bool,
    /// Only this data set (may be repeated).
    #[arg(long = "set", value_name = "NAME")]
    sets: Vec<Set>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Set {
    Log,
    Mesh,
    #[value(name = "minecraft_savedata")]
    Minecraft,
    Mk48,
}

fn main() -> Result<()> {
    let Command { action } = Command::parse();
    if cfg!(debug_assertions) {
        writeln!(stderr(), "This build is not optimized: its figures say nothing. Use `cargo run --release`.")?;
    }
    match action {
        Action::Compare(compare) => compare.run(),
        Action::Growth(growth) => growth.run(),
        Action::Cost(cost) => cost.run(),
        Action::Pickle(pickle) => pickle.run(),
    }
}

impl Compare {
    fn run(&self) -> Result<()> {
        if self.csv {
            writeln!(stdout(), "{CSV_HEADER}")?;
        }
        for &set in Set::value_variants() {
            if self.sets.is_empty() || self.sets.contains(&set) {
                let random = &mut Random::new(SEED);
                match set {
                    Set::Log => self.measure("log", &log::generate(random))?,
                    Set::Mesh => self.measure("mesh", &mesh::generate(random))?,
                    Set::Minecraft => self.measure("minecraft_savedata", &minecraft::generate(random))?,
                    Set::Mk48 => self.measure("mk48", &mk48::generate(random))?,
                }
            }
        }
        Ok(())
    }

    fn measure<T: Data>(&self, set: &'static str, value: &T) -> Result<()> {
        let report = Report { set, rows: measure::run(value, self.effort())? };
        if self.csv {
            write!(stdout(), "{}", report.csv())?;
        } else {
            writeln!(stdout(), "{}", report.table())?;
        }
        Ok(())
    }

    fn effort(&self) -> Effort {
        let rounds = if self.quick { 15 } else { 150 };
        let rounds = self.rounds.map_or(rounds, |rounds| rounds as usize);
        // Shorter than a scheduler's turn: beside other programs most timings find their caches as they left them.
        Effort { rounds, batch: Duration::from_millis(1) }
    }
}
