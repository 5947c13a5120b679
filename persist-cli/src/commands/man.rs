//! `persist man`: pages for `man`.

use clap::Args;
use clap_mangen::Man as Page;

use super::Outcome;
use crate::failure::{Result, Stop};
use crate::output::Output;

/// Write the manual page of the program, or of a command
///
/// To read it: `persist man show | man -l -`
#[derive(Args, Debug)]
pub(crate) struct Man {
    /// The command; none for the page of the program
    command: Option<String>,
}

impl Man {
    pub(crate) fn run(&self, out: &mut Output, mut program: clap::Command) -> Result<Outcome> {
        program.build();
        let page = match &self.command {
            None => program,
            Some(wanted) => {
                let known: Vec<String> =
                    program.get_subcommands().map(|command| command.get_name().to_owned()).collect();
                program
                    .find_subcommand(wanted)
                    .cloned()
                    .ok_or_else(|| Stop::new(wanted, format!("is no command; there are {}", known.join(", "))))?
            }
        };
        let mut text = Vec::new();
        let written = Page::new(page).render(&mut text);
        written.map_err(|error| Stop::writing("standard output", &error))?;
        out.bytes(&text)?;
        Ok(Outcome::Good)
    }
}
