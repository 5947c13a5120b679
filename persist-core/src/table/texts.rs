//! Text columns of level Small: dictionaries, and texts taken apart into pieces of which many are numbers.

use std::hash::{BuildHasher, RandomState};

use super::pieces::{Bounds, Texts};
use super::{EQUAL_TEXTS, PIECES, PLACES};
use crate::column::{FEW, Int, pack_small, put_varint};

/// Texts that may be new before it counts how many are: where few are drawn from, the first ones are new, too.
const NEW: usize = 256;

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

/// What tells a text from others: its length and two words, for texts of up to 16 bytes without a look at the text.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark {
    len: usize,
    words: [u64; 2],
}

/// The halves of a product, as one.
#[inline(always)]
fn folded(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// A fast hash of texts, with a key that nobody knows beforehand: texts may come from anyone.
#[derive(Clone, Copy)]
struct Keyed(u64);

impl Keyed {
    fn new() -> Self {
        Keyed(RandomState::new().hash_one(0) | 1)
    }

    /// The mark of the text of so many bytes at the front of `bytes`.
    #[inline(always)]
    fn mark(self, bytes: &[u8], len: usize) -> Mark {
        let words = match bytes.first_chunk::<{ Mark::WHOLE }>() {
            Some(first) if len <= Mark::WHOLE => {
                // What is behind the text does not count.
                let word = u128::from_le_bytes(*first) & SHORT[len];
                [word as u64, (word >> 64) as u64]
            }
            Some(_) => self.mark_long(&bytes[..len]),
            None => Self::last_words(&bytes[..len]),
        };
        Mark { len, words }
    }

    /// The words of a text of less than 16 bytes that has not as many behind it.
    #[inline(never)]
    fn last_words(text: &[u8]) -> [u64; 2] {
        let mut words = [[0; 8]; 2];
        words.as_flattened_mut()[..text.len()].copy_from_slice(text);
        words.map(u64::from_le_bytes)
    }

    #[inline(always)]
    fn mark_long(self, text: &[u8]) -> [u64; 2] {
        let words = |chunk: &[u8; Mark::WHOLE]| {
            let word = u128::from_le_bytes(*chunk);
            [word as u64, (word >> 64) as u64]
        };
        let mix = |state, chunk| {
            let [low, high] = words(chunk);
            folded(state ^ low, high ^ self.0)
        };
        let state = text.as_chunks().0.iter().fold(self.0.rotate_left(32), mix);
        // It may overlap with those before.
        let [low, high] = text.last_chunk().map_or([0; 2], words);
        [folded(state ^ low, self.0), high]
    }

    #[inline(always)]
    fn hash(self, mark: Mark) -> u64 {
        folded(mark.words[0] ^ self.0, mark.words[1] ^ self.0.rotate_left(32) ^ mark.len as u64)
    }
}

impl Mark {
    /// Bytes of a text that its mark says all of.
    const WHOLE: usize = 16;
}

/// The bits of so many bytes.
const SHORT: [u128; Mark::WHOLE + 1] = {
    let (mut masks, mut len) = ([0; Mark::WHOLE + 1], 1);
    while len <= Mark::WHOLE {
        masks[len] = masks[len - 1] << 8 | 0xFF;
        len += 1;
    }
    masks
};

/// Texts that were met, each once.
struct Known<'t> {
    key: Keyed,
    entries: Vec<&'t [u8]>,
    marks: Vec<Mark>,
    /// By hash: a place, plus 1. At least twice as many as there are entries.
    slots: Vec<u32>,
}

impl<'t> Known<'t> {
    fn new() -> Self {
        Known { key: Keyed::new(), entries: Vec::new(), marks: Vec::new(), slots: vec![0; 256] }
    }

    /// The place of a text, or else the slot that is free for it.
    #[inline(always)]
    fn find(&self, text: &[u8], mark: Mark) -> std::result::Result<u32, usize> {
        let mut slot = self.key.hash(mark) as usize & (self.slots.len() - 1);
        loop {
            match self.slots[slot] {
                0 => return Err(slot),
                place
                    if self.marks[place as usize - 1] == mark
                        && (mark.len <= Mark::WHOLE || self.entries[place as usize - 1] == &text[..mark.len]) =>
                {
                    return Ok(place - 1);
                }
                _ => {}
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    /// Adds a text; gives its place.
    #[inline(never)]
    fn add(&mut self, text: &'t [u8], mark: Mark, slot: usize) -> u32 {
        self.entries.push(text);
        self.marks.push(mark);
        let count = self.entries.len();
        self.slots[slot] = count as u32;
        if count * 2 > self.slots.len() {
            let more = self.slots.len() * 4;
            self.slots.clear();
            self.slots.resize(more, 0);
            for (place, mark) in self.marks.iter().enumerate() {
                let mut slot = self.key.hash(*mark) as usize & (more - 1);
                while self.slots[slot] != 0 {
                    slot = (slot + 1) & (more - 1);
                }
                self.slots[slot] = place as u32 + 1;
            }
        }
        count as u32 - 1
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
        let most = texts.count() / share;
        let (mut known, mut places) = (Known::new(), vec![0; texts.lengths.len()]);
        let mut rest = texts.bytes;
        let rows = texts.lengths.chunks_exact(u32::SIZE).zip(places.chunks_exact_mut(u32::SIZE));
        for (seen, (length, at)) in rows.enumerate() {
            let length = u32::from_bytes(length) as usize;
            let mark = known.key.mark(rest, length);
            let place = match known.find(rest, mark) {
                Ok(place) => place,
                Err(_) if known.entries.len() >= most.min(NEW + seen / share) => return None,
                Err(slot) => known.add(&rest[..length], mark, slot),
            };
            at.copy_from_slice(&place.to_le_bytes());
            rest = &rest[length..];
        }
        Some(Dictionary { entries: known.entries, places })
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
    let Some(bounds) = Bounds::new(texts) else { return false };
    out.push(PIECES);
    put_varint(out, bounds.pieces as u64);
    for piece in 0..bounds.pieces {
        let part = bounds.part(piece);
        if part.put_equal(out) || (bounds.is_number(piece) && part.put_numbers(out, cuts)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts as their lengths and bytes.
    fn dictionary(texts: &[Vec<u8>], share: usize) -> Option<(Vec<Vec<u8>>, Vec<usize>)> {
        let lengths: Vec<u8> = texts.iter().flat_map(|text| (text.len() as u32).to_le_bytes()).collect();
        let bytes = texts.concat();
        let found = Dictionary::new(Texts { lengths: &lengths, bytes: &bytes }, share)?;
        let places = found.places.chunks_exact(u32::SIZE).map(|place| u32::from_bytes(place) as usize).collect();
        Some((found.entries.iter().map(|entry| entry.to_vec()).collect(), places))
    }

    #[test]
    fn entries_are_the_distinct_texts_in_order() {
        // Of all lengths; some differ in one byte, or in how many zeros there are at the end.
        let mut distinct: Vec<Vec<u8>> = Vec::new();
        for len in 0..70 {
            let text: Vec<u8> = (0..len).map(|i| b'a' + (i * 7 + len) as u8 % 26).collect();
            for at in 0..len {
                let mut other = text.clone();
                other[at] ^= 1;
                distinct.push(other);
            }
            distinct.push(text);
            distinct.push(vec![0; len]);
        }
        distinct.sort();
        distinct.dedup();
        for distinct in distinct.chunks(NEW) {
            let count = distinct.len();
            // Another one ends the bytes each time: the last texts have nothing behind them.
            for last in (0..count).step_by(31) {
                let order: Vec<usize> = (0..count * 3).map(|i| i * 1009 % count).chain([last]).collect();
                let texts: Vec<Vec<u8>> = order.iter().map(|&i| distinct[i].clone()).collect();
                let (entries, places) = dictionary(&texts, 2).unwrap();
                assert_eq!(entries.len(), count);
                assert!(places.iter().zip(&texts).all(|(&place, text)| &entries[place] == text));
                assert!(places.iter().enumerate().all(|(i, &place)| place <= i));
            }
        }
    }

    #[test]
    fn a_dictionary_is_given_up_where_texts_are_new() {
        let text = |i: u64| format!("request {}", i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40).into_bytes();
        let noise = |i: u64| i.wrapping_mul(0xD134_2543_DE82_EF95) >> 33;
        // Of many, the first ones are nearly all new.
        let few: Vec<_> = (0..10_000).map(|i| text(noise(i) % 200)).collect();
        assert_eq!(dictionary(&few, 4).unwrap().0.len(), 200);
        let many: Vec<_> = (0..10_000).map(text).collect();
        assert!(dictionary(&many, 2).is_none());
        // One to two is as many as may be.
        let half: Vec<_> = (0..100).map(|i| text(i / 2)).collect();
        assert!(dictionary(&half, 2).is_some() && dictionary(&half[1..], 2).is_none());
    }
}
