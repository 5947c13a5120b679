use persist::Dumper;

use crate::library::{PROTOCOLS, dumped, library, packed};
use crate::process::{Folder, beside};

#[test]
fn a_line_for_each_file() {
    let folder = Folder::new();
    for (protocol, end) in PROTOCOLS {
        folder.write(&format!("a.{end}"), dumped(protocol, &library()).repeat(2));
    }
    folder.write("plain", Dumper::new().checksum(false).dumps(&1u8).unwrap());
    let size = |name: &str| folder.read(name).len();
    let expected = format!(
        "a.persist: good (2 values, packed, {} bytes)\n\
         a.json: good (2 values, JSON, {} bytes)\n\
         a.cbor: good (2 values, CBOR, {} bytes)\n\
         plain: good (1 value, packed, {} bytes, no checksums)\n",
        size("a.persist"),
        size("a.json"),
        size("a.cbor"),
        size("plain"),
    );
    assert_eq!(folder.run(&["verify", "a.persist", "a.json", "a.cbor", "plain"]).ended(0), expected);
    assert_eq!(folder.run(&["verify", "a.persist", "-q"]).ended(0), "");
    let pickle = beside("pickles/several.pickle");
    assert!(folder.run(&["verify", &pickle]).good().contains("several.pickle: good (3 values, a pickle, "));
}

#[test]
fn every_flipped_bit_is_found() {
    let folder = Folder::new();
    let bytes = [packed(&7u8), packed(&vec![1.5f64, 2.5])].concat();
    let names: Vec<String> = (0..bytes.len() * 8)
        .map(|bit| {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let name = format!("{bit}");
            folder.write(&name, damaged);
            name
        })
        .collect();
    let arguments: Vec<&str> = ["verify"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let lines = folder.run(&arguments).ended(1);
    assert_eq!(lines.lines().count(), names.len());
    assert!(lines.lines().all(|line| line.contains(": bad: ")), "{lines}");
}

#[test]
fn bad_files_say_what_and_where() {
    let folder = Folder::new();
    let bytes = [packed(&7u8), packed(&library())].concat();
    let first = packed(&7u8).len();
    folder.write("cut", &bytes[..bytes.len() - 5]);
    let mut damaged = bytes.clone();
    let last = damaged.len() - 20;
    damaged[last] ^= 1;
    folder.write("flipped", damaged);
    folder.write("empty", "");
    folder.write("space", " \n ");
    folder.write("good", &bytes);
    folder.write("noise", [0xFFu8; 64]);
    folder.write("twice.json", r#"{"a": {"b": 1, "b": 2}}"#);
    let all = ["verify", "cut", "flipped", "empty", "space", "good", "noise", "twice.json"];
    let lines = folder.run(&all).ended(1);
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 7);
    let ends = format!("cut: bad: value 2: the stream ends before the value does (at byte {})", bytes.len() - 5);
    assert_eq!(lines[0], ends);
    let differs = format!(
        "flipped: bad: value 2: the checksum differs: the bytes are not those that were written (at byte {})",
        bytes.len() - 4
    );
    assert_eq!(lines[1], differs);
    assert!(first < bytes.len() - 4);
    assert_eq!(lines[2], "empty: bad: is empty: there is no value in it; see that it was written to its end");
    assert_eq!(lines[3], "space: bad: holds nothing but white space; see that it was written to its end");
    assert!(lines[4].starts_with("good: good (2 values, packed, "), "{}", lines[4]);
    assert!(lines[5].starts_with("noise: bad: "), "{}", lines[5]);
    assert_eq!(lines[6], "twice.json: bad: [\"a\"]: the key \"b\" occurs twice (at byte 6)");
}

#[test]
fn files_that_cannot_be_read_are_trouble() {
    let folder = Folder::new();
    folder.write("good", packed(&1));
    let ended = folder.run(&["verify", "none", "good"]);
    assert_eq!(ended.trouble(), "none: is not there; see that the name is right");
    assert!(ended.text().starts_with("good: good "), "{ended:?}");
    assert_eq!(folder.run(&["verify", "."]).trouble(), ".: is a folder; name a file in it");
}

#[test]
fn a_key_that_stands_twice_in_a_packed_map_is_found() {
    let folder = Folder::new();
    let map = std::collections::BTreeMap::from([(0u8, 'a'), (128, 'b'), (255, 'c')]);
    let mut bytes = Dumper::new().checksum(false).dumps(&map).unwrap();
    assert_eq!(folder.run_on(&bytes, &["verify"]).status, 0);
    let at = bytes.windows(3).position(|keys| keys == [0, 128, 255]).expect("keys of eight bits stand as they are");
    bytes[at + 1] = 255;
    let ended = folder.run_on(&bytes, &["verify"]);
    assert_eq!(ended.ended(1), "standard input: bad: the key 255 occurs twice in a map (in the value from byte 0)\n");
}
