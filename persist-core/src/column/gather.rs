//! Many short runs of bytes appended one after the other.
//!
//! Copying each by `memcpy` costs a call and some branches that nobody can foretell. Here each piece of usual length is
//! read in registers, by a mask or by loads that overlap, and stored in full: what is stored behind a piece is
//! overwritten by the next one. Not a byte beside a piece is read.
#![allow(unsafe_code, reason = "one of the modules named for it: writes into the spare capacity of a vector")]

use super::cpu::Cpu;
use crate::rows::{Batch, Rows};

/// Bytes that are stored for the shortest piece: room that has to be behind the last one.
const SLACK: usize = 64;

/// The least length that files do not hold.
pub(crate) const TOO_LONG: usize = (u32::MAX as usize).saturating_add(1);

/// Up to [`BATCH`](crate::rows::BATCH) pieces that are to be appended.
pub(crate) struct Pieces<'a> {
    batch: Batch<&'a [u8]>,
    /// The sum of their lengths, where none is longer than a length can be.
    total: u64,
    /// As many bits as the longest piece's length, or more.
    longest: usize,
}

impl<'a> Pieces<'a> {
    /// A piece of each row, whose bytes are asked for: they are scattered over memory.
    ///
    /// # Panics
    ///
    /// Where there are more than [`BATCH`](crate::rows::BATCH) rows.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn of<T>(rows: Rows<'a, T>, piece: impl Fn(&'a T) -> &'a [u8]) -> Self {
        let (pieces, (total, longest)) = Batch::of(rows, (0u64, 0), |(total, longest), row| {
            let piece = piece(row);
            prefetch(piece);
            ((total.wrapping_add(piece.len() as u64), longest | piece.len()), piece)
        });
        Pieces { batch: pieces, total, longest }
    }

    /// The pieces.
    pub(crate) fn as_slice(&self) -> &[&'a [u8]] {
        self.batch.as_slice()
    }

    /// Whether some piece has `limit` bytes or more, which is a power of two.
    #[inline(always)]
    pub(crate) fn reach(&self, limit: usize) -> bool {
        self.longest >= limit
    }

    /// Appends the pieces one after the other.
    pub(crate) fn append_to(&self, out: &mut Vec<u8>) {
        self.append_on(Cpu::at_hand(), out);
    }

    fn append_on(&self, cpu: Cpu, out: &mut Vec<u8>) {
        assert!(!self.reach(TOO_LONG), "the lengths were found to fit");
        let total = usize::try_from(self.total).expect("the pieces fit in memory");
        let pieces = self.batch.as_slice();
        out.reserve(total.checked_add(SLACK).expect("the pieces fit in memory"));
        let to = out.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        // SAFETY: `total` is the sum of the lengths: so few of less than 32 bits do not wrap around. So there is room for
        // all pieces and the slack from `to` on, where nothing else refers to, so that no piece lies there. `cpu` has
        // only what the processor has.
        unsafe {
            #[cfg(target_arch = "x86_64")]
            if cpu.has_avx512() {
                x86::by_masks(to, pieces, self.longest);
            } else if cpu.has_avx2() {
                x86::by_words(to, pieces);
            } else {
                by_overlap(to, pieces);
            }
            #[cfg(not(target_arch = "x86_64"))]
            {
                let _ = cpu;
                by_overlap(to, pieces);
            }
            out.set_len(out.len() + total);
        }
    }
}

/// How far behind a value memory is asked for that an iterator may come to soon.
const AHEAD: usize = 4 << 10;

/// Copies a piece to memory of its own.
///
/// # Safety
///
/// There is room for the piece at `to`, and it is not in it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn copy(piece: &[u8], to: *mut u8) {
    // SAFETY: as promised.
    unsafe { copy_on(Cpu::at_hand(), piece, to) }
}

/// Copies a piece to memory of its own.
///
/// # Safety
///
/// As for [`copy`], and `cpu` has only what the processor has.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn copy_on(cpu: Cpu, piece: &[u8], to: *mut u8) {
    // SAFETY: as promised; a mask of so many bits is as long as the piece, and `ends` is given as many bytes as it needs.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        if cpu.has_avx512() && piece.len() <= 64 {
            return x86::to_place(to, piece);
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = cpu;
        match piece.len() {
            0 => {}
            1..4 => short(to, piece),
            4..8 => ends::<4>(to, piece),
            8..16 => ends::<8>(to, piece),
            16..=32 => ends::<16>(to, piece),
            33..=64 => ends::<32>(to, piece),
            len => to.copy_from_nonoverlapping(piece.as_ptr(), len),
        }
    }
}

/// Copies a piece to memory of its own, without a call where it is short: for places where few pieces are copied, of
/// lengths that mostly come again.
///
/// # Safety
///
/// There is room for the piece at `to`, and it is not in it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn copy_short(piece: &[u8], to: *mut u8) {
    // SAFETY: as promised; each way is given as many bytes as it needs.
    unsafe {
        match piece.len() {
            4..=16 => words(to, piece),
            0 => {}
            1..4 => short(to, piece),
            17..=32 => ends::<16>(to, piece),
            len => to.copy_from_nonoverlapping(piece.as_ptr(), len),
        }
    }
}

/// Copies 4 to 16 bytes: four words, of which two, or two and two, may be the same.
///
/// # Safety
///
/// There is room for the piece at `to`, and it is not in it; it has so many bytes.
#[inline(always)]
unsafe fn words(to: *mut u8, piece: &[u8]) {
    let (from, last) = (piece.as_ptr(), piece.len() - 4);
    // 0 below eight bytes, 4 below sixteen, else 8.
    let second = piece.len() >> 3 << 2;
    let places = [0, second, last - second, last];
    // SAFETY: four bytes from each place on are inside the piece, and as far inside the room for it.
    unsafe {
        let words = places.map(|place| from.add(place).cast::<u32>().read_unaligned());
        for i in 0..4 {
            to.add(places[i]).cast::<u32>().write_unaligned(words[i]);
        }
    }
}

/// Asks for a value, or where it starts.
#[inline(always)]
pub(crate) fn prefetch<T: ?Sized>(value: &T) {
    ask(std::ptr::from_ref(value).cast());
}

/// Asks for a value that an iterator gave, and for what lies a little behind it. An iterator that goes from node to node
/// learns from each where the next one is, and so waits for memory at each; but nodes mostly lie in the order in which
/// they were made, and that is often the one they are visited in.
#[inline(always)]
pub(crate) fn prefetch_on<T: ?Sized>(value: &T) {
    let place = std::ptr::from_ref(value).cast::<u8>();
    ask(place);
    ask(place.wrapping_add(AHEAD));
}

/// Asks for the first elements of a slice; the processor itself sees that the others follow.
#[inline(always)]
pub(crate) fn prefetch_slice<T>(slice: &[T]) {
    const LINE: usize = 64;
    let place = slice.as_ptr().cast::<u8>();
    for line in 0..4 {
        ask(place.wrapping_add(line * LINE));
    }
}

/// Asks for memory.
#[inline(always)]
fn ask(place: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: asking for memory touches none, and fails nowhere.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(place.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// Copies pieces.
///
/// # Safety
///
/// From `to` on there is room for all pieces and [`SLACK`] bytes, and no piece lies in it.
unsafe fn by_overlap(mut to: *mut u8, pieces: &[&[u8]]) {
    for piece in pieces {
        // SAFETY: the pieces before left room for this one and the slack.
        unsafe {
            match piece.len() {
                0 => {}
                1..4 => short(to, piece),
                4..8 => ends::<4>(to, piece),
                8..16 => ends::<8>(to, piece),
                16..=32 => ends::<16>(to, piece),
                33..=64 => ends::<32>(to, piece),
                _ => to.copy_from_nonoverlapping(piece.as_ptr(), piece.len()),
            }
            to = to.add(piece.len());
        }
    }
}

/// Copies 1 to 3 bytes.
///
/// # Safety
///
/// There is room for the piece at `to`, and it is not in it.
#[inline(always)]
unsafe fn short(to: *mut u8, piece: &[u8]) {
    let (half, last) = (piece.len() / 2, piece.len() - 1);
    let (a, b, c) = (piece[0], piece[half], piece[last]);
    // SAFETY: all three places are inside the piece's.
    unsafe {
        to.write(a);
        to.add(half).write(b);
        to.add(last).write(c);
    }
}

/// Copies `N` to twice as many bytes.
///
/// # Safety
///
/// There is room for the piece at `to`, and it is not in it; it has so many bytes.
#[inline(always)]
unsafe fn ends<const N: usize>(to: *mut u8, piece: &[u8]) {
    let from = piece.as_ptr();
    // SAFETY: the first and the last `N` bytes are inside the piece, and as far inside the room for it.
    unsafe {
        let first = from.cast::<[u8; N]>().read_unaligned();
        let last = from.add(piece.len() - N).cast::<[u8; N]>().read_unaligned();
        to.cast::<[u8; N]>().write_unaligned(first);
        to.add(piece.len() - N).cast::<[u8; N]>().write_unaligned(last);
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        _bzhi_u32, _bzhi_u64, _mm_maskz_loadu_epi8, _mm_storeu_si128, _mm256_cmpgt_epi32, _mm256_mask_storeu_epi8,
        _mm256_maskload_epi32, _mm256_maskz_loadu_epi8, _mm256_set1_epi32, _mm256_setr_epi32, _mm256_storeu_si256,
        _mm512_mask_storeu_epi8, _mm512_maskz_loadu_epi8, _mm512_storeu_si512,
    };
    use std::hint::select_unpredictable;

    use super::{ends, short};

    /// Copies pieces of up to 64 bytes by a load whose mask leaves out what is not theirs: it is not read.
    ///
    /// # Safety
    ///
    /// As for [`super::by_overlap`], and the processor has what is named. No piece is longer than the longest.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,bmi2")]
    pub(super) unsafe fn by_masks(mut to: *mut u8, pieces: &[&[u8]], longest: usize) {
        // SAFETY: the pieces before each left room for it and the slack, which is what is stored at most; a mask has a
        // bit for each byte of the piece, since none is longer than the register where the longest is not.
        unsafe {
            match longest {
                0..=15 => {
                    for piece in pieces {
                        let mask = _bzhi_u32(0xFFFF, piece.len() as u32) as u16;
                        _mm_storeu_si128(to.cast(), _mm_maskz_loadu_epi8(mask, somewhere(piece).cast()));
                        to = to.add(piece.len());
                    }
                }
                16..=31 => {
                    for piece in pieces {
                        let mask = _bzhi_u32(u32::MAX, piece.len() as u32);
                        _mm256_storeu_si256(to.cast(), _mm256_maskz_loadu_epi8(mask, somewhere(piece).cast()));
                        to = to.add(piece.len());
                    }
                }
                _ => {
                    for piece in pieces {
                        match piece.len() {
                            0..=64 => {
                                let mask = _bzhi_u64(u64::MAX, piece.len() as u32);
                                _mm512_storeu_si512(to.cast(), _mm512_maskz_loadu_epi8(mask, somewhere(piece).cast()));
                            }
                            65..=128 => ends::<64>(to, piece),
                            _ => to.copy_from_nonoverlapping(piece.as_ptr(), piece.len()),
                        }
                        to = to.add(piece.len());
                    }
                }
            }
        }
    }

    /// Copies a piece of up to 64 bytes by a load and a store with a mask, so that nothing depends on its length.
    ///
    /// # Safety
    ///
    /// There is room for the piece at `to`, and the processor has what is named.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,bmi2")]
    pub(super) unsafe fn to_place(to: *mut u8, piece: &[u8]) {
        // SAFETY: a mask has a bit for each byte of the piece; others are neither read nor written.
        unsafe {
            if piece.len() <= 32 {
                let mask = _bzhi_u32(u32::MAX, piece.len() as u32);
                _mm256_mask_storeu_epi8(to.cast(), mask, _mm256_maskz_loadu_epi8(mask, piece.as_ptr().cast()));
            } else {
                let mask = _bzhi_u64(u64::MAX, piece.len() as u32);
                _mm512_mask_storeu_epi8(to.cast(), mask, _mm512_maskz_loadu_epi8(mask, piece.as_ptr().cast()));
            }
        }
    }

    /// Where a piece stands; or an empty one, which may stand nowhere: a load there reads nothing, but takes long.
    #[inline(always)]
    fn somewhere(piece: &[u8]) -> *const u8 {
        static NOTHING: [u8; 64] = [0; 64];
        select_unpredictable(piece.is_empty(), NOTHING.as_ptr(), piece.as_ptr())
    }

    /// Copies pieces of 4 to 32 bytes by a load of as many whole groups of four bytes as they have, and the last four
    /// bytes again.
    ///
    /// # Safety
    ///
    /// As for [`super::by_overlap`], and the processor has what is named.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn by_words(mut to: *mut u8, pieces: &[&[u8]]) {
        let places = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        for piece in pieces {
            let len = piece.len();
            // SAFETY: the pieces before left room for this one and the slack, which is more than the 32 bytes that are
            // stored; the mask has only groups of four bytes that are the piece's.
            unsafe {
                match len {
                    0 => {}
                    1..4 => short(to, piece),
                    4..=32 => {
                        let mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(len as i32 / 4), places);
                        let words = _mm256_maskload_epi32(piece.as_ptr().cast(), mask);
                        let last = piece.as_ptr().add(len - 4).cast::<u32>().read_unaligned();
                        _mm256_storeu_si256(to.cast(), words);
                        to.add(len - 4).cast::<u32>().write_unaligned(last);
                    }
                    33..=64 => ends::<32>(to, piece),
                    _ => to.copy_from_nonoverlapping(piece.as_ptr(), len),
                }
                to = to.add(len);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_every_length_stand_one_behind_the_other() {
        let bytes: Vec<u8> = (0..1000u32).map(|i| (i * 7 % 251) as u8).collect();
        for cpu in Cpu::all() {
            for longest in [0, 1, 3, 4, 8, 15, 16, 31, 33, 65, 200] {
                let mut expected = vec![9, 8];
                let mut out = expected.clone();
                for round in 0..5 {
                    let mut pieces = Vec::new();
                    for i in round * 60..round * 60 + 60 {
                        let (at, len) = (i * 3 % 700, (i * 31 + i / 7) % (longest + 1));
                        pieces.push(&bytes[at..at + len]);
                        expected.extend_from_slice(&bytes[at..at + len]);
                    }
                    Pieces::of(Rows::of(&pieces), |piece| piece).append_on(cpu, &mut out);
                }
                assert_eq!(out, expected, "up to {longest} bytes, {cpu:?}");
            }
        }
    }

    #[test]
    fn a_piece_of_any_length_is_copied_and_nothing_beside_it_is_written() {
        let bytes: Vec<u8> = (0..200).collect();
        for cpu in Cpu::all() {
            for len in 0..140 {
                let (mut out, mut expected) = ([255; 200], [255; 200]);
                expected[20..20 + len].copy_from_slice(&bytes[7..7 + len]);
                let mut short = out;
                // SAFETY: there is room for `len` bytes in both.
                unsafe {
                    copy_on(cpu, &bytes[7..7 + len], out[20..20 + len].as_mut_ptr());
                    copy_short(&bytes[7..7 + len], short[20..20 + len].as_mut_ptr());
                }
                assert_eq!((out, short), (expected, expected), "{len} bytes, {cpu:?}");
            }
        }
    }

    #[test]
    fn nothing_is_appended_of_nothing() {
        let mut out = Vec::new();
        Pieces::of(Rows::of(&[]), |piece: &&[u8]| piece).append_to(&mut out);
        Pieces::of(Rows::of(&[&[][..], &[]]), |piece| piece).append_to(&mut out);
        assert!(out.is_empty());
    }
}
