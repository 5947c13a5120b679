//! Room behind the bytes of a vector, which is written to without being zeroed first.
#![allow(unsafe_code, reason = "one of the modules named for it: writes into the spare capacity of a vector")]

use super::int::Int;

/// Bytes of a word.
const WORD: usize = 8;

/// Spare capacity of a vector, filled from the front.
pub(super) struct Room<'o> {
    out: &'o mut Vec<u8>,
    /// The first byte of the room: here and not asked of the vector, which for all that the compiler knows changes with
    /// each byte written.
    first: *mut u8,
    /// Bytes of room.
    room: usize,
    /// Bytes of the room that are written; the word that starts behind them may be, too.
    at: usize,
}

impl<'o> Room<'o> {
    /// Room for so many bytes, with that for a word behind them.
    #[inline(always)]
    pub(super) fn behind(out: &'o mut Vec<u8>, bytes: usize) -> Self {
        out.reserve(bytes.saturating_add(WORD));
        let spare = out.spare_capacity_mut();
        let (first, room) = (spare.as_mut_ptr().cast(), spare.len());
        Room { out, first, room, at: 0 }
    }

    /// Writes a word, of which the first bytes count; the next one overwrites the others.
    #[inline(always)]
    pub(super) fn put(&mut self, word: u64, bytes: usize) {
        assert!(self.at + WORD <= self.room, "there is room");
        // SAFETY: a word's bytes from `at` are in the room, as was just seen. Nothing else refers to it: the vector is
        // borrowed, and not touched before `finish`.
        unsafe { self.first.add(self.at).cast::<[u8; WORD]>().write_unaligned(word.to_le_bytes()) };
        self.at += bytes.min(WORD);
    }

    /// Writes `N` values.
    #[inline(always)]
    pub(super) fn fill<T: Int, const N: usize>(&mut self, values: impl ExactSizeIterator<Item = T>) {
        assert!(values.len() == N && N * T::SIZE <= self.room - self.at, "there is room");
        // SAFETY: `at` is in the room, or at its end.
        let first = unsafe { self.first.add(self.at) };
        let mut written = 0;
        values.take(N).for_each(|value| {
            // SAFETY: `written` is below `N`, so that the value is in the room, as was seen; for the rest as in `put`.
            unsafe { first.add(written * T::SIZE).cast::<T::Bytes>().write_unaligned(value.to_bytes()) };
            written += 1;
        });
        self.at += written * T::SIZE;
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
    let bytes = count.checked_mul(T::SIZE).expect("the values fit in memory");
    out.reserve(bytes);
    let mut end = Written { len: out.len(), out };
    // SAFETY: `reserve` made room for `bytes` behind `len`, in which the start is.
    let first = unsafe { end.out.as_mut_ptr().add(end.len) };
    // An iterator may have more than it says.
    values.zip(0..count).for_each(|(value, i)| {
        // SAFETY: `i` is below `count`, so that the value lies inside the room made above; nothing else refers to it.
        unsafe { first.add(i * T::SIZE).cast::<T::Bytes>().write_unaligned(value.to_bytes()) };
        end.len += T::SIZE;
    });
}

/// Gives the vector its length in the end, be it by a panic of the iterator.
struct Written<'o> {
    out: &'o mut Vec<u8>,
    len: usize,
}

impl Drop for Written<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: `len` grows only by bytes that were written, one behind the other, within the capacity.
        unsafe { self.out.set_len(self.len) };
    }
}
