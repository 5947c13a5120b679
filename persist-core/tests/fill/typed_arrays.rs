//! Typed arrays of CBOR (RFC 8746): written on request, read always.

use std::collections::{BTreeMap, BTreeSet, LinkedList, VecDeque};
use std::fmt::Debug;
use std::num::NonZero;

use persist_core::{Decode, Dumper, Encode, Error, ErrorKind, Limits, Loader, Protocol, Value, inspect, loads};
use proptest::prelude::*;

use crate::model::*;

fn typed<T: Encode>(value: &T) -> Vec<u8> {
    Dumper::new().protocol(Protocol::Cbor).typed_arrays(true).dumps(value).unwrap()
}

/// A typed array of a short byte string.
fn array(tag: u8, bytes: &[u8]) -> Vec<u8> {
    [&[0xD8, tag, 0x58, bytes.len() as u8], bytes].concat()
}

#[track_caller]
fn back<T: Encode + Decode + PartialEq + Debug>(value: &T) {
    let bytes = typed(value);
    assert_eq!(&loads::<T>(&bytes).unwrap(), value);
    assert_eq!(&Loader::new().load::<T>(&bytes[..]).unwrap(), value);
    let mut stream = Vec::new();
    Dumper::new().protocol(Protocol::Cbor).typed_arrays(true).dump(value, &mut stream).unwrap();
    assert_eq!(stream, bytes);
    Loader::new().verify::<T>(&bytes).unwrap();
}

#[track_caller]
fn error<T: Decode>(bytes: &[u8]) -> Error {
    match loads::<T>(bytes) {
        Ok(_) => panic!("it loads"),
        Err(error) => error,
    }
}

#[track_caller]
fn says<T: Decode>(bytes: &[u8], kind: ErrorKind, text: &str) {
    let error = error::<T>(bytes);
    assert!(error.is(kind) && error.to_string().contains(text), "{error:?}\n{text}");
}

#[test]
fn each_kind_has_its_tag() {
    let written = |value: Vec<u8>| value[3..].to_vec();
    assert_eq!(written(typed(&vec![1u16, 0x203])), [0xD8, 69, 0x44, 1, 0, 3, 2]);
    assert_eq!(written(typed(&vec![1u32])), [0xD8, 70, 0x44, 1, 0, 0, 0]);
    assert_eq!(written(typed(&vec![1u64])), [0xD8, 71, 0x48, 1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(written(typed(&[-1i8, 2])), [0xD8, 72, 0x42, 0xFF, 2]);
    assert_eq!(written(typed(&vec![-2i16])), [0xD8, 77, 0x42, 0xFE, 0xFF]);
    assert_eq!(written(typed(&vec![-2i32])), [0xD8, 78, 0x44, 0xFE, 0xFF, 0xFF, 0xFF]);
    assert_eq!(written(typed(&vec![-2i64]))[..3], [0xD8, 79, 0x48]);
    assert_eq!(written(typed(&[1.5f32])), [0xD8, 85, 0x44, 0, 0, 0xC0, 0x3F]);
    assert_eq!(written(typed(&vec![1.5f64])), [0xD8, 86, 0x48, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F]);
    assert_eq!(written(typed(&Vec::<f64>::new())), [0xD8, 86, 0x40]);
    // What has no tag, and bytes, are what they always are.
    let plain = |value: &dyn Fn(&mut Dumper) -> Vec<u8>| value(&mut Dumper::new().protocol(Protocol::Cbor));
    assert_eq!(typed(&vec![1u8, 2]), plain(&|dumper| dumper.dumps(&vec![1u8, 2]).unwrap()));
    assert_eq!(typed(&vec![1u128, 2]), plain(&|dumper| dumper.dumps(&vec![1u128, 2]).unwrap()));
    assert_eq!(typed(&(1u16, 2.5f32)), plain(&|dumper| dumper.dumps(&(1u16, 2.5f32)).unwrap()));
    assert_eq!(typed(&BTreeSet::from([7u16])), plain(&|dumper| dumper.dumps(&BTreeSet::from([7u16])).unwrap()));
    for protocol in [Protocol::Json, Protocol::Packed] {
        let dumps = |on| Dumper::new().protocol(protocol).typed_arrays(on).dumps(&vec![1u16; 9]).unwrap();
        assert_eq!(dumps(true), dumps(false));
    }
}

#[test]
fn they_come_back_wherever_they_stand() {
    back(&vec![vec![1u16; 5], vec![], vec![u16::MAX]]);
    back(&(0..100_000u64).map(|i| i << (i % 64)).collect::<Vec<_>>());
    back(&vec![(0..70_000).map(|i| i as f32).collect::<Vec<_>>(); 3]);
    back(&vec![[0.5f64, -0.0, f64::MIN_POSITIVE]; 100]);
    back(&[[1i8; 0]; 3]);
    back(&[[[1.0f32; 2]; 2]; 2]);
    back(&BTreeMap::from([([1u32, 2], vec![3i64]), ([0, 0], vec![])]));
    back(&Some(Box::new(LinkedList::from([1i32, -1]))));
    back(&VecDeque::from([1.5f32, f32::MAX]));
    back(&(0..200).map(job).collect::<Vec<_>>());
    let plain = Dumper::new().protocol(Protocol::Cbor).dumps(&job(7)).unwrap();
    assert_eq!(inspect(&typed(&job(7))).unwrap(), inspect(&plain).unwrap());
}

#[test]
fn all_tags_are_read() {
    for (tag, bytes, expected) in [
        (64, &[1, 255][..], &[1i64, 255][..]),
        (68, &[1, 255], &[1, 255]),
        (72, &[1, 255], &[1, -1]),
        (65, &[1, 2, 0xFF, 0xFE], &[0x102, 0xFFFE]),
        (69, &[1, 2, 0xFF, 0xFE], &[0x201, 0xFEFF]),
        (73, &[1, 2, 0xFF, 0xFE], &[0x102, -2]),
        (77, &[1, 2, 0xFE, 0xFF], &[0x201, -2]),
        (66, &[1, 2, 3, 4], &[0x0102_0304]),
        (70, &[1, 2, 3, 4], &[0x0403_0201]),
        (74, &[0xFF, 0xFF, 0xFF, 0xFE], &[-2]),
        (78, &[0xFE, 0xFF, 0xFF, 0xFF], &[-2]),
        (67, &[0, 0, 0, 0, 0, 0, 1, 2], &[0x102]),
        (71, &[1, 2, 0, 0, 0, 0, 0, 0], &[0x201]),
        (75, &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE], &[-2]),
        (79, &[0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], &[-2]),
    ] {
        let bytes = array(tag, bytes);
        assert_eq!(loads::<Vec<i64>>(&bytes).unwrap(), expected, "{tag}");
        assert_eq!(loads::<Vec<i128>>(&bytes).unwrap(), expected.iter().map(|&i| i.into()).collect::<Vec<i128>>());
        let floats = expected.iter().map(|&int| int as f64).collect::<Vec<_>>();
        assert_eq!(loads::<Vec<f64>>(&bytes).unwrap(), floats, "{tag}");
        let values = Value::List(expected.iter().map(|&int| int.into()).collect());
        assert_eq!(loads::<Value>(&bytes).unwrap(), values, "{tag}");
        assert_eq!(inspect(&bytes).unwrap(), values);
        assert_eq!(loads::<Vec<Value>>(&[&[0x81][..], &bytes].concat()).unwrap(), [values]);
    }
    for (tag, bytes, expected) in [
        (80, &[0x3E, 0, 0xC4, 0][..], &[1.5f64, -4.0][..]),
        (84, &[0, 0x3E, 1, 0], &[1.5, 5.960_464_477_539_063e-8]),
        (80, &[0x7C, 0, 0xFC, 0, 0x7B, 0xFF, 0x80, 0], &[f64::INFINITY, f64::NEG_INFINITY, 65504.0, -0.0]),
        (81, &[0x3F, 0xC0, 0, 0], &[1.5]),
        (85, &[0, 0, 0xC0, 0x3F], &[1.5]),
        (82, &[0x3F, 0xF8, 0, 0, 0, 0, 0, 0], &[1.5]),
        (86, &[0, 0, 0, 0, 0, 0, 0xF8, 0x3F], &[1.5]),
    ] {
        let bytes = array(tag, bytes);
        let bits = |floats: &[f64]| floats.iter().map(|float| float.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&loads::<Vec<f64>>(&bytes).unwrap()), bits(expected), "{tag}");
        let floats = loads::<Vec<f32>>(&bytes).unwrap();
        assert_eq!(bits(&floats.iter().map(|&float| float.into()).collect::<Vec<_>>()), bits(expected), "{tag}");
        assert_eq!(inspect(&bytes).unwrap(), Value::List(expected.iter().map(|&float| float.into()).collect()));
    }
    assert!(loads::<Vec<f64>>(&array(80, &[0x7E, 0])).unwrap()[0].is_nan());
    // In pieces, and behind other tags.
    let pieces = [0xC1, 0xD8, 65, 0x5F, 0x41, 1, 0x43, 2, 3, 4, 0xFF];
    assert_eq!(loads::<Vec<u16>>(&pieces).unwrap(), [0x102, 0x304]);
    assert_eq!(loads::<Vec<u16>>(&[&[0xD9, 0xD9, 0xF7][..], &pieces].concat()).unwrap(), [0x102, 0x304]);
}

#[test]
fn they_go_where_their_numbers_fit() {
    let bytes = array(65, &[0, 1, 0, 2]);
    assert_eq!(loads::<Vec<u8>>(&bytes).unwrap(), [1, 2]);
    assert_eq!(loads::<[u16; 2]>(&bytes).unwrap(), [1, 2]);
    assert_eq!(loads::<[f32; 2]>(&bytes).unwrap().map(f32::to_bits), [1f32, 2.0].map(f32::to_bits));
    assert_eq!(loads::<(u8, f64)>(&bytes).unwrap(), (1, 2.0));
    assert_eq!(loads::<(f32, f64)>(&bytes).unwrap(), (1.0, 2.0));
    assert_eq!(loads::<BTreeSet<u32>>(&bytes).unwrap(), BTreeSet::from([1, 2]));
    assert_eq!(loads::<Vec<Option<Box<i16>>>>(&bytes).unwrap(), [Some(Box::new(1)), Some(Box::new(2))]);
    assert_eq!(loads::<Vec<NonZero<u16>>>(&bytes).unwrap(), [1, 2].map(|i| NonZero::new(i).unwrap()));
    assert_eq!(loads::<Vec<Option<f32>>>(&bytes).unwrap(), [Some(1.0), Some(2.0)]);
    assert_eq!(loads::<Vec<Vec<i8>>>(&[&[0x82][..], &bytes, &bytes].concat()).unwrap(), [[1, 2], [1, 2]]);

    let value = ErrorKind::Value;
    says::<Vec<u8>>(&array(65, &[0, 1, 1, 0]), value, "[1]: the number 256 does not fit `u8`");
    says::<Vec<u64>>(&array(72, &[1, 0xFF]), value, "[1]: the number -1 does not fit `u64`");
    says::<[u8; 1]>(&array(65, &[1, 0]), value, "the number 256 does not fit `u8`");
    says::<Vec<f32>>(&array(67, &[0, 0, 0, 0, 1, 0, 0, 1]), value, "the integer 16777217 is no `f32`");
    says::<Vec<f32>>(&array(82, &0.1f64.to_be_bytes()), value, "the number 0.1 is no `f32`");
    says::<Vec<f32>>(&array(86, &1e300f64.to_le_bytes()), value, "the number 1e300 is no `f32`");
    let shape = ErrorKind::Shape;
    assert_eq!(loads::<Vec<u8>>(&array(81, &1f32.to_be_bytes())).unwrap(), [1]);
    says::<Vec<u8>>(&array(81, &1.5f32.to_be_bytes()), shape, "expected an integer for `u8`, found the number 1.5");
    says::<Vec<String>>(&bytes, shape, "expected a list, found a typed array of 2 numbers");
    says::<String>(&bytes, shape, "expected a text, found a typed array of 2 numbers");
    says::<BTreeMap<u8, u8>>(&bytes, shape, "found a typed array of 2 numbers");
    says::<[u16; 3]>(&bytes, shape, "expected a list of 3, found one of 2");
    says::<(u8, u8, u8)>(&bytes, shape, "found a typed array of 2 numbers");
    says::<Point>(&bytes, shape, "found a typed array of 2 numbers");
}

#[test]
fn bytes_that_are_no_typed_array() {
    let corrupt = ErrorKind::Corrupt;
    let message = "stands before no byte string of 4 bytes for each number";
    says::<Vec<u32>>(&array(66, &[1, 2, 3]), corrupt, message);
    says::<Vec<f32>>(&array(85, &[1; 7]), corrupt, message);
    says::<[u8; 3]>(&array(66, &[1, 2, 3]), corrupt, message);
    says::<Vec<u32>>(&[0xD8, 66, 0x81, 0x01], corrupt, message);
    says::<Vec<u32>>(&[0xD8, 66, 0x64, b'a', b'b', b'c', b'd'], corrupt, message);
    says::<Vec<u32>>(&[0xD8, 66, 0xF6], corrupt, message);
    says::<u32>(&[0xD8, 66, 0x01], corrupt, message);
    says::<Vec<u32>>(&[&[0xD8, 66][..], &array(66, &[1, 2, 3, 4])].concat(), corrupt, message);
    says::<Vec<u32>>(&[&[0xD8, 66, 0xC1][..], &[0x44, 1, 2, 3, 4]].concat(), corrupt, message);
    says::<Vec<u32>>(&[0xD8, 66, 0x5F, 0x42, 1, 2, 0xFF], corrupt, message);
    says::<Vec<u32>>(&[0xD8, 66, 0x44, 1, 2], ErrorKind::Truncated, "the bytes end");
    says::<Vec<u32>>(&[0xD8, 66, 0x5B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], ErrorKind::Truncated, "");
    says::<Vec<u32>>(&[0xD8, 66, 0x5F, 0x44, 1, 2, 3, 4], ErrorKind::Truncated, "the bytes end");
    says::<Vec<u32>>(&[0xD8, 66], ErrorKind::Truncated, "the bytes end");
    for tag in [76, 83, 87] {
        let bytes = array(tag, &[0; 16]);
        says::<Vec<i8>>(&bytes, ErrorKind::Unsupported, &format!("with the tag {tag} cannot be read"));
    }
    // As dynamic values, and where nobody wants them, they are just what they are.
    for bytes in
        [array(66, &[1, 2, 3]), vec![0xD8, 66, 0x81, 0x01], array(83, &[0; 16]), vec![0xD8, 66, 0xD8, 66, 0xF6]]
    {
        assert!(matches!(inspect(&bytes).unwrap(), Value::Tagged(66 | 83, _)), "{bytes:02X?}");
        let value = loads::<Value>(&bytes).unwrap();
        for protocol in [Protocol::Packed, Protocol::Cbor, Protocol::Json] {
            let bytes = Dumper::new().protocol(protocol).dumps(&value).unwrap();
            assert_eq!(loads::<Value>(&bytes).unwrap(), value);
        }
        let point = [&[0xA3, 0x61, b'x', 1, 0x61, b'n'][..], &bytes, &[0x61, b'y', 2]].concat();
        assert_eq!(loads::<Point>(&point).unwrap(), Point { x: 1.0, y: 2.0 });
    }
}

#[test]
fn arrays_of_several_dimensions_are_dynamic_values_only() {
    // Section 3.1.1 of the RFC: two rows of three.
    let bytes = [&[0xD8, 0x28, 0x82, 0x82, 2, 3][..], &array(65, &[0, 2, 0, 4, 0, 8, 0, 4, 0, 16, 1, 0])].concat();
    says::<Vec<Vec<u16>>>(&bytes, ErrorKind::Unsupported, "an array of several dimensions, with the tag 40");
    let columns = [&[0xD9, 0x04, 0x10][..], &bytes[2..]].concat();
    says::<Vec<Vec<u16>>>(&columns, ErrorKind::Unsupported, "an array of several dimensions, with the tag 1040");
    let Value::Tagged(40, array) = inspect(&bytes).unwrap() else { panic!("it is kept") };
    assert_eq!(array.to_string(), "[[2, 3], [2, 4, 8, 4, 16, 256]]");
}

#[test]
fn limits_hold() {
    let bytes = array(64, &[1; 200]);
    for memory in [100, 1_000] {
        let mut loader = Loader::new().limits(Limits { memory, expansion: 1, ..Limits::default() });
        assert!(loader.loads::<Value>(&bytes).unwrap_err().is(ErrorKind::Limit));
        assert!(loader.loads::<Vec<u64>>(&bytes).unwrap_err().is(ErrorKind::Limit));
    }
    let nested = [&[0xD8, 66].repeat(100_000)[..], &[0x44, 1, 2, 3, 4]].concat();
    assert!(error::<Vec<u32>>(&nested).is(ErrorKind::Corrupt));
    assert!(error::<Value>(&nested).is(ErrorKind::Limit));
}

type Numbers = (Vec<(Vec<u16>, Vec<i64>)>, Vec<[f32; 3]>, BTreeMap<i8, Vec<f64>>, Vec<Vec<i8>>, [u32; 2]);

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn numbers_come_back(value: Numbers) {
        let shown = format!("{value:?}");
        let bytes = typed(&value);
        prop_assert_eq!(format!("{:?}", loads::<Numbers>(&bytes).unwrap()), shown.clone());
        let plain = Dumper::new().protocol(Protocol::Cbor).dumps(&value).unwrap();
        prop_assert_eq!(inspect(&bytes).unwrap().to_string(), inspect(&plain).unwrap().to_string());
        let both = Dumper::new().protocol(Protocol::Cbor).typed_arrays(true).deterministic(true).dumps(&value).unwrap();
        prop_assert_eq!(format!("{:?}", loads::<Numbers>(&both).unwrap()), shown.clone());
    }

    #[test]
    fn damage_is_an_error_or_another_value(value: Numbers, places: Vec<(usize, u8)>, cut: usize) {
        let mut bytes = typed(&value);
        for (place, byte) in places {
            let len = bytes.len();
            bytes[place % len] = byte;
        }
        let _ = loads::<Numbers>(&bytes);
        let _ = inspect(&bytes);
        bytes.truncate(cut % bytes.len());
        let _ = loads::<Numbers>(&bytes);
        let _ = inspect(&bytes);
    }
}
