//! Bit packing: values of `width` bits one after another, the lowest bit first.
//!
//! The widths in use are 1 to 16, the even ones to 32, and whole bytes to 64. Values are narrowed to lanes of 8, 16 or
//! 32 bits, a block at a time; then the lanes of a word of 64 bits are joined. Both is done for a block in one go, so
//! that it takes the widest registers. Joined words of 8-bit lanes are whole bytes, and so are pairs of others.

use super::cpu::{Cpu, Job};
use super::int::Int;
use super::push::push_values;
use super::room::Room;

/// Values in a block.
const BLOCK: usize = 64;

/// Bytes of `count` values.
pub(super) fn packed_len(width: u32, count: usize) -> Option<usize> {
    count.checked_mul(width as usize).map(|bits| bits.div_ceil(8))
}

/// Appends what values are above a base, each below `2^width`; the width is below that of the values.
#[inline(always)]
pub(super) fn put_bits<U: Int>(cpu: Cpu, values: &[u8], base: U, width: u32, out: &mut Vec<u8>) {
    cpu.run(Put { values, base, width, out });
}

struct Put<'v, 'o, U> {
    values: &'v [u8],
    base: U,
    width: u32,
    out: &'o mut Vec<u8>,
}

impl<U: Int> Job for Put<'_, '_, U> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Put { values, base, width, out } = self;
        match width {
            0 => {}
            1..8 => put_lanes::<U, 1, 64, 8>(values, base, width, out),
            8 => put_cut::<U, u8>(values, base, out),
            _ if U::SIZE == 1 => unreachable(width),
            9..16 => put_lanes::<U, 2, 128, 16>(values, base, width, out),
            16 => put_cut::<U, u16>(values, base, out),
            _ if U::SIZE == 2 => unreachable(width),
            17..32 => put_lanes::<U, 4, 256, 32>(values, base, width, out),
            32 => put_cut::<U, u32>(values, base, out),
            _ if U::SIZE == 4 => unreachable(width),
            64 => put_cut::<U, u64>(values, base, out),
            _ => put_bytes(values, base, width, out),
        }
    }
}

#[cold]
fn unreachable(width: u32) -> ! {
    unreachable!("{width} bits are too many for the values")
}

#[inline(always)]
fn each<U: Int>(values: &[u8]) -> impl ExactSizeIterator<Item = U> {
    values.chunks_exact(U::SIZE).map(U::from_bytes)
}

/// Values of a size that there is a type for.
#[inline(always)]
fn put_cut<U: Int, L: Int>(values: &[u8], base: U, out: &mut Vec<u8>) {
    push_values(out, each::<U>(values).map(|value| L::raised(L::ZERO, value.above(base) as u64)));
}

/// Values of another number of bytes, 5 to 7.
#[inline(always)]
fn put_bytes<U: Int>(values: &[u8], base: U, width: u32, out: &mut Vec<u8>) {
    let step = width as usize / 8;
    let mut room = Room::behind(out, values.len() / U::SIZE * step);
    each::<U>(values).for_each(|value| room.put(value.above(base) as u64, step));
    room.finish(values.len() / U::SIZE * step);
}

/// `L` bytes to a lane, `N` to a block, which is of `W` words.
#[inline(always)]
fn put_lanes<U: Int, const L: usize, const N: usize, const W: usize>(
    values: &[u8],
    base: U,
    width: u32,
    out: &mut Vec<u8>,
) {
    let bytes = packed_len(width, values.len() / U::SIZE).expect("the values are in memory");
    let mut room = Room::behind(out, bytes);
    let mut lanes = [0; N];
    let blocks = values.chunks_exact(BLOCK * U::SIZE);
    let rest = blocks.remainder();
    for block in blocks {
        narrow::<U, L>(block, base, &mut lanes);
        store::<L>(&joined::<L, W>(&lanes, width), width, &mut room);
    }
    if !rest.is_empty() {
        let count = rest.len() / U::SIZE;
        narrow::<U, L>(rest, base, &mut lanes);
        lanes[count * L..].fill(0);
        let words = count.div_ceil(8) * L;
        store::<L>(&joined::<L, W>(&lanes, width)[..words], width, &mut room);
    }
    room.finish(bytes);
}

#[inline(always)]
fn narrow<U: Int, const L: usize>(values: &[u8], base: U, lanes: &mut [u8]) {
    for (lane, value) in lanes.chunks_exact_mut(L).zip(each::<U>(values)) {
        lane.copy_from_slice(&(value.above(base) as u64).to_le_bytes()[..L]);
    }
}

/// The lower part of each lane of so many bits.
#[inline(always)]
const fn lower(bits: u32, part: u32) -> u64 {
    let (mut all, mut at) = (0, 0);
    while at < 64 {
        all |= (u64::MAX >> (64 - part)) << at;
        at += bits;
    }
    all
}

/// The values of each word next to one another, lowest first.
#[inline(always)]
fn joined<const L: usize, const W: usize>(lanes: &[u8], width: u32) -> [u64; W] {
    let lanes = &lanes[..W * 8];
    let mut words = [0; W];
    for i in 0..W {
        let mut word = u64::from_le_bytes(lanes[i * 8..(i + 1) * 8].try_into().expect("eight bytes"));
        let (mut lane, mut used) = (L as u32 * 8, width);
        while lane < 64 {
            let even = lower(lane * 2, lane);
            word = (word & even) | ((word & !even) >> (lane - used));
            (lane, used) = (lane * 2, used * 2);
        }
        words[i] = word;
    }
    words
}

#[inline(always)]
fn store<const L: usize>(words: &[u64], width: u32, room: &mut Room<'_>) {
    if L == 1 {
        words.iter().for_each(|&word| room.put(word, width as usize));
        return;
    }
    // The second word of a pair starts at a byte or four bits behind.
    let used = width * (8 / L as u32);
    let (odd, first) = (used % 8, used as usize / 8);
    for pair in words.chunks_exact(2) {
        room.put(pair[0], first);
        room.put(pair[1] << odd | pair[0] >> (used - odd), used as usize / 4 - first);
    }
}

/// Takes `count` values from bytes that are exactly theirs, and appends what they are with the base added.
#[inline(always)]
pub(super) fn get_bits<U: Int>(cpu: Cpu, source: &[u8], count: usize, base: U, width: u32, out: &mut Vec<u8>) {
    cpu.run(Get { source, count, base, width, out });
}

struct Get<'v, 'o, U> {
    source: &'v [u8],
    count: usize,
    base: U,
    width: u32,
    out: &'o mut Vec<u8>,
}

impl<U: Int> Job for Get<'_, '_, U> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Get { source, count, base, width, out } = self;
        match width {
            1..8 => get_lanes::<U, 1, 64, 8>(source, count, base, width, out),
            8 => get_whole::<U, u8>(source, base, out),
            _ if U::SIZE == 1 => unreachable(width),
            9..16 => get_lanes::<U, 2, 128, 16>(source, count, base, width, out),
            16 => get_whole::<U, u16>(source, base, out),
            _ if U::SIZE == 2 => unreachable(width),
            17..32 => get_lanes::<U, 4, 256, 32>(source, count, base, width, out),
            32 => get_whole::<U, u32>(source, base, out),
            _ if U::SIZE == 4 => unreachable(width),
            64 => get_whole::<U, u64>(source, base, out),
            _ => get_bytes(source, base, width, out),
        }
    }
}

#[inline(always)]
fn get_whole<U: Int, L: Int>(source: &[u8], base: U, out: &mut Vec<u8>) {
    push_values(out, each::<L>(source).map(|value| U::raised(base, value.bits() as u64)));
}

#[inline(always)]
fn get_bytes<U: Int>(source: &[u8], base: U, width: u32, out: &mut Vec<u8>) {
    let step = width as usize / 8;
    let count = source.len() / step;
    let mask = u64::MAX >> (64 - width);
    // The last value is less than a word.
    let fast = source.len().saturating_sub(8).div_ceil(step).min(count);
    push_values(out, (0..fast).map(|i| U::raised(base, word(&source[i * step..]) & mask)));
    push_values(out, (fast..count).map(|i| U::raised(base, short(&source[i * step..]) & mask)));
}

#[inline(always)]
fn word(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes"))
}

#[inline(always)]
fn short(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    let len = bytes.len().min(8);
    word[..len].copy_from_slice(&bytes[..len]);
    u64::from_le_bytes(word)
}

#[inline(always)]
fn get_lanes<U: Int, const L: usize, const N: usize, const W: usize>(
    mut source: &[u8],
    count: usize,
    base: U,
    width: u32,
    out: &mut Vec<u8>,
) {
    out.reserve(count * U::SIZE);
    let block = BLOCK / 8 * width as usize;
    let mut left = count;
    let mut lanes = [0; N];
    let mut copy = [0; 256];
    while left > 0 {
        let here = left.min(BLOCK);
        if source.len() >= block + 8 {
            spread::<L, W>(&source[..block + 8], width, &mut lanes);
            source = &source[block..];
        } else {
            // A word at the end would reach beyond it.
            let len = source.len().min(block);
            copy[..len].copy_from_slice(&source[..len]);
            spread::<L, W>(&copy[..block + 8], width, &mut lanes);
            source = &source[len..];
        }
        if here == BLOCK {
            widen::<U, L>(&lanes, base, out);
        } else {
            widen::<U, L>(&lanes[..here * L], base, out);
        }
        left -= here;
    }
}

#[inline(always)]
fn widen<U: Int, const L: usize>(lanes: &[u8], base: U, out: &mut Vec<u8>) {
    let values = lanes.chunks_exact(L).map(|lane| {
        let mut bytes = [0; 8];
        bytes[..L].copy_from_slice(lane);
        U::raised(base, u64::from_le_bytes(bytes))
    });
    push_values(out, values);
}

#[inline(always)]
fn spread<const L: usize, const W: usize>(source: &[u8], width: u32, lanes: &mut [u8]) {
    let mut words = [0; W];
    let used = width * (8 / L as u32);
    if L == 1 {
        for i in 0..W {
            words[i] = word(&source[i * width as usize..]);
        }
    } else {
        let (odd, first) = (used % 8, used as usize / 8);
        for i in 0..W / 2 {
            let at = i * used as usize / 4;
            words[i * 2] = word(&source[at..]);
            words[i * 2 + 1] = word(&source[at + first..]) >> odd;
        }
    }
    let lanes = &mut lanes[..W * 8];
    for i in 0..W {
        let mut word = words[i];
        let (mut lane, mut have) = (64, used);
        while lane > L as u32 * 8 {
            (lane, have) = (lane / 2, have / 2);
            let low = lower(lane * 2, have);
            word = (word & low) | ((word >> have) & low) << lane;
        }
        lanes[i * 8..(i + 1) * 8].copy_from_slice(&word.to_le_bytes());
    }
}
