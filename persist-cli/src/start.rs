//! From the arguments to the exit status.

use std::process::ExitCode;
use std::thread;

use clap::{CommandFactory, Parser};

use crate::commands::{Command, Outcome, PROGRAM};
use crate::failure::{Failure, Stop, report};
use crate::output::{Color, Output};

/// Look into persisted values, without their Rust types
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, after_help = STATUS, subcommand_required = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: Color,
}

const STATUS: &str = "Files may be packed, JSON, CBOR or a Python pickle; which of these, their first bytes tell. A file may \
                      hold several values, one after the other.\n\nThe exit status is 0 if all went well; 1 if `diff` found \
                      a difference, `verify` a bad file, or `salvage` or `log` damage; 2 if something went wrong, which a line on the standard error \
                      tells.";

const DIFFERENT: u8 = 1;
const TROUBLE: u8 = 2;

/// Values are walked by recursion, and the schema of a hostile file may nest them a hundred thousand levels deep. It is
/// only room to grow: no memory is taken before it is used.
const STACK: usize = if usize::BITS >= 64 { 1 << 30 } else { 128 << 20 };

/// Runs the command that the arguments of the process name.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help is no error; and nobody is left to be told where it cannot be written.
            _ = error.print();
            return ExitCode::from(if error.use_stderr() { TROUBLE } else { 0 });
        }
    };
    let worker = thread::Builder::new().stack_size(STACK).spawn(move || run(&arguments));
    let ended = worker.map(thread::JoinHandle::join);
    match ended {
        Ok(Ok(status)) => ExitCode::from(status),
        Ok(Err(_)) => ExitCode::from(TROUBLE),
        Err(error) => {
            report(&Failure { file: PROGRAM.to_owned(), message: format!("no thread to work in: {error}") });
            ExitCode::from(TROUBLE)
        }
    }
}

fn run(arguments: &Arguments) -> u8 {
    let mut out = Output::new(arguments.color);
    let result = arguments.command.run(&mut out, Arguments::command);
    let flushed = out.flush();
    match result.and_then(|outcome| flushed.map(|()| outcome)) {
        Ok(Outcome::Good) => 0,
        Ok(Outcome::Different) => DIFFERENT,
        // What was read of `diff`, and no more, was a difference.
        Err(Stop::Closed) => u8::from(matches!(arguments.command, Command::Diff(_))),
        Err(Stop::Failure(failure)) => {
            report(&failure);
            TROUBLE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_well_described() {
        Arguments::command().debug_assert();
    }
}
