//! What is looked up in all values of a column: the lowest and the highest, sums, and whether they are valid.

use super::cpu::{Cpu, Job};
use super::int::Int;

/// Values that are looked at together: a number known beforehand needs no code for what is left over.
const BLOCK: usize = 64;
/// The same where there are few.
const SHORT: usize = 8;

/// The lowest and the highest value of a column, which has at least one.
#[inline(always)]
pub(super) fn span<T: Int>(cpu: Cpu, values: &[u8]) -> (T, T) {
    cpu.run(Span::<T>(values, T::ZERO))
}

struct Span<'v, T>(&'v [u8], T);

impl<T: Int> Job for Span<'_, T> {
    type Output = (T, T);

    #[inline(always)]
    fn run(self) -> (T, T) {
        let Span(values, _) = self;
        if values.len() >= BLOCK * T::SIZE {
            blocks::<T, BLOCK>(values)
        } else if values.len() >= SHORT * T::SIZE {
            blocks::<T, SHORT>(values)
        } else {
            blocks::<T, 1>(values)
        }
    }
}

/// Of at least `N` values. The last `N` are looked at again.
#[inline(always)]
fn blocks<T: Int, const N: usize>(values: &[u8]) -> (T, T) {
    let first = T::from_bytes(&values[..T::SIZE]);
    let span = values.chunks_exact(N * T::SIZE).fold((first, first), widened::<T, N>);
    widened::<T, N>(span, &values[values.len() - N * T::SIZE..])
}

#[inline(always)]
fn widened<T: Int, const N: usize>((mut low, mut high): (T, T), block: &[u8]) -> (T, T) {
    let block = &block[..N * T::SIZE];
    for i in 0..N {
        let value = T::from_bytes(&block[i * T::SIZE..(i + 1) * T::SIZE]);
        low = low.min(value);
        high = high.max(value);
    }
    (low, high)
}
