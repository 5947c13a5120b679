//! Writing the elements of one sequence, set or map.

use super::writer::Writer;
use crate::error::{Error, ErrorKind, Result};
use crate::rows::{Gather, Rows};
use crate::traits::{Describe, Encode};

/// Bytes of columns after which a group of rows is packed: enough for packing to pay, little enough to stay in a
/// second-level cache.
const GROUP_BYTES: usize = 128 << 10;
/// Rows after which the bytes are counted again.
const GROUP_ROWS: usize = 256;

/// Writes the elements of one sequence; what [`Writer::sequence`] gives.
///
/// The outermost sequence of a value is packed group by group, so that memory beside the output stays small.
pub struct Elements<'w> {
    writer: &'w mut Writer,
    at: usize,
    table: usize,
    len: usize,
    left: usize,
    groups: Groups,
}

enum Groups {
    /// All rows go to the columns of the child, or straight to the output; somebody else packs them.
    None,
    /// Rows of the group at hand, rows since its bytes were counted, and whether a group was packed before.
    Some { rows: usize, uncounted: usize, packed: bool },
}

impl<'w> Elements<'w> {
    pub(super) fn new(writer: &'w mut Writer, at: usize, table: usize, len: usize) -> Self {
        Elements { writer, at, table, len, left: len, groups: Groups::None }
    }

    pub(super) fn grouped(writer: &'w mut Writer, at: usize, table: usize, len: usize) -> Self {
        let groups = Groups::Some { rows: 0, uncounted: 0, packed: false };
        Elements { writer, at, table, len, left: len, groups }
    }

    /// Writes elements that stand one after the other.
    pub fn slice<T: Encode>(&mut self, slice: &[T]) -> Result<()> {
        let recursive = self.writer.is_recursive(self.table);
        let grouped = matches!(self.groups, Groups::Some { .. });
        // Single columns are written as far as a group goes, the rest field by field in batches.
        let batch = match (recursive, grouped) {
            (true, _) => 1,
            (_, true) if T::FLOATS != 0 => (GROUP_BYTES / T::FLOATS).max(1),
            (..) if T::COLUMNS <= 1 => GROUP_ROWS * 16,
            _ => crate::rows::BATCH,
        };
        for (i, rows) in slice.chunks(batch).enumerate() {
            self.rows(Rows::of(rows)).map_err(|error| in_element(error, i * batch))?;
        }
        Ok(())
    }

    /// Writes elements from anywhere.
    #[allow(clippy::iter_not_returning_iterator, reason = "it takes one")]
    pub fn iter<'a, T: Encode + 'a>(&mut self, elements: impl Iterator<Item = &'a T>) -> Result<()> {
        let batch = if self.writer.is_recursive(self.table) { 1 } else { crate::rows::BATCH };
        let mut gather = Gather::new();
        let mut before = 0;
        for element in elements {
            gather.push(element);
            if gather.len() == batch {
                self.rows(gather.rows()).map_err(|error| in_element(error, before))?;
                before += gather.len();
                gather.clear();
            }
        }
        if gather.is_empty() { Ok(()) } else { self.rows(gather.rows()).map_err(|error| in_element(error, before)) }
    }

    /// Writes the entries of a map.
    pub fn entries<'a, K, V>(&mut self, entries: impl Iterator<Item = (&'a K, &'a V)>) -> Result<()>
    where
        K: Encode + 'a,
        V: Encode + 'a,
    {
        let batch = if self.writer.is_recursive(self.table) { 1 } else { crate::rows::BATCH };
        let (mut keys, mut values) = (Gather::new(), Gather::new());
        let mut entries = entries.peekable();
        let mut before = 0;
        while entries.peek().is_some() {
            for (key, value) in entries.by_ref().take(batch) {
                keys.push(key);
                values.push(value);
            }
            self.batch(keys.len(), |writer, at| {
                K::write(keys.rows(), writer, at)?;
                V::write(values.rows(), writer, at + <K as Describe>::COLUMNS)
            })
            .map_err(|error| in_element(error, before))?;
            before += keys.len();
            keys.clear();
            values.clear();
        }
        Ok(())
    }

    fn rows<T: Encode>(&mut self, rows: Rows<'_, T>) -> Result<()> {
        self.batch(rows.len(), |writer, at| T::write(rows, writer, at))
    }

    /// Writes so many rows, to the columns that `write` is given.
    pub(crate) fn batch(&mut self, rows: usize, write: impl FnOnce(&mut Writer, usize) -> Result<()>) -> Result<()> {
        let Some(left) = self.left.checked_sub(rows) else { return Err(changed()) };
        self.left = left;
        let single = self.writer.is_single() && matches!(self.groups, Groups::None);
        self.writer.enter(self.table, rows, single, write)?;
        if let Groups::Some { rows: in_group, uncounted, packed } = &mut self.groups {
            *in_group += rows;
            *uncounted += rows;
            if left != 0 && *uncounted >= GROUP_ROWS {
                *uncounted = 0;
                if self.writer.child_bytes(self.at) >= GROUP_BYTES {
                    if !*packed {
                        self.writer.put((self.len as u64) << 1 | 1);
                        *packed = true;
                    }
                    self.writer.put(*in_group as u64);
                    *in_group = 0;
                    self.writer.pack_child(self.at);
                    self.writer.mark();
                }
            }
        }
        Ok(())
    }

    /// Packs the last group.
    pub(super) fn finish(self) -> Result<()> {
        if self.left != 0 {
            return Err(changed());
        }
        if let Groups::Some { rows, packed, .. } = self.groups {
            self.writer.put(if packed { rows as u64 } else { (self.len as u64) << 1 });
            self.writer.pack_child(self.at);
        }
        Ok(())
    }
}

#[cold]
fn in_element(error: Error, before: usize) -> Error {
    let index = before + error.row();
    error.in_element(index)
}

#[cold]
fn changed() -> Error {
    Error::of(ErrorKind::Unsupported, "a collection gave another number of elements than its length")
}
