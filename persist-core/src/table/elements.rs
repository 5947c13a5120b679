//! Writing the elements of one sequence, set or map.

use super::writer::{SMALL_GROUP_BYTES, Write, Writer, length};
use crate::error::{Error, ErrorKind, Result};
use crate::rows::BATCH;

/// Bytes of a group of float runs, which are not packed: a reader copies a group at once, and long copies are faster.
const FLOAT_GROUP_BYTES: usize = 1 << 20;
/// Rows after which the bytes are counted again.
const GROUP_ROWS: usize = 256;

/// Writes the elements of one sequence; what [`Writer::sequence`] gives.
///
/// The outermost sequence of a value is packed group by group, so that memory beside the output stays small.
pub struct Elements<'e, 'w> {
    writer: &'e mut Writer<'w>,
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

impl<'w> Writer<'w> {
    /// Writes one sequence, set or map of `len` elements to the edge in column `at`; `elements` writes them.
    #[inline]
    pub fn sequence(
        &mut self,
        at: usize,
        len: usize,
        elements: impl FnOnce(&mut Elements<'_, 'w>) -> Result<()>,
    ) -> Result<()> {
        let Some(mut inner) = self.start(at, len)? else { return Ok(()) };
        elements(&mut inner)?;
        inner.finish()
    }

    /// Starts a sequence, unless it is empty.
    fn start(&mut self, at: usize, len: usize) -> Result<Option<Elements<'_, 'w>>> {
        let short = length(len)?;
        if !self.is_single() {
            self.int(at, short);
            if len == 0 {
                return Ok(None);
            }
            let table = self.memory.child(at);
            return Ok(Some(Elements::new(self, at, table, len)));
        }
        if len == 0 {
            self.put(0);
            return Ok(None);
        }
        let table = self.memory.child(at);
        if len == 1 && !self.is_recursive(table) {
            self.put(1 << 1);
            return Ok(Some(Elements::new(self, at, table, len)));
        }
        Ok(Some(Elements::grouped(self, at, table, len)))
    }
}

impl<'e, 'w> Elements<'e, 'w> {
    fn new(writer: &'e mut Writer<'w>, at: usize, table: usize, len: usize) -> Self {
        Elements { writer, at, table, len, left: len, groups: Groups::None }
    }

    fn grouped(writer: &'e mut Writer<'w>, at: usize, table: usize, len: usize) -> Self {
        let groups = Groups::Some { rows: 0, uncounted: 0, packed: false };
        Elements { writer, at, table, len, left: len, groups }
    }

    /// How many rows of so many columns are best written together.
    pub(crate) fn batch_size(&self, columns: usize) -> usize {
        match columns {
            _ if self.is_recursive() => 1,
            0 | 1 => GROUP_ROWS * 16,
            _ => BATCH,
        }
    }

    /// Whether elements are written one at a time.
    pub(crate) fn is_recursive(&self) -> bool {
        self.writer.is_recursive(self.table)
    }

    /// Writes so many rows, to the columns that `write` is given.
    #[inline]
    pub(crate) fn batch(
        &mut self,
        rows: usize,
        mut write: impl FnMut(&mut Writer<'w>, usize) -> Result<()>,
    ) -> Result<()> {
        self.batch_by(rows, &mut write)
    }

    fn batch_by(&mut self, rows: usize, write: Write<'_, 'w>) -> Result<()> {
        let Some(left) = self.left.checked_sub(rows) else { return Err(changed()) };
        self.left = left;
        let single = self.writer.is_single() && matches!(self.groups, Groups::None);
        self.writer.enter(self.table, rows, single, write)?;
        if let Groups::Some { rows: in_group, uncounted, packed } = &mut self.groups {
            *in_group += rows;
            *uncounted += rows;
            if left != 0 && *uncounted >= GROUP_ROWS {
                *uncounted = 0;
                let group = self.writer.group_bytes();
                if self.writer.memory.child_bytes(self.at) >= group {
                    if !*packed {
                        self.writer.put((self.len as u64) << 1 | 1);
                        *packed = true;
                    }
                    self.writer.put(*in_group as u64);
                    *in_group = 0;
                    self.writer.pack_group(self.at)?;
                }
            }
        }
        Ok(())
    }

    /// Writes all elements, which are float runs of `size` bytes each: there is nothing to pack, so that they go straight
    /// to the output where they can.
    pub(crate) fn floats(&mut self, bytes: &[u8], size: usize) -> Result<()> {
        let rows = bytes.len() / size;
        if self.writer.is_small() {
            let step = (SMALL_GROUP_BYTES / size).max(GROUP_ROWS) * size;
            return bytes.chunks(step).try_for_each(|bytes| {
                self.batch(bytes.len() / size, |writer, at| {
                    writer.run(at, bytes);
                    Ok(())
                })
            });
        }
        if matches!(self.groups, Groups::None) || rows != self.left {
            return self.batch(rows, |writer, at| {
                writer.run(at, bytes);
                Ok(())
            });
        }
        (self.left, self.groups) = (0, Groups::None);
        let group = (FLOAT_GROUP_BYTES / size).max(1) * size;
        let several = bytes.len() > group;
        self.writer.put((self.len as u64) << 1 | u64::from(several));
        for (i, bytes) in bytes.chunks(group).enumerate() {
            if i != 0 {
                self.writer.cut()?;
            }
            if several {
                self.writer.put((bytes.len() / size) as u64);
            }
            self.writer.put_bytes(bytes);
        }
        Ok(())
    }

    /// Packs the last group.
    fn finish(self) -> Result<()> {
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

/// The error of a collection whose length was not true.
#[cold]
pub(crate) fn changed() -> Error {
    Error::of(ErrorKind::Unsupported, "a collection gave another number of elements than its length")
}
