//! Writing values of any type to tables: what types build their own writing of.

use crate::column::{Pieces, prefetch, prefetch_slice};
use crate::error::{Error, Result};
use crate::message::Outgoing;
use crate::rows::{BATCH, Batch, Gather, Rows};
use crate::table::{Elements, Writer};
use crate::traits::{Ahead, Describe, Encode};
use crate::value::in_entry;

mod gathered;

pub(crate) use gathered::{Locate, place_of};

/// Slices of so many elements are written by themselves; those of fewer, together with others.
const LONG: usize = BATCH / 2;

/// Elements of a recursive part that are asked for ahead of the one at hand, or of all of them.
const AHEAD: usize = 4;

/// Asks for the first elements of a slice, which are soon to be written; or for their parts.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn prefetch_elements<T: Encode>(elements: &[T], ahead: Ahead) {
    match ahead {
        Ahead::Parts => elements.iter().take(AHEAD).for_each(prefetch),
        Ahead::PartsOfParts => elements.iter().take(1).for_each(|first| first.prefetch(Ahead::Parts)),
    }
}

impl Writer<'_> {
    /// Writes rows that are slices, each a sequence, to the edge in column `at`.
    #[inline(never)]
    pub(crate) fn slices<'s, C, T: Encode + 's>(
        &mut self,
        at: usize,
        rows: Rows<'s, C>,
        slice: impl Fn(&'s C) -> &'s [T],
    ) -> Result<()> {
        if self.one_by_one() || self.leads_to_recursion(at) {
            return rows.iter().map(slice).enumerate().try_for_each(|(row, slice)| {
                self.sequence(at, slice.len(), |elements| elements.slice(slice)).map_err(|error| error.at_row(row))
            });
        }
        for (i, rows) in rows.batches().enumerate() {
            self.batch_of_slices(at, rows, &slice).map_err(|error| error.after_rows(i * BATCH))?;
        }
        Ok(())
    }

    /// Writes one slice, a sequence, to the edge in column `at`: what rows of types that name themselves call.
    #[inline(never)]
    pub(crate) fn slice<T: Encode>(&mut self, at: usize, slice: &[T]) -> Result<()> {
        if self.is_single() || !self.leads_to_recursion(at) {
            return self.sequence(at, slice.len(), |elements| elements.slice(slice));
        }
        self.length(at, slice.len())?;
        self.elements(at, slice.len(), |writer, at| writer.row_by_row(at, slice)).map_err(|error| in_element(error, 0))
    }

    /// Writes elements of a recursive part, one at a time. While one is written, the next ones and what these refer to are
    /// on their way from memory.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn row_by_row<T: Encode>(&mut self, at: usize, elements: &[T]) -> Result<()> {
        elements.iter().take(2).for_each(|element| element.prefetch(Ahead::Parts));
        elements.iter().take(1).for_each(|element| element.prefetch(Ahead::PartsOfParts));
        for (row, element) in elements.iter().enumerate() {
            if let Some(later) = elements.get(row + AHEAD) {
                prefetch(later);
            }
            if let Some(later) = elements.get(row + 2) {
                later.prefetch(Ahead::Parts);
            }
            if let Some(next) = elements.get(row + 1) {
                next.prefetch(Ahead::PartsOfParts);
            }
            element.write_one(self, at).map_err(|error| error.at_row(row))?;
        }
        Ok(())
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn batch_of_slices<'s, C, T: Encode + 's>(
        &mut self,
        at: usize,
        rows: Rows<'s, C>,
        slice: impl Fn(&'s C) -> &'s [T],
    ) -> Result<()> {
        if const { is_plain::<T>() } {
            let pieces = Pieces::of(rows, |row| T::bytes_of(slice(row)).unwrap_or_default());
            let total = self.lengths(at, pieces.as_slice().iter().map(|piece| piece.len() / size_of::<T>().max(1)))?;
            return self.elements(at, total, |writer, at| {
                writer.pieces(at, <T as Describe>::PLAIN.kind(), &pieces);
                Ok(())
            });
        }
        let (slices, ()) = Batch::of(rows, (), |(), row| {
            let slice = slice(row);
            prefetch_slice(slice);
            ((), slice)
        });
        let slices = slices.as_slice();
        let total = self.lengths(at, slices.iter().map(|slice| slice.len()))?;
        self.elements(at, total, |writer, at| writer.elements_of(at, slices))
    }

    /// Writes the elements of at most [`BATCH`] slices, one after the other, to the columns from `at` on.
    #[inline(never)]
    pub(crate) fn elements_of<T: Encode>(&mut self, at: usize, slices: &[&[T]]) -> Result<()> {
        if const { is_plain::<T>() } {
            let pieces = Pieces::of(Rows::of(slices), |slice| T::bytes_of(slice).unwrap_or_default());
            self.pieces(at, <T as Describe>::PLAIN.kind(), &pieces);
            return Ok(());
        }
        let mut gather = Gather::new();
        let mut before = 0;
        let mut write = |rows: Rows<'_, T>| {
            T::write(rows, self, at).map_err(|error| {
                let (row, index) = place_of(before + error.row(), slices.iter().map(|slice| slice.len()));
                error.in_element(index).at_row(row)
            })?;
            before += rows.len();
            Ok(())
        };
        for slice in slices {
            if slice.len() >= LONG {
                if !gather.is_empty() {
                    write(gather.rows())?;
                    gather.clear();
                }
                slice.chunks(BATCH).try_for_each(|rows| write(Rows::of(rows)))?;
                continue;
            }
            if gather.len() + slice.len() > BATCH {
                write(gather.rows())?;
                gather.clear();
            }
            slice.iter().for_each(|row| gather.push(row));
        }
        if gather.is_empty() { Ok(()) } else { write(gather.rows()) }
    }
}

/// Whether memory holds values as a column does.
const fn is_plain<T: Describe>() -> bool {
    <T as Describe>::PLAIN.kind().is_some() || <T as Describe>::RUN.is_some()
}

impl Elements<'_, '_> {
    /// Writes elements that stand one after the other.
    pub fn slice<T: Encode>(&mut self, slice: &[T]) -> Result<()> {
        if const { <T as Describe>::RUN.is_some() } {
            return self.floats(T::bytes_of(slice).unwrap_or_default(), <T as Describe>::FLOATS);
        }
        let batch = self.batch_size(<T as Describe>::COLUMNS);
        if batch == 1 {
            prefetch_elements(slice, Ahead::Parts);
        }
        for (i, rows) in slice.chunks(batch).enumerate() {
            if batch == 1
                && let Some(later) = slice.get(i + AHEAD)
            {
                prefetch(later);
            }
            self.rows(Rows::of(rows)).map_err(|error| in_element(error, i * batch))?;
        }
        Ok(())
    }

    fn rows<T: Encode>(&mut self, rows: Rows<'_, T>) -> Result<()> {
        self.batch(rows.len(), |writer, at| T::write(rows, writer, at))
    }
}

#[cold]
fn in_element(error: Error, before: usize) -> Error {
    let index = before + error.row();
    error.in_element(index)
}

impl Outgoing<'_> {
    /// Writes a sequence.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn slice<T: Encode>(&mut self, slice: &[T]) -> Result<()> {
        self.length(slice.len())?;
        self.items(slice)
    }

    /// Writes values that stand one after the other.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn items<T: Encode>(&mut self, items: &[T]) -> Result<()> {
        if const { is_bytes::<T>() } {
            self.raw(T::bytes_of(items).unwrap_or_default());
            return Ok(());
        }
        for (index, item) in items.iter().enumerate() {
            item.send(self).map_err(|error| error.in_element(index))?;
        }
        Ok(())
    }

    /// Writes a sequence or set of elements from anywhere.
    pub(crate) fn elements<'a, T: Encode + 'a>(
        &mut self,
        len: usize,
        elements: impl Iterator<Item = &'a T>,
    ) -> Result<()> {
        self.length(len)?;
        for (index, element) in elements.enumerate() {
            element.send(self).map_err(|error| error.in_element(index))?;
        }
        Ok(())
    }

    /// Writes the entries of a map.
    pub(crate) fn entries<'a, K: Encode + 'a, V: Encode + 'a>(
        &mut self,
        len: usize,
        entries: impl Iterator<Item = (&'a K, &'a V)>,
    ) -> Result<()> {
        self.length(len)?;
        for (index, (key, value)) in entries.enumerate() {
            key.send(self).map_err(|error| error.in_element(index))?;
            value.send(self).map_err(|error| in_entry(error, |_| Some(key)))?;
        }
        Ok(())
    }
}

/// Whether a message holds values just as memory does.
pub(crate) const fn is_bytes<T: Describe>() -> bool {
    <T as Describe>::RUN.is_some() || size_of::<T>() == 1 && <T as Describe>::PLAIN.kind().is_some()
}
