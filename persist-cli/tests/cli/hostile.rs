use std::time::{Duration, Instant};

use persist::Dumper;

use crate::library::{PROTOCOLS, dumped, library};
use crate::process::{Ended, Folder};

/// All that reads a file, on these bytes: each ends, and tells in one line what is wrong, if anything is.
fn all_commands(folder: &Folder, bytes: &[u8]) -> Vec<Ended> {
    folder.write("file", bytes);
    let commands = [
        &["show", "file"][..],
        &["show", "file", "--json"],
        &["show", "file", "x[0]"],
        &["convert", "file", "-", "--to", "json"],
        &["convert", "file", "-", "--to", "packed"],
        &["diff", "file", "file"],
        &["verify", "file"],
        &["weigh", "file", "--all"],
        &["log", "file", "-p"],
        &["salvage", "file"],
    ];
    let run = |arguments: &&[&str]| {
        let start = Instant::now();
        let ended = folder.run(arguments);
        assert!(start.elapsed() < Duration::from_secs(60), "{arguments:?} takes {:?}", start.elapsed());
        match ended.status {
            0 => assert_eq!(ended.err, ""),
            1 => assert!(matches!(arguments[0], "verify" | "diff" | "log" | "salvage"), "{arguments:?}: {ended:?}"),
            _ => _ = ended.trouble(),
        }
        ended
    };
    commands.iter().map(run).collect()
}

#[test]
fn bytes_cut_or_flipped_anywhere() {
    let folder = Folder::new();
    for (protocol, _) in PROTOCOLS {
        let bytes = dumped(protocol, &library());
        for at in (0..bytes.len()).step_by(bytes.len() / 8) {
            all_commands(&folder, &bytes[..at]);
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            all_commands(&folder, &flipped);
        }
    }
    // Without checksums, everything else has to hold.
    let bytes = Dumper::new().checksum(false).dumps(&library()).unwrap();
    for at in (7..bytes.len()).step_by(13) {
        let mut flipped = bytes.clone();
        flipped[at] = flipped[at].wrapping_add(0x41);
        all_commands(&folder, &flipped);
    }
}

#[test]
fn a_deep_nesting_is_an_error() {
    let folder = Folder::new();
    let deep = 1_000_000;
    for bytes in [
        [vec![b'['; deep], vec![b']'; deep]].concat(),
        vec![b'['; deep],
        b"{\"a\":".repeat(deep),
        [vec![0x81; deep], vec![0x00]].concat(),
        vec![0x9F; deep],
        vec![0xC6; deep],
    ] {
        for ended in all_commands(&folder, &bytes) {
            assert_ne!(ended.status, 0, "{ended:?}");
        }
    }
    // As deep as is allowed.
    let bytes = [vec![b'['; 900], vec![b']'; 900]].concat();
    let ended = all_commands(&folder, &bytes);
    assert_eq!(ended[0].status, 0);
}

#[test]
fn a_schema_that_nests_deeply_is_walked() {
    let folder = Folder::new();
    // Options of options, in line and behind vectors: as deep as a schema may be.
    let mut nodes = vec![];
    for i in 0..60_000u32 {
        nodes.push(if i % 250 == 249 { 8 } else { 7 });
        let mut next = i + 1;
        while next >= 0x80 {
            nodes.push((next & 0x7F) as u8 | 0x80);
            next >>= 7;
        }
        nodes.push(next as u8);
    }
    nodes.push(1);
    let mut schema = vec![0xE1, 0xD4, 0x03];
    schema.extend(nodes);
    let frame = |body: &[u8]| {
        let mut bytes = b"\xFCPST\x01\x00".to_vec();
        let mut length = schema.len();
        while length >= 0x80 {
            bytes.push((length & 0x7F) as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.extend_from_slice(&schema);
        bytes.extend_from_slice(&(body.len() as u32 | 1 << 30).to_le_bytes());
        bytes.extend_from_slice(body);
        bytes
    };
    // All there, down to one flag; and nothing there.
    let body: Vec<u8> = (0..60_000).map(|i| if i % 250 == 249 { 2 } else { 1 }).chain([1]).collect();
    let ended = all_commands(&folder, &frame(&body));
    assert_eq!(ended[0].status, 0, "{}", ended[0].err);
    assert_eq!(ended[7].status, 0, "{}", ended[7].err);
    assert!(all_commands(&folder, &frame(&[0])).iter().all(|ended| ended.status == 0 || ended.err.contains("no `x`")));
}

#[test]
fn lying_lengths_take_neither_memory_nor_time() {
    let folder = Folder::new();
    // Lists, maps, texts and bytes of CBOR with 2^63 of everything.
    for head in [0x9B, 0xBB, 0x7B, 0x5B] {
        let bytes = [&[head][..], &(1u64 << 63).to_be_bytes(), b"abc"].concat();
        for ended in all_commands(&folder, &bytes) {
            assert_ne!(ended.status, 0);
        }
    }
    // A list of units that is 4,294,967,295 long, in a few bytes.
    let mut bytes = Dumper::new().checksum(false).dumps(&vec![(); 3]).unwrap();
    let body = bytes.len() - 1;
    assert_eq!(bytes[body], 3 << 1);
    bytes.truncate(body);
    bytes.extend_from_slice(&[0xFE, 0xFF, 0xFF, 0xFF, 0x1F]);
    bytes[body - 4] = 5;
    for (number, ended) in all_commands(&folder, &bytes).iter().enumerate() {
        // `log` does not look into the value of a file without records.
        assert_eq!(ended.status == 0, number == 8, "{ended:?}");
    }
    // A chunk and a schema of a gigabyte, which are not there.
    all_commands(&folder, b"\xFCPST\x01\x00\xFF\xFF\xFF\xFF\x03");
    all_commands(&folder, b"\xFCPST\x01\x00\x02\x01\x01\xFF\xFF\xFF\x7F\x01");
}
