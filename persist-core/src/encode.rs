//! Writing values of any type to tables: what types build their own writing of.

use crate::error::{Error, Result};
use crate::rows::{BATCH, Gather, Rows};
use crate::table::Elements;
use crate::traits::{Describe, Encode};
use crate::value::in_entry;

impl Elements<'_> {
    /// Writes elements that stand one after the other.
    pub fn slice<T: Encode>(&mut self, slice: &[T]) -> Result<()> {
        let batch = self.batch_size(<T as Describe>::COLUMNS, <T as Describe>::FLOATS);
        for (i, rows) in slice.chunks(batch).enumerate() {
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
        let mut entries = entries.peekable();
        let mut before = 0;
        while entries.peek().is_some() {
            for (key, value) in entries.by_ref().take(batch) {
                keys.push(key);
                values.push(value);
            }
            self.batch(keys.len(), |writer, at| {
                K::write(keys.rows(), writer, at).map_err(|error| in_element(error, before))?;
                V::write(values.rows(), writer, at + <K as Describe>::COLUMNS)
                    .map_err(|error| in_entry(error, |row| (row < keys.len()).then(|| keys.rows().get(row))))
            })?;
            before += keys.len();
            keys.clear();
            values.clear();
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
