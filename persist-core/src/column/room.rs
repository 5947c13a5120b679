//! Room behind the bytes of a vector, which is written to without being zeroed first.
#![allow(unsafe_code, reason = "one of the modules named for it: writes into the spare capacity of a vector")]

use super::int::Int;

/// Bytes of a word.
const WORD: usize = 8;
/// Words and values that are written together at most: so few that their bytes can be counted.
const MANY: usize = 1 << 10;

/// Spare capacity of a vector, filled from the front.
pub(super) struct Room<'o> {
    out: &'o mut Vec<u8>,
    /// The first byte of the room: here and not asked of the vector, which for all that the compiler knows changes with
    /// each byte written.
    first: *mut u8,
    /// Bytes of room.
    size: usize,
    /// Bytes of the room that are written; the word that starts behind them may be, too.
    at: usize,
}

impl<'o> Room<'o> {
    /// Room for so many bytes, with that for two words behind them.
    #[inline(always)]
    pub(super) fn behind(out: &'o mut Vec<u8>, bytes: usize) -> Self {
        out.reserve(bytes.saturating_add(2 * WORD));
        let spare = out.spare_capacity_mut();
        let (first, size) = (spare.as_mut_ptr().cast(), spare.len());
        Room { out, first, size, at: 0 }
    }

    /// Writes `count` words, of which so many bytes count; the next one overwrites the others.
    #[inline(always)]
    pub(super) fn words(&mut self, count: usize, bytes: usize, word: impl Fn(usize) -> u64) {
        let bytes = bytes.min(WORD);
        assert!(count <= MANY && self.size - self.at >= count * bytes + WORD, "there is room");
        for i in 0..count {
            // SAFETY: a word from here is in the room, as was just seen, for `i` is below `count`.
            unsafe { self.put(self.at + i * bytes, word(i)) };
        }
        self.at += count * bytes;
    }

    /// Writes `count` pairs of words, of which so many bytes count; the second word of each starts at byte `second`.
    #[inline(always)]
    pub(super) fn pairs(&mut self, count: usize, bytes: usize, second: usize, pair: impl Fn(usize) -> [u64; 2]) {
        let (second, bytes) = (second.min(WORD), bytes.min(second.min(WORD) + WORD));
        assert!(count <= MANY && self.size - self.at >= count * bytes + 2 * WORD, "there is room");
        for i in 0..count {
            let (place, pair) = (self.at + i * bytes, pair(i));
            // SAFETY: two words from here are in the room, as was just seen, for `i` is below `count`; the second one
            // starts no further behind than one word.
            unsafe {
                self.put(place, pair[0]);
                self.put(place + second, pair[1]);
            }
        }
        self.at += count * bytes;
    }

    /// Writes a word.
    ///
    /// # Safety
    ///
    /// The word's bytes are in the room.
    #[inline(always)]
    unsafe fn put(&mut self, place: usize, word: u64) {
        // SAFETY: in the room, as promised. Nothing else refers to it: the vector is borrowed, and not touched before
        // `finish`.
        unsafe { self.first.add(place).cast::<[u8; WORD]>().write_unaligned(word.to_le_bytes()) };
    }

    /// Writes `count` values.
    #[inline(always)]
    pub(super) fn values<T: Int>(&mut self, count: usize, value: impl Fn(usize) -> T) {
        assert!(count <= MANY && self.size - self.at >= count * T::SIZE, "there is room");
        for i in 0..count {
            let place = self.at + i * T::SIZE;
            // SAFETY: `i` is below `count`, so that the value is in the room, as was seen; for the rest as above.
            unsafe { self.first.add(place).cast::<T::Bytes>().write_unaligned(value(i).to_bytes()) };
        }
        self.at += count * T::SIZE;
    }

    /// Gives the vector the first bytes of what was written.
    #[inline(always)]
    pub(super) fn finish(self, bytes: usize) {
        assert!(bytes <= self.at, "all was written");
        let len = self.out.len() + bytes;
        // SAFETY: all below `at` was written without a gap, since no word counts for more bytes than it has; and it is
        // within the capacity.
        unsafe { self.out.set_len(len) };
    }
}

/// Appends the little-endian bytes of values, as many as the iterator says, or fewer where it has fewer.
#[inline(always)]
pub(crate) fn push_values<T: Int>(out: &mut Vec<u8>, values: impl ExactSizeIterator<Item = T>) {
    let count = values.len();
    out.reserve(count.checked_mul(T::SIZE).expect("the values fit in memory"));
    let first = out.spare_capacity_mut().as_mut_ptr().cast::<u8>();
    // In the iterator's own loop. Where that goes up to its length, the compiler sees that `seen` is always below.
    let seen = values.fold(0usize, |seen, value| {
        if seen < count {
            // SAFETY: there is room for `count` values, each of `T::SIZE` bytes, and this one is below; nothing else
            // refers to it, for the vector is borrowed.
            unsafe { first.add(seen * T::SIZE).cast::<T::Bytes>().write_unaligned(value.to_bytes()) };
        }
        seen + 1
    });
    // SAFETY: so many values were written without a gap, in the room that was made: whatever a `fold` does, it can only
    // hand on the number that it got for the value before.
    unsafe { out.set_len(out.len() + seen.min(count) * T::SIZE) };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says that it has three values, and has another number.
    struct Liar(u16);

    impl Iterator for Liar {
        type Item = u16;

        fn next(&mut self) -> Option<u16> {
            self.0 = self.0.checked_sub(1)?;
            Some(self.0)
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            (3, Some(3))
        }
    }

    impl ExactSizeIterator for Liar {}

    #[test]
    fn values_are_appended_low_byte_first() {
        let mut out = vec![7];
        push_values(&mut out, [0x0102u16, 0x0304].into_iter());
        push_values(&mut out, [-2i32].into_iter());
        assert_eq!(out, [7, 2, 1, 4, 3, 0xFE, 0xFF, 0xFF, 0xFF]);
    }

    #[test]
    fn an_iterator_of_another_length_than_it_says_does_no_harm() {
        let mut out = Vec::new();
        push_values(&mut out, Liar(1000));
        assert_eq!(out.len(), 6);
        push_values(&mut out, Liar(1));
        assert_eq!(out.len(), 8);
    }

    #[test]
    fn a_panic_leaves_the_bytes_as_they_were() {
        let mut out = vec![1];
        let values = (0..4u8).map(|i| if i == 2 { panic!("in the middle") } else { i });
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| push_values(&mut out, values))).unwrap_err();
        assert_eq!(out, [1]);
    }

    #[test]
    fn words_overlap_and_pairs_do() {
        let mut out = vec![9];
        let mut room = Room::behind(&mut out, 9);
        room.words(3, 2, |i| 0xEE00 + i as u64);
        room.pairs(1, 3, 1, |_| [0xFF01, 0xFF02]);
        room.finish(9);
        assert_eq!(out, [9, 0, 0xEE, 1, 0xEE, 2, 0xEE, 1, 2, 0xFF]);
    }

    #[test]
    #[should_panic = "there is room"]
    fn nothing_is_written_where_there_is_no_room() {
        let mut out = Vec::with_capacity(30);
        Room::behind(&mut out, 8).words(1000, 8, |_| 0);
    }
}
