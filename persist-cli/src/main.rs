//! The command `persist`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    persist_cli::main()
}
