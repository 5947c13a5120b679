//! Opening text columns of level Small.

use super::cursor::{Data, Ints, Values, exhausted};
use super::open::{Opener, equal};
use super::{MOST_PIECES, NUMBERS, PIECES, PLACES};
use crate::column::Int;
use crate::error::Result;

/// Bytes that are written beside a number, at most.
const SPARE: usize = 8;
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
    /// Numbers, of so many digits at least, and at most.
    Numbers(Values<'d>, usize, usize),
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
                Piece::Numbers(.., longest) => rows.saturating_mul(*longest),
            });
            pieces.push(piece);
        }
        self.budget.memory(total, 1)?;
        self.budget.memory(rows, u32::SIZE)?;
        let mut lengths = Vec::with_capacity(rows * u32::SIZE);
        // Room for what is written beside short numbers, too.
        let mut texts = self.opened.kept.pop().unwrap_or_default();
        texts.clear();
        texts.resize(total.saturating_add(SPARE), 0);
        let mut at = 0;
        let scratch = &self.opened.scratch[..];
        let mut parts = pieces.into_iter().map(|piece| Part::new(piece, rows, scratch)).collect::<Result<Vec<_>>>()?;
        for _ in 0..rows {
            let from = at;
            parts.iter_mut().try_for_each(|part| part.put(scratch, &mut texts, &mut at))?;
            let length =
                u32::try_from(at - from).map_err(|_| self.input.corrupt("a text is over 4,294,967,295 bytes"))?;
            lengths.extend_from_slice(&length.to_le_bytes());
        }
        texts.truncate(at);
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
                let (values, mut highest) = (self.ints::<u64>(rows)?, 0);
                self.visit::<u64>(&values, rows, |value| highest = highest.max(value))?;
                let longest = highest.checked_ilog10().map_or(1, |digits| digits as usize + 1);
                let digits = usize::from(digits);
                Ok(Piece::Numbers(values, digits, longest.max(digits)))
            }
            _ => {
                let lengths = self.ints::<u32>(rows)?;
                let (values, text) = self.plain_texts(lengths, rows)?;
                Ok(Piece::Texts(Column { values, data: Data::Text(text), total: text.len() }))
            }
        }
    }
}

/// What is taken from a piece, text by text.
enum Part<'x> {
    Equal(&'x [u8]),
    Texts(Ints<'x, u32>, Data<'x>),
    /// Numbers, of so many digits at least.
    Numbers(Ints<'x, u64>, usize),
}

impl<'x> Part<'x> {
    fn new<'d: 'x>(piece: Piece<'d>, rows: usize, scratch: &'x [u8]) -> Result<Self> {
        Ok(match piece {
            Piece::Texts(Column { data: Data::Equal(text), .. }) => Part::Equal(text.as_bytes()),
            Piece::Texts(Column { mut values, data, .. }) => Part::Texts(values.take(rows, scratch)?, data),
            Piece::Numbers(mut values, digits, _) => Part::Numbers(values.take(rows, scratch)?, digits),
        })
    }

    /// Writes the next text at a place, and moves that on.
    #[inline(always)]
    fn put(&mut self, scratch: &[u8], out: &mut [u8], at: &mut usize) -> Result<()> {
        let text = match self {
            // One byte is what stands between two others most often.
            Part::Equal([byte]) => {
                out[*at] = *byte;
                *at += 1;
                return Ok(());
            }
            Part::Equal(text) => text,
            Part::Texts(values, data) => {
                let value = values.next().ok_or_else(exhausted)?;
                data.text(value, scratch, &[])?.as_bytes()
            }
            Part::Numbers(values, least) => {
                *at += put_number(values.next().ok_or_else(exhausted)?, *least, &mut out[*at..]);
                return Ok(());
            }
        };
        out[*at..*at + text.len()].copy_from_slice(text);
        *at += text.len();
        Ok(())
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
