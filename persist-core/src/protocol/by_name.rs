//! Packed files that cannot be read by their columns, since the order of what is recursive is another, or the place of
//! rows: they are read row by row, and filled anew by the names in them, as CBOR is.

use std::io::{self, Write};

use super::cbor::write_rows;
use super::cbor_in;
use super::packed::{Filled, Packed, open_rows};
use crate::error::{Error, Result};
use crate::info::TypeInfo;
use crate::limits::{Budget, Limits, reached};
use crate::plan::Plan;
use crate::shape::Shape;
use crate::table::Scratch;

/// Bytes that a node of a row takes at least.
const NODE: usize = 4;

/// Packed rows of the type's own shape, from those of another one that it can read.
pub(crate) fn fill(info: &'static TypeInfo, shape: &Shape, packed: Packed<'_>, limits: &Limits) -> Result<Filled> {
    let plan = Plan::to_inspect(shape, NODE)?;
    let budget = limits.budget(packed.size());
    let opened = open_rows(packed, &plan, limits, Scratch::default())?;
    // Few bytes may stand for many rows, and each row takes the names of its fields here.
    let mut item = Bounded { item: Vec::new(), budget };
    let written = write_rows(opened, shape, limits, &mut item);
    if item.over() {
        return Err(reached("memory", "read by name, the value takes more memory than allowed"));
    }
    written?;
    cbor_in::fill(info, &item.item, limits).map_err(Error::without_offset)
}

/// Bytes that are taken from a budget.
struct Bounded {
    item: Vec<u8>,
    budget: Budget,
}

impl Bounded {
    /// Whether there was not enough for what was to be written last.
    fn over(&self) -> bool {
        self.budget.room(1) == 0
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.budget.memory(bytes.len(), 1).is_err() {
            // Nothing more will fit.
            let left = self.budget.room(1);
            let _ = self.budget.memory(left, 1);
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.item.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
