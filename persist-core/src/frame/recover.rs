//! The chunks of a damaged frame that are still what was written.
//!
//! A chunk is good where its checksum is, which is of its number, too. After one that is not, the next one stands where
//! the length in its head says; or, since that may be damaged as well, where bytes are found that are a good chunk.

use crc32fast::Hasher;

use super::read::{Found, Head, read_header, wrong_check};
use super::squeeze::AS_IT_IS;
use super::{CHECK, CONTINUED, HEAD, Header, LAST, LONGEST, check_of};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;

/// A frame of which parts may be damaged.
pub(crate) struct Recovered<'d> {
    pub(crate) schema: &'d [u8],
    pub(crate) checked: bool,
    pub(crate) small: bool,
    /// What is left of the chunks, in order.
    pub(crate) pieces: Vec<Piece<'d>>,
    /// Bytes of the frame, as far as it is known.
    pub(crate) len: usize,
}

impl Recovered<'_> {
    /// Whether nothing is damaged, as far as checks tell.
    pub(crate) fn is_whole(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Good(..)))
    }
}

/// A part of a frame.
pub(crate) enum Piece<'d> {
    /// A chunk, with its number.
    Good(u32, Found<'d>),
    /// One chunk or more; the number of the first, where it stands, and what is wrong with it.
    Damaged { number: u32, offset: u64, why: Error },
}

/// Finds what is left of a frame, whose header has to be good.
pub(crate) fn recover<'d>(bytes: &'d [u8], limits: &Limits) -> Result<Recovered<'d>> {
    let (input, schema, (checked, small)) = read_header(bytes, limits)?;
    let mut recovered = Recovered { schema, checked, small, pieces: Vec::new(), len: bytes.len() };
    let (mut at, mut number) = (input.offset() as usize, 1);
    let mut search = None;
    loop {
        let why = match Chunk::at(bytes, at, checked).and_then(|chunk| chunk.check(bytes, number).map(|()| chunk)) {
            Ok(chunk) => {
                let (offset, continued) = ((at + HEAD) as u64, chunk.head.continued);
                recovered.pieces.push(Piece::Good(number, Found::new(chunk.stored(bytes), offset, small, continued)));
                (at, number) = (chunk.end, number + 1);
                if chunk.head.last {
                    recovered.len = at;
                    return Ok(recovered);
                }
                continue;
            }
            Err(why) => why,
        };
        recovered.pieces.push(Piece::Damaged { number, offset: at as u64, why });
        if !checked {
            // Nothing tells where another one is.
            return Ok(recovered);
        }
        let next = Chunk::at(bytes, at, checked).ok().filter(|chunk| !chunk.head.last).and_then(|chunk| {
            Chunk::at(bytes, chunk.end, checked).ok()?.check(bytes, number + 1).ok()?;
            Some((chunk.end, number + 1))
        });
        let search = search.get_or_insert_with(|| Search::new(bytes));
        match next.or_else(|| search.next(at + 1, number)) {
            Some(found) => (at, number) = found,
            None => return Ok(recovered),
        }
    }
}

/// A chunk that may be one.
struct Chunk {
    at: usize,
    head: Head,
    checked: bool,
    /// Where the next one is.
    end: usize,
}

impl Chunk {
    fn at(bytes: &[u8], at: usize, checked: bool) -> Result<Self> {
        let ends =
            || Error::of(ErrorKind::Truncated, "the bytes end before the value does").at_offset(bytes.len() as u64);
        let word = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or_else(ends)?;
        let head = Head::new(*word, at as u64)?;
        let end = at + HEAD + head.len + if checked { CHECK } else { 0 };
        if end > bytes.len() {
            return Err(ends());
        }
        Ok(Chunk { at, head, checked, end })
    }

    fn stored<'d>(&self, bytes: &'d [u8]) -> &'d [u8] {
        &bytes[self.at + HEAD..][..self.head.len]
    }

    fn check(&self, bytes: &[u8], number: u32) -> Result<()> {
        let expected = &bytes[self.end - if self.checked { CHECK } else { 0 }..self.end];
        let found = || check_of(&[&number.to_le_bytes(), self.stored(bytes), &self.head.word.to_le_bytes()]);
        if self.checked && expected != found() {
            return Err(wrong_check((self.end - CHECK) as u64));
        }
        Ok(())
    }
}

/// Bytes between two places whose check is known.
const STEP: usize = 512;
/// Places whose check is made, at most: each takes about a microsecond.
const MOST: usize = 8 << 20;
/// Chunks in a row that may be lost, where what is found is not followed by another good one.
const FEW: u32 = 4;

/// Looks for chunks where no head tells of them.
///
/// The check of any run of bytes follows from those of all bytes before its start and before its end, so that a place
/// takes the same little time however long the chunk would be.
struct Search<'d> {
    bytes: &'d [u8],
    /// Checks of the bytes before each step.
    before: Vec<u32>,
    /// What so many zeros make of a check, and what takes that back.
    zeros: [Zeros; 2],
    left: usize,
}

impl<'d> Search<'d> {
    fn new(bytes: &'d [u8]) -> Self {
        let mut check = Hasher::new();
        let mut before = vec![0];
        for step in bytes.chunks(STEP) {
            check.update(step);
            before.push(check.clone().finalize());
        }
        Search { bytes, before, zeros: [Zeros::new(power), Zeros::new(inverse)], left: MOST }
    }

    /// The first good chunk from a place on that has a higher number; its place and number.
    fn next(&mut self, from: usize, after: u32) -> Option<(usize, u32)> {
        (from..self.bytes.len()).find_map(|at| {
            let chunk = Chunk::at(self.bytes, at, true).ok()?;
            if chunk.head.len == 0 && !chunk.head.last {
                return None;
            }
            let number = self.number(&chunk).filter(|&number| number > after)?;
            let good = number - after <= FEW
                || if chunk.head.last {
                    chunk.end == self.bytes.len()
                } else {
                    let next = Chunk::at(self.bytes, chunk.end, true);
                    next.is_ok_and(|next| next.check(self.bytes, number.wrapping_add(1)).is_ok())
                };
            good.then_some((at, number))
        })
    }

    /// The one number with which the chunk's check is good.
    fn number(&mut self, chunk: &Chunk) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        let (from, to) = (chunk.at + HEAD, chunk.end - CHECK);
        let expected = u32::from_le_bytes(*self.bytes.get(to..)?.first_chunk()?);
        let [zeros, back] = &self.zeros;
        let body = self.check_before(to) ^ zeros.append(self.check_before(from), to - from);
        let head = crc32fast::hash(&chunk.head.word.to_le_bytes());
        // What is left is the check of the number, followed by so many zeros.
        let rest = expected ^ head ^ zeros.append(body, HEAD);
        let check = back.append(rest, to - from + HEAD);
        Some(back.append(check ^ u32::MAX, 4) ^ u32::MAX)
    }

    /// The check of all bytes before a place.
    fn check_before(&self, place: usize) -> u32 {
        let step = place / STEP;
        let mut check = Hasher::new_with_initial(self.before[step]);
        check.update(&self.bytes[step * STEP..place]);
        check.finalize()
    }
}

/// Powers of x, for what bytes of zero make of a check: of a byte of a number, by its place.
struct Zeros(Vec<[u32; 256]>);

impl Zeros {
    fn new(power: fn(u64) -> u32) -> Self {
        let table = |place: u32| {
            let (factor, mut one) = (power(8 << (8 * place)), 1 << 31);
            std::array::from_fn(|_| {
                let power = one;
                one = times(one, factor);
                power
            })
        };
        Zeros((0..4).map(table).collect())
    }

    /// The check followed by so many zeros, at most as many as 32 bits count.
    fn append(&self, check: u32, count: usize) -> u32 {
        let bytes = (count as u32).to_le_bytes();
        let powers = self.0.iter().zip(bytes).filter(|(_, byte)| *byte != 0);
        powers.fold(check, |check, (powers, byte)| times(check, powers[usize::from(byte)]))
    }
}

/// The polynomial of the checksum, the lowest power in the top bit.
const POLYNOMIAL: u32 = 0xEDB8_8320;
/// Powers of x go round after so many.
const ORDER: u64 = u32::MAX as u64;

/// The product of two polynomials, by that of the checksum.
fn times(a: u32, mut b: u32) -> u32 {
    let mut product = 0;
    for bit in (0..32).rev() {
        product ^= b & 0u32.wrapping_sub(a >> bit & 1);
        b = b >> 1 ^ POLYNOMIAL & 0u32.wrapping_sub(b & 1);
    }
    product
}

/// `x` to the power of `n`.
fn power(n: u64) -> u32 {
    let (mut left, mut result, mut square) = (n % ORDER, 1 << 31, 1 << 30);
    while left != 0 {
        if left & 1 != 0 {
            result = times(result, square);
        }
        square = times(square, square);
        left >>= 1;
    }
    result
}

/// What takes a product with the same power back.
fn inverse(n: u64) -> u32 {
    power(ORDER - n % ORDER)
}

/// Puts the bodies of chunks together to a frame, with checks. At level Small they are as they are stored, or where they
/// are not, `false` tells so.
pub(crate) fn assemble(schema: &[u8], small: bool, chunks: &[(bool, Vec<u8>)]) -> Vec<u8> {
    let header = Header::new(schema, true);
    let mut out = if small { header.small().bytes } else { header.bytes };
    let mut number = 0u32;
    let mut put = |parts: [&[u8]; 2], flag: u32| {
        number += 1;
        let head = ((parts[0].len() + parts[1].len()) as u32 | flag).to_le_bytes();
        out.extend_from_slice(&head);
        parts.iter().for_each(|part| out.extend_from_slice(part));
        out.extend_from_slice(&check_of(&[&number.to_le_bytes(), parts[0], parts[1], &head]));
    };
    for (i, (stored, body)) in chunks.iter().enumerate() {
        let front: &[u8] = if small && !stored { &AS_IT_IS } else { &[] };
        let mut pieces = body.chunks(LONGEST - front.len()).peekable();
        let mut rest = pieces.peek().is_none().then_some(&[][..]);
        while let Some(piece) = rest.take().or_else(|| pieces.next()) {
            let flag = match pieces.peek() {
                Some(_) => CONTINUED,
                None if i + 1 == chunks.len() => LAST,
                None => 0,
            };
            put([front, piece], flag);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_chunk_follows_from_its_check() {
        for (number, body) in [(1u32, &b"some bytes"[..]), (77, b""), (4_000_000_000, &[7; 9000])] {
            let head = (body.len() as u32).to_le_bytes();
            let check = check_of(&[&number.to_le_bytes(), body, &head]);
            let bytes = [b"before", &head[..], body, &check[..], b"behind"].concat();
            let chunk = Chunk::at(&bytes, 6, true).unwrap();
            assert_eq!(Search::new(&bytes).number(&chunk), Some(number));
        }
    }
}
