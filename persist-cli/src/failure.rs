//! What can go wrong: one line for a person, and the exit status.

use std::fmt::{self, Display, Formatter};
use std::io::{self, Write};

/// What commands return.
pub(crate) type Result<T, E = Stop> = std::result::Result<T, E>;

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Something that a person has to be told.
    Failure(Failure),
    /// Whoever read the output has seen enough.
    Closed,
}

/// A file, what is wrong with it, where, and what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) file: String,
    pub(crate) message: String,
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // On one line, and nothing that a terminal would take for a command, whatever the file is named or holds.
        let mut line = |text: &str| {
            text.chars().try_for_each(|char| {
                if char.is_control() { write!(f, "{}", char.escape_default()) } else { write!(f, "{char}") }
            })
        };
        line(&self.file)?;
        line(": ")?;
        line(&self.message)
    }
}

impl Stop {
    pub(crate) fn new(file: &str, message: impl Into<String>) -> Self {
        Stop::Failure(Failure { file: file.to_owned(), message: message.into() })
    }

    /// An error of writing to the standard output, or to a file.
    pub(crate) fn writing(file: &str, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Stop::Closed;
        }
        Stop::new(file, format!("cannot be written: {error}; see that there is room, and the permission to write"))
    }
}

/// Tells of a failure, on the standard error.
pub(crate) fn report(failure: &Failure) {
    // Where that is closed, too, the exit status has to do.
    _ = writeln!(io::stderr().lock(), "persist: {failure}");
}
