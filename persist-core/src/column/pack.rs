//! Integer columns: the narrowest width that holds them, perhaps above a base.
//!
//! A column of one value is a varint. A longer one starts with a byte: the width in bits, 0 to the type's own, and
//! [`BASE`] where the values are offsets above a base, which then follows as a varint. Width 0 means that all values
//! are equal (to the base, or to zero). At the type's own width without a base the values stand as they are.

use super::bits::{get_bits, packed_len, put_bits};
use super::cpu::Cpu;
use super::input::Input;
use super::int::Int;
use super::span::span;
use crate::error::Result;

/// Set in the first byte of a column whose values stand above a base.
const BASE: u8 = 0x80;
/// Width of a 128-bit column that does not fit 64 bits.
const WIDE: u32 = 127;

/// The widths in use: all up to 16 bits, the even ones to 32, whole bytes above.
fn width(bits: u32, full: u32) -> u32 {
    let rounded = match bits {
        0..=16 => bits,
        17..=32 => bits.next_multiple_of(2),
        33..=64 => bits.next_multiple_of(8),
        _ => WIDE,
    };
    if rounded >= full.min(WIDE) { full.min(WIDE) } else { rounded }
}

/// Appends a column, given as the little-endian bytes of its values.
pub(crate) fn pack<T: Int>(values: &[u8], out: &mut Vec<u8>) {
    pack_on::<T>(Cpu::at_hand(), values, out);
}

/// The same, at the type's own width without a base.
pub(crate) fn put_whole<T: Int>(values: &[u8], out: &mut Vec<u8>) {
    if values.len() == T::SIZE {
        return T::from_bytes(values).put(out);
    }
    if !values.is_empty() {
        out.push((T::SIZE as u32 * 8).min(WIDE) as u8);
        out.extend_from_slice(values);
    }
}

fn pack_on<T: Int>(cpu: Cpu, values: &[u8], out: &mut Vec<u8>) {
    match values.len() / T::SIZE {
        0 => return,
        1 => return T::from_bytes(&values[..T::SIZE]).put(out),
        _ => {}
    }
    let full = (T::SIZE as u32 * 8).min(WIDE);
    let (low, high) = span::<T>(cpu, values);
    let plain = if T::SIGNED && low < T::ZERO { full } else { width(128 - high.bits().leading_zeros(), full) };
    let above = width(128 - high.above(low).leading_zeros(), full);
    if plain <= above {
        out.push(plain as u8);
        if plain == full {
            out.extend_from_slice(values);
        } else {
            put_bits(cpu, values, T::Unsigned::ZERO, plain, out);
        }
    } else {
        out.push(above as u8 | BASE);
        low.put(out);
        put_bits(cpu, values, low.unsigned(), above, out);
    }
}

/// What [`unpack`] found.
pub(crate) enum Unpacked<'d> {
    /// All values are equal.
    Equal,
    /// The values stand in the input as they are, little-endian.
    InPlace(&'d [u8]),
    /// The values were appended to the scratch bytes.
    Scratch,
}

/// Reads a column of at least two values. `reserve` is asked before the scratch grows by so many bytes.
pub(crate) fn unpack<'d, T: Int>(
    input: &mut Input<'d>,
    count: usize,
    scratch: &mut Vec<u8>,
    reserve: impl FnOnce(usize) -> Result<()>,
) -> Result<(Unpacked<'d>, T)> {
    unpack_on(Cpu::at_hand(), input, count, scratch, reserve)
}

fn unpack_on<'d, T: Int>(
    cpu: Cpu,
    input: &mut Input<'d>,
    count: usize,
    scratch: &mut Vec<u8>,
    reserve: impl FnOnce(usize) -> Result<()>,
) -> Result<(Unpacked<'d>, T)> {
    let mode = input.byte()?;
    let bits = u32::from(mode & !BASE);
    let full = T::SIZE as u32 * 8;
    if width(bits, full) != bits {
        return Err(input.corrupt(format!("a column of {} cannot be {bits} bits wide", T::KIND.name())));
    }
    let based = mode & BASE != 0;
    if based && bits == full.min(WIDE) {
        return Err(input.corrupt("a column of full width has a base"));
    }
    let base = if based { T::get(input)? } else { T::ZERO };
    if bits == 0 {
        return Ok((Unpacked::Equal, base));
    }
    let bits = if bits == WIDE { 128 } else { bits };
    let bytes = packed_len(bits, count).ok_or_else(|| input.truncated())?;
    let rest = input.rest();
    let source = input.take(bytes)?;
    let used = count * bits as usize % 8;
    if used != 0 && source.last().is_some_and(|last| last >> used != 0) {
        return Err(input.corrupt("bits are set behind the last value of a column"));
    }
    if bits == full {
        return Ok((Unpacked::InPlace(source), base));
    }
    reserve(count * T::SIZE)?;
    get_bits(cpu, rest, count, base.unsigned(), bits, scratch);
    Ok((Unpacked::Scratch, base))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn raw<T: Int>(values: impl Iterator<Item = T>) -> Vec<u8> {
        values.flat_map(|value| value.to_bytes().as_ref().to_vec()).collect()
    }

    /// A column as the format has it, a bit at a time.
    fn simple<T: Int>(values: &[T], width: u32, base: Option<T>) -> Vec<u8> {
        let mut out = vec![width as u8 | if base.is_some() { BASE } else { 0 }];
        base.inspect(|base| base.put(&mut out));
        let (from, bits) = (out.len(), if width == WIDE { 128 } else { width } as usize);
        out.resize(from + (bits * values.len()).div_ceil(8), 0);
        for (i, value) in values.iter().enumerate() {
            let above = value.above(base.unwrap_or(T::ZERO));
            for bit in (0..bits).filter(|&bit| above >> bit & 1 == 1) {
                out[from + (i * bits + bit) / 8] |= 1 << ((i * bits + bit) % 8);
            }
        }
        out
    }

    /// All processors write the same bytes, which come back: at the end of the input, and before other columns.
    fn alike<T: Int + std::fmt::Debug>(values: &[T]) {
        let raw = raw(values.iter().copied());
        let (Some(&low), Some(&high)) = (values.iter().min(), values.iter().max()) else { return };
        let full = (T::SIZE as u32 * 8).min(WIDE);
        let plain = if T::SIGNED && low < T::ZERO { full } else { width(128 - high.bits().leading_zeros(), full) };
        let above = width(128 - high.above(low).leading_zeros(), full);
        let expected = if plain <= above { simple(values, plain, None) } else { simple(values, above, Some(low)) };
        for cpu in Cpu::all() {
            let mut out = vec![1, 2, 3];
            pack_on::<T>(cpu, &raw, &mut out);
            if values.len() == 1 {
                assert_eq!(T::get(&mut Input::new(&out[3..])).unwrap(), low);
                continue;
            }
            assert_eq!(out[3..], expected, "{cpu:?}, {} of {values:?}", values.len());
            for behind in [0, 1, 7, 8, 9, 300] {
                let mut bytes = out[3..].to_vec();
                bytes.resize(bytes.len() + behind, 0xA5);
                let mut input = Input::new(&bytes);
                let mut scratch = vec![4, 5];
                let asked = std::cell::Cell::new(0);
                let reserve = |bytes| {
                    asked.set(bytes);
                    Ok(())
                };
                let (found, base) = unpack_on::<T>(cpu, &mut input, values.len(), &mut scratch, reserve).unwrap();
                let back = match found {
                    Unpacked::Equal => base.to_bytes().as_ref().repeat(values.len()),
                    Unpacked::InPlace(bytes) => bytes.to_vec(),
                    Unpacked::Scratch => scratch.split_off(2),
                };
                assert_eq!(back, raw, "{cpu:?}, {} of {values:?}", values.len());
                assert_eq!(asked.get(), if matches!(found, Unpacked::Scratch) { raw.len() } else { 0 });
                assert_eq!((input.len(), &scratch[..]), (behind, &[4, 5][..]));
            }
        }
    }

    fn values<T: Int>(count: usize, width: u32, base: T, mut seed: u64) -> Vec<T> {
        let mut next = || {
            seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            (seed ^ seed >> 29) & (u64::MAX >> (64 - width))
        };
        (0..count).map(|_| T::raised(base, next())).collect()
    }

    fn all_widths<T: Int + std::fmt::Debug>() {
        // On a negative base, on none, on one in the middle, and where it wraps to the lowest value.
        let top = T::raised(T::ZERO, 1 << (T::SIZE.min(8) * 8 - 1));
        for width in 1..=T::SIZE.min(8) as u32 * 8 {
            for count in (0..20).chain([31, 63, 64, 65, 71, 72, 100, 128, 191, 255, 257, 320, 599]) {
                let base = [T::ZERO, T::raised(T::ZERO, 100), T::raised(top, 3), T::raised(T::ZERO, u64::MAX - 8)];
                alike(&values::<T>(count, width, base[(count + width as usize) % 4], count as u64 + 7));
            }
        }
    }

    #[test]
    fn every_processor_packs_every_width_alike() {
        all_widths::<u8>();
        all_widths::<i8>();
        all_widths::<u16>();
        all_widths::<i16>();
        all_widths::<u32>();
        all_widths::<i32>();
        all_widths::<u64>();
        all_widths::<i64>();
    }

    #[test]
    fn every_processor_packs_128_bits_alike() {
        all_widths::<u128>();
        all_widths::<i128>();
        alike(&[i128::MIN, -1, 0, i128::MAX]);
    }

    proptest! {
        #[test]
        fn every_processor_packs_anything_alike(
            kind in 0..8, width in 1u32..=64, count in 0usize..600, base: u64, seed: u64,
        ) {
            match kind {
                0 => alike(&values::<u8>(count, width, base as u8, seed)),
                1 => alike(&values::<i8>(count, width, base as i8, seed)),
                2 => alike(&values::<u16>(count, width, base as u16, seed)),
                3 => alike(&values::<i16>(count, width, base as i16, seed)),
                4 => alike(&values::<u32>(count, width, base as u32, seed)),
                5 => alike(&values::<i32>(count, width, base as i32, seed)),
                6 => alike(&values::<u64>(count, width, base, seed)),
                _ => alike(&values::<i64>(count, width, base as i64, seed)),
            }
        }
    }

    fn round_trip<T: Int + std::fmt::Debug>(values: &[T]) -> usize {
        let mut raw = Vec::new();
        for value in values {
            raw.extend_from_slice(value.to_bytes().as_ref());
        }
        let mut out = Vec::new();
        pack::<T>(&raw, &mut out);
        let mut input = Input::new(&out);
        if values.len() == 1 {
            assert_eq!(T::get(&mut input).unwrap(), values[0]);
        } else {
            let mut scratch = Vec::new();
            let (found, base) = unpack::<T>(&mut input, values.len(), &mut scratch, |_| Ok(())).unwrap();
            let back = match found {
                Unpacked::Equal => base.to_bytes().as_ref().repeat(values.len()),
                Unpacked::InPlace(bytes) => bytes.to_vec(),
                Unpacked::Scratch => scratch,
            };
            assert_eq!(back, raw, "{values:?}");
        }
        assert!(input.is_empty());
        out.len()
    }

    #[test]
    fn columns_of_every_kind_come_back() {
        assert_eq!(round_trip::<u8>(&[3, 3, 3, 3]), 2);
        assert_eq!(round_trip::<u8>(&[0, 1, 1, 0, 1, 0, 0, 1, 1]), 3);
        assert_eq!(round_trip::<u64>(&[1 << 40, (1 << 40) + 3]), 1 + 6 + 1);
        round_trip::<i8>(&[-128, 127, 0]);
        round_trip::<i16>(&[-1, -2, -3]);
        round_trip::<i32>(&[i32::MIN, i32::MAX]);
        round_trip::<i64>(&[i64::MIN, i64::MIN + 1, i64::MIN + 2]);
        round_trip::<u64>(&[u64::MAX, 0]);
        round_trip::<u128>(&[u128::MAX, 0, 7]);
        round_trip::<u128>(&[1 << 100, (1 << 100) + 255]);
        round_trip::<i128>(&[i128::MIN, i128::MAX]);
        round_trip::<i128>(&[-1, -1]);
        round_trip::<u32>(&[0x1_0001, 0x1_FFFF, 0x2_0000]);
        round_trip::<i128>(&[5]);
    }

    #[test]
    fn every_width_of_u64_comes_back() {
        for bits in 0..64 {
            let top = 1u64 << bits;
            round_trip::<u64>(&[0, top, top - 1, top / 3, 1]);
            round_trip::<u64>(&[top; 9]);
            round_trip::<i64>(&[-(top as i64 / 2), 1, top as i64 / 2]);
        }
    }
}
