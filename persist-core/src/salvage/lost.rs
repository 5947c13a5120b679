//! What is lost, by name.

use std::fmt::{self, Display, Formatter};
use std::ops::Range;

use crate::error::Error;

/// A part of a value that could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Lost {
    /// Where in the value: `Library.shelves`; empty for the value itself, where its type has no name.
    pub path: String,
    /// Which elements or entries of what stands there; none where all of it is lost.
    pub elements: Option<LostElements>,
    /// The damaged chunk of a packed value, from 1 on.
    pub chunk: Option<u32>,
    /// Where in the bytes the damage is.
    pub offset: u64,
    /// What is wrong there.
    pub why: Error,
}

/// Elements of a sequence or set, or entries of a map, that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LostElements {
    /// Whether they are entries of a map.
    pub entries: bool,
    /// Which of all elements, from 0 on; none where that is not known.
    pub range: Option<Range<u64>>,
    /// So many of those that are left stand before the gap.
    pub after: u64,
    /// How many are left.
    pub left: u64,
    /// How many there were, where that is known.
    pub of: Option<u64>,
}

impl Display for Lost {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the value" } else { &self.path };
        match &self.elements {
            None => write!(f, "{path} is lost")?,
            Some(elements) => write!(f, "{path}: {elements}")?,
        }
        match self.chunk {
            Some(chunk) => write!(f, " (chunk {chunk} at byte {}: {})", self.offset, self.why.message()),
            None => write!(f, " (at byte {}: {})", self.offset, self.why.message()),
        }
    }
}

impl Display for LostElements {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (one, several) = if self.entries { ("entry", "entries") } else { ("element", "elements") };
        let of = self.of.map(|of| format!(" of {of}")).unwrap_or_default();
        match &self.range {
            Some(range) if range.end - range.start == 1 => write!(f, "{one} {}{of} is lost", range.start),
            Some(range) => write!(f, "{several} {}..={}{of} are lost", range.start, range.end.saturating_sub(1)),
            None => match (self.after, self.left) {
                (0, 0) => write!(f, "all {several} are lost, however many there were"),
                (0, left) => write!(f, "{several} before the {left} that are left are lost"),
                (after, left) => {
                    write!(f, "{several} behind the first {after} that are left are lost; {left}{of} are left")
                }
            },
        }
    }
}
