//! Writing collections whose elements may lie anywhere: they are gathered, to be written by column as rows are.

use super::in_element;
use crate::column::{prefetch, prefetch_on};
use crate::error::Result;
use crate::rows::{BATCH, Batch, Gather, Rows};
use crate::table::{Elements, Writer, changed};
use crate::traits::{Describe, Encode};
use crate::value::in_entry;

/// Tells where a gathered element is: in which row, and at which index there.
pub(crate) type Locate<'p> = &'p dyn Fn(usize) -> (usize, usize);

/// Up to [`BATCH`] elements, of one collection or of several.
trait Gathered<'a>: Default {
    type Element;

    /// Asks for the memory of an element.
    fn prefetch(element: &Self::Element);

    /// Adds an element.
    fn push(&mut self, element: Self::Element);

    fn len(&self) -> usize;

    fn clear(&mut self);

    /// Writes the elements; an error is told where its element is.
    fn write(&self, writer: &mut Writer<'_>, at: usize, locate: Locate<'_>) -> Result<()>;
}

impl<'a, T: Encode> Gathered<'a> for Gather<'a, T> {
    type Element = &'a T;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn prefetch(element: &&'a T) {
        prefetch_on(*element);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn push(&mut self, element: &'a T) {
        Gather::push(self, element);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn len(&self) -> usize {
        Gather::len(self)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn clear(&mut self) {
        Gather::clear(self);
    }

    fn write(&self, writer: &mut Writer<'_>, at: usize, locate: Locate<'_>) -> Result<()> {
        T::write(self.rows(), writer, at).map_err(|error| {
            let (row, index) = locate(error.row());
            error.in_element(index).at_row(row)
        })
    }
}

/// Entries of maps.
struct Entries<'a, K, V> {
    keys: Gather<'a, K>,
    values: Gather<'a, V>,
}

impl<K, V> Default for Entries<'_, K, V> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn default() -> Self {
        Entries { keys: Gather::new(), values: Gather::new() }
    }
}

impl<'a, K: Encode, V: Encode> Gathered<'a> for Entries<'a, K, V> {
    type Element = (&'a K, &'a V);

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn prefetch((key, value): &(&'a K, &'a V)) {
        prefetch(*key);
        prefetch_on(*value);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn push(&mut self, (key, value): (&'a K, &'a V)) {
        self.keys.push(key);
        self.values.push(value);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn len(&self) -> usize {
        self.keys.len()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn clear(&mut self) {
        self.keys.clear();
        self.values.clear();
    }

    fn write(&self, writer: &mut Writer<'_>, at: usize, locate: Locate<'_>) -> Result<()> {
        self.keys.write(writer, at, locate)?;
        V::write(self.values.rows(), writer, at + <K as Describe>::COLUMNS).map_err(|error| {
            let (keys, (row, _)) = (self.keys.rows(), locate(error.row()));
            in_entry(error, |row| (row < keys.len()).then(|| keys.get(row))).at_row(row)
        })
    }
}

impl Writer<'_> {
    /// Writes rows that are collections of any kind, each a sequence or set, to the edge in column `at`.
    #[inline(never)]
    pub(crate) fn collections<'s, C, T: Encode + 's, Items: Iterator<Item = &'s T>>(
        &mut self,
        at: usize,
        rows: Rows<'s, C>,
        items: impl Fn(&'s C) -> (usize, Items),
    ) -> Result<()> {
        self.gathered::<C, Gather<'s, T>, Items>(at, rows, items)
    }

    /// Writes rows that are maps, to the edge in column `at`.
    #[inline(never)]
    pub(crate) fn maps<'s, C, K: Encode + 's, V: Encode + 's, Items: Iterator<Item = (&'s K, &'s V)>>(
        &mut self,
        at: usize,
        rows: Rows<'s, C>,
        entries: impl Fn(&'s C) -> (usize, Items),
    ) -> Result<()> {
        self.gathered::<C, Entries<'s, K, V>, Items>(at, rows, entries)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn gathered<'s, C, G: Gathered<'s>, Items: Iterator<Item = G::Element>>(
        &mut self,
        at: usize,
        rows: Rows<'s, C>,
        elements: impl Fn(&'s C) -> (usize, Items),
    ) -> Result<()> {
        if self.one_by_one() || self.leads_to_recursion(at) {
            return rows.iter().map(elements).enumerate().try_for_each(|(row, (len, elements))| {
                self.sequence(at, len, |all| all.gathered::<G>(elements)).map_err(|error| error.at_row(row))
            });
        }
        for (i, rows) in rows.batches().enumerate() {
            self.batch_of_gathered::<C, G, Items>(at, rows, &elements).map_err(|error| error.after_rows(i * BATCH))?;
        }
        Ok(())
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn batch_of_gathered<'s, C, G: Gathered<'s>, Items: Iterator<Item = G::Element>>(
        &mut self,
        at: usize,
        rows: Rows<'s, C>,
        elements: &impl Fn(&'s C) -> (usize, Items),
    ) -> Result<()> {
        let (lengths, ()) = Batch::of(rows, (), |(), row| ((), elements(row).0));
        let lengths = lengths.as_slice();
        let total = self.lengths(at, lengths.iter().copied())?;
        self.elements(at, total, |writer, at| writer.gathered_of::<C, G, Items>(at, rows, lengths, elements))
    }

    /// Writes the elements of at most [`BATCH`] collections, one after the other, to the columns from `at` on.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn gathered_of<'s, C, G: Gathered<'s>, Items: Iterator<Item = G::Element>>(
        &mut self,
        at: usize,
        rows: Rows<'s, C>,
        lengths: &[usize],
        elements: &impl Fn(&'s C) -> (usize, Items),
    ) -> Result<()> {
        // Where each begins is seen here, so that memory is waited for once and not for each.
        for row in rows.iter() {
            if let Some(first) = elements(row).1.next() {
                G::prefetch(&first);
            }
        }
        let mut gathered = G::default();
        let mut before = 0;
        let mut write = |gathered: &mut G| {
            gathered.write(self, at, &|row| place_of(before + row, lengths.iter().copied()))?;
            before += gathered.len();
            gathered.clear();
            Ok(())
        };
        for (row, &len) in rows.iter().zip(lengths) {
            let mut left = len;
            for element in elements(row).1 {
                left = left.checked_sub(1).ok_or_else(changed)?;
                G::prefetch(&element);
                gathered.push(element);
                if gathered.len() == BATCH {
                    write(&mut gathered)?;
                }
            }
            if left != 0 {
                return Err(changed());
            }
        }
        if gathered.len() == 0 { Ok(()) } else { write(&mut gathered) }
    }
}

/// In which collection, of some with these lengths, an element of all is, and at which index.
#[cold]
pub(crate) fn place_of(element: usize, lengths: impl Iterator<Item = usize>) -> (usize, usize) {
    let mut index = element;
    for (row, len) in lengths.enumerate() {
        if index < len {
            return (row, index);
        }
        index -= len;
    }
    (0, element)
}

impl Elements<'_, '_> {
    /// Writes elements from anywhere.
    #[allow(clippy::iter_not_returning_iterator, reason = "it takes one")]
    pub fn iter<'a, T: Encode + 'a>(&mut self, elements: impl Iterator<Item = &'a T>) -> Result<()> {
        self.gathered::<Gather<'a, T>>(elements)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn gathered<'a, G: Gathered<'a>>(&mut self, elements: impl Iterator<Item = G::Element>) -> Result<()> {
        let batch = if self.is_recursive() { 1 } else { BATCH };
        let mut gathered = G::default();
        let mut before = 0;
        let mut write = |gathered: &mut G| {
            let mut entered = false;
            let written = self.batch(gathered.len(), |writer, at| {
                entered = true;
                gathered.write(writer, at, &|row| (0, before + row))
            });
            written.map_err(|error| if entered { error } else { in_element(error, before) })?;
            before += gathered.len();
            gathered.clear();
            Ok(())
        };
        for element in elements {
            G::prefetch(&element);
            gathered.push(element);
            if gathered.len() == batch {
                write(&mut gathered)?;
            }
        }
        if gathered.len() == 0 { Ok(()) } else { write(&mut gathered) }
    }
}
