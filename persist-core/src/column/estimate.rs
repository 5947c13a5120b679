//! How many bytes a column would take once its bytes are compressed: what entropy coding of single bytes leaves.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::int::Int;
use super::room::push_values;

/// Values that are looked at, at most.
pub(super) const SAMPLE: usize = 1024;
/// Stretches that they are taken from, so that neighbours are neighbours.
const STRETCHES: usize = 4;

/// A part of a column's values, `most` of them, of stretches all over it.
pub(super) fn sample<T: Int>(values: &[u8], most: usize) -> Cow<'_, [u8]> {
    let count = values.len() / T::SIZE;
    if count <= most {
        return Cow::Borrowed(values);
    }
    let long = most / STRETCHES;
    let mut taken = Vec::with_capacity(most * T::SIZE);
    for i in 0..STRETCHES {
        let first = (count - long) / (STRETCHES - 1) * i;
        taken.extend_from_slice(&values[first * T::SIZE..][..long * T::SIZE]);
    }
    Cow::Owned(taken)
}

/// Values whose bytes in a place are looked at first, and so many that are different where all bytes are as likely.
const FIRST: usize = 128;
const DIFFERENT: usize = 93;

/// Bits that a value takes where each of its bytes is coded by how often it occurs in its place.
pub(super) fn bits_of_bytes(offsets: &[u64], bits: u32) -> f64 {
    let Some(first) = offsets.first() else { return 0.0 };
    let differ = offsets.iter().fold(0, |differ, offset| differ | (offset ^ first));
    let planes = (0..bits.div_ceil(8)).filter(|plane| differ >> (plane * 8) & 0xFF != 0);
    planes.map(|plane| if are_even(offsets, plane) { 8.0 } else { bits_of_plane(offsets, plane) }).sum()
}

#[inline(always)]
fn byte(offset: u64, plane: u32) -> u8 {
    (offset >> (plane * 8)) as u8
}

/// Whether about all bytes seem to be as likely as others in a place: most need no closer look.
fn are_even(offsets: &[u64], plane: u32) -> bool {
    let Some((few, _)) = offsets.split_first_chunk::<FIRST>() else { return false };
    let mut seen = [0u8; 256];
    few.iter().for_each(|offset| seen[usize::from(byte(*offset, plane))] = 1);
    seen.as_chunks()
        .0
        .iter()
        .map(|&seen| u64::from_le_bytes(seen))
        .fold(0, u64::wrapping_add)
        .to_le_bytes()
        .iter()
        .map(|&seen| usize::from(seen))
        .sum::<usize>()
        >= DIFFERENT
}

fn bits_of_plane(offsets: &[u64], plane: u32) -> f64 {
    // Several, since equal neighbours would wait for one another.
    let (mut counts, (fours, rest)) = ([[0u16; 256]; 4], offsets.as_chunks::<4>());
    for four in fours {
        counts.iter_mut().zip(four).for_each(|(counts, offset)| counts[usize::from(byte(*offset, plane))] += 1);
    }
    rest.iter().for_each(|offset| counts[0][usize::from(byte(*offset, plane))] += 1);
    let [mut sums, others @ ..] = counts;
    for others in others {
        sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += other);
    }
    entropy(&sums, offsets.len())
}

/// Of each number up to [`SAMPLE`], itself times its logarithm, with so many binary places; and 1 far above where it is not 0.
fn logarithms() -> &'static [u64; SAMPLE + 1] {
    static TABLE: OnceLock<[u64; SAMPLE + 1]> = OnceLock::new();
    TABLE.get_or_init(|| {
        std::array::from_fn(|count| match count as f64 {
            0.0 => 0,
            count => (count * count.log2() * f64::from(1 << PLACES)).round() as u64 | 1 << SYMBOLS,
        })
    })
}

/// Bits for each of symbols that occur so often, at most [`SAMPLE`] in all, with a share of what tells how they are
/// coded.
pub(super) fn entropy(counts: &[u16; 256], total: usize) -> f64 {
    let (table, total) = (logarithms(), total.clamp(1, SAMPLE));
    let sum: u64 = counts.iter().map(|&count| table[usize::from(count).min(SAMPLE)]).sum();
    let (seen, sum) = (sum >> SYMBOLS, sum & ((1 << SYMBOLS) - 1));
    let all = table[total] & ((1 << SYMBOLS) - 1);
    // What a sample of few values hides (Miller and Madow).
    let hidden = seen.saturating_sub(1) as f64 * 0.72;
    ((all as f64 - sum as f64) / f64::from(1 << PLACES) + hidden) / total as f64
}

/// Binary places of a logarithm, and where the number of symbols stands.
const PLACES: u32 = 16;
const SYMBOLS: u32 = 40;

/// The differences between neighbours, wrapping.
pub(super) fn differences<T: Int>(values: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(values.len().saturating_sub(T::SIZE));
    let first = T::arrays(values);
    let pairs = first.iter().zip(&first[first.len().min(1)..]);
    push_values::<T>(
        &mut out,
        pairs.map(|(a, b)| T::raised(T::ZERO, T::from_bytes(b.as_ref()).above(T::from_bytes(a.as_ref())) as u64)),
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_about_those_of_entropy_coding() {
        let noise = |i: u64| {
            (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31).wrapping_mul(0xD134_2543_DE82_EF95) >> 20
        };
        let near = |values: &dyn Fn(u64) -> u64, bits: u32, expected: f64| {
            for count in [256, SAMPLE as u64] {
                let offsets: Vec<u64> = (0..count).map(values).collect();
                let found = bits_of_bytes(&offsets, bits);
                assert!((found - expected).abs() <= 0.05 + expected / 16.0, "{found} of {expected}, of {count} values");
            }
        };
        near(&|_| 77, 8, 0.0);
        near(&|i| i % 2, 8, 1.0);
        near(&|i| noise(i) % 16, 8, 4.0);
        near(&|i| noise(i) % 256, 8, 8.0);
        near(&|i| ((noise(i) % (1 << 24)) << 8) | 3, 32, 24.0);
        near(&|i| if noise(i) % 10 == 0 { 1 << 16 } else { 0 }, 24, 0.47);
        assert!(bits_of_bytes(&[], 64) == 0.0);
    }
}
