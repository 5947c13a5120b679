//! `Bytes` and `BytesMut`.

use bytes::{Bytes, BytesMut};
use persist_core::{ErrorKind, dumps, loads};
use proptest::collection::vec;
use proptest::prelude::any;

use crate::harness::{back, round_trips, rows_back};
use crate::like_serde::{json, same};

round_trips! {
    frozen: vec(any::<u8>(), 0..40) => |seed| Bytes::from(seed.clone()), |value| value.clone();
    growing: vec(any::<u8>(), 0..40) => |seed| BytesMut::from(&seed[..]), |value| value.clone();
}

#[test]
fn as_serde_writes_them() {
    same(&Bytes::from_static(b"\0a\xFF"));
    same(&BytesMut::from(&b"ab"[..]));
    same(&(Bytes::new(), vec![Bytes::from_static(b"x")]));
    assert_eq!(json(&Bytes::from_static(b"ab")), "[97,98]");
    rows_back(|i| Bytes::from(vec![i as u8; i % 300]));
}

#[test]
fn one_shape_with_vectors() {
    let bytes = vec![7u8; 100_000];
    assert_eq!(dumps(&bytes).unwrap(), dumps(&Bytes::from(bytes.clone())).unwrap());
    assert_eq!(loads::<Bytes>(&dumps(&bytes).unwrap()).unwrap(), bytes);
    assert_eq!(loads::<Vec<u8>>(&dumps(&BytesMut::from(&bytes[..])).unwrap()).unwrap(), bytes);
    // A part of shared bytes is saved without the rest.
    let part = Bytes::from(bytes).slice(10..12);
    assert!(dumps(&part).unwrap().len() < 40);
    back(&part);
    let mut loaded: BytesMut = loads(&dumps(&part).unwrap()).unwrap();
    loaded.extend_from_slice(b"more");
    assert_eq!(loaded, &b"\x07\x07more"[..]);
}

#[test]
fn what_is_no_byte_is_refused() {
    assert!(loads::<Bytes>(b"[1,256]").unwrap_err().is(ErrorKind::Value));
    assert!(loads::<Bytes>(b"\"text\"").unwrap_err().is(ErrorKind::Shape));
    assert!(loads::<BytesMut>(&dumps(&vec![1u16, 300]).unwrap()).unwrap_err().is(ErrorKind::Value));
}
