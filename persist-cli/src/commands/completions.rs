//! `persist completions`: what a shell needs to complete the commands.

use clap::Args;
use clap_complete::{Shell, generate};

use super::{Outcome, PROGRAM};
use crate::failure::Result;
use crate::output::Output;

/// Write the script with which a shell completes these commands
///
/// For bash: `persist completions bash > ~/.local/share/bash-completion/completions/persist`
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, out: &mut Output, mut program: clap::Command) -> Result<Outcome> {
        // Made whole first: what makes it takes no error of writing.
        let mut script = Vec::new();
        generate(self.shell, &mut program, PROGRAM, &mut script);
        out.bytes(&script)?;
        Ok(Outcome::Good)
    }
}
