//! How many bytes a column would take once its bytes are compressed: what entropy coding of single bytes leaves.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::int::Int;
use super::room::push_values;

/// Values that are looked at.
const SAMPLE: usize = 4096;
/// Stretches that they are taken from, so that neighbours are neighbours.
const STRETCHES: usize = 4;

/// A part of a column's values, of stretches all over it.
pub(super) fn sample<T: Int>(values: &[u8]) -> Cow<'_, [u8]> {
    let count = values.len() / T::SIZE;
    if count <= SAMPLE {
        return Cow::Borrowed(values);
    }
    let long = SAMPLE / STRETCHES;
    let mut taken = Vec::with_capacity(SAMPLE * T::SIZE);
    for i in 0..STRETCHES {
        let first = (count - long) / (STRETCHES - 1) * i;
        taken.extend_from_slice(&values[first * T::SIZE..][..long * T::SIZE]);
    }
    Cow::Owned(taken)
}

/// Bits that a value takes where each of its bytes is coded by how often it occurs in its place.
pub(super) fn bits_of_bytes(offsets: &[u64], bits: u32) -> f64 {
    let planes = bits.div_ceil(8) as usize;
    let mut counts = [[0u16; 256]; 8];
    for offset in offsets {
        for (counts, byte) in counts[..planes].iter_mut().zip(offset.to_le_bytes()) {
            counts[usize::from(byte)] += 1;
        }
    }
    counts[..planes].iter().map(|counts| entropy(counts, offsets.len())).sum()
}

/// Of each number up to [`SAMPLE`], itself times its logarithm.
fn logarithms() -> &'static [f32] {
    static TABLE: OnceLock<Vec<f32>> = OnceLock::new();
    TABLE.get_or_init(|| (0..=SAMPLE).map(|count| count as f32 * (count.max(1) as f32).log2()).collect())
}

/// Bits for each of symbols that occur so often, at most [`SAMPLE`] in all, with a share of what tells how they are
/// coded.
pub(super) fn entropy(counts: &[u16], total: usize) -> f64 {
    let table = logarithms();
    let (mut sum, mut seen) = (table[total.min(SAMPLE)], 0);
    for &count in counts {
        sum -= table[usize::from(count).min(SAMPLE)];
        seen += u32::from(count != 0);
    }
    // What a sample of few values hides (Miller and Madow).
    (f64::from(sum) + f64::from(seen.saturating_sub(1)) * 0.72) / total.max(1) as f64
}

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
