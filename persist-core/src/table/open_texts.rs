//! Opening text columns of level Small.

use std::ops::Range;

use super::assemble::{Assembly, MOST_DIGITS, Piece, SPARE};
use super::cursor::{Data, Values};
use super::open::Opener;
use super::{MOST_PIECES, NUMBERS, PIECES, PLACES};
use crate::column::Int;
use crate::error::Result;

/// A column of texts by their places in a dictionary.
struct Dictionary<'d> {
    places: Values<'d>,
    /// Its entries among those of all dictionaries.
    entries: Range<usize>,
    /// Bytes of all texts.
    total: usize,
}

impl<'d> Opener<'d, '_> {
    /// Opens a text column of a form that only level Small writes; none where it is of another one.
    pub(super) fn form_of_texts(&mut self, rows: usize) -> Result<Option<(Values<'d>, Data<'d>)>> {
        if rows < 2 {
            return Ok(None);
        }
        match self.input.peek() {
            Some(PLACES) => {
                let Dictionary { places, entries, .. } = self.dictionary(rows)?;
                Ok(Some((places, Data::Places(entries.start))))
            }
            Some(PIECES) => self.pieces(rows).map(Some),
            _ => Ok(None),
        }
    }

    fn dictionary(&mut self, rows: usize) -> Result<Dictionary<'d>> {
        self.input.byte()?;
        let count = self.input.length()?;
        if count == 0 || count > rows {
            return Err(self.input.corrupt("a dictionary has more entries than rows, or none"));
        }
        let lengths = self.ints::<u32>(count)?;
        let (lengths, text) = self.plain_texts(lengths, count)?;
        self.budget.memory(count, size_of::<&str>())?;
        let mut entries = std::mem::take(&mut self.opened.texts.entries);
        let first = entries.len();
        let (mut rest, mut split) = (text, true);
        self.visit::<u32>(&lengths, count, |length| match rest.split_at_checked(length as usize) {
            Some((entry, after)) => {
                entries.push(entry);
                rest = after;
            }
            None => split = false,
        })?;
        self.opened.texts.entries = entries;
        if !split {
            // The lengths were found to be right when the text was.
            return Err(self.input.corrupt("an entry of a dictionary is not UTF-8"));
        }
        let places = self.ints::<u32>(rows)?;
        let (mut highest, mut total) = (0, 0u64);
        self.visit::<u32>(&places, rows, |place| highest = highest.max(place as usize))?;
        if highest >= count {
            return Err(self.input.corrupt("a place in a dictionary is of no entry"));
        }
        let entries = &self.opened.texts.entries[first..];
        self.visit::<u32>(&places, rows, |place| {
            total += entries.get(place as usize).map_or(0, |entry| entry.len() as u64);
        })?;
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        self.budget.memory(total, 1)?;
        Ok(Dictionary { places, entries: first..first + count, total })
    }

    /// Opens texts that were taken apart, and puts them together.
    fn pieces(&mut self, rows: usize) -> Result<(Values<'d>, Data<'d>)> {
        self.input.byte()?;
        let count = self.input.length()?;
        if count == 0 || count > MOST_PIECES {
            return Err(self.input.corrupt("texts are made of too many pieces, or of none"));
        }
        let (mut assembly, mut total) = (Assembly::new(rows), 0usize);
        for _ in 0..count {
            let (piece, bytes) = self.piece(rows)?;
            total = total.saturating_add(bytes);
            let taken = assembly.add(piece, &self.opened.texts.entries)?;
            self.budget.memory(taken, 1)?;
        }
        self.budget.memory(total, 1)?;
        self.budget.memory(rows, u32::SIZE)?;
        let mut lengths = Vec::with_capacity(rows * u32::SIZE);
        // Room for what is written beside a piece, too.
        let mut texts = self.opened.kept.pop().unwrap_or_default();
        texts.clear();
        texts.resize(total.saturating_add(SPARE), 0);
        let at = assembly.put(&self.opened.scratch, &self.opened.texts, &mut texts, &mut lengths)?;
        let at = at.ok_or_else(|| self.input.corrupt("a text is over 4,294,967,295 bytes"))?;
        texts.truncate(at);
        let texts = String::from_utf8(texts).map_err(|_| self.input.corrupt("a text is not UTF-8"))?;
        self.opened.texts.built.push(texts);
        let from = self.opened.scratch.len();
        self.opened.scratch.extend_from_slice(&lengths);
        let built = Data::Built(self.opened.texts.built.len() - 1, 0);
        Ok((Values::Scratch(from, self.opened.scratch.len()), built))
    }

    /// A piece of all texts, and bytes of all of them at most.
    fn piece(&mut self, rows: usize) -> Result<(Piece<'d>, usize)> {
        if let Some(length) = self.equal_length(rows)? {
            let text = self.text(length)?;
            return Ok((Piece::Equal(text), rows.saturating_mul(length)));
        }
        match self.input.peek() {
            Some(PLACES) => {
                let Dictionary { places: values, entries, total } = self.dictionary(rows)?;
                Ok((Piece::Places { values, entries }, total))
            }
            Some(NUMBERS) => {
                self.input.byte()?;
                let digits = self.input.byte()?;
                if digits > MOST_DIGITS {
                    return Err(self.input.corrupt("a number has more digits than 64 bits"));
                }
                let (values, mut lowest, mut highest) = (self.ints::<u64>(rows)?, u64::MAX, 0);
                self.visit::<u64>(&values, rows, |value| (lowest, highest) = (lowest.min(value), highest.max(value)))?;
                let longest = highest.checked_ilog10().map_or(1, |digits| digits as usize + 1);
                let digits = usize::from(digits);
                let total = rows.saturating_mul(longest.max(digits));
                Ok((Piece::Numbers { values, digits, lowest, highest }, total))
            }
            _ => {
                let lengths = self.ints::<u32>(rows)?;
                let (values, text) = self.plain_texts(lengths, rows)?;
                Ok((Piece::Texts(values, Data::Text(text)), text.len()))
            }
        }
    }
}
