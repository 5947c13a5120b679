//! Writing rows whose sequences tell their lengths only at their ends.

use super::memory::Memory;
use super::writer::{Writer, length};
use crate::error::Result;
use crate::limits::Limits;

/// A sequence whose length is not known yet.
pub(crate) struct Pending {
    at: usize,
    /// Where in the column's bytes the length belongs.
    place: usize,
    table: usize,
    len: usize,
}

impl<'w> Writer<'w> {
    /// A writer for one row of the shape's root whose sequences tell their lengths only at their ends; it has no
    /// single rows and no groups. See [`begin`](Writer::begin) and [`finish_filled`](Writer::finish_filled).
    pub(crate) fn filling(memory: &'w mut Memory, out: &'w mut Vec<u8>, limits: &Limits) -> Self {
        let mut writer = Self::new(memory, out, limits);
        writer.single = false;
        writer.memory.make_root();
        writer
    }

    /// Packs the root's row, after it was filled.
    pub(crate) fn finish_filled(mut self) {
        self.pack_table(0);
    }

    /// Begins a sequence, set or map of unknown length at the edge in column `at`; then come its elements, each by
    /// [`element`](Writer::element), then [`end`](Writer::end).
    pub(crate) fn begin(&mut self, at: usize) -> Pending {
        let place = self.memory.columns[at].collected.values.len();
        self.int(at, 0u32);
        Pending { at, place, table: self.memory.child(at), len: 0 }
    }

    /// Writes an element of a sequence that was begun, to the columns that `write` is given.
    pub(crate) fn element<T>(
        &mut self,
        pending: &mut Pending,
        mut write: impl FnMut(&mut Self, usize) -> Result<T>,
    ) -> Result<T> {
        pending.len += 1;
        let mut written = None;
        self.enter(pending.table, 1, false, &mut |writer, at| {
            written = Some(write(writer, at)?);
            Ok(())
        })?;
        Ok(written.expect("`enter` calls its function, or fails"))
    }

    /// Ends a sequence: its length takes the place that was kept for it.
    pub(crate) fn end(&mut self, Pending { at, place, len, .. }: Pending) -> Result<()> {
        let length = length(len)?.to_le_bytes();
        self.memory.columns[at].collected.values[place..place + length.len()].copy_from_slice(&length);
        Ok(())
    }
}
