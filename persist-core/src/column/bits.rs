//! Bit packing: values of `width` bits one after another, the lowest bit first.
//!
//! Eight values of a width of `width` bits are `width` bytes, so groups of eight start at whole bytes; a last group
//! that is not full takes just the bytes it needs.

/// Appends `count` values, each below `2^width`; width 1 to 64.
pub(super) fn put_bits(out: &mut Vec<u8>, width: u32, count: usize, mut value: impl FnMut(usize) -> u64) {
    let mut at = 0;
    while at < count {
        let group = (count - at).min(8);
        let start = out.len();
        let mut pending = 0u128;
        let mut bits = 0;
        for i in at..at + group {
            pending |= u128::from(value(i)) << bits;
            bits += width;
            if bits >= 64 {
                out.extend_from_slice(&(pending as u64).to_le_bytes());
                pending >>= 64;
                bits -= 64;
            }
        }
        let tail = pending.to_le_bytes();
        out.extend_from_slice(&tail[..bits.div_ceil(8) as usize]);
        debug_assert_eq!(out.len() - start, (group * width as usize).div_ceil(8));
        at += group;
    }
}

/// Reads what [`put_bits`] wrote: `bytes` are exactly those of `count` values.
pub(super) fn get_bits(bytes: &[u8], width: u32, count: usize, mut value: impl FnMut(u64)) {
    let mask = u64::MAX >> (64 - width);
    let mut left = count;
    for group in bytes.chunks(width as usize) {
        let mut pending = 0u128;
        let mut bits = 0;
        let mut words = group.chunks(8);
        for _ in 0..left.min(8) {
            if bits < width {
                let mut word = [0u8; 8];
                let chunk = words.next().unwrap_or_default();
                word[..chunk.len()].copy_from_slice(chunk);
                pending |= u128::from(u64::from_le_bytes(word)) << bits;
                bits += 64;
            }
            value(pending as u64 & mask);
            pending >>= width;
            bits -= width;
        }
        left -= left.min(8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_and_count_comes_back() {
        for width in 1..=64u32 {
            for count in 0..40usize {
                let values: Vec<u64> = (0..count as u64)
                    .map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ u64::MAX << (i % 7)) & (u64::MAX >> (64 - width)))
                    .collect();
                let mut out = Vec::new();
                put_bits(&mut out, width, count, |i| values[i]);
                assert_eq!(out.len(), (count * width as usize).div_ceil(8), "{width} bits, {count} values");
                let mut back = Vec::new();
                get_bits(&out, width, count, |value| back.push(value));
                assert_eq!(back, values, "{width} bits, {count} values");
            }
        }
    }
}
