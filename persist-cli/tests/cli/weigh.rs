use persist::Dumper;

use crate::library::{PROTOCOLS, dumped, library, packed};
use crate::process::{Folder, beside};

#[test]
fn the_heaviest_part_stands_first() {
    let folder = Folder::new();
    let rows: Vec<(u32, String, f64)> = (0..1000).map(|i| (i, format!("name {i}"), f64::from(i) / 3.0)).collect();
    folder.write("rows", Dumper::new().dumps(&rows).unwrap());
    let size = folder.read("rows").len();
    let table = folder.run(&["weigh", "rows"]).good();
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["PATH", "TYPE", "ROWS", "BYTES", "SHARE"]);
    assert_eq!(lines[1][..3], ["[].1", "text", "1000"]);
    assert_eq!(lines[2][..4], ["[].2", "f64", "1000", "8000"]);
    assert_eq!(lines[3][..3], ["[].0", "u32", "1000"]);
    assert_eq!(lines.last().unwrap()[..], [size.to_string().as_str(), "bytes"]);
    let short = folder.run(&["weigh", "rows", "--limit", "1"]).good();
    assert_eq!(short.lines().count(), 4);
    assert!(short.contains("… 5 more rows of "), "{short}");
}

#[test]
fn all_parts_take_all_bytes() {
    let folder = Folder::new();
    for (protocol, end) in PROTOCOLS {
        folder.write(&format!("a.{end}"), dumped(protocol, &library()).repeat(3));
    }
    folder.write("spaces.json", " [1]  \n [2]\n");
    for name in ["a.persist", "a.json", "a.cbor", "spaces.json"] {
        let json = folder.run(&["weigh", name, "--json"]).good();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let parts = json["parts"].as_array().unwrap();
        let sum: u64 = parts.iter().map(|part| part["bytes"].as_u64().unwrap()).sum();
        assert_eq!(sum, folder.read(name).len() as u64, "{name}");
        assert_eq!(json["bytes"].as_u64(), Some(sum));
        let share: f64 = parts.iter().map(|part| part["share"].as_f64().unwrap()).sum();
        assert!((share - 1.0).abs() < 1e-9);
    }
}

#[cfg(feature = "svg")]
#[test]
fn a_flame_graph_is_drawn() {
    let folder = Folder::new();
    folder.write("library", packed(&library()));
    folder.run(&["weigh", "library", "--svg", "library.svg"]).good();
    let svg = String::from_utf8(folder.read("library.svg")).unwrap();
    assert!(svg.starts_with("<?xml") && svg.trim_end().ends_with("</svg>"), "{}", &svg[..200]);
    for part in ["shelves", "books", "(text)", "(schema)", "bytes"] {
        assert!(svg.contains(part), "{part}");
    }
    let nowhere = folder.run(&["weigh", "library", "--svg", "none/library.svg"]);
    assert!(nowhere.trouble().starts_with("none/library.svg: cannot be written: "), "{}", nowhere.err);
}

#[test]
fn what_cannot_be_weighed_says_so() {
    let folder = Folder::new();
    let pickle = beside("pickles/shared.pickle");
    assert!(folder.run(&["weigh", &pickle]).trouble().contains("is a pickle, whose parts cannot be weighed"));
    let mut bytes = packed(&library());
    let at = bytes.len() - 20;
    bytes[at] ^= 1;
    assert!(folder.run_on(&bytes, &["weigh"]).trouble().contains("the checksum differs"));
}
