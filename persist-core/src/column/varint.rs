//! Variable-length integers: seven bits a byte, the lowest first, the top bit set on all but the last (LEB128).

/// Writes 1 to 10 bytes.
#[inline(always)]
pub(crate) fn put_varint(out: &mut Vec<u8>, value: u64) {
    if value < 0x80 {
        out.push(value as u8);
    } else {
        put_long(out, value);
    }
}

#[inline]
fn put_long(out: &mut Vec<u8>, mut value: u64) {
    if value < 1 << 56 {
        let bits = u64::BITS - value.leading_zeros();
        let bytes = bits.div_ceil(7);
        // All bytes but the last go on. Eight bytes are stored, and those that count are kept.
        let go_on = GO_ON & ((1 << (8 * (bytes - 1))) - 1);
        let end = out.len() + bytes as usize;
        out.extend_from_slice(&(spread(value) | go_on).to_le_bytes());
        out.truncate(end);
        return;
    }
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The top bit of each byte.
const GO_ON: u64 = 0x8080_8080_8080_8080;

/// Moves the lower 56 bits apart, seven to a byte.
#[inline]
fn spread(value: u64) -> u64 {
    let halves = value & 0x0FFF_FFFF | (value & 0x00FF_FFFF_F000_0000) << 4;
    let quarters = halves & 0x0000_3FFF_0000_3FFF | (halves & 0x0FFF_C000_0FFF_C000) << 2;
    quarters & 0x007F_007F_007F_007F | (quarters & 0x3F80_3F80_3F80_3F80) << 1
}

/// Puts seven bits of each byte together again.
#[inline]
fn join(bytes: u64) -> u64 {
    let quarters = bytes & 0x007F_007F_007F_007F | (bytes & 0x7F00_7F00_7F00_7F00) >> 1;
    let halves = quarters & 0x0000_3FFF_0000_3FFF | (quarters & 0x3FFF_0000_3FFF_0000) >> 2;
    halves & 0x0FFF_FFFF | (halves & 0x0FFF_FFFF_0000_0000) >> 4
}

/// A number of up to eight bytes that stands at the start of these, and how many it takes.
#[inline]
pub(super) fn get_short(bytes: [u8; 8]) -> Option<(u64, usize)> {
    let word = u64::from_le_bytes(bytes);
    let ends = !word & GO_ON;
    if ends == 0 {
        return None;
    }
    let count = ends.trailing_zeros() / 8 + 1;
    let own = word & u64::MAX >> (64 - 8 * count);
    Some((join(own), count as usize))
}

/// Writes 1 to 19 bytes.
pub(super) fn put_varint_u128(out: &mut Vec<u8>, mut value: u128) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Small magnitudes of either sign become small numbers: 0, -1, 1, -2 become 0, 1, 2, 3.
#[inline(always)]
pub(super) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

#[inline(always)]
pub(super) fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length_come_back() {
        for shift in 0..64 {
            for value in [1u64 << shift, (1u64 << shift) - 1, u64::MAX >> shift] {
                let mut out = Vec::new();
                put_varint(&mut out, value);
                let mut plain = Vec::new();
                put_varint_u128(&mut plain, u128::from(value));
                assert_eq!(out, plain, "{value}");
                let count = out.len();
                out.extend_from_slice(&[0xFF; 8]);
                let found = get_short(*out.first_chunk().unwrap());
                assert_eq!(found, (count <= 8).then_some((value, count)), "{value}");
            }
        }
    }
}
