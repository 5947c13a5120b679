//! Text columns of level Small: dictionaries, and texts taken apart into pieces of which many are numbers.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use super::{EQUAL_TEXTS, NUMBERS, PIECES, PLACES};
use crate::column::{FEW, Int, pack_small, put_varint};

/// Pieces of a text at most.
const MOST_PIECES: usize = 64;
/// Digits that a number of 64 bits has room for, whatever they are.
const DIGITS: usize = 19;

/// Texts: their lengths, as bytes of u32, and their bytes.
#[derive(Clone, Copy)]
struct Texts<'t> {
    lengths: &'t [u8],
    bytes: &'t [u8],
}

impl<'t> Texts<'t> {
    fn count(self) -> usize {
        self.lengths.len() / u32::SIZE
    }

    fn iter(self) -> impl Iterator<Item = &'t [u8]> {
        let mut rest = self.bytes;
        self.lengths.chunks_exact(u32::SIZE).map(move |length| {
            let (text, after) = rest.split_at(u32::from_bytes(length) as usize);
            rest = after;
            text
        })
    }

    /// Whether all texts are the same.
    fn are_equal(self) -> bool {
        let Some(first) = self.iter().next() else { return false };
        self.count() > 1
            && first.len() * self.count() == self.bytes.len()
            && self.lengths[u32::SIZE..] == self.lengths[..self.lengths.len() - u32::SIZE]
            && self.bytes[first.len()..] == self.bytes[..self.bytes.len() - first.len()]
    }
}

/// Appends a column of texts, or of opaque items, in the form that compresses best; notes where bytes of another kind
/// begin.
pub(super) fn pack_small_texts(
    lengths: &[u8],
    bytes: &[u8],
    are_texts: bool,
    out: &mut Vec<u8>,
    cuts: &mut Vec<usize>,
) {
    let texts = Texts { lengths, bytes };
    if put_equal(texts, out) {
        return;
    }
    if are_texts && texts.count() >= FEW {
        let dictionary = Dictionary::new(texts, 2);
        if let Some(dictionary) = dictionary.as_ref().filter(|it| it.entries.len() <= texts.count() / 4) {
            return dictionary.put(out, cuts);
        }
        if put_pieces(texts, out, cuts) {
            return;
        }
        if let Some(dictionary) = dictionary {
            return dictionary.put(out, cuts);
        }
    }
    put_plain(texts, out, cuts);
}

fn put_equal(texts: Texts<'_>, out: &mut Vec<u8>) -> bool {
    let equal = texts.are_equal();
    if equal && let Some(first) = texts.iter().next() {
        out.push(EQUAL_TEXTS);
        put_varint(out, first.len() as u64);
        out.extend_from_slice(first);
    }
    equal
}

fn put_plain(texts: Texts<'_>, out: &mut Vec<u8>, cuts: &mut Vec<usize>) {
    pack_small::<u32>(texts.lengths, out, cuts);
    cuts.push(out.len());
    out.extend_from_slice(texts.bytes);
    cuts.push(out.len());
}

/// A fast hash of bytes, with a key that nobody knows beforehand.
#[derive(Clone, Copy)]
struct Keyed(u64);

impl Keyed {
    fn new() -> Self {
        Keyed(RandomState::new().hash_one(0) | 1)
    }

    #[inline(always)]
    fn mix(self, state: u64, word: u64) -> u64 {
        let product = u128::from(state ^ word) * u128::from(self.0);
        product as u64 ^ (product >> 64) as u64
    }
}

impl BuildHasher for Keyed {
    type Hasher = Hash;

    #[inline(always)]
    fn build_hasher(&self) -> Hash {
        Hash { key: *self, state: self.0.rotate_left(32) }
    }
}

/// A hash that is being computed.
struct Hash {
    key: Keyed,
    state: u64,
}

impl Hasher for Hash {
    #[inline(always)]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.state = self.key.mix(self.state, u64::from_le_bytes(*word));
        }
        let rest = rest.iter().fold(bytes.len() as u64, |word, byte| word << 8 | u64::from(*byte));
        self.state = self.key.mix(self.state, rest);
    }

    /// A length: `write` sees it.
    #[inline(always)]
    fn write_usize(&mut self, _: usize) {}

    #[inline(always)]
    fn finish(&self) -> u64 {
        self.key.mix(self.state, 0x9E37_79B9_7F4A_7C15)
    }
}

/// Distinct texts in order of first occurrence, and where among them each text stands.
struct Dictionary<'t> {
    entries: Vec<&'t [u8]>,
    places: Vec<u8>,
}

impl<'t> Dictionary<'t> {
    /// None where there is not one entry to `share` texts.
    fn new(texts: Texts<'t>, share: usize) -> Option<Self> {
        // Texts may come from anyone: the hash is keyed.
        let mut known: HashMap<&[u8], u32, Keyed> = HashMap::with_hasher(Keyed::new());
        let (mut entries, mut places) = (Vec::new(), Vec::with_capacity(texts.lengths.len()));
        for (seen, text) in texts.iter().enumerate() {
            let place = *known.entry(text).or_insert(entries.len() as u32);
            if place as usize == entries.len() {
                if entries.len() > FEW / 2 + seen / share {
                    return None;
                }
                entries.push(text);
            }
            places.extend_from_slice(&place.to_le_bytes());
        }
        (entries.len() <= texts.count() / share).then_some(Dictionary { entries, places })
    }

    fn put(&self, out: &mut Vec<u8>, cuts: &mut Vec<usize>) {
        out.push(PLACES);
        put_varint(out, self.entries.len() as u64);
        let lengths: Vec<u8> = self.entries.iter().flat_map(|entry| (entry.len() as u32).to_le_bytes()).collect();
        crate::column::pack::<u32>(&lengths, out);
        self.entries.iter().for_each(|entry| out.extend_from_slice(entry));
        pack_small::<u32>(&self.places, out, cuts);
    }
}

/// Takes texts apart into runs of digits and of what is no digit, by turns, where all have as many, each of one kind in
/// all of them.
fn put_pieces(texts: Texts<'_>, out: &mut Vec<u8>, cuts: &mut Vec<usize>) -> bool {
    let Some(first) = texts.iter().next().filter(|text| !text.is_empty()) else { return false };
    let starts_with_digit = first[0].is_ascii_digit();
    let count = first.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()).count();
    if count > MOST_PIECES || (count == 1 && !starts_with_digit) {
        return false;
    }
    // Where each piece of each text ends.
    let mut ends: Vec<u32> = Vec::with_capacity(texts.count() * count);
    let mut from = 0;
    for text in texts.iter() {
        let Some(&first) = text.first() else { return false };
        let mut in_digits = first.is_ascii_digit();
        if in_digits != starts_with_digit {
            return false;
        }
        let before = ends.len();
        for (i, byte) in text.iter().enumerate() {
            if byte.is_ascii_digit() != in_digits {
                in_digits = !in_digits;
                ends.push((from + i) as u32);
            }
        }
        from += text.len();
        ends.push(from as u32);
        if ends.len() != before + count || u32::try_from(from).is_err() {
            return false;
        }
    }
    out.push(PIECES);
    put_varint(out, count as u64);
    for piece in 0..count {
        let part = Part { bytes: texts.bytes, ends: &ends, count, piece };
        let is_number = (piece % 2 == 0) == starts_with_digit;
        if part.put_equal(out) || (is_number && part.put_numbers(out, cuts)) {
            continue;
        }
        let (mut lengths, mut bytes) = (Vec::new(), Vec::new());
        for text in part.iter() {
            lengths.extend_from_slice(&(text.len() as u32).to_le_bytes());
            bytes.extend_from_slice(text);
        }
        let texts = Texts { lengths: &lengths, bytes: &bytes };
        match Dictionary::new(texts, 2) {
            Some(dictionary) => dictionary.put(out, cuts),
            None => put_plain(texts, out, cuts),
        }
    }
    true
}

/// A piece of all texts.
#[derive(Clone, Copy)]
struct Part<'t> {
    bytes: &'t [u8],
    /// Where each piece of each text ends.
    ends: &'t [u32],
    /// Pieces of a text.
    count: usize,
    piece: usize,
}

impl<'t> Part<'t> {
    #[inline(always)]
    fn iter(self) -> impl Iterator<Item = &'t [u8]> {
        self.ends.chunks_exact(self.count).scan(0, move |before, ends| {
            let from = if self.piece == 0 { *before } else { ends[self.piece - 1] };
            *before = ends[self.count - 1];
            Some(&self.bytes[from as usize..ends[self.piece] as usize])
        })
    }

    fn put_equal(self, out: &mut Vec<u8>) -> bool {
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
    fn put_numbers(self, out: &mut Vec<u8>, cuts: &mut Vec<usize>) -> bool {
        let (mut numbers, mut first, mut even, mut zeros) =
            (Vec::with_capacity(self.ends.len() / self.count * 8), 0, true, false);
        for text in self.iter() {
            if text.len() > DIGITS {
                return false;
            }
            first = if numbers.is_empty() { text.len() } else { first };
            even &= text.len() == first;
            zeros |= text[0] == b'0' && text.len() > 1;
            let number = text.iter().fold(0u64, |number, digit| number * 10 + u64::from(digit - b'0'));
            numbers.extend_from_slice(&number.to_le_bytes());
        }
        if zeros && !even {
            return false;
        }
        out.push(NUMBERS);
        out.push(if zeros { first as u8 } else { 0 });
        pack_small::<u64>(&numbers, out, cuts);
        true
    }
}
