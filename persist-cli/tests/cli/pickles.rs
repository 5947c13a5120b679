use std::process::Command;

use persist::{Value, inspect, loads};

use crate::process::{Folder, beside};

/// What every protocol of pickle makes of the data in `make.py`.
const DATA: &str = r#"{"text": "Zoë 🦀 \\ \n", "bytes": h'00ff', "empty": h'', "array": h'6162', "numbers": [0, -1, 255, 256, 65536, -2147483648, 9223372036854775808, 1267650600228229401496703205376, -170141183460469231731687303715884105728, 340282366920938463463374607431768211455], "floats": [1.5, -0.0, inf, 1e300], "flags": [true, false, null], "sets": [[7], [8], []], "nested": {"a": {"b": {"c": []}}}, null: "no key", 3: "three", 2.5: "two and a half", [1, ["x", h'79']]: "a tuple", "ordered": {"z": 1, "a": 2}, "default": {"k": [1]}, "counter": {"a": 2, "b": 1}, "deque": [1, 2]}"#;

const HOW: &str = "load it in Python, make plain data of it (dict, list, str, int, ..; `vars(object)` or \
                   `dataclasses.asdict(object)` often do), and dump that";

/// Runs all checks on a folder of pickles, by its path.
fn check(pickles: &str) {
    let folder = Folder::new();
    let pickle = |name: &str| format!("{pickles}/{name}.pickle");
    for protocol in 0..=5 {
        let name = pickle(&format!("data{protocol}"));
        for end in ["persist", "json", "cbor"] {
            let out = format!("{protocol}.{end}");
            folder.run(&["convert", &name, &out]).good();
            let value = inspect(&folder.read(&out)).unwrap();
            assert_eq!(value.to_string(), DATA, "protocol {protocol} to {end}");
        }
        assert_eq!(loads::<Value>(&folder.read(&format!("{protocol}.persist"))).unwrap().to_string(), DATA);
        assert_eq!(folder.run(&["diff", &name, &format!("{protocol}.persist")]).good(), "");
        let bytes = std::fs::read(&name).unwrap();
        let shown = folder.run_on(&bytes, &["show", "--all"]).good();
        assert!(shown.starts_with("map of 17\n  \"text\": \"Zoë 🦀 \\\\ \\n\"\n"), "{shown}");
    }

    let several = folder.run(&["convert", &pickle("several"), "-", "--to", "json"]).good();
    assert_eq!(several, "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n");
    let shared = folder.run(&["show", &pickle("shared")]).good();
    assert_eq!(shared, "{\"twice\": [[\"v\"], [\"v\"]], \"again\": {\"x\": [\"v\"]}}\n");

    for (name, what, at) in [
        ("class0", "holds an instance of `__main__.Account`, which only Python can make", true),
        ("class2", "holds an instance of `__main__.Account`, which only Python can make", true),
        ("class4", "holds an instance of `__main__.Account`, which only Python can make", true),
        ("namedtuple", "holds an instance of `__main__.Point`, which only Python can make", true),
        ("function", "refers to `builtins.len`, which only Python knows", false),
        ("recursive", "holds an object that holds itself", false),
        ("bomb", "refers to the same objects so often that they would not fit into memory", false),
    ] {
        let ended = folder.run(&["convert", &pickle(name), "out.persist"]);
        let error = ended.trouble();
        assert!(error.contains(&format!("{name}.pickle: the pickle {what}")), "{error}");
        assert_eq!(error.contains(" (at byte "), at, "{error}");
        assert!(error.ends_with(HOW), "{error}");
        assert!(!folder.path("out.persist").exists());
    }
    for name in ["large", "small"] {
        let ended = folder.run(&["convert", &pickle(name), "out.persist"]);
        assert!(ended.trouble().contains("an integer of the pickle has more than 128 bits"), "{}", ended.err);
    }
    let outside = folder.run(&["show", &pickle("outside")]);
    assert!(outside.trouble().contains("keeps some of its bytes outside of it"), "{}", outside.err);
}

#[test]
fn the_pickles_that_are_kept_here_are_read() {
    check(&beside("pickles"));
}

#[test]
fn what_this_python_pickles_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("python3").arg(beside("pickles/make.py")).arg(folder.path()).status();
    assert!(made.expect("python3 is there").success());
    check(&folder.path().display().to_string());
}

#[test]
fn pickles_without_a_mark_are_told_by_name_or_on_request() {
    let folder = Folder::new();
    let text = b"Vhello\np0\n.";
    folder.write("text.pkl", text);
    assert_eq!(folder.run(&["show", "text.pkl"]).good(), "\"hello\"\n");
    assert_eq!(folder.run_on(text, &["show", "--from", "pickle"]).good(), "\"hello\"\n");
    assert!(
        folder.run_on(text, &["show"]).trouble().ends_with("if it is a pickle of protocol 0 or 1, say `--from pickle`")
    );
    // What is no pickle keeps its protocol, whatever its name.
    folder.write("json.pkl", "{\"a\": 1}");
    assert_eq!(folder.run(&["show", "json.pkl"]).good(), "{\"a\": 1}\n");
}

#[test]
fn a_pickle_goes_to_json_in_one_step() {
    let folder = Folder::new();
    let pickle = beside("pickles/shared.pickle");
    folder.run(&["convert", &pickle, "state.json"]).good();
    assert_eq!(folder.read("state.json"), b"{\"twice\":[[\"v\"],[\"v\"]],\"again\":{\"x\":[\"v\"]}}\n");
}

#[test]
fn damaged_pickles_are_errors() {
    let folder = Folder::new();
    for protocol in 0..=5 {
        let bytes = std::fs::read(beside(&format!("pickles/data{protocol}.pickle"))).unwrap();
        for end in (1..bytes.len()).step_by(37) {
            let ended = folder.run_on(&bytes[..end], &["show", "--from", "pickle"]);
            assert!(
                ended.trouble().contains(&format!("the bytes end before the pickle does (at byte {end})")),
                "{}",
                ended.err
            );
        }
    }
    let nested = [&b"\x80\x04"[..], &b"]".repeat(100_000), &b"a".repeat(99_999), b"."].concat();
    let ended = folder.run_on(&nested, &["show"]);
    assert!(ended.trouble().contains("nested more deeply than 1000 levels"), "{}", ended.err);
    // A few lengths that lie, an opcode that is none, an empty stack, a call of what is no function.
    for pickle in [
        &b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff."[..],
        b"\x80\x04B\xff\xff\xff\xff.",
        b"\x80\x04\x8b\xff\xff\xff\x7f.",
        b"\x80\x04\xfe.",
        b"\x80\x04.",
        b"\x80\x04a.",
        b"\x80\x04NNR.",
        b"\x80\x04h\x07.",
        b"\x80\x04}(K\x01u.",
        b"\x80\x09.",
        b"\x80\x04cos\nsystem\n\x8c\x02ls\x85R.",
    ] {
        let ended = folder.run_on(pickle, &["show"]);
        assert!(ended.trouble().starts_with("standard input: "), "{pickle:?}");
    }
}

#[test]
fn a_call_copies_no_more_than_the_pickle_is_long() {
    let folder = Folder::new();
    // A list of a thousand, of which a thousand sets are made.
    let mut bytes = b"\x80\x04](".to_vec();
    bytes.extend_from_slice(&b"N".repeat(1000));
    bytes.extend_from_slice(b"e\x940cbuiltins\nset\n\x940]");
    bytes.extend_from_slice(&b"h\x01h\x00\x85Ra".repeat(1000));
    bytes.push(b'.');
    let ended = folder.run_on(&bytes, &["show"]);
    assert!(ended.trouble().contains("makes many objects of the same one"), "{}", ended.err);
}
