//! Numbers, characters, text, and what wraps them.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::marker::PhantomData;
use std::num::{NonZero, Saturating, Wrapping};
use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    AtomicUsize, Ordering::Relaxed,
};

use persist_core::{ErrorKind, dumps, loads};
use proptest::prelude::any;

use crate::harness::{back, bits, round_trips};

round_trips! {
    u8s: any::<u8>() => |seed| *seed, |value| *value;
    i128s: any::<i128>() => |seed| *seed, |value| *value;
    usizes: any::<usize>() => |seed| *seed, |value| *value;
    bools: any::<bool>() => |seed| *seed, |value| *value;
    chars: any::<char>() => |seed| *seed, |value| *value;
    f32s: any::<u32>() => |seed| f32::from_bits(*seed), |value| bits(*value);
    f64s: any::<u64>() => |seed| f64::from_bits(*seed), |value| bits(*value);
    units: any::<bool>() => |_seed| (), |_value| ();
    strings: ".*" => |seed| seed.clone(), |value| value.clone();

    non_zero_u8: 1u8.. => |seed| NonZero::new(*seed).unwrap(), |value| *value;
    non_zero_u128: 1u128.. => |seed| NonZero::new(*seed).unwrap(), |value| *value;
    wrapping: any::<i16>() => |seed| Wrapping(*seed), |value| *value;
    wrapping_floats: any::<u64>() => |seed| Wrapping(f64::from_bits(*seed)), |value| bits(value.0);
    reverse: ".*" => |seed| Reverse(seed.clone()), |value| value.clone();
    cow_of_values: any::<(u8, Option<char>)>() => |seed| Cow::<'static, (u8, Option<char>)>::Owned(*seed),
        |value| value.clone();
    cow_of_slices: any::<Vec<i32>>() => |seed| Cow::<'static, [i32]>::Owned(seed.clone()), |value| value.clone();
    cow_of_text: ".*" => |seed| Cow::<'static, str>::Owned(seed.clone()), |value| value.clone();
    phantoms: any::<bool>() => |_seed| PhantomData::<dyn Send>, |_value| ();

    atomic_bool: any::<bool>() => |seed| AtomicBool::new(*seed), |value| value.load(Relaxed);
    atomic_u8: any::<u8>() => |seed| AtomicU8::new(*seed), |value| value.load(Relaxed);
    atomic_usize: any::<usize>() => |seed| AtomicUsize::new(*seed), |value| value.load(Relaxed);
}

#[test]
fn the_other_integers() {
    macro_rules! ends {
        ($($int:ident)*) => {$(
            back(&vec![$int::MIN, 0, 1, $int::MAX]);
            back(&($int::MIN, $int::MAX, Some(NonZero::new($int::MAX)), NonZero::new(0 as $int)));
        )*};
    }
    ends! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }
    let atomics = (
        (AtomicI8::new(-1), AtomicI16::new(-2), AtomicI32::new(-3), AtomicIsize::new(-4)),
        (AtomicU16::new(1), AtomicU32::new(2), AtomicU64::new(3), AtomicI64::new(-5)),
    );
    back(&vec![(Saturating(5u8), Box::<str>::from("ä")), (Saturating(6), "b".into())]);
    let loaded = like(&atomics, loads(&dumps(&atomics).unwrap()));
    assert_eq!(format!("{atomics:?}"), format!("{loaded:?}"));
}

/// What was loaded, of the type of a model.
fn like<T>(_: &T, loaded: persist_core::Result<T>) -> T {
    loaded.unwrap()
}

#[test]
fn zero_is_no_non_zero() {
    let bytes = dumps(&vec![(1u8, 3i64), (0, 4)]).unwrap();
    let error = loads::<Vec<(NonZero<u8>, NonZero<i64>)>>(&bytes).unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Value, "[1]"));
    assert!(error.to_string().contains("0 is not a value of `NonZero<u8>`"), "{error}");
    let bytes = dumps(&0i64).unwrap();
    assert!(loads::<NonZero<i64>>(&bytes).unwrap_err().is(ErrorKind::Value));
}

#[test]
fn borrowed_cows_are_saved_and_come_back_owned() {
    type Loaded = (Cow<'static, u16>, Cow<'static, [u8]>, Cow<'static, str>);
    let (number, slice) = (5u16, [1u8, 2]);
    let bytes = dumps(&(Cow::Borrowed(&number), Cow::Borrowed(&slice[..]), Cow::Borrowed("x"))).unwrap();
    let loaded = loads::<Loaded>(&bytes).unwrap();
    assert!(matches!(&loaded, (Cow::Owned(5), Cow::Owned(bytes), Cow::Owned(text)) if bytes == &slice && text == "x"));
    // The shapes are those of what is in them.
    assert_eq!(loads::<(u16, Vec<u8>, String)>(&bytes).unwrap(), (5, vec![1, 2], "x".to_owned()));
}

#[test]
fn not_a_number_keeps_its_bits_in_packed_files() {
    for bits in [0x7FF0_0000_0000_0001u64, 0xFFF8_0000_DEAD_BEEF, 0x7FF8_0000_0000_0000, 1 << 63] {
        let loaded: Vec<(u8, f64)> = loads(&dumps(&vec![(1u8, f64::from_bits(bits)); 3]).unwrap()).unwrap();
        assert!(loaded.iter().all(|(_, value)| value.to_bits() == bits));
    }
}
