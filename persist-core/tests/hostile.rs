//! Bytes from anyone: each is an error that says what is wrong, without a panic, and without memory beyond the limits.
#![allow(unsafe_code, reason = "an allocator that counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};

use persist_core::{Decode, Dumper, Encode, ErrorKind, Limits, Loader, Protocol, Value, dumps, inspect, loads, verify};

// ---- an allocator that counts what a thread holds, and the most it held

struct Counting;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: all calls go to the system's allocator as they are.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = HELD.try_with(|held| {
            held.set(held.get().wrapping_add(layout.size()));
            let _ = MOST.try_with(|most| most.set(most.get().max(held.get())));
        });
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let _ = HELD.try_with(|held| held.set(held.get().wrapping_sub(layout.size())));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most memory that was held at a time while `run` ran, beyond what was held before.
fn most_held<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    MOST.set(before);
    let result = run();
    (result, MOST.get() - before)
}

/// Small enough that a test can tell when it is not kept.
fn tight() -> Limits {
    Limits { memory: 1 << 20, expansion: 16, elements: 100_000, ..Limits::default() }
}

// ---- a corpus

type Mixed = Vec<(u64, String, Option<i32>, (f32, f64), [u8; 3], BTreeMap<String, Vec<i16>>)>;

fn mixed() -> Mixed {
    (0..12u64)
        .map(|i| {
            let map = (0..i % 4).map(|k| (format!("key {k}"), vec![k as i16 - 2; (i % 3) as usize])).collect();
            (
                i << (i % 50),
                "é".repeat((i % 5) as usize),
                (i % 3 == 0).then_some(-(i as i32)),
                (0.5, 1.5),
                [i as u8; 3],
                map,
            )
        })
        .collect()
}

/// Loads, verifies and inspects; whatever comes of it, it must not be a panic or too much memory.
fn survive<T: Decode>(bytes: &[u8]) -> bool {
    let (ok, held) = most_held(|| {
        let mut loader = Loader::new().limits(tight());
        let verified = loader.verify::<T>(bytes).is_ok();
        let loaded = loader.loads::<T>(bytes).is_ok();
        assert!(verified || !loaded, "what loads can be verified");
        loaded
    });
    assert!(held < 8 << 20, "{held} bytes held for {} bytes of input", bytes.len());
    let value = inspect(bytes);
    if let Ok(weights) = persist_core::weigh(bytes) {
        let sum: u64 = weights.parts.iter().map(|part| part.bytes).sum();
        assert_eq!((sum as i64 - weights.saved, weights.size), (bytes.len() as i64, bytes.len() as u64));
    }
    let written = persist_core::transcode(bytes, Protocol::Json, std::io::sink());
    assert!(value.is_ok() || written.is_err(), "what is written in another protocol can be inspected");
    persist_core::split(bytes).for_each(drop);
    ok
}

/// At level Small, every flipped bit of the columns, and of what is compressed.
fn walk_small<T: Encode + Decode>(value: &T) {
    for checksum in [true, false] {
        let dumper = || Dumper::new().checksum(checksum);
        let mut items =
            vec![dumper().small_columns().dumps(value).unwrap(), dumper().diffable(true).dumps(value).unwrap()];
        #[cfg(feature = "zstd")]
        items.push(dumper().level(persist_core::Level::Small).dumps(value).unwrap());
        for bytes in items.drain(..) {
            assert!(survive::<T>(&bytes));
            for end in (0..bytes.len()).step_by(3) {
                assert!(!survive::<T>(&bytes[..end]), "a prefix of {end} of {} bytes", bytes.len());
            }
            for bit in (0..bytes.len() * 8).step_by(if checksum { 7 } else { 1 }) {
                let mut bytes = bytes.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                assert!(!(survive::<T>(&bytes) && checksum), "bit {bit} went unnoticed");
            }
        }
    }
}

fn walk<T: Encode + Decode>(value: &T) {
    for protocol in [Protocol::Packed, Protocol::Json, Protocol::Cbor] {
        for checksum in [true, false] {
            let bytes = Dumper::new().protocol(protocol).checksum(checksum).dumps(value).unwrap();
            assert!(survive::<T>(&bytes), "{protocol:?}");
            for end in 0..bytes.len() {
                let whole = survive::<T>(&bytes[..end]);
                assert!(!whole, "{protocol:?}: a prefix of {end} of {} bytes", bytes.len());
            }
            for bit in 0..bytes.len() * 8 {
                let mut bytes = bytes.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let loaded = survive::<T>(&bytes);
                assert!(!(loaded && protocol == Protocol::Packed && checksum), "bit {bit} went unnoticed");
            }
            if protocol != Protocol::Packed {
                break;
            }
        }
    }
}

#[test]
fn every_prefix_and_every_flipped_bit() {
    walk(&mixed());
    walk(&vec![vec![vec![1u8, 2], vec![]], vec![], vec![vec![3; 9]]]);
    walk(&("text".to_owned(), [Some(1u128), None], vec![Some('é'); 3], [(); 2], vec![true, false]));
    walk(&Box::new((1u8, vec![Some(Some(2.5f64)), None, Some(None)])));
    walk(&Value::from_iter([("hi", Value::from(vec![1.into(), "x".into()])), ("b", Value::from(2.5))]));
}

#[test]
fn every_flipped_bit_of_level_small() {
    walk_small(&(0..40u32).map(|i| (format!("{i}:{:02} x{}", i % 5, i % 3), i * i, i % 3 == 0)).collect::<Vec<_>>());
    walk_small(&(0..40u8).map(|i| (f32::from(i % 7), [f64::from(i).sqrt(), 1.0])).collect::<Vec<_>>());
    walk_small(&(0..300).map(|i| (1u64 << 40) + i * 1000 + i % 7).collect::<Vec<_>>());
    walk_small(&(0..300).map(|i| ["one", "two", "three"][i % 3].to_owned()).collect::<Vec<_>>());
    walk_small(&(0..300).map(|i| [70_000u32, 5, 1 << 30][i % 3]).collect::<Vec<_>>());
}

fn kind<T: Decode>(bytes: &[u8]) -> ErrorKind {
    match loads::<T>(bytes) {
        Ok(_) => panic!("it loads"),
        Err(error) => {
            assert!(verify::<T>(bytes).is_err() || error.is(ErrorKind::Limit) || error.is(ErrorKind::Value), "{error}");
            error.kind()
        }
    }
}

#[test]
fn each_mistake_has_its_kind() {
    let bytes = dumps(&vec![1u32, 2, 3]).unwrap();
    let with = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        bytes
    };
    assert_eq!(kind::<Vec<u32>>(&[]), ErrorKind::Truncated);
    assert_eq!(kind::<Vec<u32>>(&bytes[..bytes.len() - 1]), ErrorKind::Truncated);
    assert_eq!(kind::<Vec<u32>>(&[&bytes[..], b"\0"].concat()), ErrorKind::TrailingBytes);
    assert_eq!(kind::<Vec<u32>>(&with(1, b'Q')), ErrorKind::Protocol);
    assert_eq!(kind::<Vec<u32>>(&with(4, 2)), ErrorKind::Version);
    assert_eq!(kind::<Vec<u32>>(&with(bytes.len() - 8, 0xFF)), ErrorKind::Corrupt);
    assert_eq!(kind::<Vec<char>>(&bytes), ErrorKind::Shape);
    let error = loads::<Vec<(u8, String)>>(&bytes).unwrap_err().to_string();
    assert!(error.contains("u32") && error.contains("(u8, String)"), "{error}");
}

#[test]
fn a_python_pickle_is_no_value() {
    // pickle.dumps({"a": 1}, protocol=4), protocol 2, and one that would run a command.
    let pickles: [&[u8]; 4] = [
        b"\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94K\x01s.",
        b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01K\x01s.",
        b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94.",
        b"cos\nsystem\n(S'id'\ntR.",
    ];
    for pickle in pickles {
        let error = loads::<HashMap<String, u32>>(pickle).unwrap_err();
        assert!(!error.to_string().is_empty());
        assert!(inspect(pickle).is_err());
    }
    let error = loads::<HashMap<String, u32>>(pickles[0]).unwrap_err().to_string();
    assert!(error.contains("pickle"), "{error}");
}

// ---- frames made by hand

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn framed(schema: &[u8], body: &[u8]) -> Vec<u8> {
    let mut out = b"\xFCPST\x01\x00".to_vec();
    varint(&mut out, schema.len() as u64);
    out.extend_from_slice(schema);
    out.extend_from_slice(&(body.len() as u32 | 1 << 30).to_le_bytes());
    out.extend_from_slice(body);
    out
}

/// A frame of level Small, of one chunk that is not compressed.
fn framed_small(schema: &[u8], body: &[u8]) -> Vec<u8> {
    squeezed(schema, 0, body)
}

/// A frame of level Small, of one chunk that claims to stand for so many bytes.
fn squeezed(schema: &[u8], size: u64, stored: &[u8]) -> Vec<u8> {
    let mut chunk = Vec::new();
    varint(&mut chunk, size);
    chunk.extend_from_slice(stored);
    let mut out = framed(schema, &chunk);
    out[5] = 4;
    out
}

const UNIT: u8 = 0;
const F32: u8 = 3;
const TEXT: u8 = 5;
const OPTION: u8 = 7;
const SEQ: u8 = 8;
const ARRAY: u8 = 12;
const TUPLE: u8 = 13;
const BOXED: u8 = 16;
const U8: u8 = 32;
const U64: u8 = 35;

fn inspected(schema: &[u8], body: &[u8]) -> persist_core::Error {
    let (error, held) = most_held(|| inspect(&framed(schema, body)).unwrap_err());
    assert!(held < 256 << 20, "{held} bytes held: {error}");
    let (weights, held) = most_held(|| persist_core::weigh(&framed(schema, body)));
    assert!(held < 256 << 20, "{held} bytes held for {weights:?}");
    error
}

#[test]
fn lengths_that_lie() {
    // A sequence of u64 that claims four billion elements, all equal, in a few bytes.
    let mut body = Vec::new();
    varint(&mut body, (u64::from(u32::MAX)) << 1);
    body.push(0);
    assert!(inspected(&[2, SEQ, 1, U64], &body).is(ErrorKind::Limit));
    let (result, held) = most_held(|| loads::<Vec<u64>>(&framed(&[2, SEQ, 1, U64], &body)));
    assert!(result.unwrap_err().is(ErrorKind::Limit) && held < 1 << 20);
    // As many options of a large type, all absent.
    let (result, held) =
        most_held(|| loads::<Vec<Option<[u64; 64]>>>(&framed(&[4, SEQ, 1, OPTION, 2, ARRAY, 3, 64, U64], &body)));
    assert!(result.unwrap_err().is(ErrorKind::Limit) && held < 1 << 20);
    // Units take no memory, but time.
    let error = loads::<Vec<()>>(&framed(&[2, SEQ, 1, UNIT], &body[..body.len() - 1])).unwrap_err();
    assert!(error.is(ErrorKind::Limit) && error.to_string().contains("Limits::elements"), "{error}");
    let bytes = dumps(&vec![(); 100_001]).unwrap();
    assert_eq!(loads::<Vec<()>>(&bytes).unwrap().len(), 100_001);
    assert!(Loader::new().limits(tight()).loads::<Vec<()>>(&bytes).unwrap_err().is(ErrorKind::Limit));
    // A length beyond 32 bits, and a text longer than the bytes that are left.
    let mut body = Vec::new();
    varint(&mut body, u64::MAX);
    assert!(inspected(&[2, SEQ, 1, U8], &body).is(ErrorKind::Corrupt));
    assert!(loads::<String>(&framed(&[1, 5], b"\x7Fabc")).unwrap_err().is(ErrorKind::Truncated));
    // Groups that add up to more rows than the sequence has, or to none.
    assert!(loads::<Vec<u8>>(&framed(&[2, SEQ, 1, U8], &[5, 3, 1, 1, 1])).unwrap_err().is(ErrorKind::Corrupt));
    assert!(loads::<Vec<u8>>(&framed(&[2, SEQ, 1, U8], &[5, 0, 1, 1, 1])).unwrap_err().is(ErrorKind::Corrupt));
    // A chunk longer than the bytes that follow.
    let bytes = b"\xFCPST\x01\x00\x02\x01\x05\xFF\xFF\xFF\x7F";
    assert!(loads::<String>(bytes).unwrap_err().is(ErrorKind::Truncated));
    let (result, held) = most_held(|| persist_core::load::<String>(&bytes[..]));
    assert!(result.is_err() && held < 1 << 20);
    // A last chunk that goes on.
    let bytes = b"\xFCPST\x01\x00\x02\x01\x05\x01\x00\x00\xC0\x00";
    assert!(loads::<String>(bytes).unwrap_err().is(ErrorKind::Corrupt));
    assert!(persist_core::load::<String>(&bytes[..]).unwrap_err().is(ErrorKind::Corrupt));
}

#[test]
fn forms_of_level_small_that_lie() {
    let kind = |schema: &[u8], rows: u64, column: &[u8]| {
        let mut body = Vec::new();
        varint(&mut body, rows << 1);
        body.extend_from_slice(column);
        let bytes = framed_small(&[&[2, SEQ, 1], schema].concat(), &body);
        let (error, held) = most_held(|| match schema[0] {
            TEXT => loads::<Vec<String>>(&bytes).unwrap_err(),
            U64 => loads::<Vec<u64>>(&bytes).unwrap_err(),
            _ => loads::<Vec<f32>>(&bytes).unwrap_err(),
        });
        assert!(held < 64 << 20, "{held} bytes held: {error}");
        assert_eq!(inspect(&bytes).unwrap_err().kind(), error.kind(), "{error}");
        error.kind()
    };
    // A place in a dictionary that has no entry there; no entries; more than rows.
    assert_eq!(kind(&[TEXT], 2, &[0x7E, 1, 1, b'a', 1, 2]), ErrorKind::Corrupt);
    assert_eq!(kind(&[TEXT], 2, &[0x7E, 0, 1, 2]), ErrorKind::Corrupt);
    assert_eq!(kind(&[TEXT], 2, &[0x7E, 3, 0, 0]), ErrorKind::Corrupt);
    assert_eq!(kind(&[U64], 2, &[0x43, 1, 5, 1, 2]), ErrorKind::Corrupt);
    assert_eq!(kind(&[U64], 2, &[0x43, 0]), ErrorKind::Corrupt);
    assert_eq!(kind(&[U64], 2, &[0x43, 3]), ErrorKind::Corrupt);
    // Forms inside one another, without end.
    assert_eq!(kind(&[U64], 9, &[0x42; 9]), ErrorKind::Corrupt);
    assert_eq!(kind(&[U64], 9, &[0x43, 9, 0x43, 9]), ErrorKind::Corrupt);
    assert_eq!(kind(&[TEXT], 9, &[0x7D, 2, 0x7D, 2]), ErrorKind::Corrupt);
    // Planes of too many bits, of a number that is not in use, and too short; bits behind the last.
    assert_eq!(kind(&[U64], 2, &[0x41, 0, 65, 1, 1]), ErrorKind::Corrupt);
    assert_eq!(kind(&[U64], 2, &[0x41, 0, 3, 1, 1]), ErrorKind::Corrupt);
    assert_eq!(kind(&[U64], 2, &[0x41, 0, 0, 1, 1]), ErrorKind::Corrupt);
    assert_eq!(kind(&[U64], 2, &[0x41, 0, 16, 1, 1, 1]), ErrorKind::Truncated);
    assert_eq!(kind(&[U64], 2, &[0x41, 0, 2, 0x10]), ErrorKind::Corrupt);
    assert_eq!(kind(&[U64], 1_000_000, &[0x41, 0, 8, 1, 1]), ErrorKind::Truncated);
    // Lanes: of no known kind, wider than the row, of a step that no float has, and a plane that is too short.
    assert_eq!(kind(&[F32], 2, &[0x05]), ErrorKind::Corrupt);
    assert_eq!(kind(&[F32], 2, &[0x08]), ErrorKind::Corrupt);
    assert_eq!(kind(&[F32], 2, &[0x14, 0xFF, 0x7F, 0]), ErrorKind::Corrupt);
    assert_eq!(kind(&[F32], 2, &[0x04, 0x41, 0, 32, 1, 2, 3, 4, 5, 6, 7]), ErrorKind::Truncated);
    // Pieces: too many, none, one that ends inside a character, a number of too many digits.
    assert_eq!(kind(&[TEXT], 2, &[0x7D, 65]), ErrorKind::Corrupt);
    assert_eq!(kind(&[TEXT], 2, &[0x7D, 0]), ErrorKind::Corrupt);
    assert_eq!(kind(&[TEXT], 2, &[0x7D, 1, 0x7F, 1, 0xC3]), ErrorKind::Corrupt);
    assert_eq!(kind(&[TEXT], 2, &[0x7D, 1, 0x7C, 21, 0]), ErrorKind::Corrupt);
    // A million rows of a text of 4 KiB, which stands there once.
    let long = [&[0x80u8, 0x20][..], &[b'x'; 4096]].concat();
    assert_eq!(kind(&[TEXT], 1 << 20, &[&[0x7E, 1], &long[..], &[0]].concat()), ErrorKind::Limit);
    assert_eq!(kind(&[TEXT], 1 << 20, &[&[0x7D, 1, 0x7F], &long[..]].concat()), ErrorKind::Limit);
    assert_eq!(kind(&[TEXT], 1 << 20, &[&[0x7D, 1, 0x7E, 1], &long[..], &[0]].concat()), ErrorKind::Limit);
}

#[test]
fn compressed_chunks_that_lie() {
    let kind = |size: u64, stored: &[u8]| {
        let bytes = squeezed(&[2, SEQ, 1, U8], size, stored);
        let (error, held) = most_held(|| loads::<Vec<u8>>(&bytes).unwrap_err());
        assert!(held < 8 << 20, "{held} bytes held: {error}");
        assert_eq!(persist_core::load::<Vec<u8>>(&bytes[..]).unwrap_err().kind(), error.kind());
        assert_eq!(verify::<Vec<u8>>(&bytes).unwrap_err().kind(), error.kind());
        error.kind()
    };
    assert_eq!(kind(u64::from(u32::MAX), &[0x28, 0xB5, 0x2F, 0xFD]), ErrorKind::Limit);
    assert_eq!(kind(1 << 29, &[0x28, 0xB5, 0x2F, 0xFD]), ErrorKind::Corrupt);
    assert_eq!(kind(1 << 40, &[0]), ErrorKind::Corrupt);
    let damaged = kind(100, &[0x28, 0xB5, 0x2F, 0xFD, 0, 0]);
    // Frames of zstd: 1 MiB of zeros by eight blocks of one repeated byte, with another size than they claim.
    let mut zeros = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58];
    for block in 0..8u32 {
        let head = (128 << 10) << 3 | 1 << 1 | u32::from(block == 7);
        zeros.extend_from_slice(&head.to_le_bytes()[..3]);
        zeros.push(0);
    }
    let other = [(1 << 20) - 1, (1 << 20) + 1].map(|size| kind(size, &zeros));
    if cfg!(feature = "zstd") {
        assert_eq!((damaged, other), (ErrorKind::Corrupt, [ErrorKind::Corrupt; 2]));
        // The right size, but not a value: it is a sequence of no elements, with bytes behind it.
        assert_eq!(kind(1 << 20, &zeros), ErrorKind::Corrupt);
    } else {
        assert_eq!((damaged, other), (ErrorKind::Unsupported, [ErrorKind::Unsupported; 2]));
        let error = loads::<Vec<u8>>(&squeezed(&[2, SEQ, 1, U8], 1 << 20, &zeros)).unwrap_err().to_string();
        assert!(error.contains("feature `zstd`"), "{error}");
    }
}

#[test]
fn schemas_that_repeat_themselves() {
    const ENUM: u8 = 15;
    // A thousand sequences of pairs, each of the one variant of an enum, whose name is long, and of a large tuple.
    const COUNT: u64 = 1_000;
    let mut schema = Vec::new();
    varint(&mut schema, 2 * COUNT + 4);
    schema.push(TUPLE);
    varint(&mut schema, COUNT);
    (1..=COUNT).for_each(|node| varint(&mut schema, node));
    for node in COUNT + 1..=2 * COUNT {
        schema.push(SEQ);
        varint(&mut schema, node);
    }
    for _ in 0..COUNT {
        schema.extend_from_slice(&[TUPLE, 2]);
        varint(&mut schema, 2 * COUNT + 1);
        varint(&mut schema, 2 * COUNT + 2);
    }
    schema.extend_from_slice(&[ENUM, 1, b'E', 1]);
    varint(&mut schema, 50_000);
    schema.extend_from_slice(&vec![b'n'; 50_000]);
    schema.extend_from_slice(&[3, 0, TUPLE, 30]);
    (0..30).for_each(|_| varint(&mut schema, 2 * COUNT + 3));
    schema.extend_from_slice(&[TUPLE, 10]);
    // The last node is a tuple of the enum, too.
    (0..10).for_each(|_| varint(&mut schema, 2 * COUNT + 1));
    let bytes = framed(&schema, &[0; COUNT as usize]);
    let (_, inspected) = most_held(|| inspect(&bytes).unwrap());
    for protocol in [Protocol::Json, Protocol::Cbor] {
        let mut out = Vec::new();
        let (result, held) = most_held(|| persist_core::transcode(&bytes, protocol, &mut out));
        result.unwrap();
        assert!(held < inspected + (8 << 20), "{held} bytes held, {inspected} to inspect");
        assert!(out.len() < 4 << 10, "{}", out.len());
    }
}

#[test]
fn schemas_that_lie() {
    // A type that holds itself without indirection, at once and by a detour.
    assert!(inspected(&[1, OPTION, 0], &[0]).is(ErrorKind::Corrupt));
    assert!(inspected(&[3, TUPLE, 2, 1, 2, OPTION, 2, ARRAY, 0, 1], &[0]).is(ErrorKind::Corrupt));
    // A box of itself has no end, and no rows that agree.
    assert!(inspected(&[1, BOXED, 0], &[]).is(ErrorKind::Truncated));
    assert!(inspected(&[1, BOXED, 0], &[5]).is(ErrorKind::Corrupt));
    // Nodes that are not there, more nodes than bytes, kinds that are not known.
    assert!(inspected(&[1, OPTION, 7], &[0]).is(ErrorKind::Corrupt));
    assert!(inspected(&[100, UNIT], &[0]).is(ErrorKind::Corrupt));
    assert!(inspected(&[1, 99], &[0]).is(ErrorKind::Corrupt));
    assert!(inspected(&[0], &[0]).is(ErrorKind::Corrupt));
    // A type of two to the power of sixty parts: sixty pairs of pairs.
    for leaf in [UNIT, U8] {
        let mut schema = vec![61];
        for node in 1..=60 {
            schema.extend_from_slice(&[TUPLE, 2, node, node]);
        }
        schema.push(leaf);
        assert!(inspected(&schema, &[0]).is(ErrorKind::Limit));
    }
    // Arrays whose product has no number, of units and of bytes.
    for leaf in [UNIT, U8] {
        let mut schema = vec![9];
        for node in 1..=8 {
            schema.extend_from_slice(&[ARRAY, node]);
            varint(&mut schema, 1 << 40);
        }
        schema.push(leaf);
        let error = inspected(&schema, &[0]);
        assert!(error.is(ErrorKind::Limit) || error.is(ErrorKind::Truncated), "{error}");
    }
    // A tower of fifty thousand options, and one of sequences.
    for kind in [OPTION, SEQ, BOXED] {
        let mut schema = Vec::new();
        varint(&mut schema, 50_001);
        for node in 1..=50_000u64 {
            schema.push(kind);
            varint(&mut schema, node);
        }
        schema.push(UNIT);
        assert!(inspected(&schema, &[1; 100]).is(ErrorKind::Limit));
    }
    // A schema larger than allowed.
    let bytes = framed(&vec![0; 2 << 20], &[]);
    assert!(inspect(&bytes).unwrap_err().is(ErrorKind::Limit));
}

#[test]
fn opaque_items_that_lie() {
    // Two hundred thousand lists in a list, in a value.
    let mut body = Vec::new();
    varint(&mut body, 200_001);
    body.extend(std::iter::repeat_n(0x81, 200_000));
    body.push(0xF6);
    assert!(loads::<Value>(&framed(&[1, 6], &body)).unwrap_err().is(ErrorKind::Limit));
    assert!(inspected(&[1, 6], &body).is(ErrorKind::Limit));
    // A list of two to the power of sixty, and a text as long.
    for head in [0x9B, 0x7B, 0x5B, 0xBB] {
        let mut body = vec![10, head];
        body.extend_from_slice(&(1u64 << 60).to_be_bytes());
        body.push(0x61);
        let (result, held) = most_held(|| loads::<Value>(&framed(&[1, 6], &body)));
        assert!(result.is_err() && held < 1 << 20, "{held} bytes held");
    }
}

#[test]
fn equal_dynamic_values_come_back() {
    for count in [1, 2, 70] {
        let values = vec![Value::from("same"); count];
        assert_eq!(loads::<Vec<Value>>(&dumps(&values).unwrap()).unwrap(), values);
    }
}

#[test]
fn what_is_too_deep_to_load_is_not_saved() {
    let nested = |levels: usize| (0..levels).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    let limit = Limits::default().depth;
    for protocol in [Protocol::Packed, Protocol::Json, Protocol::Cbor] {
        let mut dumper = Dumper::new().protocol(protocol);
        let value = nested(limit - 1);
        assert_eq!(loads::<Value>(&dumper.dumps(&value).unwrap()).unwrap(), value, "{protocol:?}");
        assert!(dumper.dumps(&nested(limit + 1)).unwrap_err().is(ErrorKind::Limit), "{protocol:?}");
    }
}

// ---- long sequences, in little memory

/// A stream that keeps nothing of what it is given.
struct Sink(u64);

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

type Rows = Vec<(u64, String, Option<u16>, Vec<u8>)>;

fn rows(count: u64) -> Rows {
    let bytes = |i: u64| vec![i as u8; i as usize % 5];
    (0..count).map(|i| (i * i, format!("row {i}"), (i % 3 == 0).then_some(i as u16), bytes(i))).collect()
}

#[test]
fn a_long_sequence_is_dumped_in_the_memory_of_a_group() {
    let held = |count: u64| {
        let rows = rows(count);
        let mut sink = Sink(0);
        let ((), held) = most_held(|| Dumper::new().dump(&rows, &mut sink).unwrap());
        (sink.0, held)
    };
    let ((small, little), (large, more)) = (held(40_000), held(400_000));
    assert!(small > 400_000 && large > 9 * small, "{small} and {large} bytes");
    assert!(little < 1 << 20 && more < 1 << 20, "{little} and {more} bytes held");
}

#[test]
fn a_long_sequence_is_loaded_in_the_memory_of_a_group() {
    let rows = rows(400_000);
    let bytes = dumps(&rows).unwrap();
    let (copy, own) = most_held(|| rows.clone());
    assert_eq!(copy, rows);
    for loaded in
        [most_held(|| persist_core::load::<Rows>(&bytes[..]).unwrap()), most_held(|| loads::<Rows>(&bytes).unwrap())]
    {
        let (back, held) = loaded;
        assert!(back == rows);
        assert!(held < own + (2 << 20), "{held} bytes held, {own} of them for the value");
    }
}

#[test]
fn a_stream_that_lies_about_its_length_takes_no_memory() {
    // As many rows as a length can tell, of which the first group is there.
    let mut bytes = Dumper::new().checksum(false).dumps(&rows(40_000)).unwrap();
    let limits = || Limits { memory: 8 << 20, expansion: 64, ..Limits::default() };
    let rows: Rows = Loader::new().limits(limits()).load(&bytes[..]).unwrap();
    let header = bytes.windows(3).position(|window| window == [0x81, 0xF1, 0x04]).unwrap();
    assert_eq!(rows.len(), 40_000);
    bytes[header..header + 3].copy_from_slice(&[0xFF, 0xFF, 0x7F]);
    let (result, held) = most_held(|| Loader::new().limits(limits()).load::<Rows>(&bytes[..]));
    assert!(result.is_err() && held < 64 << 20, "{held} bytes held");
}

#[test]
fn chunks_that_go_on_are_one() {
    let value: Vec<f32> = (0..1000u16).map(f32::from).collect();
    let texts: Vec<String> = (0..100).map(|i| format!("text {i}")).collect();
    check_cut(&value);
    check_cut(&texts);
}

/// Cuts the one chunk of a value into pieces.
fn check_cut<T: Encode + Decode + PartialEq + std::fmt::Debug>(value: &T) {
    let whole = Dumper::new().checksum(false).dumps(value).unwrap();
    let start = 7 + usize::from(whole[6]);
    let body = &whole[start + 4..];
    for piece in [1, 7, 100, body.len() - 1] {
        let mut cut = whole[..start].to_vec();
        for part in body.chunks(piece) {
            let last = std::ptr::eq(part.as_ptr_range().end, body.as_ptr_range().end);
            let flag = if last { 1 << 30 } else { 1u32 << 31 };
            cut.extend_from_slice(&(part.len() as u32 | flag).to_le_bytes());
            cut.extend_from_slice(part);
        }
        assert_eq!(&loads::<T>(&cut).unwrap(), value);
        assert_eq!(&persist_core::load::<T>(&cut[..]).unwrap(), value);
        assert!(verify::<T>(&cut).is_ok() && inspect(&cut).is_ok());
    }
}

#[test]
fn plain_code_writes_and_reads_the_same_bytes() {
    let value = (mixed(), rows(3000), (0..10_000u32).map(|i| f64::from(i) / 3.0).collect::<Vec<_>>());
    let fast = dumps(&value).unwrap();
    persist_core::__private::force_plain();
    assert!(dumps(&value).unwrap() == fast);
    assert!(loads::<(Mixed, Rows, Vec<f64>)>(&fast).unwrap() == value);
}

#[test]
fn an_empty_list_in_a_stream_may_be_a_pickle() {
    let error = persist_core::load::<Vec<u8>>(&[0x80][..]).unwrap_err();
    assert!(error.is(ErrorKind::Protocol) && error.to_string().contains("Loader::protocol"), "{error}");
    let list: Vec<u8> = Loader::new().protocol(Protocol::Cbor).load(&[0x80][..]).unwrap();
    assert!(list.is_empty());
}

#[test]
fn a_vector_keeps_what_it_held_when_saving_fails() {
    let value = std::cell::RefCell::new(1u8);
    let guard = value.borrow_mut();
    let mut dumper = Dumper::new();
    let mut out = b"before".to_vec();
    assert!(dumper.dumps_into(&value, &mut out).is_err());
    assert_eq!(out, b"before");
    drop(guard);
    dumper.dumps_into(&value, &mut out).unwrap();
    assert_eq!(loads::<std::cell::RefCell<u8>>(&out[6..]).unwrap(), value);
}

#[test]
fn bare_values_are_checked_like_all_others() {
    let value = (mixed(), vec![Some("a".to_owned()), None]);
    let bytes = Dumper::new().bare(true).dumps(&value).unwrap();
    let mut loader = Loader::new().bare(true);
    assert_eq!(loader.loads::<(Mixed, Vec<Option<String>>)>(&bytes).unwrap(), value);
    assert_eq!(loader.load::<(Mixed, Vec<Option<String>>)>(&bytes[..]).unwrap(), value);
    assert!(loader.verify::<(Mixed, Vec<Option<String>>)>(&bytes).is_ok());
    for end in 0..bytes.len() {
        assert!(loader.loads::<(Mixed, Vec<Option<String>>)>(&bytes[..end]).is_err());
    }
    let more = [&bytes[..], &[0]].concat();
    assert!(loader.loads::<(Mixed, Vec<Option<String>>)>(&more).unwrap_err().is(ErrorKind::Corrupt));
}
