//! What we write, as others read it; and what they write of that, as we read it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use persist::{Decode, Encode, Value, loads};

use crate::Language::{self, JavaScript, Python};
use crate::{Shape, cbor, hex, record, same, unhex};

/// Values, and what a language should show of them.
struct Cases {
    language: Language,
    lines: Vec<String>,
    checks: Vec<Check>,
}

/// Looks at what the language wrote of what it read.
type Back = Box<dyn Fn(&[u8])>;

struct Check {
    what: String,
    shown: &'static str,
    comes_back: Back,
}

impl Cases {
    /// A value that is shown so, and comes back.
    fn value<T: Encode + Decode + Debug + Clone + 'static>(
        &mut self,
        value: &T,
        python: &'static str,
        other: &'static str,
    ) {
        let (what, expected) = (format!("{value:?}"), value.clone());
        let comes_back = move |bytes: &[u8]| same("back", &loads::<T>(bytes).unwrap(), &expected);
        self.put(&cbor(value), what, (python, other), comes_back);
    }

    /// As [`value`](Cases::value), shown the same in both languages.
    fn both<T: Encode + Decode + Debug + Clone + 'static>(&mut self, value: &T, shown: &'static str) {
        self.value(value, shown, shown);
    }

    /// A value that is shown so, and comes back changed.
    fn changed<T: Encode + Debug>(
        &mut self,
        value: &T,
        python: &'static str,
        other: &'static str,
        back: [&'static str; 2],
    ) {
        let back = back[usize::from(self.language == JavaScript)];
        let comes_back = move |bytes: &[u8]| {
            let found = loads::<Value>(bytes).map_or_else(|error| error.to_string(), |value| value.to_string());
            assert_eq!(found, back);
        };
        self.put(&cbor(value), format!("{value:?}"), (python, other), comes_back);
    }

    fn put(
        &mut self,
        bytes: &[u8],
        what: String,
        shown: (&'static str, &'static str),
        comes_back: impl Fn(&[u8]) + 'static,
    ) {
        let shown = if self.language == Python { shown.0 } else { shown.1 };
        self.lines.push(hex(bytes) + "\n");
        self.checks.push(Check { what, shown, comes_back: Box::new(comes_back) });
    }

    fn finish(self) {
        let script = if self.language == Python { "cbor.py" } else { "cbor.js" };
        let lines = self.language.run(script, &["read"], self.lines.concat());
        assert_eq!(lines.len(), self.checks.len());
        for (line, check) in lines.iter().zip(self.checks) {
            let (shown, again) = line.rsplit_once('\t').expect("a line has two parts");
            assert_eq!(shown, check.shown, "{:?}: {}", self.language, check.what);
            (check.comes_back)(&unhex(again));
        }
    }
}

fn values(language: Language) {
    let mut cases = Cases { language, lines: Vec::new(), checks: Vec::new() };
    let c = &mut cases;
    // Everything stands behind the tag that says that it is CBOR.
    c.both(&(), "null");
    c.both(&vec![true, false], "[true, false]");
    c.both(&"text \"é😀\\".to_owned(), r#""text \"é😀\\""#);
    c.both(&(0u8, -1i8, u32::MAX, i32::MIN), "[0, -1, 4294967295, -2147483648]");
    c.both(&(u64::MAX, i64::MIN, 1u64 << 53), "[18446744073709551615, -9223372036854775808, 9007199254740992]");
    c.both(
        &(u128::MAX, i128::MAX, 1u128 << 64),
        "[340282366920938463463374607431768211455, 170141183460469231731687303715884105727, 18446744073709551616]",
    );
    c.both(&i128::MIN, "-170141183460469231731687303715884105728");
    c.value(&vec![1.5, 0.1, 2.0, 5e-324], "[1.5, 0.1, 2.0, 5e-324]", "[1.5, 0.1, 2, 5e-324]");
    c.both(&vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY], "[NaN, inf, -inf]");
    c.both(&vec![0.5f32, 0.1, f32::NAN], "[0.5, 0.10000000149011612, NaN]");
    c.both(&vec![0u8, 127, 255], "h'007fff'");
    c.both(&(vec![1u16, 2], [3u16], (4u8, 'x')), r#"[[1, 2], [3], [4, "x"]]"#);
    c.both(&BTreeSet::from([1u16, 2]), "{1, 2}");
    c.both(&vec![BTreeSet::from([BTreeSet::from([1u8]), BTreeSet::new()])], "[{{1}, {}}]");
    c.both(&BTreeMap::from([("a".to_owned(), 1u8), ("b".to_owned(), 2)]), r#"{"a": 1, "b": 2}"#);
    c.both(&BTreeMap::from([(-7i64, 'a'), (5, 'b')]), r#"{-7: "a", 5: "b"}"#);
    c.both(&BTreeMap::from([(true, 1u8)]), "{true: 1}");
    c.both(&BTreeMap::from([((1u8, 2u8), 3u8)]), "{[1, 2]: 3}");
    c.both(&BTreeMap::from([(BTreeMap::from([(1u8, 2u8)]), 3u8)]), "{{1: 2}: 3}");
    c.both(&BTreeMap::from([(None, 0u8), (Some(1u8), 1)]), "{null: 0, 1: 1}");
    c.both(&vec![None, Some(None), Some(Some(1u8))], r#"[null, {"Some": null}, 1]"#);
    c.both(&vec![None, Some(())], r#"[null, {"Some": null}]"#);
    c.value(
        &record(),
        r#"{"id": 7, "name": "n", "note": null, "sizes": [1.5, 0.1, 2.0], "shape": {"Circle": 0.5}, "raw": h'00ff'}"#,
        r#"{"id": 7, "name": "n", "note": null, "sizes": [1.5, 0.1, 2], "shape": {"Circle": 0.5}, "raw": h'00ff'}"#,
    );
    c.both(&vec![Shape::Empty, Shape::Line { from: 1, to: 2 }], r#"["Empty", {"Line": {"from": 1, "to": 2}}]"#);
    c.both(&std::time::Duration::new(3, 5), r#"{"secs": 3, "nanos": 5}"#);
    c.both(&std::net::Ipv4Addr::LOCALHOST, "h'7f000001'");
    c.both(&Value::from_iter([(Value::from("hi"), Value::from(1)), (3.into(), 17.into())]), r#"{"hi": 1, 3: 17}"#);
    // JavaScript has one zero of integers and floats, and writes it without sign.
    c.changed(&-0.0, "-0.0", "-0", ["-0.0", "0"]);
    // Records keep their tag in Python; `cbor-x` takes them for an object of an unknown class, of which it makes an error.
    let point = Value::Record("Point".into(), vec![("x".into(), 1.into())]);
    c.changed(
        &point,
        r#"27(["Point", {"x": 1}])"#,
        "Error [object Map]",
        ["Point { x: 1 }", r#"27(["Error", "[object Map]"])"#],
    );
    cases.finish();
}

#[test]
#[ignore = "needs cbor2, which .ci/run installs"]
fn python_reads_our_cbor() {
    values(Python);
}

#[test]
#[ignore = "needs cbor-x, which .ci/run installs"]
fn javascript_reads_our_cbor() {
    values(JavaScript);
}

/// Behind the tag, what holds others can be a key itself.
#[test]
#[ignore = "needs cbor2, which .ci/run installs"]
fn python_reads_containers_that_do_not_change() {
    let items = [cbor(&vec![1u16]), cbor(&BTreeMap::from([(1u8, 2u8)])), cbor(&BTreeSet::from([1u16]))];
    let lines = items.map(|item| hex(&item) + "\n").concat();
    assert_eq!(Python.run("cbor.py", &["types"], &lines), ["tuple", "frozendict", "frozenset"]);
    let lines = lines.replace("d9d9f7", "");
    assert_eq!(Python.run("cbor.py", &["types"], &lines), ["list", "dict", "set"]);
}

/// By default maps are objects, whose keys are text.
#[test]
#[ignore = "needs cbor-x, which .ci/run installs"]
fn javascript_reads_maps_as_objects() {
    let read = |bytes: &[u8]| JavaScript.run("cbor.js", &["objects"], &(hex(bytes) + "\n"))[0].clone();
    let line = read(&cbor(&record()));
    let (_, again) = line.rsplit_once('\t').unwrap();
    assert_eq!(loads::<crate::Record>(&unhex(again)).unwrap(), record());
    let line = read(&cbor(&BTreeMap::from([(5u8, 'b')])));
    assert!(line.starts_with("{\"5\": \"b\"}\t"), "{line}");
    let line = read(&cbor(&BTreeMap::from([((5u8, 6u8), 'b')])));
    assert!(line.starts_with("error\t"), "{line}");
}
