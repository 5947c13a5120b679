//! Wrappers that are saved as what is in them: `NonZero`, `Wrapping`, `Saturating`, `Reverse`, `Cow`, `PhantomData`.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::marker::PhantomData;
use std::num::{NonZero, Saturating, Wrapping};

use crate::error::{Error, ErrorKind};
use crate::traits::Persist;

saved_as! {
    [T: Persist] Wrapping<T>, 'a &'a T => T, |value| Ok(&value.0), |inner| Ok(Wrapping(inner));
    [T: Persist] Saturating<T>, 'a &'a T => T, |value| Ok(&value.0), |inner| Ok(Saturating(inner));
    [T: Persist] Reverse<T>, 'a &'a T => T, |value| Ok(&value.0), |inner| Ok(Reverse(inner));
    // `Cow<str>` has a layout of its own: see `text`.
    ['t, T: Persist + Clone] Cow<'t, T>, 'a &'a T => T, |value| Ok(&**value), |inner| Ok(Cow::Owned(inner));
    ['t, T: Persist + Clone] Cow<'t, [T]>, 'a &'a [T] => Vec<T>, |value| Ok(&**value), |inner| Ok(Cow::Owned(inner));
}

macro_rules! non_zero {
    ($($int:ty)*) => {
        saved_as! {$(
            [] NonZero<$int>, 'a $int => $int,
            |value| Ok(value.get()),
            |value| NonZero::new(value).ok_or_else(|| is_zero(stringify!($int)));
        )*}
    };
}

non_zero! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

#[cold]
fn is_zero(int: &str) -> Error {
    Error::of(ErrorKind::Value, format!("0 is not a value of `NonZero<{int}>`"))
}

record! {
    [T: ?Sized] PhantomData<T>, "PhantomData" Unit {} Ok(PhantomData);
}
