//! Opening text columns of level Small.

use super::cursor::{Data, Values};
use super::open::{Opener, equal};
use super::{NUMBERS, PIECES, PLACES};
use crate::column::Int;
use crate::error::Result;

/// Pieces of a text at most: a row takes as much work as it has pieces.
const MOST_PIECES: usize = 64;
/// Digits of a number at most.
const MOST_DIGITS: u8 = 20;

/// A column of texts, or of pieces of texts.
struct Column<'d> {
    /// Lengths, or places in a dictionary.
    values: Values<'d>,
    data: Data<'d>,
    /// Bytes of all texts.
    total: usize,
}

/// A piece of all texts.
enum Piece<'d> {
    Texts(Column<'d>),
    /// Numbers, of so many digits at least.
    Numbers(Values<'d>, usize),
}

impl<'d> Opener<'d, '_> {
    /// Opens a text column of a form that only level Small writes; none where it is of another one.
    pub(super) fn form_of_texts(&mut self, rows: usize) -> Result<Option<(Values<'d>, Data<'d>)>> {
        if rows < 2 {
            return Ok(None);
        }
        match self.input.peek() {
            Some(PLACES) => {
                let Column { values, data, .. } = self.dictionary(rows)?;
                Ok(Some((values, data)))
            }
            Some(PIECES) => self.pieces(rows).map(Some),
            _ => Ok(None),
        }
    }

    fn dictionary(&mut self, rows: usize) -> Result<Column<'d>> {
        self.input.byte()?;
        let count = self.input.length()?;
        if count == 0 || count > rows {
            return Err(self.input.corrupt("a dictionary has more entries than rows, or none"));
        }
        let lengths = self.ints::<u32>(count)?;
        let (lengths, text) = self.plain_texts(lengths, count)?;
        // Where each entry ends, and where each text stands among them.
        let mut ends = Vec::new();
        self.budget.memory(count + 1, u32::SIZE)?;
        ends.extend_from_slice(&0u32.to_le_bytes());
        let mut end = 0u32;
        self.visit::<u32>(&lengths, count, |length| {
            // Their sum is the length of a text that is there, which has 32 bits or is refused below.
            end = end.saturating_add(length);
            ends.extend_from_slice(&end.to_le_bytes());
        })?;
        if end as usize != text.len() {
            return Err(self.input.corrupt("a dictionary of texts is over 4,294,967,295 bytes"));
        }
        let places = self.ints::<u32>(rows)?;
        let (mut highest, mut total) = (0, 0u64);
        self.visit::<u32>(&places, rows, |place| highest = highest.max(place as usize))?;
        if highest >= count {
            return Err(self.input.corrupt("a place in a dictionary is of no entry"));
        }
        self.visit::<u32>(&places, rows, |place| {
            let entry = &ends[place as usize * u32::SIZE..][..2 * u32::SIZE];
            total += u64::from(u32::from_bytes(&entry[u32::SIZE..]) - u32::from_bytes(&entry[..u32::SIZE]));
        })?;
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        self.budget.memory(total, 1)?;
        let from = self.opened.scratch.len();
        self.opened.scratch.extend_from_slice(&ends);
        Ok(Column { values: places, data: Data::Places(text, from), total })
    }

    /// Opens texts that were taken apart, and puts them together.
    fn pieces(&mut self, rows: usize) -> Result<(Values<'d>, Data<'d>)> {
        self.input.byte()?;
        let count = self.input.length()?;
        if count == 0 || count > MOST_PIECES {
            return Err(self.input.corrupt("texts are made of too many pieces, or of none"));
        }
        let (mut pieces, mut total) = (Vec::with_capacity(count), 0usize);
        for _ in 0..count {
            let piece = self.piece(rows)?;
            total = total.saturating_add(match &piece {
                Piece::Texts(column) => column.total,
                Piece::Numbers(..) => rows.saturating_mul(usize::from(MOST_DIGITS)),
            });
            pieces.push(piece);
        }
        self.budget.memory(total, 1)?;
        self.budget.memory(rows, u32::SIZE)?;
        let mut lengths = Vec::with_capacity(rows * u32::SIZE);
        let mut texts = Vec::with_capacity(total);
        for _ in 0..rows {
            let from = texts.len();
            for piece in &mut pieces {
                match piece {
                    Piece::Texts(Column { values, data, .. }) => {
                        let value = values.one::<u32>(&self.opened.scratch)?;
                        texts.extend_from_slice(data.text(value, &self.opened.scratch, &[])?.as_bytes());
                    }
                    Piece::Numbers(values, digits) => {
                        push_number(values.one::<u64>(&self.opened.scratch)?, *digits, &mut texts);
                    }
                }
            }
            let length = u32::try_from(texts.len() - from)
                .map_err(|_| self.input.corrupt("a text is over 4,294,967,295 bytes"))?;
            lengths.extend_from_slice(&length.to_le_bytes());
        }
        let texts = String::from_utf8(texts).map_err(|_| self.input.corrupt("a text is not UTF-8"))?;
        self.opened.texts.push(texts);
        let from = self.opened.scratch.len();
        self.opened.scratch.extend_from_slice(&lengths);
        let built = Data::Built(self.opened.texts.len() - 1, 0);
        Ok((Values::Scratch(from, self.opened.scratch.len()), built))
    }

    fn piece(&mut self, rows: usize) -> Result<Piece<'d>> {
        if let Some(length) = self.equal_length(rows)? {
            let text = self.text(length)?;
            let total = rows.saturating_mul(length);
            self.budget.memory(total, 1)?;
            let values = equal(length as u32, rows);
            return Ok(Piece::Texts(Column { values, data: Data::Equal(text), total }));
        }
        match self.input.peek() {
            Some(PLACES) => self.dictionary(rows).map(Piece::Texts),
            Some(NUMBERS) => {
                self.input.byte()?;
                let digits = self.input.byte()?;
                if digits > MOST_DIGITS {
                    return Err(self.input.corrupt("a number has more digits than 64 bits"));
                }
                Ok(Piece::Numbers(self.ints::<u64>(rows)?, usize::from(digits)))
            }
            _ => {
                let lengths = self.ints::<u32>(rows)?;
                let (values, text) = self.plain_texts(lengths, rows)?;
                Ok(Piece::Texts(Column { values, data: Data::Text(text), total: text.len() }))
            }
        }
    }
}

/// Appends a number in decimal digits, with zeros in front where it has fewer than asked for.
fn push_number(mut number: u64, least: usize, out: &mut Vec<u8>) {
    let mut digits = [b'0'; MOST_DIGITS as usize];
    let mut first = digits.len();
    while number != 0 || first == digits.len() {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    let first = first.min(digits.len() - least);
    out.extend_from_slice(&digits[first..]);
}
