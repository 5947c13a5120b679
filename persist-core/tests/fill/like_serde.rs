//! What serde wrote loads into a like-shaped type.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use persist_core::{Decode, loads};
use serde::Serialize;

use crate::model::*;

#[track_caller]
fn loads_what_serde_wrote<T: Decode + Serialize + PartialEq + Debug>(value: &T) {
    for bytes in [json(value), serde_json::to_vec_pretty(value).unwrap(), cbor(value)] {
        assert_eq!(&loads::<T>(&bytes).unwrap(), value, "{}", String::from_utf8_lossy(&bytes));
    }
    let mut described = vec![0xD9, 0xD9, 0xF7];
    described.extend(cbor(value));
    assert_eq!(&loads::<T>(&described).unwrap(), value);
}

#[test]
fn all_shapes() {
    (0..30).for_each(|n| loads_what_serde_wrote(&job(n)));
    loads_what_serde_wrote(&(0..70).map(job).collect::<Vec<_>>());
    loads_what_serde_wrote(&(0..200).map(kind).collect::<Vec<_>>());
    loads_what_serde_wrote(&tree(7, &mut 0));
    loads_what_serde_wrote(&Kind::Nothing);
    loads_what_serde_wrote(&Unit);
    loads_what_serde_wrote(&());
    loads_what_serde_wrote(&(1u8,));
    loads_what_serde_wrote(&vec![(); 5]);
    loads_what_serde_wrote(&Vec::<Tree>::new());
    loads_what_serde_wrote(&"text \u{0} \u{7f} \u{ffff} \u{10ffff}".to_owned());
}

#[test]
fn numbers() {
    loads_what_serde_wrote(&[i64::MIN, -1, 0, 23, 24, 255, 256, 65_535, 65_536, i64::MAX].to_vec());
    loads_what_serde_wrote(&(u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX));
    loads_what_serde_wrote(&(i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN));
    loads_what_serde_wrote(&(i8::MAX, i16::MAX, i32::MAX, i64::MAX, i128::MAX));
    loads_what_serde_wrote(
        &[0.0, -0.0, f64::MIN_POSITIVE, 5e-324, f64::MAX, 1e300, 0.1, 1.0 / 3.0, 1e22, 1e23].to_vec(),
    );
    // Read as 64 bits first, this one would be the next smaller float of 32 bits.
    loads_what_serde_wrote(&[7.038_531e-26_f32, f32::MIN_POSITIVE, 1e-45, f32::MAX, 0.1, 16_777_216.0].to_vec());
    assert_eq!(loads::<f64>(b"-0").unwrap().to_bits(), (-0.0f64).to_bits());
    assert_eq!(loads::<f64>(b"12").unwrap().to_bits(), 12f64.to_bits());
    assert_eq!(loads::<f32>(b"123456789012345678901234567890").unwrap().to_bits(), 1.234_567_9e29_f32.to_bits());
    assert_eq!(loads::<f64>(b"1E+2").unwrap().to_bits(), 100f64.to_bits());
    assert_eq!(loads::<f64>(&[0xF9, 0x3C, 0x01]).unwrap().to_bits(), 1.000_976_562_5_f64.to_bits());
    assert!(loads::<f64>(&[0xF9, 0x7E, 0]).unwrap().is_nan());
    // Large integers in a longer form than needed, with and without zeros in front.
    assert_eq!(loads::<u8>(&[0xC2, 0x43, 0, 0, 7]).unwrap(), 7);
    assert_eq!(loads::<i8>(&[0xC3, 0x5F, 0x41, 0, 0x41, 6, 0xFF]).unwrap(), -7);
    assert_eq!(loads::<u128>(&[0xC2, 0x40]).unwrap(), 0);
}

#[test]
fn keys() {
    loads_what_serde_wrote(&BTreeMap::from([(u128::MAX, 'a'), (0, 'b')]));
    loads_what_serde_wrote(&BTreeMap::from([(i64::MIN, 'a'), (-1, 'b')]));
    loads_what_serde_wrote(&BTreeMap::from([('\u{1F980}', 1), ('"', 2)]));
    loads_what_serde_wrote(&BTreeMap::from([(IpAddr::from([1, 2, 3, 4]), 1)]));
    loads_what_serde_wrote(&BTreeMap::from([(Some(3u8), 1), (Some(4), 2)]));
    loads_what_serde_wrote(&BTreeMap::from([(Box::new(true), 1)]));
    assert_eq!(loads::<BTreeMap<(u8, u8), u8>>(&cbor(&BTreeMap::from([((1u8, 2u8), 3u8)]))).unwrap()[&(1, 2)], 3);
}

#[test]
fn addresses() {
    let v4 = Ipv4Addr::new(10, 0, 0, 255);
    let v6 = Ipv6Addr::new(0xfe80, 0, 0, 0, 1, 2, 3, 0xffff);
    loads_what_serde_wrote(&(v4, v6));
    loads_what_serde_wrote(&(IpAddr::V4(v4), IpAddr::V6(v6)));
    loads_what_serde_wrote(&(SocketAddrV4::new(v4, 80), SocketAddrV6::new(v6, 443, 0, 0)));
    loads_what_serde_wrote(&vec![SocketAddr::from((v4, 1)), SocketAddr::from((v6, 2))]);
    let scoped: SocketAddrV6 = loads(b"\"[fe80::1%7]:80\"").unwrap();
    assert_eq!(scoped.scope_id(), 7);
}

#[test]
fn bytes_come_as_strings_and_as_lists() {
    #[derive(Serialize)]
    struct Bytes(#[serde(serialize_with = "as_bytes")] Vec<u8>);
    fn as_bytes<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }
    for bytes in [json(&Bytes(vec![1, 255])), cbor(&Bytes(vec![1, 255])), cbor(&vec![1u8, 255])] {
        assert_eq!(loads::<Vec<u8>>(&bytes).unwrap(), [1, 255]);
        assert_eq!(loads::<[u8; 2]>(&bytes).unwrap(), [1, 255]);
    }
    assert_eq!(loads::<Vec<u8>>(&cbor(&Bytes(vec![7; 100_000]))).unwrap(), vec![7; 100_000]);
    // In chunks of unknown number.
    assert_eq!(loads::<Vec<u8>>(&[0x5F, 0x41, 1, 0x42, 2, 3, 0xFF]).unwrap(), [1, 2, 3]);
    assert_eq!(loads::<String>(&[0x7F, 0x61, b'a', 0x60, 0x62, b'b', b'c', 0xFF]).unwrap(), "abc");
}

#[test]
fn lengths_may_be_unknown_and_tags_are_looked_through() {
    let list = [0x9F, 0x01, 0xC1, 0x02, 0xFF];
    assert_eq!(loads::<Vec<u8>>(&list).unwrap(), [1, 2]);
    assert_eq!(loads::<(u8, u8)>(&list).unwrap(), (1, 2));
    assert_eq!(loads::<[u8; 2]>(&list).unwrap(), [1, 2]);
    assert_eq!(loads::<BTreeMap<u8, u8>>(&[0xBF, 1, 2, 3, 4, 0xFF]).unwrap(), BTreeMap::from([(1, 2), (3, 4)]));
    assert_eq!(loads::<std::collections::BTreeSet<u8>>(&[0xD9, 0x01, 0x02, 0x82, 5, 6]).unwrap(), [5, 6].into());
    assert_eq!(loads::<Option<u8>>(&[0xC7, 0xC7, 0xF6]).unwrap(), None);
    assert_eq!(loads::<()>(&[0xF7]).unwrap(), ());
    // Tags nest without being levels.
    let mut tags = vec![0xC7; 100_000];
    tags.push(5);
    assert_eq!(loads::<u8>(&tags).unwrap(), 5);
}

#[test]
fn structs_come_as_lists_too() {
    assert_eq!(loads::<Point>(b"[1.5, 2]").unwrap(), Point { x: 1.5, y: 2.0 });
    assert_eq!(
        loads::<Kind>(br#"{"Named": [1, ["Nothing"]]}"#).unwrap(),
        Kind::Named { left: 1.0, right: vec![Kind::Nothing] }
    );
    assert_eq!(loads::<Kind>(br#"{"Nothing": null}"#).unwrap(), Kind::Nothing);
    assert_eq!(loads::<Pair>(b" [ 1 , -2 ] ").unwrap(), Pair(1, -2));
}
