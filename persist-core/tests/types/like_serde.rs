//! The shapes of std's types are serde's: protocols 0 and 1 write the same bytes.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, LinkedList, VecDeque};
use std::fmt::Debug;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{NonZero, Saturating, Wrapping};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI16, AtomicUsize};
use std::sync::{Mutex, RwLock};
use std::time::{Duration, SystemTime};

use persist_core::with::os_bytes;
use persist_core::{Decode, Dumper, Encode, Protocol, loads};
use serde::Serialize;

pub(crate) fn json<T: Encode>(value: &T) -> String {
    String::from_utf8(Dumper::new().protocol(Protocol::Json).dumps(value).unwrap()).unwrap()
}

pub(crate) fn cbor<T: Encode>(value: &T) -> Vec<u8> {
    Dumper::new().protocol(Protocol::Cbor).dumps(value).unwrap()
}

/// What ciborium writes, behind the tag that says it is CBOR.
pub(crate) fn as_ciborium<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = vec![0xD9, 0xD9, 0xF7];
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// Both ways out write what serde's do, and what serde's wrote loads.
pub(crate) fn same<T: Encode + Decode + Serialize + Debug>(value: &T) {
    assert_eq!(json(value), serde_json::to_string(value).unwrap());
    assert_eq!(cbor(value), as_ciborium(value), "{value:?}");
    loads_from_serde(value);
}

pub(crate) fn loads_from_serde<T: Encode + Decode + Serialize + Debug>(value: &T) {
    let text = format!("{value:?}");
    assert_eq!(format!("{:?}", loads::<T>(&serde_json::to_vec(value).unwrap()).unwrap()), text);
    assert_eq!(format!("{:?}", loads::<T>(&as_ciborium(value)).unwrap()), text);
    assert_eq!(format!("{:?}", loads::<T>(json(value).as_bytes()).unwrap()), text);
    assert_eq!(format!("{:?}", loads::<T>(&cbor(value)).unwrap()), text);
}

#[test]
fn numbers_and_wrappers() {
    same(&(1u8, -2i16, 3u32, -4i64, 5usize, -6isize, 1.5f32, -2.25f64, true, 'x', "text".to_owned(), ()));
    same(&(NonZero::<u8>::MIN, Some(NonZero::<i64>::MAX), NonZero::<u32>::new(0)));
    same(&(Wrapping(1u8), Saturating(2u8), Reverse('a'), PhantomData::<str>));
    same(&(Cell::new(1u8), RefCell::new('a'), Mutex::new(Some(2u8)), RwLock::new(vec![1u16])));
    same(&(AtomicBool::new(true), AtomicI16::new(-1), AtomicUsize::new(7)));
    same(&(Some(1u8), None::<u8>, [1u16; 3], [0u16; 0], Box::new('a'), (1u8,)));
}

#[test]
fn collections() {
    same(&(vec![1u16, 2], VecDeque::from([1u16]), LinkedList::from(['a']), BinaryHeap::from([1u32])));
    same(&(BTreeMap::from([("a".to_owned(), 1u8), ("b".to_owned(), 2)]), Vec::<u16>::new().into_boxed_slice()));
    assert_eq!(json(&BTreeSet::from([1u16, 2])), "[1,2]");
}

#[test]
fn sums_ranges_and_times() {
    same(&(Ok::<u8, String>(1), Err::<u8, _>('n')));
    same(&(Bound::<u8>::Unbounded, Bound::Included(1u8), Bound::Excluded('a')));
    same(&(1u8..2, 1u8..=2, 1u8.., ..2u8));
    assert_eq!(json(&(..=2u8, ..)), r#"[{"end":2},null]"#);
    same(&(Duration::new(5, 6), SystemTime::UNIX_EPOCH + Duration::new(7, 800)));
}

#[test]
fn addresses() {
    let (v4, v6) = (Ipv4Addr::new(127, 0, 0, 9), Ipv6Addr::new(1, 2, 3, 4, 5, 6, 7, 8));
    let all = (v4, v6, IpAddr::from(v4), IpAddr::from(v6), SocketAddrV4::new(v4, 80), SocketAddr::from((v4, 80)));
    assert_eq!(json(&all), serde_json::to_string(&all).unwrap());
    // Arrays of bytes are byte strings in CBOR, and load as either.
    loads_from_serde(&all);
    // serde leaves out flow information and scope.
    let full = SocketAddrV6::new(v6, 80, 9, 10);
    assert_eq!(json(&SocketAddrV6::new(v6, 80, 0, 0)), r#""[1:2:3:4:5:6:7:8]:80""#);
    assert_eq!(loads::<SocketAddrV6>(&as_ciborium(&(v6, 80u16, 9u32, 10u32))).unwrap(), full);
    assert_eq!(loads::<SocketAddrV6>(&cbor(&full)).unwrap(), full);
    loads_from_serde(&SocketAddrV6::new(v6, 80, 0, 0));
}

#[test]
fn texts_of_the_system() {
    same(&(Path::new("a/ä").to_owned(), PathBuf::from("b")));
    assert_eq!(json(&c"ab"), "[97,98]");
    // Text of the system is text here; with `os_bytes` it is what serde makes of it.
    assert_eq!(json(&(std::ffi::OsString::from("a"), std::ffi::OsStr::new("b"))), r#"["a","b"]"#);
    let text = std::ffi::OsString::from("ab");
    assert_eq!(json(&os_bytes::get_state(&text).unwrap()), serde_json::to_string(&text).unwrap());
}
