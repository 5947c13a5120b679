//! Bit packing: values of `width` bits one after another, the lowest bit first.
//!
//! The widths in use are 1 to 16, the even ones to 32, and whole bytes to 64. Eight values of up to 16 bits, four of up
//! to 32, and one of whole bytes each take whole bytes, at most sixteen: such a group is put together in a register and
//! stored at once.

/// Bytes that a group is stored in, of which the first are its own.
const WORD: usize = 16;

/// Values in a group of this width.
fn group(width: u32) -> usize {
    match width {
        0..=16 => 8,
        17..=32 => 4,
        _ => 1,
    }
}

/// Bytes of `count` values.
pub(super) fn packed_len(width: u32, count: usize) -> Option<usize> {
    count.checked_mul(width as usize).map(|bits| bits.div_ceil(8))
}

/// Appends `count` values, each below `2^width`.
#[inline(always)]
pub(super) fn put_bits(out: &mut Vec<u8>, width: u32, count: usize, value: impl Fn(usize) -> u64) {
    match group(width) {
        8 => put_groups::<8>(out, width, count, value),
        4 => put_groups::<4>(out, width, count, value),
        _ => put_groups::<1>(out, width, count, value),
    }
}

#[inline(always)]
fn put_groups<const N: usize>(out: &mut Vec<u8>, width: u32, count: usize, value: impl Fn(usize) -> u64) {
    let (start, bytes) = (out.len(), N * width as usize / 8);
    let end = start + packed_len(width, count).expect("the values are in memory");
    // Each group is stored as a whole word; the next one overwrites what is not its own.
    out.resize(start + count.div_ceil(N) * bytes + WORD, 0);
    let mut place = start;
    let whole = count / N * N;
    for first in (0..whole).step_by(N) {
        let word: [u64; N] = std::array::from_fn(|i| value(first + i));
        out[place..place + WORD].copy_from_slice(&joined(word, width).to_le_bytes());
        place += bytes;
    }
    if whole < count {
        let word: [u64; N] = std::array::from_fn(|i| if whole + i < count { value(whole + i) } else { 0 });
        out[place..place + WORD].copy_from_slice(&joined(word, width).to_le_bytes());
    }
    out.truncate(end);
}

#[inline(always)]
fn joined<const N: usize>(values: [u64; N], width: u32) -> u128 {
    let mut word = 0;
    for (i, value) in values.into_iter().enumerate() {
        word |= u128::from(value) << (i as u32 * width);
    }
    word
}

/// Reads what [`put_bits`] wrote: `bytes` are exactly those of `count` values.
#[inline(always)]
pub(super) fn get_bits(bytes: &[u8], width: u32, count: usize, value: impl FnMut(u64)) {
    match group(width) {
        8 => get_groups::<8>(bytes, width, count, value),
        4 => get_groups::<4>(bytes, width, count, value),
        _ => get_groups::<1>(bytes, width, count, value),
    }
}

#[inline(always)]
fn get_groups<const N: usize>(bytes: &[u8], width: u32, count: usize, mut value: impl FnMut(u64)) {
    let step = N * width as usize / 8;
    let mask = u64::MAX >> (64 - width);
    let mut left = count;
    let mut from = 0;
    while left > 0 {
        let word = bytes.get(from..).and_then(|rest| rest.first_chunk::<WORD>()).copied().unwrap_or_else(|| {
            // The last words are shorter.
            let mut word = [0; WORD];
            let rest = &bytes[from..];
            word[..rest.len()].copy_from_slice(rest);
            word
        });
        let word = u128::from_le_bytes(word);
        if left >= N {
            (0..N as u32).for_each(|i| value((word >> (i * width)) as u64 & mask));
        } else {
            (0..left as u32).for_each(|i| value((word >> (i * width)) as u64 & mask));
        }
        left -= left.min(N);
        from += step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_and_count_comes_back() {
        let widths = (1..=16).chain((18..=32).step_by(2)).chain((40..=64).step_by(8));
        for width in widths {
            for count in 0..40usize {
                let values: Vec<u64> = (0..count as u64)
                    .map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ u64::MAX << (i % 7)) & (u64::MAX >> (64 - width)))
                    .collect();
                let mut out = vec![1, 2, 3];
                put_bits(&mut out, width, count, |i| values[i]);
                assert_eq!(out.len(), 3 + (count * width as usize).div_ceil(8), "{width} bits, {count} values");
                let mut back = Vec::new();
                get_bits(&out[3..], width, count, |value| back.push(value));
                assert_eq!(back, values, "{width} bits, {count} values");
            }
        }
    }

    #[test]
    fn values_lie_lowest_bit_first() {
        let mut out = Vec::new();
        put_bits(&mut out, 3, 3, |i| [0b001, 0b010, 0b111][i]);
        assert_eq!(out, [0b1101_0001, 0b1]);
    }
}
