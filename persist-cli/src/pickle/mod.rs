//! Python's pickles, as data: nothing that they name is looked up or called.
//!
//! `machine` runs the opcodes of a pickle on a stack, which gives objects that refer to one another; `convert` makes a
//! value of them.

mod escapes;
mod machine;
mod convert;

use persist_core::Value;

/// What is wrong with a pickle, and where.
#[derive(Debug)]
pub(crate) struct Problem {
    message: String,
    offset: Option<usize>,
    help: Option<&'static str>,
}

const AS_DATA: &str = "load it in Python, make plain data of it (dict, list, str, int, ..; `vars(object)` or \
                       `dataclasses.asdict(object)` often do), and dump that";

impl Problem {
    fn new(message: impl Into<String>) -> Self {
        Problem { message: message.into(), offset: None, help: None }
    }

    fn truncated(length: usize) -> Self {
        Problem::new("the bytes end before the pickle does").at(length)
    }

    /// Something that only Python can make.
    fn foreign(what: impl Into<String>) -> Self {
        Problem { message: what.into(), offset: None, help: Some(AS_DATA) }
    }

    fn help(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }

    /// Says where, unless that is known.
    fn at(mut self, offset: usize) -> Self {
        self.offset.get_or_insert(offset);
        self
    }

    /// One line, for a pickle that begins at a place of a file.
    pub(crate) fn line(&self, start: u64) -> String {
        let offset = self.offset.map_or_else(String::new, |offset| format!(" (at byte {})", start + offset as u64));
        let help = self.help.map_or_else(String::new, |help| format!("; {help}"));
        format!("{}{offset}{help}", self.message)
    }
}

/// First bytes that [`is_pickle`] looks at.
pub(crate) const LOOKED_AT: usize = 4;

/// Whether bytes begin as pickles do: with the mark of protocols 2 to 5; or, where there is none, with a dict or list that
/// is put into the memo.
pub(crate) fn is_pickle(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [machine::PROTO, 2..=u8::MAX, ..] | [b'}' | b']', b'q', ..] | [b'(', b'd' | b'l', b'p', b'0'..=b'9', ..]
    )
}

/// The value of the first pickle in bytes, and how many bytes it takes.
pub(crate) fn read(bytes: &[u8]) -> Result<(Value, usize), Problem> {
    let (objects, root, length) = machine::run(bytes)?;
    Ok((convert::value(&objects, root, length)?, length))
}
