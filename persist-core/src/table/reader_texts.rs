//! Taking texts and opaque items.

use super::cursor::{Cursor, Data, Kind, Texts, exhausted};
use super::open::Opened;
use super::reader::{Place, Reader};
use crate::error::{Error, Result};

/// How many columns of texts are taken row by row at most, and of how many rows at a time: few enough that it pays for few
/// rows, too.
pub(crate) const TEXT_COLUMNS: usize = 8;
pub(crate) const TEXT_ROWS: usize = 16;

impl<'r> Reader<'r> {
    /// One text of column `at`; not of a single row.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn text(&mut self, at: usize) -> Result<&str> {
        let Place::Tables(opened) = &mut self.place else { return Err(exhausted()) };
        let cursor = text_cursor(&mut opened.cursors, at)?;
        let value = cursor.values.one::<u32>(&opened.scratch)?;
        cursor.data.text(value, &opened.texts)
    }

    /// Takes one text of column `at`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn with_text<T>(&mut self, at: usize, take: impl FnOnce(&str) -> T) -> Result<T> {
        if let Place::Single(single) = &mut self.place {
            return single.text(take);
        }
        self.text(at).map(take)
    }

    /// Takes texts of column `at`; not of single rows.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn each_text(&mut self, at: usize, count: usize, take: impl FnMut(&str)) -> Result<()> {
        let Place::Tables(opened) = &mut self.place else { return Err(exhausted()) };
        each_text(&mut opened.cursors, &opened.scratch, &opened.texts, at, count, take)
    }

    /// Takes texts of some columns from `at` on, row by row, of so many rows; not of single rows. `take` is given the row, the
    /// column, counted from the first one, and the text. An error tells the column that it is of; no text of it was taken.
    ///
    /// # Panics
    ///
    /// Where there are more than [`TEXT_COLUMNS`], or [`TEXT_ROWS`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn texts_by_row(
        &mut self,
        at: usize,
        columns: usize,
        rows: usize,
        mut take: impl FnMut(usize, usize, &str),
    ) -> std::result::Result<(), (usize, Error)> {
        let Place::Tables(opened) = &mut self.place else { return Err((0, exhausted())) };
        let Opened { cursors, scratch, texts, .. } = opened;
        let mut all = [[""; TEXT_ROWS]; TEXT_COLUMNS];
        for (column, all) in all[..columns].iter_mut().enumerate() {
            let mut row = 0;
            each_text(cursors, scratch, texts, at + column, rows, |text| {
                all[row % TEXT_ROWS] = text;
                row += 1;
            })
            .map_err(|error| (column, error))?;
        }
        for row in 0..rows {
            for (column, all) in all[..columns].iter().enumerate() {
                take(row, column, all[row]);
            }
        }
        Ok(())
    }

    /// One opaque item of column `at`; not of a single row.
    pub(crate) fn opaque(&mut self, at: usize) -> Result<&'r [u8]> {
        let (cursor, scratch) = self.cursor(at, Kind::Opaque)?;
        let length = cursor.values.one::<u32>(scratch)? as usize;
        match &mut cursor.data {
            Data::Bytes(rest) => {
                let (item, after) = rest.split_at_checked(length).ok_or_else(exhausted)?;
                *rest = after;
                Ok(item)
            }
            Data::EqualBytes(item) => Ok(item),
            _ => Err(exhausted()),
        }
    }

    /// Takes one opaque item of column `at`.
    pub(crate) fn with_opaque<T>(&mut self, at: usize, take: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
        if let Place::Single(single) = &mut self.place {
            return single.opaque(take);
        }
        take(self.opaque(at)?)
    }
}

/// The cursor of a column of texts.
#[cfg_attr(not(debug_assertions), inline(always))]
fn text_cursor<'c, 'r>(cursors: &'c mut [Cursor<'r>], at: usize) -> Result<&'c mut Cursor<'r>> {
    cursors.get_mut(at).filter(|cursor| cursor.kind == Kind::Text).ok_or_else(exhausted)
}

/// Takes texts of column `at`.
#[cfg_attr(not(debug_assertions), inline(always))]
fn each_text<'x, 'r: 'x>(
    cursors: &mut [Cursor<'r>],
    scratch: &'x [u8],
    texts: &'x Texts<'r>,
    at: usize,
    count: usize,
    mut take: impl FnMut(&'x str),
) -> Result<()> {
    let cursor = text_cursor(cursors, at)?;
    let mut lengths = cursor.values.take::<u32>(count, scratch)?;
    match &mut cursor.data {
        Data::Text(text) => {
            let mut rest = *text;
            lengths.try_for_each(|length| {
                let (text, after) = rest.split_at_checked(length as usize).ok_or_else(exhausted)?;
                rest = after;
                take(text);
                Ok::<_, Error>(())
            })?;
            *text = rest;
        }
        Data::Equal(text) => lengths.for_each(|_| take(text)),
        _ if count == 0 => {}
        data => data.each(lengths, texts, take)?,
    }
    Ok(())
}
