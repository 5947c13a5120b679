//! Bytes from anyone: an error or a value, never a panic.

use std::fmt::Debug;

use persist_core::{Decode, ErrorKind, Limits, Loader, Protocol, Value, inspect, load, loads, verify};

use crate::model::*;

/// Both protocols' bytes of a value with everything in it, once.
fn corpus() -> [Vec<u8>; 2] {
    let mut job = job(7);
    job.kinds.truncate(3);
    job.tree = tree(2, &mut 0);
    [json(&job), cbor(&job)]
}

/// Loads bytes in all ways; the rarer ones for some of them.
fn try_all(bytes: &[u8], number: usize) {
    drop(loads::<Job>(bytes));
    drop(loads::<Value>(bytes));
    match number % 8 {
        0 => drop(load::<Job>(bytes)),
        1 => drop(verify::<Job>(bytes)),
        2 => drop(inspect(bytes)),
        3 => drop(loads::<Vec<Option<Option<Tree>>>>(bytes)),
        4 => drop(load::<Value>(bytes)),
        _ => {}
    }
}

#[test]
fn no_prefix_is_a_value() {
    for bytes in corpus() {
        for end in 0..bytes.len() {
            let error = loads::<Job>(&bytes[..end]).unwrap_err();
            assert!(error.is(ErrorKind::Truncated), "{end}: {error:?}");
            try_all(&bytes[..end], end);
        }
    }
}

#[test]
fn no_flipped_bit_is_a_panic() {
    for bytes in corpus() {
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            try_all(&bytes, bit);
        }
    }
}

#[test]
fn other_bytes_in_place_of_each_are_no_panic() {
    for bytes in corpus() {
        for at in 0..bytes.len() {
            for other in [0x00, 0x1B, 0x3B, 0x5F, 0x7B, 0x9B, 0x9F, 0xBB, 0xBF, 0xC2, 0xFF, b'"', b'[', b'{', b'\\'] {
                let mut bytes = bytes.clone();
                bytes[at] = other;
                try_all(&bytes, at);
            }
        }
    }
}

#[track_caller]
fn refused<T: Decode + Debug>(bytes: &[u8]) {
    for protocol in [Protocol::Json, Protocol::Cbor] {
        let mut loader = Loader::new().protocol(protocol);
        loader.loads::<T>(bytes).unwrap_err();
        loader.load::<T>(bytes).unwrap_err();
    }
}

#[test]
fn lengths_are_not_believed() {
    for head in [0x5B, 0x7B, 0x9B, 0xBB] {
        for length in [1u64 << 60, 1 << 62, u64::MAX, 1 << 32, 1 << 20] {
            let mut bytes = vec![head];
            bytes.extend(length.to_be_bytes());
            bytes.extend([0x01, 0x01]);
            refused::<Value>(&bytes);
            refused::<Vec<u8>>(&bytes);
            refused::<Vec<()>>(&bytes);
            refused::<String>(&bytes);
            refused::<[u8; 2]>(&bytes);
            refused::<(u8, u8)>(&bytes);
            refused::<Point>(&bytes);
            refused::<std::collections::BTreeMap<u8, u8>>(&bytes);
            let unknown = [&[0xA1, 0x61, b'q'], &bytes[..]].concat();
            refused::<Point>(&unknown);
            let chunks = [&[head | 0x1F], &bytes[..]].concat();
            refused::<Vec<u8>>(&chunks);
        }
    }
}

#[test]
fn deep_nesting_is_an_error() {
    let deep = 100_000;
    let tree = r#"{"value":1,"next":"#.repeat(deep);
    let list = r#"{"value":1,"children":["#.repeat(deep);
    let early = r#"{"by_name":{"a":"#.repeat(deep);
    for text in [tree, list, early, "[".repeat(deep), "{\"a\":".repeat(deep), "[{\"a\":".repeat(deep)] {
        for bytes in [text.clone().into_bytes(), format!("{{\"q\":{text}").into_bytes()] {
            refused::<Tree>(&bytes);
            refused::<Vec<Tree>>(&bytes);
            refused::<Option<Option<Tree>>>(&bytes);
            refused::<Kind>(&bytes);
            refused::<Value>(&bytes);
        }
    }
    for head in [&[0x81][..], &[0x9F], &[0xA1, 0x61, b'a'], &[0xBF, 0x80], &[0xA1, 0x64, b'n', b'e', b'x', b't']] {
        let bytes = head.repeat(deep);
        refused::<Tree>(&bytes);
        refused::<Value>(&bytes);
        refused::<Job>(&[&[0xA1, 0x61, b'q'], &bytes[..]].concat());
    }
}

#[test]
fn a_higher_limit_makes_a_deep_value_load() {
    let deep = 50_000;
    let mut text = r#"{"value":1,"children":[],"by_name":{},"id":1,"next":"#.repeat(deep);
    text.push_str("null");
    text.push_str(&"}".repeat(deep));
    let error = loads::<Tree>(text.as_bytes()).unwrap_err();
    assert!(error.is(ErrorKind::Limit) && error.to_string().contains("Limits::depth"), "{error}");
    let mut loader = Loader::new().limits(Limits { depth: deep, ..Limits::default() });
    let mut tree: Tree = loader.loads(text.as_bytes()).unwrap();
    // Its drop would go down as deep.
    let mut levels = 0;
    while let Some(next) = tree.next.take() {
        tree = *next;
        levels += 1;
    }
    assert_eq!(levels, deep - 1);
}

#[test]
fn dynamic_values_are_taken_from_the_budget() {
    let limits = Limits { memory: 1 << 20, expansion: 8, ..Limits::default() };
    let mut loader = Loader::new().limits(limits);
    let many = vec![1u8; 200_000];
    for bytes in [json(&many), cbor(&many)] {
        let error = loader.loads::<Value>(&bytes).map(drop).unwrap_err();
        assert!(error.is(ErrorKind::Limit) && error.to_string().contains("Limits::memory"), "{error}");
        assert_eq!(loads::<Value>(&bytes).unwrap().index(199_999), Some(&Value::from(1)));
    }
}

#[test]
fn errors_of_limits_have_no_endless_paths() {
    let error = loads::<Value>("[".repeat(10_000).as_bytes()).unwrap_err();
    assert!(error.is(ErrorKind::Limit) && error.path().is_empty(), "{error}");
}
