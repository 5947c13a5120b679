//! What a load may use at most.

use crate::error::{Error, ErrorKind, Result};

/// What loading (and, for depth, saving) may use at most.
///
/// Bytes from anyone are loaded within these: a lying length or a deep nesting is an [`ErrorKind::Limit`] error
/// instead of an aborted process. Each error names the field to raise:
///
/// ```
/// # use persist_core::Limits;
/// let limits = Limits { depth: 100_000, ..Limits::default() };
/// assert!(limits.depth > Limits::default().depth);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Levels of nesting of a recursive type, such as the length of a chain of boxes. Default: 1,000.
    ///
    /// The stack grows on the heap as needed, so that a higher limit works for loading and saving; dropping such a
    /// value is its own type's affair.
    pub depth: usize,
    /// Elements of sequences and arrays that take no memory, such as `()`, but time. Default: 16,777,216.
    pub elements: u64,
    /// Bytes of memory that a value may take while it is built, where [`expansion`](Limits::expansion) does not allow
    /// more. Default: 1 GiB.
    pub memory: u64,
    /// Bytes of memory that a value may take for each byte that it is loaded from. Default: 1,024.
    pub expansion: u64,
    /// Bytes of an embedded schema. Default: 256 KiB.
    pub schema: usize,
    /// Bytes of one value that [`load`](crate::load) takes from a stream. Default: 64 GiB.
    pub input: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { depth: 1_000, elements: 1 << 24, memory: 1 << 30, expansion: 1024, schema: 256 << 10, input: 64 << 30 }
    }
}

impl Limits {
    /// No limits but those of the machine: only for bytes from a source that is trusted.
    #[must_use]
    pub fn none() -> Self {
        Limits {
            depth: usize::MAX,
            elements: u64::MAX,
            memory: u64::MAX,
            expansion: u64::MAX,
            schema: usize::MAX,
            input: u64::MAX,
        }
    }

    /// Bytes of memory that a value of so many bytes may take.
    #[inline]
    pub(crate) fn most_memory(&self, input: u64) -> u64 {
        self.memory.max(self.expansion.saturating_mul(input))
    }

    /// What may be used while a value is loaded from so many bytes.
    #[inline]
    pub(crate) fn budget(&self, input: usize) -> Budget {
        let memory = self.most_memory(input as u64);
        Budget { memory, elements: self.elements, expansion: self.expansion, grown: 0, floor: self.memory }
    }

    /// What may be used while a value is loaded from a stream, before the first byte of it is there.
    pub(crate) fn budget_of_stream(&self) -> Budget {
        self.budget(0)
    }
}

/// What is left of the limits during one load.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    memory: u64,
    elements: u64,
    /// Bytes of memory for each byte of input that is still to come.
    expansion: u64,
    /// Bytes of memory that the input so far allows, and those of [`Limits::memory`].
    grown: u64,
    floor: u64,
}

impl Budget {
    /// Takes `count` times `size` bytes of memory.
    #[inline]
    pub(crate) fn memory(&mut self, count: usize, size: usize) -> Result<()> {
        let left = (count as u64).checked_mul(size as u64).and_then(|bytes| self.memory.checked_sub(bytes));
        match left {
            Some(left) => {
                self.memory = left;
                Ok(())
            }
            None => Err(reached("memory", "the value takes more memory than allowed")),
        }
    }

    /// More input has come.
    pub(crate) fn grow(&mut self, input: usize) {
        let before = self.grown.max(self.floor);
        self.grown = self.grown.saturating_add(self.expansion.saturating_mul(input as u64));
        self.memory = self.memory.saturating_add(self.grown.max(self.floor) - before);
    }

    /// Bytes of memory that are left.
    pub(crate) fn left(&self) -> u64 {
        self.memory
    }

    /// For how many elements of `size` bytes there is memory.
    pub(crate) fn room(&self, size: usize) -> usize {
        usize::try_from(self.memory / size.max(1) as u64).unwrap_or(usize::MAX)
    }

    /// Takes `count` elements of `size` bytes.
    #[inline]
    pub(crate) fn elements(&mut self, count: usize, size: usize) -> Result<()> {
        if size != 0 {
            return self.memory(count, size);
        }
        match self.elements.checked_sub(count as u64) {
            Some(left) => {
                self.elements = left;
                Ok(())
            }
            None => Err(reached("elements", "the value holds more elements without size than allowed")),
        }
    }
}

/// The error of a limit that was reached.
#[cold]
pub(crate) fn reached(limit: &str, message: &'static str) -> Error {
    Error::of(ErrorKind::Limit, message).with_help(format!(
        "if the source is trusted, raise `Limits::{limit}` with `Loader::limits` or `Dumper::limits`"
    ))
}
