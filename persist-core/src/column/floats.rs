//! Float runs of level Small: each float of the row is a column of its own, a lane, of integers.
//!
//! The integers are the floats' bits, or multiples of a power of two, where all floats of a lane are that: numbers that
//! were rounded, counted or drawn have fewer digits than a float has room for.

use super::estimate::{self, sample};
use super::forms::{FEW, Form, base, best, estimate as estimate_form, pack_as, unpack};
use super::input::Input;
use super::int::Int;
use super::pack::Unpacked;
use super::put_varint;
use super::room::push_values;
use crate::error::Result;

/// The rows as they are.
const ROWS: u8 = 0;
/// Lanes of floats of so many bytes, by their bits; see [`MULTIPLES`].
const F32: u8 = 4;
const F64: u8 = 8;
/// Set in the mark of a lane of multiples.
const MULTIPLES: u8 = 0x10;

/// Floats of a lane that are looked at: one of so many, and so many at least.
const SHARE: usize = 16;
const SAMPLE: usize = 256;
/// Rows from which on a lane is worth an estimate of what its bits take, and its multiples.
const CLOSELY: usize = 4096;
/// Rows that lanes are put together to at a time.
const NEAR: usize = 64;

/// Bits before the exponent of a float, and the exponent of its lowest bit.
struct Floats {
    mantissa: u32,
    lowest: i32,
}

const SINGLE: Floats = Floats { mantissa: 23, lowest: -149 };
const DOUBLE: Floats = Floats { mantissa: 52, lowest: -1074 };

/// Appends a column of rows of `size` bytes, of which each lane takes as many bytes as `lanes` says.
pub(crate) fn pack_floats(rows: &[u8], lanes: &[u8], out: &mut Vec<u8>, cuts: &mut Vec<usize>) {
    let size: usize = lanes.iter().map(|&lane| usize::from(lane)).sum();
    // Each lane of a long row takes a few bytes of its own.
    if rows.len() / size < FEW {
        out.push(ROWS);
        out.extend_from_slice(rows);
        return;
    }
    let mut from = 0;
    for &lane in lanes {
        if lane == F32 {
            let mut bits = Vec::with_capacity(rows.len() / size * 4);
            push_values(&mut bits, rows.chunks_exact(size).map(|row| u32::from_bytes(&row[from..from + 4])));
            pack_lane::<u32>(&bits, out, cuts);
        } else {
            let mut bits = Vec::with_capacity(rows.len() / size * 8);
            push_values(&mut bits, rows.chunks_exact(size).map(|row| u64::from_bytes(&row[from..from + 8])));
            pack_lane::<u64>(&bits, out, cuts);
        }
        from += usize::from(lane);
    }
}

fn pack_lane<U: Int>(lane: &[u8], out: &mut Vec<u8>, cuts: &mut Vec<usize>) {
    let (form, multiples) = best_form::<U>(lane);
    let Some((step, multiples)) = multiples else {
        out.push(U::SIZE as u8);
        return pack_as::<U>(form, lane, out, cuts);
    };
    out.push(U::SIZE as u8 | MULTIPLES);
    put_varint(out, (step - kind::<U>().lowest) as u64);
    if U::SIZE == 4 {
        pack_as::<i32>(form, &multiples, out, cuts);
    } else {
        pack_as::<i64>(form, &multiples, out, cuts);
    }
}

fn kind<U: Int>() -> Floats {
    if U::SIZE == 4 { SINGLE } else { DOUBLE }
}

/// The mantissa of a float, and the exponent of its lowest bit, given its bits.
fn parts<U: Int>(bits: u64) -> (u64, i32) {
    let Floats { mantissa, lowest } = kind::<U>();
    let fraction = bits & ((1 << mantissa) - 1);
    let exponent = (bits & !(1 << (U::SIZE * 8 - 1))) >> mantissa;
    if exponent == 0 { (fraction, lowest) } else { (fraction | 1 << mantissa, exponent as i32 - 1 + lowest) }
}

/// The exponent of the largest power of two that all floats of a lane are multiples of, where the multiples fit the
/// integer of a float's size; none where a float is not finite, or zero below zero.
fn step<U: Int>(lane: &[u8]) -> Option<i32> {
    let Floats { mantissa, .. } = kind::<U>();
    let sign = 1u64 << (U::SIZE * 8 - 1);
    let infinite = (sign - 1) >> mantissa << mantissa;
    let (mut least, mut most) = (i32::MAX, i32::MIN);
    for bits in U::arrays(lane).iter().map(|bits| U::from_bytes(bits.as_ref()).bits() as u64) {
        if bits == sign || bits & infinite == infinite {
            return None;
        }
        let (number, exponent) = parts::<U>(bits);
        if number != 0 {
            least = least.min(exponent + number.trailing_zeros() as i32);
            most = most.max(exponent + 64 - number.leading_zeros() as i32);
        }
    }
    match least {
        i32::MAX => Some(0),
        _ if most - least < U::SIZE as i32 * 8 => Some(least),
        _ => None,
    }
}

/// The best form of a lane; with a step that all floats are multiples of, and the multiples, where it is that of these
/// and not of the bits.
fn best_form<U: Int>(lane: &[u8]) -> (Form, Option<(i32, Vec<u8>)>) {
    // A part tells whether it pays, and mostly the step, too.
    let rows = lane.len() / U::SIZE;
    let part = sample::<U>(lane, (rows / SHARE).clamp(SAMPLE, estimate::SAMPLE));
    let Some(guess) = step::<U>(&part) else { return (best::<U>(&part).0, None) };
    if rows < CLOSELY
        && let Some((step, multiples)) = all_multiples::<U>(lane, guess)
        && is_narrow::<U>(&multiples)
    {
        let form = best_of_multiples::<U>(&sample::<U>(&multiples, SAMPLE)).0;
        return (form, Some((step, multiples)));
    }
    let (form, bits) = estimate_form::<U>(&part);
    let few = multiples::<U>(&part, guess);
    let Some((better, fewer)) = few.map(|few| estimate_multiples::<U>(&few)) else { return (form, None) };
    if fewer >= bits {
        return (form, None);
    }
    match all_multiples::<U>(lane, guess) {
        Some(found) => (better, Some(found)),
        None => (form, None),
    }
}

/// A step that all floats of a lane are multiples of, which may be the one that a part of them has, and the multiples.
fn all_multiples<U: Int>(lane: &[u8], guess: i32) -> Option<(i32, Vec<u8>)> {
    let with = |step| Some((step, multiples::<U>(lane, step)?));
    with(guess).or_else(|| with(step::<U>(lane)?))
}

/// Whether multiples have no more bits than a float has digits: then they have nothing that the floats' bits have not.
fn is_narrow<U: Int>(multiples: &[u8]) -> bool {
    let bits = if U::SIZE == 4 { base::<i32>(multiples).1 } else { base::<i64>(multiples).1 };
    bits <= kind::<U>().mantissa + 1
}

fn best_of_multiples<U: Int>(multiples: &[u8]) -> (Form, Option<f64>) {
    if U::SIZE == 4 { best::<i32>(multiples) } else { best::<i64>(multiples) }
}

fn estimate_multiples<U: Int>(multiples: &[u8]) -> (Form, f64) {
    if U::SIZE == 4 { estimate_form::<i32>(multiples) } else { estimate_form::<i64>(multiples) }
}

/// Two to the power of `exponent`, as two factors that are floats with all their bits.
fn power(exponent: i32) -> (f64, f64) {
    let power = |exponent: i32| f64::from_bits(((exponent + 1023) as u64) << 52);
    (power(exponent / 2), power(exponent - exponent / 2))
}

/// The floats of a lane as multiples of two to the power of `step`, where all are.
fn multiples<U: Int>(lane: &[u8], step: i32) -> Option<Vec<u8>> {
    /// Added to an integer of less than 52 bits, the integer stands in the lowest ones.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    let mut out = Vec::with_capacity(lane.len());
    let mut differ = false;
    if U::SIZE == 4 {
        let ((low, high), (down, up)) = (power(step), power(-step));
        push_values(
            &mut out,
            lane.as_chunks::<4>().0.iter().map(|bytes| {
                let number = (f64::from(f32::from_le_bytes(*bytes)) * down * up + SHIFT).to_bits() as i32;
                differ |= ((f64::from(number) * low * high) as f32).to_le_bytes() != *bytes;
                number
            }),
        );
    } else {
        let ((low, high), (down, up)) = (power(step), power(-step));
        push_values(
            &mut out,
            lane.as_chunks::<8>().0.iter().map(|bytes| {
                let number = (f64::from_le_bytes(*bytes) * down * up) as i64;
                differ |= (number as f64 * low * high).to_le_bytes() != *bytes;
                number
            }),
        );
    }
    (!differ).then_some(out)
}

/// The floats of a column, which has at least two rows of `size` bytes.
pub(crate) enum Rows<'d> {
    InPlace(&'d [u8]),
    /// They were appended to the scratch bytes.
    Scratch,
}

/// Reads a column of at least two rows. `reserve` is asked before the scratch grows by so many bytes.
pub(crate) fn unpack_floats<'d>(
    input: &mut Input<'d>,
    count: usize,
    size: usize,
    scratch: &mut Vec<u8>,
    mut reserve: impl FnMut(usize) -> Result<()>,
) -> Result<Rows<'d>> {
    let bytes = count.checked_mul(size).ok_or_else(|| input.truncated())?;
    if input.peek() == Some(ROWS) {
        input.byte()?;
        return input.take(bytes).map(Rows::InPlace);
    }
    reserve(bytes)?;
    let start = scratch.len();
    scratch.resize(start + bytes, 0);
    // Where each lane stands in a row, and its floats.
    let mut lanes: Vec<(usize, Vec<u8>)> = Vec::new();
    let mut from = 0;
    while from < size {
        let mark = input.byte()?;
        let long = usize::from(mark & !MULTIPLES);
        if !matches!(mark & !MULTIPLES, F32 | F64) || long > size - from {
            return Err(input.corrupt("a lane of floats is of no known kind"));
        }
        let mut lane = Vec::new();
        if long == 4 {
            read_lane::<u32, i32>(mark, input, count, &mut lane, &mut reserve)?;
        } else {
            read_lane::<u64, i64>(mark, input, count, &mut lane, &mut reserve)?;
        }
        lanes.push((from, lane));
        from += long;
    }
    // So few rows at a time that they stay in the nearest cache.
    for (i, rows) in scratch[start..].chunks_mut(size * NEAR).enumerate() {
        let first = i * NEAR;
        for (from, lane) in &lanes {
            if lane.len() == count * 4 {
                scatter::<4>(&lane[first * 4..], rows, size, *from);
            } else {
                scatter::<8>(&lane[first * 8..], rows, size, *from);
            }
        }
    }
    Ok(Rows::Scratch)
}

fn scatter<const N: usize>(lane: &[u8], rows: &mut [u8], size: usize, from: usize) {
    for (row, float) in rows.chunks_exact_mut(size).zip(lane.as_chunks::<N>().0) {
        row[from..from + N].copy_from_slice(float);
    }
}

fn read_lane<U: Int, I: Int>(
    mark: u8,
    input: &mut Input<'_>,
    count: usize,
    lane: &mut Vec<u8>,
    reserve: &mut dyn FnMut(usize) -> Result<()>,
) -> Result<()> {
    if mark & MULTIPLES == 0 {
        return values::<U>(input, count, lane, reserve);
    }
    let Floats { lowest, .. } = kind::<U>();
    let step = input.length()? as i64;
    // Up to the exponent of the largest float.
    if step > i64::from(-lowest) * 2 {
        return Err(input.corrupt("the step of a lane of floats is not of a float's size"));
    }
    let step = step as i32 + lowest;
    values::<I>(input, count, lane, reserve)?;
    let (low, high) = power(step);
    if U::SIZE == 4 {
        for bytes in lane.as_chunks_mut::<4>().0 {
            // Exact but for the last step.
            let value = f64::from(i32::from_le_bytes(*bytes)) * low * high;
            *bytes = (value as f32).to_le_bytes();
        }
    } else {
        for bytes in lane.as_chunks_mut::<8>().0 {
            let value = i64::from_le_bytes(*bytes) as f64 * low * high;
            *bytes = value.to_le_bytes();
        }
    }
    Ok(())
}

/// Appends the values of a column of at least two.
fn values<T: Int>(
    input: &mut Input<'_>,
    count: usize,
    out: &mut Vec<u8>,
    reserve: &mut dyn FnMut(usize) -> Result<()>,
) -> Result<()> {
    let (found, base) = unpack::<T>(input, count, out, reserve)?;
    match found {
        Unpacked::Scratch => {}
        Unpacked::InPlace(bytes) => out.extend_from_slice(bytes),
        Unpacked::Equal => push_values(out, std::iter::repeat_n(base, count)),
    }
    Ok(())
}
