//! What is asked of all values of a column: the lowest and the highest, sums, and whether they are valid.
//!
//! Values are given as little-endian bytes. None of these functions knows a column's form: of equal values, which have
//! no bytes, whoever asks knows the answer.

use std::marker::PhantomData;

use super::cpu::{Cpu, Job, Machine};
use super::int::Int;

/// Values that are looked at together where there are many, some, and few: a number known beforehand needs no code for
/// what is left over.
const MANY: usize = 256;
const SOME: usize = 64;
const FEW: usize = 8;

/// The lowest and the highest value of a column, which has at least one.
#[inline(always)]
pub(super) fn span<T: Int>(cpu: Cpu, values: &[u8]) -> (T, T) {
    cpu.run(Span::<T>(values, PhantomData))
}

struct Span<'v, T>(&'v [u8], PhantomData<T>);

impl<T: Int> Job for Span<'_, T> {
    type Output = (T, T);
    /// Before these, no instruction compared values of 64 bits.
    const WIDEST: bool = T::SIZE == 8;

    #[inline(always)]
    fn run<M: Machine>(self, _: M) -> (T, T) {
        let Span(values, _) = self;
        let first = T::from_bytes(&values[..T::SIZE]);
        let mut span = (first, first);
        let (many, rest) = values.split_at(values.len() / (MANY * T::SIZE) * (MANY * T::SIZE));
        if !many.is_empty() {
            span = widened::<T>(span, many);
        }
        if values.len() >= SOME * T::SIZE {
            blocks::<T, SOME>(span, values, rest)
        } else if values.len() >= FEW * T::SIZE {
            blocks::<T, FEW>(span, values, rest)
        } else {
            widened(span, rest)
        }
    }
}

/// With the rest of values, which are at least `N`; the last of them may be looked at twice.
#[inline(always)]
fn blocks<T: Int, const N: usize>(span: (T, T), values: &[u8], rest: &[u8]) -> (T, T) {
    let blocks = rest.chunks_exact(N * T::SIZE);
    let span = if blocks.remainder().is_empty() {
        span
    } else {
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

/// The highest of bytes, 0 where there are none.
pub(crate) fn highest(bytes: &[u8]) -> u8 {
    highest_on(Cpu::at_hand(), bytes)
}

fn highest_on(cpu: Cpu, bytes: &[u8]) -> u8 {
    struct Highest<'v>(&'v [u8]);

    impl Job for Highest<'_> {
        type Output = u8;

        #[inline(always)]
        fn run<M: Machine>(self, _: M) -> u8 {
            let mut highest = 0;
            for &byte in self.0 {
                highest = highest.max(byte);
            }
            highest
        }
    }

    cpu.run(Highest(bytes))
}

/// How many of bytes that are all 0 or 1 are 1.
pub(crate) fn count_set(flags: &[u8]) -> usize {
    count_set_on(Cpu::at_hand(), flags)
}

fn count_set_on(cpu: Cpu, flags: &[u8]) -> usize {
    struct Set<'v>(&'v [u8]);

    impl Job for Set<'_> {
        type Output = usize;

        #[inline(always)]
        fn run<M: Machine>(self, _: M) -> usize {
            let (words, rest) = self.0.as_chunks::<8>();
            let mut count = 0;
            for word in words {
                count += u64::from_le_bytes(*word).count_ones() as usize;
            }
            rest.iter().fold(count, |count, &flag| count + usize::from(flag))
        }
    }

    cpu.run(Set(flags))
}

/// The sum of 32-bit values. Of so many that it is not below `2^64` there is no memory.
pub(crate) fn sum_u32(values: &[u8]) -> u64 {
    sum_u32_on(Cpu::at_hand(), values)
}

fn sum_u32_on(cpu: Cpu, values: &[u8]) -> u64 {
    struct Sum<'v>(&'v [u8]);

    impl Job for Sum<'_> {
        type Output = u64;

        #[inline(always)]
        fn run<M: Machine>(self, _: M) -> u64 {
            let mut sum = 0u64;
            for value in self.0.as_chunks::<4>().0 {
                sum = sum.wrapping_add(u64::from(u32::from_le_bytes(*value)));
            }
            sum
        }
    }

    cpu.run(Sum(values))
}

/// Whether all 32-bit values are Unicode scalar values.
pub(crate) fn all_chars(values: &[u8]) -> bool {
    all_chars_on(Cpu::at_hand(), values)
}

fn all_chars_on(cpu: Cpu, values: &[u8]) -> bool {
    struct Chars<'v>(&'v [u8]);

    impl Job for Chars<'_> {
        type Output = bool;

        #[inline(always)]
        fn run<M: Machine>(self, _: M) -> bool {
            let mut wrong = false;
            for value in self.0.as_chunks::<4>().0 {
                let value = u32::from_le_bytes(*value);
                // Surrogates, moved to the front; then what is above the last character.
                wrong |= value.wrapping_sub(0xD800) < 0x800;
                wrong |= value > 0x10_FFFF;
            }
            !wrong
        }
    }

    cpu.run(Chars(values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_processor_answers_alike() {
        for cpu in Cpu::all() {
            for count in (0..200u32).chain([1000, 5000]) {
                let values: Vec<u32> = (0..count).map(|i| i.wrapping_mul(0x9E37_79B9) >> (i % 30)).collect();
                let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                let flags: Vec<u8> = values.iter().map(|value| (value & 1) as u8).collect();
                assert_eq!(sum_u32_on(cpu, &raw), values.iter().map(|&value| u64::from(value)).sum::<u64>());
                assert_eq!(highest_on(cpu, &raw), raw.iter().copied().max().unwrap_or(0));
                assert_eq!(count_set_on(cpu, &flags), values.iter().filter(|&&value| value % 2 == 1).count());
                assert_eq!(all_chars_on(cpu, &raw), values.iter().all(|&value| char::from_u32(value).is_some()));
                if count > 0 {
                    let expected = (*values.iter().min().unwrap(), *values.iter().max().unwrap());
                    assert_eq!(span::<u32>(cpu, &raw), expected);
                    let signed = |value: &u32| *value as i32;
                    let expected = (values.iter().map(signed).min().unwrap(), values.iter().map(signed).max().unwrap());
                    assert_eq!(span::<i32>(cpu, &raw), expected);
                }
            }
            for value in [0, 0xD7FF, 0xD800, 0xDFFF, 0xE000, 0x10_FFFF, 0x11_0000, u32::MAX] {
                let mut raw = [65u32; 40];
                raw[33] = value;
                let raw: Vec<u8> = raw.iter().flat_map(|value| value.to_le_bytes()).collect();
                assert_eq!(all_chars_on(cpu, &raw), char::from_u32(value).is_some(), "{value:x}");
            }
        }
    }
}
