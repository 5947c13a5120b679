//! Integers by planes: the lowest bytes of all values, then the next ones, so that like stands beside like.
//!
//! A plane may be of 1, 2 or 4 bits, of which a byte holds several: bytes of as many possible values as they have are
//! what entropy coding works best on.

use super::bits::{get_bits, put_bits, too_wide};
use super::cpu::{Cpu, Job, Machine};
use super::input::Input;
use super::int::Int;
use super::room::push_values;
use crate::error::Result;

/// Values that are put together at a time: a number known beforehand makes wide instructions.
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
    let (base, cpu) = (base.unsigned(), Cpu::at_hand());
    for plane in 0..bits / 8 {
        cpu.run(Put { values, base, shift: plane * 8, out });
        cuts.push(out.len());
    }
    let rest = bits % 8;
    if rest != 0 {
        let mut plane = Vec::new();
        cpu.run(Put { values, base, shift: bits - rest, out: &mut plane });
        put_bits(cpu, &plane, 0u8, rest, out);
        cuts.push(out.len());
    }
}

/// One plane.
struct Put<'v, U> {
    values: &'v [u8],
    base: U,
    shift: u32,
    out: &'v mut Vec<u8>,
}

impl<U: Int> Job for Put<'_, U> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(self, _: M) {
        let Put { values, base, shift, out } = self;
        let byte = |value: &U::Bytes| (U::from_bytes(value.as_ref()).above(base) as u64 >> shift) as u8;
        push_values(out, U::arrays(values).iter().map(byte));
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
    let (base, cpu, mut top) = (base.unsigned(), Cpu::at_hand(), Vec::new());
    if let Some(each) = 8usize.checked_div(rest as usize) {
        let source = input.rest();
        let bytes = input.take(count.div_ceil(each))?;
        let used = count % each * rest as usize;
        if used != 0 && bytes.last().is_some_and(|last| last >> used != 0) {
            return Err(input.corrupt("bits are set behind the last value of a column"));
        }
        if whole == 0 && rest < T::SIZE as u32 * 8 {
            get_bits(cpu, source, count, base, rest, out);
            return Ok(());
        }
        get_bits(cpu, source, count, 0u8, rest, &mut top);
        planes[whole] = &top[..count];
    }
    match whole + usize::from(rest != 0) {
        1 => cpu.run(Get::<_, 1> { planes: &planes, base, count, out }),
        2 if const { T::SIZE > 1 } => cpu.run(Get::<_, 2> { planes: &planes, base, count, out }),
        3 if const { T::SIZE > 2 } => cpu.run(Get::<_, 3> { planes: &planes, base, count, out }),
        4 if const { T::SIZE > 2 } => cpu.run(Get::<_, 4> { planes: &planes, base, count, out }),
        5 if const { T::SIZE > 4 } => cpu.run(Get::<_, 5> { planes: &planes, base, count, out }),
        6 if const { T::SIZE > 4 } => cpu.run(Get::<_, 6> { planes: &planes, base, count, out }),
        7 if const { T::SIZE > 4 } => cpu.run(Get::<_, 7> { planes: &planes, base, count, out }),
        8 if const { T::SIZE > 4 } => cpu.run(Get::<_, 8> { planes: &planes, base, count, out }),
        _ => too_wide(bits),
    }
    Ok(())
}

/// `N` planes, of at least one value.
struct Get<'p, U, const N: usize> {
    planes: &'p [&'p [u8]; 8],
    base: U,
    count: usize,
    out: &'p mut Vec<u8>,
}

impl<U: Int, const N: usize> Job for Get<'_, U, N> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(self, _: M) {
        let Get { planes, base, count, out } = self;
        let many = count / BLOCK * BLOCK;
        let value = |bytes: &[&[u8; BLOCK]; N], i: usize| {
            let value = (0..N).fold(0, |value, plane| value | u64::from(bytes[plane][i]) << (plane * 8));
            U::raised(base, value)
        };
        let mut last = [[0; BLOCK]; N];
        out.reserve(count * U::SIZE);
        for from in (0..many).step_by(BLOCK) {
            let bytes = std::array::from_fn(|plane| {
                planes[plane][from..].first_chunk().expect("a plane has a byte for each value")
            });
            push_values(out, (0..BLOCK).map(|i| value(&bytes, i)));
        }
        for (last, plane) in last.iter_mut().zip(planes) {
            last[..count - many].copy_from_slice(&plane[many..count]);
        }
        let bytes = last.each_ref();
        push_values(out, (0..count - many).map(|i| value(&bytes, i)));
    }
}
