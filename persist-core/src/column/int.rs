//! The integer types as columns see them.

use super::input::Input;
use super::varint::{put_varint, put_varint_u128, unzigzag, zigzag};
use crate::error::{Error, ErrorKind, Result};
use crate::shape::IntKind;

/// An integer type that a column can hold.
///
/// Sealed: columns copy its bytes as they are.
pub trait Int: Copy + Ord + Send + Sync + 'static + sealed::Sealed {
    /// The kind that stands in the shape.
    const KIND: IntKind;
    /// Zero.
    const ZERO: Self;
    /// Bytes of a value.
    const SIZE: usize = size_of::<Self>();
    /// Whether values can be below zero.
    const SIGNED: bool;
    /// Its bytes in memory, as an array.
    type Bytes: AsRef<[u8]> + Copy;
    /// The unsigned type of its size.
    type Unsigned: Int;

    /// The value's little-endian bytes.
    fn to_bytes(self) -> Self::Bytes;
    /// The value of exactly `SIZE` little-endian bytes.
    fn from_bytes(bytes: &[u8]) -> Self;
    /// The bytes of each value that stands in bytes.
    fn arrays(bytes: &[u8]) -> &[Self::Bytes];
    /// The bits as they are.
    fn unsigned(self) -> Self::Unsigned;
    /// The bits, with zeros in front.
    fn bits(self) -> u128;
    /// `self - base`, wrapping, with zeros in front.
    fn above(self, base: Self) -> u128;
    /// `base + offset`, wrapping.
    fn raised(base: Self, offset: u64) -> Self;
    /// How far it is from zero, and whether below.
    fn magnitude(self) -> (u128, bool);
    /// The integer so far from zero, where it is one.
    fn of_magnitude(magnitude: u128, negative: bool) -> Option<Self>;
    /// Writes the value as a varint: zigzag where it is signed, a bare byte where it is one byte.
    fn put(self, out: &mut Vec<u8>);
    /// Reads what [`put`](Int::put) writes.
    fn get(input: &mut Input<'_>) -> Result<Self>;
}

mod sealed {
    pub trait Sealed {}
}

#[cold]
fn out_of_range(kind: IntKind) -> Error {
    Error::of(ErrorKind::Corrupt, format!("an integer is out of the range of {}", kind.name()))
}

macro_rules! int {
    ($($int:ident, $unsigned:ident, $kind:ident, $signed:literal, |$value:ident, $out:ident| $put:expr, |$input:ident| $get:expr;)*) => {$(
        impl sealed::Sealed for $int {}

        impl Int for $int {
            const KIND: IntKind = IntKind::$kind;
            const ZERO: Self = 0;
            const SIGNED: bool = $signed;
            type Bytes = [u8; size_of::<$int>()];
            type Unsigned = $unsigned;

            #[inline(always)]
            fn to_bytes(self) -> Self::Bytes {
                self.to_le_bytes()
            }

            #[inline(always)]
            fn from_bytes(bytes: &[u8]) -> Self {
                let mut array = [0; size_of::<$int>()];
                array.copy_from_slice(bytes);
                Self::from_le_bytes(array)
            }

            #[inline(always)]
            fn arrays(bytes: &[u8]) -> &[Self::Bytes] {
                bytes.as_chunks().0
            }

            #[inline(always)]
            fn unsigned(self) -> $unsigned {
                self as $unsigned
            }

            #[inline(always)]
            fn bits(self) -> u128 {
                self as $unsigned as u128
            }

            #[inline(always)]
            fn above(self, base: Self) -> u128 {
                self.wrapping_sub(base) as $unsigned as u128
            }

            #[inline(always)]
            fn raised(base: Self, offset: u64) -> Self {
                base.wrapping_add(offset as $int)
            }

            #[inline(always)]
            #[allow(unused_comparisons, reason = "unsigned integers are never below zero")]
            fn magnitude(self) -> (u128, bool) {
                (self.abs_diff(0).into(), self < 0)
            }

            #[inline(always)]
            fn of_magnitude(magnitude: u128, negative: bool) -> Option<Self> {
                if negative {
                    0i128.checked_sub_unsigned(magnitude).and_then(|value| value.try_into().ok())
                } else {
                    magnitude.try_into().ok()
                }
            }

            #[inline(always)]
            fn put(self, $out: &mut Vec<u8>) {
                let $value = self;
                $put
            }

            #[inline(always)]
            fn get($input: &mut Input<'_>) -> Result<Self> {
                $get
            }
        }
    )*};
}

int! {
    u8, u8, U8, false, |v, out| out.push(v), |input| input.byte();
    u16, u16, U16, false, |v, out| put_varint(out, u64::from(v)), |input| narrow(input.varint()?);
    u32, u32, U32, false, |v, out| put_varint(out, u64::from(v)), |input| narrow(input.varint()?);
    u64, u64, U64, false, |v, out| put_varint(out, v), |input| input.varint();
    u128, u128, U128, false, |v, out| put_varint_u128(out, v), |input| input.varint_u128();
    i8, u8, I8, true, |v, out| out.push(v as u8), |input| Ok(input.byte()? as i8);
    i16, u16, I16, true, |v, out| put_varint(out, zigzag(i64::from(v))), |input| narrow(unzigzag(input.varint()?));
    i32, u32, I32, true, |v, out| put_varint(out, zigzag(i64::from(v))), |input| narrow(unzigzag(input.varint()?));
    i64, u64, I64, true, |v, out| put_varint(out, zigzag(v)), |input| Ok(unzigzag(input.varint()?));
    i128, u128, I128, true, |v, out| put_varint_u128(out, ((v << 1) ^ (v >> 127)) as u128),
        |input| { let v = input.varint_u128()?; Ok((v >> 1) as i128 ^ -((v & 1) as i128)) };
}

fn narrow<A, B: TryFrom<A> + Int>(value: A) -> Result<B> {
    B::try_from(value).map_err(|_| out_of_range(B::KIND))
}
