//! Putting texts together of their pieces.
//!
//! Of which there are few, pieces stand in a table, each in a word, so that adding one is a store of eight bytes. What
//! stands behind a piece in all texts, and neighbours of which there are few pairs, share its word.

use std::ops::Range;

use super::cursor::{Data, Ints, Texts, Values, exhausted};
use crate::column::Int;
use crate::error::Result;

/// Bytes that are written beside a piece, at most.
pub(super) const SPARE: usize = WORD;
/// Digits of a number at most.
pub(super) const MOST_DIGITS: u8 = 20;

/// Bytes of a word.
const WORD: usize = 8;
/// Words of a table at most.
const WORDS: usize = 2048;
/// Rows for each word at least, so that making the table pays.
const SHARE: usize = 4;
/// Rows that are put together at a time.
const BLOCK: usize = 64;

/// A piece of all texts.
pub(super) enum Piece<'d> {
    Equal(&'d str),
    Texts(Values<'d>, Data<'d>),
    /// Numbers, of so many digits at least, of which these are the lowest and the highest.
    Numbers {
        values: Values<'d>,
        digits: usize,
        lowest: u64,
        highest: u64,
    },
    /// Places in a dictionary, whose entries are these of all.
    Places {
        values: Values<'d>,
        entries: Range<usize>,
    },
}

/// Texts that are put together.
pub(super) struct Assembly<'d> {
    parts: Vec<Part<'d>>,
    rows: usize,
}

/// What is added to each text.
enum Part<'d> {
    Table(Table<'d>),
    Equal(&'d str),
    Texts(Values<'d>, Data<'d>),
    Numbers(Values<'d>, usize),
}

/// A piece of at most eight bytes; the others are anything.
#[derive(Clone, Copy)]
struct Word {
    bytes: u64,
    len: u32,
}

impl Word {
    fn new(text: &[u8]) -> Word {
        let mut bytes = [0; WORD];
        bytes[..text.len()].copy_from_slice(text);
        Word { bytes: u64::from_le_bytes(bytes), len: text.len() as u32 }
    }

    fn with(self, next: Word) -> Word {
        let shift = self.len * 8;
        let kept = self.bytes & 1u64.checked_shl(shift).unwrap_or(0).wrapping_sub(1);
        Word { bytes: kept | next.bytes.checked_shl(shift).unwrap_or(0), len: self.len + next.len }
    }
}

/// Pieces that stand in words.
struct Table<'d> {
    /// What tells the word: in the order of the pieces, the last one counts by one.
    columns: Vec<Column<'d>>,
    words: Vec<Word>,
    longest: u32,
    /// The words of the rows at hand.
    places: Box<[u32; BLOCK]>,
}

/// A column whose values are so many from the lowest one on.
struct Column<'d> {
    values: ColumnValues<'d>,
    count: u32,
}

enum ColumnValues<'d> {
    Places(Values<'d>),
    Numbers(Values<'d>, u64),
}

impl<'d> Assembly<'d> {
    /// Of so many texts.
    pub(super) fn new(rows: usize) -> Self {
        Assembly { parts: Vec::new(), rows }
    }

    /// Adds a piece; gives the bytes of memory that this takes.
    pub(super) fn add(&mut self, piece: Piece<'d>, entries: &[&str]) -> Result<usize> {
        let part = match Table::new(piece, self.rows, entries)? {
            Ok(table) => table,
            Err(part) => {
                self.parts.push(part);
                return Ok(0);
            }
        };
        let taken = part.words.len() * size_of::<Word>();
        match self.parts.last_mut() {
            Some(Part::Table(before)) if before.goes_with(&part, self.rows) => before.append(part),
            _ => self.parts.push(Part::Table(part)),
        }
        Ok(taken)
    }

    /// Appends the lengths of all texts, and writes them to room for their bytes, [`SPARE`] bytes more; gives how many
    /// they are. None where one is too long.
    pub(super) fn put(
        mut self,
        scratch: &[u8],
        texts: &Texts<'d>,
        out: &mut [u8],
        lengths: &mut Vec<u8>,
    ) -> Result<Option<usize>> {
        let (mut at, mut left) = (0, self.rows);
        while left != 0 {
            let rows = left.min(BLOCK);
            left -= rows;
            for part in &mut self.parts {
                if let Part::Table(table) = part {
                    table.look_up(rows, scratch)?;
                }
            }
            for row in 0..rows {
                let from = at;
                for part in &mut self.parts {
                    if let Part::Table(Table { words, places, .. }) = part {
                        let word = words.get(places[row % BLOCK] as usize).ok_or_else(exhausted)?;
                        out.get_mut(at..at + WORD).ok_or_else(exhausted)?.copy_from_slice(&word.bytes.to_le_bytes());
                        at += word.len as usize;
                    } else {
                        at += part.put(scratch, texts, &mut out[at..])?;
                    }
                }
                let Ok(length) = u32::try_from(at - from) else { return Ok(None) };
                lengths.extend_from_slice(&length.to_le_bytes());
            }
        }
        Ok(Some(at))
    }
}

impl<'d> Table<'d> {
    /// The table of a piece, or what is done where there is none.
    fn new(piece: Piece<'d>, rows: usize, all: &[&str]) -> Result<std::result::Result<Self, Part<'d>>> {
        let most = WORDS.min(rows / SHARE);
        Ok(match piece {
            Piece::Equal(text) if text.len() <= WORD => Ok(Table::of(None, vec![Word::new(text.as_bytes())])),
            Piece::Equal(text) => Err(Part::Equal(text)),
            Piece::Texts(values, data) => Err(Part::Texts(values, data)),
            Piece::Numbers { values, digits, lowest, highest } => {
                if highest - lowest >= most as u64 || highest >= 100_000_000 || digits > WORD {
                    return Ok(Err(Part::Numbers(values, digits)));
                }
                let word = |number| {
                    let mut bytes = [0; WORD];
                    let len = put_number(number, digits, &mut bytes);
                    Word { bytes: u64::from_le_bytes(bytes), len: len as u32 }
                };
                let words: Vec<Word> = (lowest..=highest).map(word).collect();
                Ok(Table::of(Some(ColumnValues::Numbers(values, lowest)), words))
            }
            Piece::Places { values, entries } => {
                let first = entries.start;
                let entries = all.get(entries).ok_or_else(exhausted)?;
                if entries.len() > most || entries.iter().any(|entry| entry.len() > WORD) {
                    return Ok(Err(Part::Texts(values, Data::Places(first))));
                }
                let words = entries.iter().map(|entry| Word::new(entry.as_bytes())).collect();
                Ok(Table::of(Some(ColumnValues::Places(values)), words))
            }
        })
    }

    fn of(values: Option<ColumnValues<'d>>, words: Vec<Word>) -> Self {
        let columns = values.into_iter().map(|values| Column { values, count: words.len() as u32 }).collect();
        let longest = words.iter().map(|word| word.len).max().unwrap_or(0);
        Table { columns, words, longest, places: Box::new([0; BLOCK]) }
    }

    /// Whether the words of both are better put together beforehand.
    fn goes_with(&self, next: &Self, rows: usize) -> bool {
        let words = self.words.len() * next.words.len();
        (self.longest + next.longest) as usize <= WORD && (next.columns.is_empty() || words <= WORDS.min(rows / SHARE))
    }

    fn append(&mut self, next: Self) {
        let pairs = self.words.iter().flat_map(|word| next.words.iter().map(|next| word.with(*next)));
        self.words = pairs.collect();
        self.columns.extend(next.columns);
        self.longest += next.longest;
    }

    /// Finds the words of the next rows.
    fn look_up(&mut self, rows: usize, scratch: &[u8]) -> Result<()> {
        let places = &mut self.places[..rows];
        places.fill(0);
        for Column { values, count } in &mut self.columns {
            match values {
                ColumnValues::Places(values) => {
                    add(values.take::<u32>(rows, scratch)?, places, |place, value| {
                        place.wrapping_mul(*count).wrapping_add(value)
                    });
                }
                ColumnValues::Numbers(values, lowest) => {
                    let lowest = *lowest;
                    add(values.take::<u64>(rows, scratch)?, places, |place, value| {
                        place.wrapping_mul(*count).wrapping_add(value.wrapping_sub(lowest) as u32)
                    });
                }
            }
        }
        Ok(())
    }
}

#[inline(always)]
fn add<T: Int>(values: Ints<'_, T>, places: &mut [u32], with: impl Fn(u32, T) -> u32) {
    match values {
        Ints::Slice(values) => {
            places.iter_mut().zip(values).for_each(|(place, value)| *place = with(*place, T::from_bytes(value)));
        }
        Ints::Equal(value, _) => places.iter_mut().for_each(|place| *place = with(*place, value)),
    }
}

impl<'d> Part<'d> {
    /// Writes the next text to the front of room; gives how many bytes it has. Others of the room may change, too.
    #[inline(never)]
    fn put(&mut self, scratch: &[u8], texts: &Texts<'d>, out: &mut [u8]) -> Result<usize> {
        let text = match self {
            Part::Equal(text) => text,
            Part::Texts(values, data) => data.text(values.one(scratch)?, texts)?,
            Part::Numbers(values, least) => return Ok(put_number(values.one(scratch)?, *least, out)),
            Part::Table(_) => return Err(exhausted()),
        };
        out.get_mut(..text.len()).ok_or_else(exhausted)?.copy_from_slice(text.as_bytes());
        Ok(text.len())
    }
}

/// Writes a number in decimal digits, with zeros in front where it has fewer than asked for; gives how many. Bytes of
/// the room behind them may change, too.
#[inline(always)]
fn put_number(number: u64, least: usize, out: &mut [u8]) -> usize {
    if number >= 100_000_000 || least > 8 {
        return put_long_number(number, least, out);
    }
    // Pairs of digits, then digits, each in bytes of its own: the first one lowest.
    let (high, low) = (number / 10_000, number % 10_000);
    let word = high | low << 32;
    let hundreds = ((word * 10_486) >> 20) & 0x0000_007F_0000_007F;
    let word = hundreds | (word - hundreds * 100) << 16;
    let tens = ((word * 103) >> 10) & 0x000F_000F_000F_000F;
    let digits = tens | (word - tens * 10) << 8;
    let zeros = (digits.trailing_zeros() / 8).min(7).min(8 - least as u32);
    out[..8].copy_from_slice(&((digits | 0x3030_3030_3030_3030) >> (zeros * 8)).to_le_bytes());
    8 - zeros as usize
}

/// The same of a number of any size.
#[cold]
fn put_long_number(mut number: u64, least: usize, out: &mut [u8]) -> usize {
    let mut digits = [b'0'; MOST_DIGITS as usize];
    let mut first = digits.len();
    while number != 0 || first == digits.len() {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    let digits = &digits[first.min(digits.len() - least)..];
    out[..digits.len()].copy_from_slice(digits);
    digits.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_put_together() {
        let text = b"01234567";
        for len in 0..=WORD {
            for next in 0..=WORD - len {
                // What is behind a piece does not count.
                let mut first = Word::new(&text[..len]);
                first.bytes |= u64::MAX.checked_shl(len as u32 * 8).unwrap_or(0);
                let both = first.with(Word::new(&text[len..len + next]));
                assert_eq!(both.len as usize, len + next);
                assert_eq!(both.bytes.to_le_bytes()[..len + next], text[..len + next]);
            }
        }
    }

    /// Texts of pieces of every kind, with words and without, put together by tables and otherwise.
    #[test]
    fn texts_are_their_pieces() {
        let entries = ["", "a", "bcdefgh", "ijklmnop", "a text that is longer than a word"];
        let texts = Texts { entries: entries.to_vec(), built: vec![] };
        let noise = |seed: u64, i: usize| (i as u64 + seed).wrapping_mul(0xD134_2543_DE82_EF95) >> 33;
        for (rows, first) in [(2, 0), (63, 1), (64, 2), (65, 3), (1000, 4), (10_000, 5), (10_000, 6)] {
            let (mut assembly, mut scratch) = (Assembly::new(rows), Vec::new());
            let (mut expected, mut total) = (vec![String::new(); rows], 0);
            for kind in (0..30u64).map(|i| (i * 7 + first) % 12) {
                let seed = kind * 1000 + scratch.len() as u64;
                let from = scratch.len();
                let mut add = |i: usize, text: &str| {
                    expected[i].push_str(text);
                    total += text.len();
                };
                let piece = match kind {
                    0..3 => {
                        let text = ["/", "", "a constant that is long"][kind as usize];
                        (0..rows).for_each(|i| add(i, text));
                        Piece::Equal(text)
                    }
                    3..6 => {
                        let range = [0..3, 0..4, 1..5][kind as usize - 3].clone();
                        for i in 0..rows {
                            let place = noise(seed, i) as usize % range.len();
                            scratch.extend_from_slice(&(place as u32).to_le_bytes());
                            add(i, entries[range.start + place]);
                        }
                        Piece::Places { values: Values::Scratch(from, scratch.len()), entries: range }
                    }
                    6..11 => {
                        let kind = kind as usize - 6;
                        let (lowest, count) =
                            [(0, 60), (1970, 52), (99_999_990, 20), (0, u64::MAX), (u64::MAX - 5, 6)][kind];
                        let digits = [2, 0, 8, 20, 0][kind];
                        for i in 0..rows {
                            let number = lowest + noise(seed, i) % count;
                            scratch.extend_from_slice(&number.to_le_bytes());
                            add(i, &format!("{number:0digits$}"));
                        }
                        let values = Values::Scratch(from, scratch.len());
                        let highest = lowest.saturating_add(count - 1);
                        Piece::Numbers { values, digits, lowest, highest }
                    }
                    _ => {
                        let digits = 3;
                        (0..rows).for_each(|i| add(i, "007"));
                        let mut value = [0; 16];
                        value[0] = 7;
                        Piece::Numbers { values: Values::Equal(value, rows), digits, lowest: 7, highest: 7 }
                    }
                };
                assembly.add(piece, &texts.entries).unwrap();
            }
            let (mut out, mut lengths) = (vec![0xFF; total + SPARE], Vec::new());
            assert_eq!(assembly.put(&scratch, &texts, &mut out, &mut lengths).unwrap(), Some(total));
            assert_eq!(String::from_utf8(out[..total].to_vec()).unwrap(), expected.concat());
            assert!(
                lengths
                    .as_chunks()
                    .0
                    .iter()
                    .zip(&expected)
                    .all(|(length, text)| { u32::from_le_bytes(*length) as usize == text.len() })
            );
        }
    }

    #[test]
    fn numbers_have_their_digits() {
        let near = |number: u64| number.saturating_sub(3)..=number.saturating_add(3);
        let numbers = (0..=20).flat_map(|digits| near(10u64.checked_pow(digits).unwrap_or(u64::MAX)));
        for number in numbers.chain(0..100_000).chain((0..100_000_000).step_by(997)) {
            for least in [0, 1, 2, 5, 8, 9, 20] {
                let mut out = [0; 20];
                let count = put_number(number, least, &mut out);
                assert_eq!(std::str::from_utf8(&out[..count]).unwrap(), format!("{number:0least$}"));
            }
        }
    }
}
