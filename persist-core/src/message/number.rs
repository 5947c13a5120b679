//! Integers as they stand in messages.

use super::{Incoming, Outgoing};
use crate::error::Result;

/// An integer that a message can hold.
pub(crate) trait Number: Sized {
    /// Writes it.
    fn send(self, out: &mut Outgoing<'_>);
    /// Reads it.
    fn receive(input: &mut Incoming<'_>) -> Result<Self>;
}

/// Small magnitudes of either sign become small numbers: 0, -1, 1, -2 become 0, 1, 2, 3.
macro_rules! zigzag {
    ($int:ident $unsigned:ident $value:expr) => {
        (($value << 1) ^ ($value >> ($int::BITS - 1))) as $unsigned
    };
}

macro_rules! unzigzag {
    ($int:ident $value:expr) => {
        ($value >> 1) as $int ^ -(($value & 1) as $int)
    };
}

macro_rules! numbers {
    ($($int:ident |$value:ident, $out:ident| $send:expr, |$input:ident| $receive:expr;)*) => {$(
        impl Number for $int {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn send(self, $out: &mut Outgoing<'_>) {
                let $value = self;
                $send;
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn receive($input: &mut Incoming<'_>) -> Result<Self> {
                $receive
            }
        }
    )*};
}

numbers! {
    u8 |value, out| out.byte(value), |input| input.byte();
    i8 |value, out| out.byte(value as u8), |input| Ok(input.byte()? as i8);
    u16 |value, out| out.short(u64::from(value)), |input| input.narrow();
    u32 |value, out| out.short(u64::from(value)), |input| input.narrow();
    u64 |value, out| out.number(value), |input| input.number();
    i16 |value, out| out.short(u64::from(zigzag!(i16 u16 value))),
        |input| { let value: u16 = input.narrow()?; Ok(unzigzag!(i16 value)) };
    i32 |value, out| out.short(u64::from(zigzag!(i32 u32 value))),
        |input| { let value: u32 = input.narrow()?; Ok(unzigzag!(i32 value)) };
    i64 |value, out| out.number(zigzag!(i64 u64 value)),
        |input| { let value = input.number()?; Ok(unzigzag!(i64 value)) };
    // The lower half, then the upper one.
    u128 |value, out| { out.number(value as u64); out.number((value >> 64) as u64) },
        |input| { let low = input.number()?; Ok(u128::from(input.number()?) << 64 | u128::from(low)) };
    i128 |value, out| zigzag!(i128 u128 value).send(out),
        |input| { let value = u128::receive(input)?; Ok(unzigzag!(i128 value)) };
}
