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

pub(crate) fn pack_on<T: Int>(cpu: Cpu, values: &[u8], out: &mut Vec<u8>) {
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

pub(crate) fn unpack_on<'d, T: Int>(
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
    use super::*;

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
