//! Texts taken apart: runs of digits, and what stands between them.

use super::{EQUAL_TEXTS, MOST_PIECES, NUMBERS};
use crate::column::{Int, pack_small, put_varint};

/// Digits that a number of 64 bits has room for, whatever they are.
const DIGITS: usize = 19;
/// Texts that are looked at first.
const LOOK: usize = 32;

/// Texts: their lengths, as bytes of u32, and their bytes.
#[derive(Clone, Copy)]
pub(super) struct Texts<'t> {
    pub(super) lengths: &'t [u8],
    pub(super) bytes: &'t [u8],
}

impl<'t> Texts<'t> {
    pub(super) fn count(self) -> usize {
        self.lengths.len() / u32::SIZE
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'t [u8]> {
        let mut rest = self.bytes;
        self.lengths.chunks_exact(u32::SIZE).map(move |length| {
            let (text, after) = rest.split_at(u32::from_bytes(length) as usize);
            rest = after;
            text
        })
    }

    /// Whether all texts are the same.
    pub(super) fn are_equal(self) -> bool {
        let Some(first) = self.iter().next() else { return false };
        self.count() > 1
            && first.len() * self.count() == self.bytes.len()
            && self.lengths[u32::SIZE..] == self.lengths[..self.lengths.len() - u32::SIZE]
            && self.bytes[first.len()..] == self.bytes[..self.bytes.len() - first.len()]
    }
}

/// For each eight bytes, a byte of which a bit is set where there is a digit.
fn digits(bytes: &[u8]) -> impl Iterator<Item = u8> {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    words.iter().copied().chain((!rest.is_empty()).then_some(last)).map(|bytes| {
        // The digits are 0 to 9 then; what is more reaches the top bit.
        let word = u64::from_le_bytes(bytes) ^ 0x3030_3030_3030_3030;
        let other = (((word & LOW) + 0x7676_7676_7676_7676) | word) & !LOW;
        // The top bits, side by side in the top byte.
        !((other >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
    })
}

/// Where digits begin and end in bytes, in order; and then what is beyond all bytes, again and again.
struct Turns {
    words: Vec<u64>,
    word: u64,
    at: usize,
}

impl Turns {
    fn new(bytes: &[u8]) -> Self {
        let mut words = vec![0u64; bytes.len().div_ceil(64)];
        for (i, byte) in digits(bytes).enumerate() {
            words[i / 8] |= u64::from(byte) << (i % 8 * 8);
        }
        let mut before = 0;
        for word in &mut words {
            let digits = *word;
            *word ^= digits << 1 | before;
            before = digits >> 63;
        }
        Turns { word: words.first().copied().unwrap_or(0), words, at: 0 }
    }

    #[inline(always)]
    fn next(&mut self) -> usize {
        while self.word == 0 {
            self.at += 1;
            match self.words.get(self.at) {
                Some(word) => self.word = *word,
                None => return usize::MAX,
            }
        }
        let place = self.at * 64 + self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        place
    }
}

/// Texts that all have as many pieces, of digits and of no digits by turns.
pub(super) struct Bounds<'t> {
    bytes: &'t [u8],
    /// Where each text begins, then where the first piece of each ends, and so on.
    ends: Vec<u32>,
    texts: usize,
    pub(super) pieces: usize,
    starts_with_digit: bool,
}

impl<'t> Bounds<'t> {
    /// None where texts have too many pieces, or are of different ones.
    pub(super) fn new(texts: Texts<'t>) -> Option<Self> {
        let first = texts.iter().next()?;
        let starts_with_digit = first.first()?.is_ascii_digit();
        let pieces = first.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()).count();
        if pieces > MOST_PIECES || (pieces == 1 && !starts_with_digit) || u32::try_from(texts.bytes.len()).is_err() {
            return None;
        }
        // A look at some texts shows mostly whether it is worth looking at all bytes.
        let alike = |text: &[u8]| {
            text.first().is_some_and(|byte| byte.is_ascii_digit() == starts_with_digit)
                && text.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()).count() == pieces
        };
        if !texts.iter().take(LOOK).all(alike) {
            return None;
        }
        let (bytes, count) = (texts.bytes, texts.count());
        let mut ends = vec![0; (pieces + 1) * count];
        let (mut turns, mut from) = (Turns::new(bytes), 0);
        let mut turn = turns.next();
        for (row, length) in texts.lengths.chunks_exact(u32::SIZE).enumerate() {
            let to = from + u32::from_bytes(length) as usize;
            if from == to || bytes[from].is_ascii_digit() != starts_with_digit {
                return None;
            }
            // Where two texts meet there is a turn, or none.
            if turn == from {
                turn = turns.next();
            }
            ends[row] = from as u32;
            for piece in 1..pieces {
                if turn >= to {
                    return None;
                }
                ends[piece * count + row] = turn as u32;
                turn = turns.next();
            }
            if turn < to {
                return None;
            }
            ends[pieces * count + row] = to as u32;
            from = to;
        }
        Some(Bounds { bytes, ends, texts: count, pieces, starts_with_digit })
    }

    /// Whether a piece consists of digits.
    pub(super) fn is_number(&self, piece: usize) -> bool {
        (piece % 2 == 0) == self.starts_with_digit
    }

    /// A piece of all texts.
    pub(super) fn part(&self, piece: usize) -> Part<'_> {
        let (starts, ends) = self.ends[piece * self.texts..].split_at(self.texts);
        Part { bytes: self.bytes, starts, ends: &ends[..self.texts] }
    }
}

/// A piece of all texts.
#[derive(Clone, Copy)]
pub(super) struct Part<'t> {
    bytes: &'t [u8],
    starts: &'t [u32],
    ends: &'t [u32],
}

impl<'t> Part<'t> {
    #[inline(always)]
    pub(super) fn iter(self) -> impl Iterator<Item = &'t [u8]> {
        self.starts.iter().zip(self.ends).map(move |(&from, &to)| &self.bytes[from as usize..to as usize])
    }

    pub(super) fn put_equal(self, out: &mut Vec<u8>) -> bool {
        let mut texts = self.iter();
        let first = texts.next().unwrap_or_default();
        // One byte is what stands between two others most often.
        let equal = match *first {
            [byte] => texts.all(|text| *text == [byte]),
            _ => texts.all(|text| text == first),
        };
        if equal {
            out.push(EQUAL_TEXTS);
            put_varint(out, first.len() as u64);
            out.extend_from_slice(first);
        }
        equal
    }

    /// Appends texts of digits as numbers, where they follow from these: all of one length, or none with a zero in
    /// front.
    pub(super) fn put_numbers(self, out: &mut Vec<u8>, cuts: &mut Vec<usize>) -> bool {
        let first = self.iter().next().map_or(0, <[u8]>::len);
        let (mut numbers, mut even, mut zeros, mut longest) = (Vec::with_capacity(self.ends.len() * 8), true, false, 0);
        for (&from, &to) in self.starts.iter().zip(self.ends) {
            let (from, to) = (from as usize, to as usize);
            even &= to - from == first;
            longest = longest.max(to - from);
            zeros |= self.bytes[from] == b'0' && to - from > 1;
            numbers.extend_from_slice(&number(self.bytes, from, to).to_le_bytes());
        }
        if (zeros && !even) || longest > DIGITS {
            return false;
        }
        out.push(NUMBERS);
        out.push(if zeros { first as u8 } else { 0 });
        pack_small::<u64>(&numbers, out, cuts);
        true
    }
}

/// The number that digits stand for.
#[inline(always)]
fn number(bytes: &[u8], from: usize, to: usize) -> u64 {
    let short = (1..=8).contains(&(to - from));
    match bytes[..to].last_chunk().filter(|_| short) {
        Some(last) => {
            // What stands before the digits makes room for zeros; then neighbours are put together.
            let word =
                (u64::from_le_bytes(*last) ^ 0x3030_3030_3030_3030) >> (64 - (to - from) * 8) << (64 - (to - from) * 8);
            let word = (word & 0x0F0F_0F0F_0F0F_0F0F).wrapping_mul(10 << 8 | 1) >> 8;
            let word = (word & 0x00FF_00FF_00FF_00FF).wrapping_mul(100 << 16 | 1) >> 16;
            (word & 0x0000_FFFF_0000_FFFF).wrapping_mul(10_000 << 32 | 1) >> 32
        }
        None => bytes[from..to]
            .iter()
            .fold(0u64, |number, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_their_digits() {
        let bytes = b"xx0987654321098765432x7";
        for from in 2..21 {
            for to in from + 1..=21 {
                let expected: u64 = std::str::from_utf8(&bytes[from..to]).unwrap().parse().unwrap();
                assert_eq!(number(bytes, from, to), expected);
                assert_eq!(number(&bytes[from..to], 0, to - from), expected);
            }
        }
    }

    #[test]
    fn turns_are_where_digits_begin_and_end() {
        let bytes: Vec<u8> =
            (0..1000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8 % 14 + b'-').chain(0..=255).collect();
        for len in [0, 1, 7, 8, 9, 63, 64, 65, 200, bytes.len()] {
            let bytes = &bytes[..len];
            let mut turns = Turns::new(bytes);
            let is_digit = |i: usize| bytes[i].is_ascii_digit();
            for i in 0..len {
                if is_digit(i) != (i > 0 && is_digit(i - 1)) {
                    assert_eq!(turns.next(), i);
                }
            }
            assert!(turns.next() >= len);
        }
    }
}
