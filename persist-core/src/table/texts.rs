//! Text columns of level Small: dictionaries, and texts taken apart into pieces of which many are numbers.

use std::hash::{BuildHasher, RandomState};

use super::pieces::{Bounds, Texts};
use super::{EQUAL_TEXTS, PIECES, PLACES};
use crate::column::{FEW, pack_small, put_varint};

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

/// A fast hash of texts, with a key that nobody knows beforehand: texts may come from anyone.
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

    #[inline(always)]
    fn hash(self, text: &[u8]) -> u64 {
        let word = |from: usize| text[from..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let half = |from: usize| text[from..].first_chunk().map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes)));
        let start = self.0.rotate_left(32) ^ text.len() as u64;
        let (state, last) = match text.len() {
            // The parts may overlap.
            0 => (start, 0),
            len @ 1..4 => (start, u64::from(text[0]) << 16 | u64::from(text[len / 2]) << 8 | u64::from(text[len - 1])),
            len @ 4..8 => (start, half(0) << 32 | half(len - 4)),
            len => {
                let before = (0..len - 8).step_by(8);
                (before.fold(start, |state, from| self.mix(state, word(from))), word(len - 8))
            }
        };
        self.mix(self.mix(state, last), 0x9E37_79B9_7F4A_7C15)
    }
}

/// Texts that were met, each once.
struct Known<'t> {
    key: Keyed,
    entries: Vec<&'t [u8]>,
    hashes: Vec<u64>,
    /// By hash: a place, plus 1. At least twice as many as there are entries.
    slots: Vec<u32>,
}

impl<'t> Known<'t> {
    fn new() -> Self {
        Known { key: Keyed::new(), entries: Vec::new(), hashes: Vec::new(), slots: vec![0; 64] }
    }

    /// The place of a text, which may be new.
    #[inline(always)]
    fn place(&mut self, text: &'t [u8]) -> u32 {
        let hash = self.key.hash(text);
        let mut slot = hash as usize & (self.slots.len() - 1);
        loop {
            match self.slots[slot] {
                0 => return self.add(text, hash, slot),
                place if self.hashes[place as usize - 1] == hash && self.entries[place as usize - 1] == text => {
                    return place - 1;
                }
                _ => slot = (slot + 1) & (self.slots.len() - 1),
            }
        }
    }

    #[inline(never)]
    fn add(&mut self, text: &'t [u8], hash: u64, slot: usize) -> u32 {
        self.entries.push(text);
        self.hashes.push(hash);
        let count = self.entries.len();
        self.slots[slot] = count as u32;
        if count * 2 > self.slots.len() {
            let more = self.slots.len() * 4;
            self.slots.clear();
            self.slots.resize(more, 0);
            for (place, hash) in self.hashes.iter().enumerate() {
                let mut slot = *hash as usize & (more - 1);
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
        let (mut known, mut places) = (Known::new(), Vec::with_capacity(texts.lengths.len()));
        for (seen, text) in texts.iter().enumerate() {
            places.extend_from_slice(&known.place(text).to_le_bytes());
            if known.entries.len() > 1 + FEW / 2 + seen / share {
                return None;
            }
        }
        let entries = known.entries;
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
