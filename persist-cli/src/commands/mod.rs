//! The commands, a file for each: its arguments, and what it does.

mod show;
mod convert;
mod diff;
mod verify;
mod weigh;
mod schema;
mod log;
mod history;
mod salvage;
mod compact;
mod completions;
mod man;

use clap::Subcommand;

use crate::failure::Result;
use crate::output::Output;

/// How a command ended, where nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// As one would wish.
    Good,
    /// The values differ, a file is bad, or something is lost.
    Different,
}

/// The name of the program.
pub(crate) const PROGRAM: &str = "persist";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Show(show::Show),
    Convert(convert::Convert),
    Diff(diff::Diff),
    Verify(verify::Verify),
    Weigh(weigh::Weigh),
    Schema(schema::SchemaCommand),
    Log(log::Log),
    History(history::History),
    Salvage(salvage::Salvage),
    Compact(compact::Compact),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    /// Runs the command; `program` makes the description of all of them.
    pub(crate) fn run(&self, out: &mut Output, program: fn() -> clap::Command) -> Result<Outcome> {
        match self {
            Command::Show(show) => show.run(out),
            Command::Convert(convert) => convert.run(out),
            Command::Diff(diff) => diff.run(out),
            Command::Verify(verify) => verify.run(out),
            Command::Weigh(weigh) => weigh.run(out),
            Command::Schema(schema) => schema.run(out),
            Command::Log(log) => log.run(out),
            Command::History(history) => history.run(out),
            Command::Salvage(salvage) => salvage.run(out),
            Command::Compact(compact) => compact.run(out),
            Command::Completions(completions) => completions.run(out, program()),
            Command::Man(man) => man.run(out, program()),
        }
    }
}
