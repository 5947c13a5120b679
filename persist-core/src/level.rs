//! How small packed values are.

use crate::error::Result;
use crate::frame::Small;

/// How small protocol [`Packed`](crate::Protocol::Packed) makes values, at what cost in time.
///
/// A loader reads all levels, and need not be told which it is; where values are compressed, it needs the feature `zstd`.
///
#[cfg_attr(
    feature = "zstd",
    doc = "```
use persist_core::{Dumper, Level, loads};

let dates: Vec<String> = (0..999).map(|i| format!(\"2026-07-{:02} {:02}:00\", 1 + i % 31, i % 24)).collect();
let fast = Dumper::new().dumps(&dates)?;
let small = Dumper::new().level(Level::Small).dumps(&dates)?;
assert!(small.len() < fast.len() / 10);
assert_eq!(loads::<Vec<String>>(&small)?, dates);
# Ok::<(), persist_core::Error>(())
```"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Level {
    /// As fast as memory is copied, and narrow where that costs nothing: for messages, caches, and what is stored where
    /// bytes are compressed anyway.
    #[default]
    Fast,
    /// Small, in about the time that others take with zstd at its default level, sometimes more: each column in the form
    /// that compresses best by a look at a part of it, and compressed with zstd. For files that are kept or sent far. With the feature `zstd`.
    ///
    /// Memory beside the output stays bounded: a long sequence is packed in groups of about 1 MiB.
    #[cfg(feature = "zstd")]
    Small,
}

impl Level {
    pub(crate) fn packing(self) -> Packing {
        match self {
            Level::Fast => Packing::Fast,
            #[cfg(feature = "zstd")]
            Level::Small => Packing::Small,
        }
    }
}

/// How values are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Fast,
    /// Columns as wide as their types; see [`Dumper::diffable`](crate::Dumper::diffable).
    Whole,
    /// Columns of level Small, not compressed: to read without zstd, in tests.
    Columns,
    #[cfg(feature = "zstd")]
    Small,
}

impl Packing {
    /// What is needed beside what level Fast needs, which is kept.
    #[inline]
    pub(crate) fn small(self, kept: &mut Option<Small>, threads: usize) -> Result<Option<&mut Small>> {
        match self {
            Packing::Fast | Packing::Whole => Ok(None),
            Packing::Columns => self.make(kept, threads).map(Some),
            #[cfg(feature = "zstd")]
            Packing::Small => self.make(kept, threads).map(Some),
        }
    }

    #[cold]
    fn make(self, kept: &mut Option<Small>, threads: usize) -> Result<&mut Small> {
        let small = match kept.take() {
            Some(small) => small,
            None => Small::new(self != Packing::Columns, threads)?,
        };
        Ok(kept.insert(small))
    }
}
