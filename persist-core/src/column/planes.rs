//! Integers by planes: the lowest bytes of all values, then the next ones, so that like stands beside like.
//!
//! A plane may be of 1, 2 or 4 bits, of which a byte holds several: bytes of as many possible values as they have are
//! what entropy coding works best on.

use super::input::Input;
use super::int::Int;
use super::room::push_values;
use crate::error::Result;

/// Values that are put together at a time.
const BLOCK: usize = 64;

/// The number of bits in use for so many: whole planes, and 0, 1, 2 or 4 bits.
pub(super) fn rounded(bits: u32) -> u32 {
    match bits % 8 {
        0..=2 => bits,
        3 | 4 => bits.next_multiple_of(4),
        _ => bits.next_multiple_of(8),
    }
}

/// Appends planes of so many bits, which are rounded, of what values are above a base; notes where they end.
pub(super) fn put<T: Int>(values: &[u8], base: T, bits: u32, out: &mut Vec<u8>, cuts: &mut Vec<usize>) {
    let values = T::arrays(values);
    let above = |value: &T::Bytes| T::from_bytes(value.as_ref()).above(base) as u64;
    for plane in 0..bits / 8 {
        push_values(out, values.iter().map(|value| (above(value) >> (plane * 8)) as u8));
        cuts.push(out.len());
    }
    let rest = bits % 8;
    if rest != 0 {
        let (shift, mask) = (bits - rest, (1 << rest) - 1);
        let join = |chunk: &[T::Bytes]| {
            chunk.iter().rev().fold(0, |byte, value| byte << rest | (above(value) >> shift & mask) as u8)
        };
        push_values(out, values.chunks((8 / rest) as usize).map(join));
        cuts.push(out.len());
    }
}

/// Appends the values of planes, each above a base.
pub(super) fn get<T: Int>(input: &mut Input<'_>, bits: u32, base: T, count: usize, out: &mut Vec<u8>) -> Result<()> {
    let whole = (bits / 8) as usize;
    let mut planes: [&[u8]; 8] = [&[]; 8];
    for plane in &mut planes[..whole] {
        *plane = input.take(count)?;
    }
    let rest = bits % 8;
    let each = 8usize.checked_div(rest as usize).unwrap_or(1);
    let top = if rest == 0 { &[] } else { input.take(count.div_ceil(each))? };
    let used = count % each * rest as usize;
    if used != 0 && top.last().is_some_and(|last| last >> used != 0) {
        return Err(input.corrupt("bits are set behind the last value of a column"));
    }
    let mask = (1u64 << rest) - 1;
    for from in (0..count).step_by(BLOCK) {
        let long = BLOCK.min(count - from);
        let mut values = [0u64; BLOCK];
        for (plane, bytes) in planes[..whole].iter().enumerate() {
            for (value, byte) in values[..long].iter_mut().zip(&bytes[from..from + long]) {
                *value |= u64::from(*byte) << (plane * 8);
            }
        }
        if rest != 0 {
            // Blocks start at whole bytes.
            let bytes = &top[from / each..(from + long).div_ceil(each)];
            for (chunk, byte) in values[..long].chunks_mut(each).zip(bytes) {
                let mut byte = u64::from(*byte);
                for value in chunk {
                    *value |= (byte & mask) << (whole * 8);
                    byte >>= rest;
                }
            }
        }
        push_values(out, values[..long].iter().map(|&value| T::raised(base, value)));
    }
    Ok(())
}
