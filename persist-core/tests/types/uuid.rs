//! `Uuid`.

use std::collections::BTreeMap;

use persist_core::{ErrorKind, Value, dumps, inspect, loads};
use proptest::prelude::any;
use uuid::Uuid;

use crate::harness::{back, round_trips, rows_back};
use crate::like_serde::{json, same};

round_trips! {
    uuids: any::<u128>() => |seed| Uuid::from_u128(*seed), |value| *value;
}

const UUID: Uuid = Uuid::from_u128(0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8);

#[test]
fn as_serde_writes_it() {
    same(&UUID);
    same(&vec![Uuid::nil(), Uuid::max(), UUID]);
    same(&BTreeMap::from([("a".to_owned(), UUID)]));
    assert_eq!(json(&UUID), r#""67e55044-10b1-426f-9247-bb680e5fe0c8""#);
    // Texts are keys.
    assert_eq!(json(&BTreeMap::from([(UUID, 1u8)])), r#"{"67e55044-10b1-426f-9247-bb680e5fe0c8":1}"#);
    back(&BTreeMap::from([(UUID, 1u8), (Uuid::nil(), 2)]));
    rows_back(|i| Uuid::from_u128(UUID.as_u128().wrapping_mul(i as u128)));
}

#[test]
fn sixteen_bytes() {
    let uuids: Vec<_> = (1..=1000).map(|i: u128| Uuid::from_u128(UUID.as_u128().wrapping_mul(i))).collect();
    assert!(dumps(&uuids).unwrap().len() <= 16 * 1000 + 64);
    assert_eq!(inspect(&dumps(&UUID).unwrap()).unwrap(), Value::Bytes(UUID.as_bytes().to_vec()));
}

#[test]
fn texts() {
    for text in [
        "67e55044-10b1-426f-9247-bb680e5fe0c8",
        "67E55044-10B1-426F-9247-BB680E5FE0C8",
        "67e5504410b1426f9247bb680e5fe0c8",
        "{67e55044-10b1-426f-9247-bb680e5fe0c8}",
        "urn:uuid:67e55044-10b1-426f-9247-bb680e5fe0c8",
    ] {
        assert_eq!(loads::<Uuid>(format!("\"{text}\"").as_bytes()).unwrap(), UUID);
    }
    for text in [
        "",
        "67e55044",
        "67e55044-10b1-426f-9247-bb680e5fe0c",
        "67e55044-10b1-426f-9247-bb680e5fe0c8a",
        "67e55044-10b1-426f-9247bb68-0e5fe0c8",
        "67e55044+10b1+426f+9247+bb680e5fe0c8",
        "67e55044-10b1-426f-9247-bb680e5fe0cg",
        "{67e55044-10b1-426f-9247-bb680e5fe0c8",
        "+7e5504410b1426f9247bb680e5fe0c8",
        "67e5504410b1426f9247bb680e5fé0c",
    ] {
        let error = loads::<Uuid>(format!("\"{text}\"").as_bytes()).unwrap_err();
        assert!(error.is(ErrorKind::Value) && error.to_string().contains("is no `Uuid`"), "{error}");
    }
    assert!(loads::<Uuid>(b"[1,2,3]").unwrap_err().is(ErrorKind::Shape));
}
