//! Writing values of any type to tables: what types build their own writing of.

use crate::column::{Pieces, prefetch_on, prefetch_slice, prefetch_value};
use crate::error::{Error, Result};
use crate::message::Outgoing;
use crate::rows::{BATCH, Batch, Gather, Rows};
use crate::table::{Elements, Writer};
use crate::traits::{Describe, Encode};
use crate::value::in_entry;

/// Slices of so many elements are written by themselves; those of fewer, together with others.
const LONG: usize = BATCH / 2;

/// Rows of a recursive part that are asked for ahead of the one at hand: between two of them much else is written.
const AHEAD: usize = 4;

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

    /// Writes rows that are collections of any kind, each a sequence, to the edge in column `at`.
    #[inline(never)]
    pub(crate) fn collections<'s, C: 's, T: Encode + 's, Items: Iterator<Item = &'s T>>(
        &mut self,
        at: usize,
        rows: Rows<'s, C>,
        items: impl Fn(&'s C) -> (usize, Items),
    ) -> Result<()> {
        rows.iter().enumerate().try_for_each(|(row, all)| {
            let (len, items) = items(all);
            self.sequence(at, len, |elements| elements.iter(items)).map_err(|error| error.at_row(row))
        })
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
            T::write(rows, self, at).map_err(|error| in_slice(error, before, slices))?;
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

/// Which element of which slice an error happened in that knows its row among the elements of all.
#[cold]
fn in_slice<T>(error: Error, before: usize, slices: &[&[T]]) -> Error {
    let mut index = before + error.row();
    for (row, slice) in slices.iter().enumerate() {
        if index < slice.len() {
            return error.in_element(index).at_row(row);
        }
        index -= slice.len();
    }
    error
}

impl Elements<'_, '_> {
    /// Writes elements that stand one after the other.
    pub fn slice<T: Encode>(&mut self, slice: &[T]) -> Result<()> {
        if const { <T as Describe>::RUN.is_some() } {
            return self.floats(T::bytes_of(slice).unwrap_or_default(), <T as Describe>::FLOATS);
        }
        let batch = self.batch_size(<T as Describe>::COLUMNS);
        if batch == 1 {
            slice.iter().take(AHEAD).for_each(prefetch_value);
        }
        for (i, rows) in slice.chunks(batch).enumerate() {
            if batch == 1
                && let Some(row) = slice.get(i + AHEAD)
            {
                prefetch_value(row);
            }
            self.rows(Rows::of(rows)).map_err(|error| in_element(error, i * batch))?;
        }
        Ok(())
    }

    /// Writes elements from anywhere.
    #[allow(clippy::iter_not_returning_iterator, reason = "it takes one")]
    pub fn iter<'a, T: Encode + 'a>(&mut self, elements: impl Iterator<Item = &'a T>) -> Result<()> {
        let batch = if self.is_recursive() { 1 } else { BATCH };
        let mut gather = Gather::new();
        let mut before = 0;
        for element in elements {
            prefetch_on(element);
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
        let batch = if self.is_recursive() { 1 } else { BATCH };
        let (mut keys, mut values) = (Gather::new(), Gather::new());
        let mut before = 0;
        for (key, value) in entries {
            prefetch_value(key);
            prefetch_on(value);
            keys.push(key);
            values.push(value);
            if keys.len() == batch {
                self.pairs(keys.rows(), values.rows(), before)?;
                before += batch;
                keys.clear();
                values.clear();
            }
        }
        if keys.is_empty() { Ok(()) } else { self.pairs(keys.rows(), values.rows(), before) }
    }

    fn pairs<K: Encode, V: Encode>(&mut self, keys: Rows<'_, K>, values: Rows<'_, V>, before: usize) -> Result<()> {
        self.batch(keys.len(), |writer, at| {
            K::write(keys, writer, at).map_err(|error| in_element(error, before))?;
            V::write(values, writer, at + <K as Describe>::COLUMNS)
                .map_err(|error| in_entry(error, |row| (row < keys.len()).then(|| keys.get(row))))
        })
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
