//! What is looked up in all values of a column: the lowest and the highest, sums, and whether they are valid.

use super::cpu::{Cpu, Job, Machine};
use super::int::Int;

/// Values that are looked at together where there are many, some, and few: a number known beforehand needs no code for
/// what is left over. The last ones are looked at again.
const MANY: usize = 256;
const SOME: usize = 64;
const FEW: usize = 8;

/// The lowest and the highest value of a column, which has at least one.
#[inline(always)]
pub(super) fn span<T: Int>(cpu: Cpu, values: &[u8]) -> (T, T) {
    cpu.run(Span::<T>(values, T::ZERO))
}

struct Span<'v, T>(&'v [u8], T);

impl<T: Int> Job for Span<'_, T> {
    type Output = (T, T);

    #[inline(always)]
    fn run<M: Machine>(self, _: M) -> (T, T) {
        let Span(values, _) = self;
        let first = T::from_bytes(&values[..T::SIZE]);
        let mut span = (first, first);
        let (many, rest) = values.split_at(values.len() / (MANY * T::SIZE) * (MANY * T::SIZE));
        if !many.is_empty() {
            span = widened::<T>(span, many);
        }
        if rest.is_empty() {
        } else if values.len() >= SOME * T::SIZE {
            span = blocks::<T, SOME>(span, values, rest);
        } else if values.len() >= FEW * T::SIZE {
            span = blocks::<T, FEW>(span, values, rest);
        } else {
            span = widened(span, rest);
        }
        span
    }
}

#[inline(always)]
fn blocks<T: Int, const N: usize>(span: (T, T), values: &[u8], rest: &[u8]) -> (T, T) {
    let blocks = rest.chunks_exact(N * T::SIZE);
    let span = if blocks.remainder().is_empty() { span } else {
        let last = &values[values.len() - N * T::SIZE..];
        widened::<T>(span, &last[..N * T::SIZE])
    };
    blocks.fold(span, |span, block| widened::<T>(span, &block[..N * T::SIZE]))
}

#[inline(always)]
fn widened<T: Int>((mut low, mut high): (T, T), values: &[u8]) -> (T, T) {
    for value in values.chunks_exact(T::SIZE).map(T::from_bytes) {
        low = low.min(value);
        high = high.max(value);
    }
    (low, high)
}
