//! CRC-32, alone or together with a copy.
//!
//! Bytes that are copied and checked one after the other go through the processor twice. Here both are done in one loop:
//! while memory is waited for, the check costs next to nothing. The method is that of "Fast CRC Computation for Generic
//! Polynomials Using PCLMULQDQ Instruction" (Intel, 2009): blocks are folded onto one another, and only the last one
//! goes through the ordinary code.
#![allow(unsafe_code, reason = "one of the modules named for it: copies in registers that compute as well")]

use crc32fast::Hasher;

/// Bytes from which copying and checking together pays.
const LARGE: usize = 4 << 10;

/// Bytes that are copied, and then checked, where it is not done together: a part of the nearest cache.
const PIECE: usize = 16 << 10;

/// The check of some bytes, one part after the other.
#[derive(Clone)]
pub(crate) struct Checksum(Hasher);

impl Checksum {
    /// That of no bytes.
    #[inline]
    pub(super) fn new() -> Self {
        Checksum(Hasher::new())
    }

    /// Goes on with these bytes.
    #[inline]
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The check.
    #[inline]
    pub(super) fn finish(&self) -> [u8; 4] {
        self.0.clone().finalize().to_le_bytes()
    }

    /// Goes on with these bytes, and copies them.
    ///
    /// # Safety
    ///
    /// There is room for them at `to`, where they are not.
    pub(crate) unsafe fn copy(&mut self, bytes: &[u8], to: *mut u8) {
        let mut done = 0;
        #[cfg(target_arch = "x86_64")]
        if bytes.len() >= LARGE && x86::is_there() {
            // What is folded is followed by as many bytes as a block has; the check goes on from there.
            let before = !self.0.clone().finalize();
            // SAFETY: there is room, as promised, and the processor has what is needed.
            let (folded, count) = unsafe { x86::copy(bytes, to, before) };
            let mut hasher = Hasher::new_with_initial(!0);
            hasher.update(&folded);
            self.0 = hasher;
            done = count;
        }
        for piece in bytes[done..].chunks(PIECE) {
            // SAFETY: there is room for all bytes, of which this is the piece at `done`.
            unsafe { to.add(done).copy_from_nonoverlapping(piece.as_ptr(), piece.len()) };
            self.0.update(piece);
            done += piece.len();
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::asm;
    use std::arch::x86_64::{
        __m512i, _mm_cvtsi32_si128, _mm512_clmulepi64_epi128, _mm512_loadu_si512, _mm512_set_epi64,
        _mm512_setzero_si512, _mm512_storeu_si512, _mm512_ternarylogic_epi64, _mm512_xor_si512, _mm512_zextsi128_si512,
    };

    /// Bytes of a register.
    const REGISTER: usize = 64;
    /// Registers that are folded side by side: enough to hide how long a multiplication takes.
    const REGISTERS: usize = 8;
    /// Bytes that are folded at once.
    const BLOCK: usize = REGISTERS * REGISTER;

    /// Whether the processor has what is needed.
    pub(super) fn is_there() -> bool {
        is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("vpclmulqdq")
    }

    /// `x` to the power of `n`, modulo the polynomial of CRC-32, with its bits reversed, in 33 bits.
    pub(super) const fn power(n: u32) -> u64 {
        const POLYNOMIAL: u32 = 0x04C1_1DB7;
        let (mut power, mut i) = (1u32, 0);
        while i < n {
            let carry = power >> 31;
            power = (power << 1) ^ (POLYNOMIAL * carry);
            i += 1;
        }
        (power.reverse_bits() as u64) << 1
    }

    /// What the halves of a register are multiplied with, to stand a block further on.
    const LOW: u64 = power(BLOCK as u32 * 8 + 32);
    const HIGH: u64 = power(BLOCK as u32 * 8 - 32);

    /// Copies whole blocks, and folds them onto one another: gives a block that has the same remainder as all of them,
    /// with the remainder of what stood before, and how many bytes were copied.
    ///
    /// # Safety
    ///
    /// There is a block, there is room for all bytes at `to`, where they are not, and the processor has what is named.
    #[target_feature(enable = "avx512f,vpclmulqdq")]
    pub(super) unsafe fn copy(bytes: &[u8], to: *mut u8, before: u32) -> ([u8; BLOCK], usize) {
        let factors = _mm512_set_epi64(
            HIGH as i64,
            LOW as i64,
            HIGH as i64,
            LOW as i64,
            HIGH as i64,
            LOW as i64,
            HIGH as i64,
            LOW as i64,
        );
        let whole = bytes.len() / BLOCK * BLOCK;
        assert!(whole != 0, "there is a block");
        let from = bytes.as_ptr();
        let mut folded = [_mm512_setzero_si512(); REGISTERS];
        for (part, folded) in folded.iter_mut().enumerate() {
            // SAFETY: the part is in the first block.
            *folded = unsafe { take(from, to, part * REGISTER) };
        }
        folded[0] = _mm512_xor_si512(folded[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128(before as i32)));
        let mut place = BLOCK;
        while place < whole {
            for (part, folded) in folded.iter_mut().enumerate() {
                // SAFETY: the part is in the block at `place`, which ends at `whole` or before.
                let data = unsafe { take(from, to, place + part * REGISTER) };
                *folded = fold(*folded, data, factors);
            }
            place += BLOCK;
        }
        let mut block = [0; BLOCK];
        for (part, folded) in folded.into_iter().enumerate() {
            // SAFETY: the part is in the block.
            unsafe { _mm512_storeu_si512(block.as_mut_ptr().add(part * REGISTER).cast(), folded) };
        }
        (block, whole)
    }

    /// Copies a register's bytes at a place.
    ///
    /// # Safety
    ///
    /// There are as many bytes at the place, and there is room for them.
    #[inline]
    #[target_feature(enable = "avx512f,vpclmulqdq")]
    unsafe fn take(from: *const u8, to: *mut u8, place: usize) -> __m512i {
        // SAFETY: as promised.
        unsafe {
            let mut data = _mm512_loadu_si512(from.add(place).cast());
            // No instruction, but the compiler does not see that what is stored is what was loaded: it would copy by a
            // call, and then go through the bytes again.
            asm!("/* {0} */", inout(zmm_reg) data, options(nomem, nostack, preserves_flags));
            _mm512_storeu_si512(to.add(place).cast(), data);
            data
        }
    }

    /// What was folded so far, a block further on, with the data that stands there.
    #[inline]
    #[target_feature(enable = "avx512f,vpclmulqdq")]
    fn fold(folded: __m512i, data: __m512i, factors: __m512i) -> __m512i {
        let low = _mm512_clmulepi64_epi128::<0x00>(folded, factors);
        let high = _mm512_clmulepi64_epi128::<0x11>(folded, factors);
        // The exclusive or of all three.
        _mm512_ternarylogic_epi64::<0x96>(low, high, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copying_gives_the_same_check() {
        let bytes: Vec<u8> = (0..40_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for len in (0..600).chain([4095, 4096, 4097, 4351, 4352, 10_000, 40_000]) {
            for before in [0, 1, 100] {
                let (head, rest) = bytes[..len.max(before)].split_at(before);
                let mut plain = Checksum::new();
                plain.update(head);
                plain.update(rest);
                let (mut copying, mut copy) = (Checksum::new(), vec![0xAA; rest.len() + 1]);
                copying.update(head);
                // SAFETY: there is room for the bytes, in a vector of its own.
                unsafe { copying.copy(rest, copy.as_mut_ptr()) };
                assert_eq!(copying.finish(), plain.finish(), "{len} bytes, {before} before");
                assert_eq!((&copy[..rest.len()], copy[rest.len()]), (rest, 0xAA));
            }
        }
    }

    /// The constants of the paper, for folding by 512 bits.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn powers_are_those_of_the_paper() {
        assert_eq!((x86::power(512 + 32), x86::power(512 - 32)), (0x1_5444_2BD4, 0x1_C6E4_1596));
    }
}
