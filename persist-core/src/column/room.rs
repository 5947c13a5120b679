//! Room behind the bytes of a vector, written to in words that overlap.
#![allow(unsafe_code, reason = "one of the modules named for it: writes into the spare capacity of a vector")]

/// Bytes of a word.
const WORD: usize = 8;

/// Spare capacity of a vector, filled from the front.
pub(super) struct Room<'o> {
    out: &'o mut Vec<u8>,
    /// Bytes of the vector that are written. Not above its capacity.
    end: usize,
}

impl<'o> Room<'o> {
    /// Room for so many bytes, with that for a word behind them.
    #[inline(always)]
    pub(super) fn behind(out: &'o mut Vec<u8>, bytes: usize) -> Self {
        out.reserve(bytes.saturating_add(WORD));
        Room { end: out.len(), out }
    }

    /// Writes a word, of which the first bytes count; the next one overwrites the others.
    #[inline(always)]
    pub(super) fn put(&mut self, word: u64, bytes: usize) {
        assert!(bytes <= WORD && self.out.capacity() - self.end >= WORD, "there is room");
        // SAFETY: `end` is in the capacity, and a word of room behind it, as was just seen.
        unsafe { self.out.as_mut_ptr().add(self.end).cast::<[u8; WORD]>().write_unaligned(word.to_le_bytes()) };
        self.end += bytes;
    }

    /// Gives the vector what was written, less what is behind `bytes`.
    #[inline(always)]
    pub(super) fn finish(self, bytes: usize) {
        let len = self.out.len() + bytes;
        assert!(len <= self.end, "all was written");
        // SAFETY: all up to `end` was written without a gap, and is within the capacity.
        unsafe { self.out.set_len(len) };
    }
}
