use persist::{Protocol, Value, inspect, load, loads};

use crate::library::{Library, PROTOCOLS, dumped, library, packed};
use crate::process::Folder;

#[test]
fn a_packed_file_becomes_what_its_type_would_be_in_the_other_protocol() {
    let folder = Folder::new();
    folder.write("library.persist", packed(&library()));
    for (protocol, end) in PROTOCOLS {
        let name = format!("out.{end}");
        assert_eq!(folder.run(&["convert", "library.persist", &name]).good(), "");
        let bytes = folder.read(&name);
        assert_eq!(bytes, dumped(protocol, &library()), "{protocol:?}");
        assert_eq!(loads::<Library>(&bytes).unwrap().shelves.len(), 3);
    }
}

#[test]
fn the_way_back_is_that_of_a_value() {
    let folder = Folder::new();
    for (protocol, end) in PROTOCOLS {
        folder.write(&format!("in.{end}"), dumped(protocol, &library()));
    }
    for from in ["json", "cbor"] {
        let before = inspect(&folder.read(&format!("in.{from}"))).unwrap();
        for (_, to) in PROTOCOLS {
            folder.run(&["convert", &format!("in.{from}"), &format!("out.{to}")]).good();
            assert_eq!(loads::<Value>(&folder.read(&format!("out.{to}"))).unwrap(), before, "{from} to {to}");
        }
    }
}

#[test]
fn all_values_are_converted() {
    let folder = Folder::new();
    for (protocol, from) in PROTOCOLS {
        let bytes: Vec<u8> = (0..50u32).flat_map(|i| dumped(protocol, &vec![i; 3])).collect();
        for (_, to) in PROTOCOLS {
            let ended =
                folder.run_on(&bytes, &["convert", "-", "-", "--to", if to == "persist" { "packed" } else { to }]);
            assert_eq!((ended.status, ended.err.as_str()), (0, ""));
            let mut rest = &ended.out[..];
            for i in 0..50 {
                if to == "persist" && from != "persist" {
                    assert_eq!(load::<Value>(&mut rest).unwrap().to_string(), format!("[{i}, {i}, {i}]"));
                } else {
                    assert_eq!(load::<Vec<u32>>(&mut rest).unwrap(), [i; 3], "{from} to {to}");
                }
            }
            assert!(rest.is_empty());
        }
    }
}

#[test]
fn a_file_is_replaced_as_a_whole_or_not_at_all() {
    let folder = Folder::new();
    folder.write("good.json", "[1]\n[2]\n");
    folder.write("bad.json", "[1]\n[2,\n");
    folder.write("out.cbor", "before");
    let bad = folder.run(&["convert", "bad.json", "out.cbor"]);
    assert_eq!(
        bad.trouble(),
        "bad.json: value 2: [1]: the text ends before the value does, in line 2, column 1 (at byte 8)"
    );
    assert_eq!(folder.read("out.cbor"), b"before");
    folder.run(&["convert", "good.json", "good.json"]).good();
    assert_eq!(folder.read("good.json"), b"[1]\n[2]\n");
    assert_eq!(std::fs::read_dir(folder.path("")).unwrap().count(), 3);
}

#[test]
fn what_to_write_has_to_be_said() {
    let folder = Folder::new();
    folder.write("in.json", "1");
    let how = "its name does not tell the protocol; say which with `--to packed`, `--to json` or `--to cbor`";
    assert_eq!(folder.run(&["convert", "in.json", "out"]).trouble(), format!("out: {how}"));
    assert_eq!(folder.run(&["convert", "in.json", "-"]).trouble(), format!("standard output: {how}"));
    folder.run(&["convert", "in.json", "out", "--to", "packed"]).good();
    assert_eq!(loads::<Value>(&folder.read("out")).unwrap(), 1.into());
    let no_folder = folder.run(&["convert", "in.json", "none/out.cbor"]);
    assert!(no_folder.trouble().starts_with("none/out.cbor: "), "{}", no_folder.err);
}

#[test]
fn what_the_file_is_in_can_be_said() {
    let folder = Folder::new();
    // Of three integers, the first begins like JSON's white space.
    folder.write("numbers", [0x0A, 0x18, 0x64, 0x20]);
    let cbor = folder.run(&["convert", "numbers", "-", "--to", "json", "--from", "cbor"]);
    assert_eq!(cbor.good(), "10\n100\n-1\n");
    let json = folder.run(&["convert", "numbers", "-", "--to", "json", "--from", "json"]);
    assert!(json.trouble().starts_with("numbers: "), "{}", json.err);
    assert_eq!(folder.run_on(&dumped(Protocol::Json, &7), &["show", "--from", "packed"]).status, 2);
}
