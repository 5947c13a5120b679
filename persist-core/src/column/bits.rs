//! Bit packing: values of `width` bits one after another, the lowest bit first.
//!
//! The widths in use are 1 to 16, the even ones to 32, and whole bytes to 64. Values are narrowed to lanes of 8, 16 or
//! 32 bits, a block at a time, for which the compiler takes the widest registers; then the lanes of each word of 64 bits
//! are joined. Joined words of 8-bit lanes are whole bytes, and so are pairs of others.

use super::cpu::{Cpu, Job, Machine};
use super::int::Int;
use super::room::{Room, push_values};

/// Values in a block.
const BLOCK: usize = 64;
/// Values in a group, which takes whole bytes at any width.
const GROUP: usize = 8;

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
    fn run<M: Machine>(self, machine: M) {
        match self.width {
            0 => {}
            1..8 => self.lanes::<M, 1, 64>(machine),
            8 => self.whole::<u8>(),
            _ if U::SIZE == 1 => too_wide(self.width),
            9..16 => self.lanes::<M, 2, 128>(machine),
            16 => self.whole::<u16>(),
            _ if U::SIZE == 2 => too_wide(self.width),
            17..32 => self.lanes::<M, 4, 256>(machine),
            32 => self.whole::<u32>(),
            _ if U::SIZE == 4 => too_wide(self.width),
            64 => self.whole::<u64>(),
            _ => self.bytes(),
        }
    }
}

#[cold]
fn too_wide(width: u32) -> ! {
    unreachable!("{width} bits are too many for the values")
}

#[inline(always)]
fn each<U: Int>(values: &[u8]) -> impl ExactSizeIterator<Item = U> {
    values.chunks_exact(U::SIZE).map(U::from_bytes)
}

impl<U: Int> Put<'_, '_, U> {
    /// Of a width that there is a type for.
    #[inline(always)]
    fn whole<L: Int>(self) {
        push_values(self.out, each::<U>(self.values).map(|value| L::raised(L::ZERO, value.above(self.base) as u64)));
    }

    /// Of another number of bytes, 5 to 7.
    #[inline(always)]
    fn bytes(self) {
        let step = self.width as usize / 8;
        let bytes = self.values.len() / U::SIZE * step;
        let mut room = Room::behind(self.out, bytes);
        each::<U>(self.values).for_each(|value| room.put(value.above(self.base) as u64, step));
        room.finish(bytes);
    }

    /// Of another width: by lanes of `L` bytes, `N` to a block.
    #[inline(always)]
    fn lanes<M: Machine, const L: usize, const N: usize>(self, machine: M) {
        let bytes = packed_len(self.width, self.values.len() / U::SIZE).expect("the values are in memory");
        let mut room = Room::behind(self.out, bytes);
        let mut lanes = [0; N];
        let blocks = self.values.chunks_exact(BLOCK * U::SIZE);
        let rest = blocks.remainder();
        for block in blocks {
            narrow::<U, L, BLOCK>(block, self.base, &mut lanes);
            store::<M, L>(machine, &lanes, self.width, &mut room);
        }
        if !rest.is_empty() {
            let groups = rest.chunks_exact(GROUP * U::SIZE);
            let last = groups.remainder();
            let mut places = lanes.chunks_exact_mut(GROUP * L);
            let mut count = 0;
            for (group, lanes) in groups.zip(&mut places) {
                narrow::<U, L, GROUP>(group, self.base, lanes);
                count += 1;
            }
            if let Some(lanes) = places.next().filter(|_| !last.is_empty()) {
                lanes.fill(0);
                for (value, lane) in last.chunks_exact(U::SIZE).zip(lanes.chunks_exact_mut(L)) {
                    narrow::<U, L, 1>(value, self.base, lane);
                }
                count += 1;
            }
            store::<M, L>(machine, &lanes[..count * GROUP * L], self.width, &mut room);
        }
        room.finish(bytes);
    }
}

#[inline(always)]
fn narrow<U: Int, const L: usize, const N: usize>(values: &[u8], base: U, lanes: &mut [u8]) {
    let (values, lanes) = (&values[..N * U::SIZE], &mut lanes[..N * L]);
    for (lane, value) in lanes.chunks_exact_mut(L).zip(each::<U>(values)) {
        lane.copy_from_slice(&(value.above(base) as u64).to_le_bytes()[..L]);
    }
}

/// Joins the lanes of each word, and stores them.
#[inline(always)]
fn store<M: Machine, const L: usize>(machine: M, lanes: &[u8], width: u32, room: &mut Room<'_>) {
    if L == 1 {
        for group in lanes.chunks_exact(8) {
            room.put(machine.join::<L>(word(group), width), width as usize);
        }
        return;
    }
    // The second word of a pair starts at a byte or four bits behind.
    let used = width * (8 / L as u32);
    let (odd, first, second) = (used % 8, used as usize / 8, used.div_ceil(8) as usize);
    for pair in lanes.chunks_exact(16) {
        let (low, high) = (machine.join::<L>(word(&pair[..8]), width), machine.join::<L>(word(&pair[8..]), width));
        room.put(low, first);
        room.put(high << odd | low >> (used - odd), second);
    }
}

/// Takes `count` values from bytes that are exactly theirs, and appends what they are with the base added. The width is
/// not 0, and below that of the values.
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
    fn run<M: Machine>(self, machine: M) {
        match self.width {
            1..8 => self.lanes::<M, 1, 64>(machine),
            8 => self.whole::<u8>(),
            _ if U::SIZE == 1 => too_wide(self.width),
            9..16 => self.lanes::<M, 2, 128>(machine),
            16 => self.whole::<u16>(),
            _ if U::SIZE == 2 => too_wide(self.width),
            17..32 => self.lanes::<M, 4, 256>(machine),
            32 => self.whole::<u32>(),
            _ if U::SIZE == 4 => too_wide(self.width),
            64 => self.whole::<u64>(),
            _ => self.bytes(),
        }
    }
}

impl<U: Int> Get<'_, '_, U> {
    #[inline(always)]
    fn whole<L: Int>(self) {
        push_values(self.out, each::<L>(self.source).map(|value| U::raised(self.base, value.bits() as u64)));
    }

    #[inline(always)]
    fn bytes(self) {
        let step = self.width as usize / 8;
        let mask = u64::MAX >> (64 - self.width);
        let Get { source, base, .. } = self;
        // A word at one of the last two values would reach beyond the end.
        let inside = self.count.saturating_sub(2);
        push_values(self.out, source.windows(8).step_by(step).take(inside).map(|at| U::raised(base, word(at) & mask)));
        push_values(self.out, source[inside * step..].chunks_exact(step).map(|last| U::raised(base, short(last))));
    }

    #[inline(always)]
    fn lanes<M: Machine, const L: usize, const N: usize>(self, machine: M) {
        let Get { mut source, count, base, width, out } = self;
        let mut room = Room::behind(out, count.next_multiple_of(BLOCK) * U::SIZE);
        let block = BLOCK / 8 * width as usize;
        let mut lanes = [0; N];
        for _ in 0..count.div_ceil(BLOCK) {
            if source.len() >= block + 8 {
                spread::<M, L>(machine, width, &mut lanes, |at| word(&source[at..]));
                source = &source[block..];
            } else if source.len() >= 8 {
                // Words that would reach beyond the end are taken from there.
                let last = source.len() - 8;
                spread::<M, L>(machine, width, &mut lanes, |at| {
                    let from = at.min(last);
                    word(&source[from..]).unbounded_shr((at - from) as u32 * 8)
                });
                source = &source[source.len().min(block)..];
            } else {
                let all = short(source);
                spread::<M, L>(machine, width, &mut lanes, |at| all.unbounded_shr(at as u32 * 8));
            }
            room.fill::<U, BLOCK>(lanes.chunks_exact(L).map(|lane| U::raised(base, short(lane))));
        }
        room.finish(count * U::SIZE);
    }
}

/// Eight bytes.
#[inline(always)]
fn word(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes"))
}

/// Up to eight bytes.
#[inline(always)]
fn short(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

/// Spreads the values of a block over its lanes; `load` gives the word at a byte.
#[inline(always)]
fn spread<M: Machine, const L: usize>(machine: M, width: u32, lanes: &mut [u8], load: impl Fn(usize) -> u64) {
    if L == 1 {
        for (i, lanes) in lanes.chunks_exact_mut(8).enumerate() {
            lanes.copy_from_slice(&machine.spread::<L>(load(i * width as usize), width).to_le_bytes());
        }
        return;
    }
    let used = width * (8 / L as u32);
    let (odd, first) = (used % 8, used as usize / 8);
    for (i, lanes) in lanes.chunks_exact_mut(16).enumerate() {
        let at = i * used as usize / 4;
        lanes[..8].copy_from_slice(&machine.spread::<L>(load(at), width).to_le_bytes());
        lanes[8..].copy_from_slice(&machine.spread::<L>(load(at + first) >> odd, width).to_le_bytes());
    }
}
