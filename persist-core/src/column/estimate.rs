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

/// Bits that a value takes where each of its bytes is coded by how often it occurs in its place.
pub(super) fn bits_of_bytes(offsets: &[u64], bits: u32) -> f64 {
    let plane = |plane: u32| {
        // Twice, since equal neighbours would wait for one another.
        let (mut even, mut odd) = ([0u16; 256], [0u16; 256]);
        let byte = |offset: u64| usize::from((offset >> (plane * 8)) as u8);
        let (pairs, rest) = offsets.as_chunks::<2>();
        for [one, other] in pairs {
            even[byte(*one)] += 1;
            odd[byte(*other)] += 1;
        }
        rest.iter().for_each(|offset| even[byte(*offset)] += 1);
        even.iter_mut().zip(odd).for_each(|(even, odd)| *even += odd);
        entropy(&even, offsets.len())
    };
    (0..bits.div_ceil(8)).map(plane).sum()
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
