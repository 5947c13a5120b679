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
/// Bytes of more than two groups and a word.
const COPY: usize = 80;

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

    const BY_MACHINE: bool = true;

    #[inline(always)]
    fn run<M: Machine>(self, machine: M) {
        match self.width {
            0 => {}
            1..8 => self.lanes::<M, 1, 8>(machine),
            8 => self.whole::<u8>(),
            _ if U::SIZE == 1 => too_wide(self.width),
            9..16 => self.lanes::<M, 2, 16>(machine),
            16 => self.whole::<u16>(),
            _ if U::SIZE == 2 => too_wide(self.width),
            17..32 => self.lanes::<M, 4, 32>(machine),
            32 => self.whole::<u32>(),
            _ if U::SIZE == 4 => too_wide(self.width),
            64 => self.whole::<u64>(),
            _ => self.bytes(),
        }
    }
}

#[cold]
pub(super) fn too_wide(width: u32) -> ! {
    unreachable!("{width} bits are too many for the values")
}

#[inline(always)]
fn each<U: Int>(values: &[u8]) -> impl ExactSizeIterator<Item = U> {
    U::arrays(values).iter().map(|bytes| U::from_bytes(bytes.as_ref()))
}

impl<U: Int> Put<'_, '_, U> {
    /// Of a width that there is a type for.
    #[inline(always)]
    fn whole<L: Int>(self) {
        let Put { values, base, out, .. } = self;
        let cut = |value: &U::Bytes| L::raised(L::ZERO, U::from_bytes(value.as_ref()).above(base) as u64);
        let (blocks, rest) = U::arrays(values).as_chunks::<BLOCK>();
        let mut room = Room::behind(out, values.len() / U::SIZE * L::SIZE);
        for block in blocks {
            room.values(BLOCK, |i| cut(&block[i]));
        }
        let (groups, rest) = rest.as_chunks::<GROUP>();
        for group in groups {
            room.values(GROUP, |i| cut(&group[i]));
        }
        for value in rest {
            room.values(1, |_| cut(value));
        }
        room.finish(values.len() / U::SIZE * L::SIZE);
    }

    /// Of another number of bytes, 5 to 7.
    #[inline(always)]
    fn bytes(self) {
        let Put { values, base, width, out } = self;
        let step = width as usize / 8;
        let bytes = values.len() / U::SIZE * step;
        let mut room = Room::behind(out, bytes);
        let above = |value: &U::Bytes| U::from_bytes(value.as_ref()).above(base) as u64;
        let (groups, rest) = U::arrays(values).as_chunks::<GROUP>();
        for group in groups {
            room.words(GROUP, step, |i| above(&group[i]));
        }
        for value in rest {
            room.words(1, step, |_| above(value));
        }
        room.finish(bytes);
    }

    /// Of another width: by lanes of `L` bytes, of which `BLOCK` are `W` words, and `GROUP` are `L`.
    #[inline(always)]
    fn lanes<M: Machine, const L: usize, const W: usize>(self, machine: M) {
        let Put { values, base, width, out } = self;
        let count = values.len() / U::SIZE;
        let bytes = packed_len(width, count).expect("the values are in memory");
        // The last group is written in full, too.
        let mut room = Room::behind(out, count.div_ceil(GROUP) * width as usize);
        let blocks = values.chunks_exact(BLOCK * U::SIZE);
        let groups = blocks.remainder().chunks_exact(GROUP * U::SIZE);
        let last = groups.remainder();
        let mut lanes = [[0; 8]; W];
        for block in blocks {
            narrow::<U, L>(&block[..BLOCK * U::SIZE], base, lanes.as_flattened_mut());
            store::<M, L, W>(machine, lanes.as_flattened(), width, &mut room);
        }
        let mut lanes = [[0; 8]; L];
        for group in groups {
            narrow::<U, L>(&group[..GROUP * U::SIZE], base, lanes.as_flattened_mut());
            store::<M, L, L>(machine, lanes.as_flattened(), width, &mut room);
        }
        if !last.is_empty() {
            let mut lanes = [[0; 8]; L];
            narrow::<U, L>(last, base, lanes.as_flattened_mut());
            store::<M, L, L>(machine, lanes.as_flattened(), width, &mut room);
        }
        room.finish(bytes);
    }
}

#[inline(always)]
fn narrow<U: Int, const L: usize>(values: &[u8], base: U, lanes: &mut [u8]) {
    for (lane, value) in lanes.chunks_exact_mut(L).zip(each::<U>(values)) {
        lane.copy_from_slice(&(value.above(base) as u64).to_le_bytes()[..L]);
    }
}

/// Joins the lanes of each word, and stores them.
#[inline(always)]
fn store<M: Machine, const L: usize, const W: usize>(machine: M, lanes: &[u8], width: u32, room: &mut Room<'_>) {
    let lanes = &lanes[..W * 8];
    let joined = |i: usize| machine.join::<L>(word(&lanes[i * 8..]), width);
    if L == 1 {
        return room.words(W, width as usize, joined);
    }
    let Pair { used, bytes, second, odd } = Pair::of::<L>(width);
    let pair = |i: usize| {
        let (low, high) = (joined(i * 2), joined(i * 2 + 1));
        [low, high << odd | low >> (used - odd)]
    };
    room.pairs(W / 2, bytes, second, pair);
}

/// How the two words lie that together take whole bytes.
struct Pair {
    /// Bits of one word.
    used: u32,
    /// Bytes of both.
    bytes: usize,
    /// The byte with the first bit of the second word, and which bit of it that is: 0 or 4.
    second: usize,
    odd: u32,
}

impl Pair {
    #[inline(always)]
    fn of<const L: usize>(width: u32) -> Pair {
        let used = width * (8 / L as u32);
        Pair { used, bytes: used as usize / 4, second: used as usize / 8, odd: used % 8 }
    }
}

/// Takes `count` values from the front of bytes, and appends what they are with the base added. The width is not 0, and
/// below that of the values. More bytes make it faster, for then it need not take care where the values end.
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

    const BY_MACHINE: bool = true;

    #[inline(always)]
    fn run<M: Machine>(self, machine: M) {
        match self.width {
            1..8 => self.lanes::<M, 1, 8>(machine),
            8 => self.whole::<u8>(),
            _ if U::SIZE == 1 => too_wide(self.width),
            9..16 => self.lanes::<M, 2, 16>(machine),
            16 => self.whole::<u16>(),
            _ if U::SIZE == 2 => too_wide(self.width),
            17..32 => self.lanes::<M, 4, 32>(machine),
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
        let source = &self.source[..self.count * L::SIZE];
        push_values(self.out, each::<L>(source).map(|value| U::raised(self.base, value.bits() as u64)));
    }

    #[inline(always)]
    fn bytes(self) {
        let Get { source, count, base, width, out } = self;
        let step = width as usize / 8;
        let mask = u64::MAX >> (64 - width);
        let mut room = Room::behind(out, count * U::SIZE);
        // Of as many values a word each is inside.
        let inside = (source.len().saturating_sub(8) / step).min(count) / GROUP * GROUP;
        for first in (0..inside).step_by(GROUP) {
            let group = &source[first * step..first * step + GROUP * step + 8];
            room.values(GROUP, |i| U::raised(base, word(&group[i * step..]) & mask));
        }
        for at in (inside..count).map(|i| i * step) {
            // A word may reach beyond the end: it is taken from there.
            let value = match source.len().checked_sub(8) {
                Some(last) => word(&source[at.min(last)..]) >> ((at - at.min(last)) * 8),
                None => short(&source[at..]),
            };
            room.values(1, |_| U::raised(base, value & mask));
        }
        room.finish(count * U::SIZE);
    }

    /// By lanes of `L` bytes, of which `BLOCK` are `W` words, and `GROUP` are `L`.
    #[inline(always)]
    fn lanes<M: Machine, const L: usize, const W: usize>(self, machine: M) {
        let Get { mut source, count, base, width, out } = self;
        let mut room = Room::behind(out, count.next_multiple_of(GROUP) * U::SIZE);
        let block = BLOCK / GROUP * width as usize;
        let mut left = count;
        let mut lanes = [[0; 8]; W];
        while L < 4 && left >= BLOCK && source.len() >= block + 8 {
            spread::<M, L>(machine, &source[..block + 8], width, &mut lanes);
            room.values(BLOCK, |i| U::raised(base, short(&lanes.as_flattened()[i * L..(i + 1) * L])));
            source = &source[block..];
            left -= BLOCK;
        }
        let (end, left) = groups::<U, M, L>(machine, (source, left), base, width, &mut room);
        if left > 0 {
            // A word would reach beyond the end.
            let mut copy = [0; COPY];
            copy[..end.len()].copy_from_slice(end);
            groups::<U, M, L>(machine, (&copy, left), base, width, &mut room);
        }
        room.finish(count * U::SIZE);
    }
}

/// Takes groups as long as words are inside the source; gives what is left of it, and the values left.
#[inline(always)]
fn groups<'s, U: Int, M: Machine, const L: usize>(
    machine: M,
    (mut source, mut left): (&'s [u8], usize),
    base: U,
    width: u32,
    room: &mut Room<'_>,
) -> (&'s [u8], usize) {
    let group = width as usize;
    let mut lanes = [[0; 8]; L];
    while left > 0 && source.len() >= group + 8 {
        spread::<M, L>(machine, &source[..group + 8], width, &mut lanes);
        room.values(GROUP, |i| U::raised(base, short(&lanes.as_flattened()[i * L..(i + 1) * L])));
        source = &source[group..];
        left = left.saturating_sub(GROUP);
    }
    (source, left)
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

/// Spreads values over the lanes of words.
#[inline(always)]
fn spread<M: Machine, const L: usize>(machine: M, source: &[u8], width: u32, lanes: &mut [[u8; 8]]) {
    if L == 1 {
        for (i, lanes) in lanes.iter_mut().enumerate() {
            *lanes = machine.spread::<L>(word(&source[i * width as usize..]), width).to_le_bytes();
        }
        return;
    }
    let Pair { odd, second, bytes, .. } = Pair::of::<L>(width);
    for (i, pair) in lanes.chunks_exact_mut(2).enumerate() {
        pair[0] = machine.spread::<L>(word(&source[i * bytes..]), width).to_le_bytes();
        pair[1] = machine.spread::<L>(word(&source[i * bytes + second..]) >> odd, width).to_le_bytes();
    }
}
