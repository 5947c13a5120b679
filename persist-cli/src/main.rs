//! The command `persist`.

use std::process::ExitCode;

fn main() -> ExitCode {
    persist_cli::main()
}
