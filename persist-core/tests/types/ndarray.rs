//! ndarray's arrays.

use ndarray::{ArcArray2, Array, Array0, Array1, Array2, Array3, ArrayD, IxDyn, arr0, array, s};
use persist_core::{Dumper, ErrorKind, Limits, Loader, Persist, Protocol, dumps, loads};
use proptest::collection::vec;
use proptest::prelude::any;

use crate::harness::{back, round_trips};
use crate::like_serde::{json, same};

round_trips! {
    of_one_axis: vec(any::<u16>(), 0..9) => |seed| Array1::from(seed.clone()), |value| value.clone();
    of_two_axes: (0..4usize, 0..4usize, any::<i32>()) =>
        |seed| Array2::from_shape_fn((seed.0, seed.1), |(x, y)| seed.2.wrapping_mul(7 * x as i32 + y as i32)),
        |value| value.clone();
    of_any_number: (vec(0..3usize, 0..4), -1e9..1e9) =>
        |seed| ArrayD::from_elem(IxDyn(&seed.0), seed.1), |value| value.clone();
    of_texts: vec(any::<String>(), 0..4) => |seed| Array1::from(seed.clone()), |value| value.clone();
}

#[test]
fn as_serde_writes_them() {
    same(&array![[1u16, 2, 3], [4, 5, 6]]);
    same(&array![1.5, -2.5]);
    same(&arr0('x'));
    same(&Array3::<u16>::zeros((2, 0, 3)));
    same(&ArrayD::from_elem(IxDyn(&[2, 1, 2, 1]), "a".to_owned()));
    same(&array![[1u16, 2], [3, 4]].into_shared());
    assert_eq!(json(&array![[1u16], [2]]), r#"{"v":1,"dim":[2,1],"data":[1,2]}"#);
    // Vectors of bytes are byte strings in CBOR, which serde does not make of arrays.
    back(&array![[1u8, 2], [3, 4]]);
}

#[test]
fn elements_come_row_by_row() {
    let array = Array2::from_shape_fn((3, 4), |(x, y)| (10 * x + y) as u16);
    for turned in [array.t().to_owned(), array.slice(s![..;-1, 1..;2]).to_owned(), array.clone().reversed_axes()] {
        back(&turned);
        assert_eq!(json(&turned), serde_json::to_string(&turned).unwrap());
    }
    let mut part = array.clone();
    part.slice_collapse(s![1.., ..;2]);
    assert_eq!(json(&part), r#"{"v":1,"dim":[2,2],"data":[10,12,20,22]}"#);
    back(&part);
    back(&vec![part, array]);
    let shared: ArcArray2<u16> = Array2::ones((20, 30)).into_shared();
    back(&(shared.clone(), shared));
}

#[test]
fn empty_and_zero_sized() {
    back(&(Array0::from_elem((), 5u8), Array1::<u8>::zeros(0), Array3::<f32>::zeros((0, 5, 0))));
    back(&(Array2::from_elem((30, 40), ()), Array2::from_elem((0, usize::MAX / 16), 1u8)));
    back(&ArrayD::from_elem(IxDyn(&[]), 'x'));
    back(&ArrayD::from_elem(IxDyn(&[1; 40]), 'x'));
}

#[test]
fn one_shape_whatever_the_dimensions() {
    let array = array![[1u32, 2], [3, 4]];
    let any: ArrayD<u32> = loads(&dumps(&array).unwrap()).unwrap();
    assert_eq!(any, array.clone().into_dyn());
    assert_eq!(loads::<Array2<u32>>(&dumps(&any).unwrap()).unwrap(), array);
    assert_eq!(loads::<Array2<u64>>(&dumps(&any).unwrap()).unwrap(), array.mapv(u64::from));
    let error = loads::<Array1<u32>>(&dumps(&array).unwrap()).unwrap_err();
    assert!(error.is(ErrorKind::Value) && error.to_string().contains("2 dimensions where one of 1"), "{error}");
}

#[test]
fn large() {
    let array = Array::from_shape_fn((300, 1000), |(x, y)| (x * y) as f64);
    back(&array);
    let bytes = dumps(&array).unwrap();
    assert!(bytes.len() < 8 * 300_000 + 300_000 / 100);
    let limits = Limits { memory: 1 << 20, expansion: 0, ..Limits::default() };
    assert!(Loader::new().limits(limits).loads::<Array2<f64>>(&bytes).unwrap_err().is(ErrorKind::Limit));
}

fn refused<T: Persist>(text: &str, says: &str) {
    let error = loads::<T>(text.as_bytes()).map(drop).unwrap_err();
    assert!(error.to_string().contains(says), "{text}: {error}");
    // And by the numbers of a packed file.
    let value: persist_core::Value = loads(text.as_bytes()).unwrap();
    let bytes = Dumper::new().protocol(Protocol::Cbor).dumps(&value).unwrap();
    assert!(loads::<T>(&bytes).map(drop).unwrap_err().to_string().contains(says), "{text}");
}

#[test]
fn what_is_no_array_is_refused() {
    refused::<Array1<u8>>(r#"{"v":2,"dim":[1],"data":[1]}"#, "arrays of version 2");
    refused::<Array1<u8>>(r#"{"v":1,"dim":[2],"data":[1]}"#, "the lengths [2] does not have 1 elements");
    refused::<Array1<u8>>(r#"{"v":1,"dim":[0],"data":[1]}"#, "the lengths [0] does not have 1 elements");
    refused::<Array2<u8>>(r#"{"v":1,"dim":[1],"data":[1]}"#, "1 dimensions where one of 2");
    refused::<ArrayD<u8>>(r#"{"v":1,"dim":[],"data":[]}"#, "the lengths [] does not have 0 elements");
    for dim in ["4294967296,4294967296", "18446744073709551615,18446744073709551615", "0,9223372036854775807,3"] {
        refused::<ArrayD<u8>>(&format!(r#"{{"v":1,"dim":[{dim}],"data":[]}}"#), "does not have 0 elements");
    }
    refused::<ArrayD<()>>(r#"{"v":1,"dim":[9223372036854775807,2],"data":[null]}"#, "does not have 1 elements");
    refused::<Array1<u8>>(r#"{"v":1,"dim":[1]}"#, "data");
    assert!(loads::<Array1<u8>>(b"[1,2]").unwrap_err().is(ErrorKind::Shape));
}
