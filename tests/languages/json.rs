//! Our JSON, read and written again by others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use persist::{Decode, Dumper, Encode, Protocol, loads};

use crate::Language::{self, JavaScript, Python};
use crate::{Shape, record, same};

fn json<T: Encode>(value: &T) -> String {
    String::from_utf8(Dumper::new().protocol(Protocol::Json).dumps(value).unwrap()).unwrap()
}

fn through(language: Language, text: &str) -> String {
    let script = if language == Python { "json_lines.py" } else { "json_lines.js" };
    language.run(script, &[], format!("{text}\n")).concat()
}

/// The same text comes back.
fn unchanged<T: Encode + Decode + Debug>(language: Language, value: &T) {
    let text = json(value);
    assert_eq!(through(language, &text), text, "{language:?}");
}

/// Another text comes back, of the same value.
fn respelled<T: Encode + Decode + Debug>(language: Language, value: &T, spelled: &str) {
    let text = through(language, &json(value));
    assert_eq!(text, spelled, "{language:?}");
    same("back", &loads::<T>(text.as_bytes()).unwrap(), value);
}

fn values(language: Language) {
    unchanged(language, &record().name);
    unchanged(language, &(1u8, -1i64, (1u64 << 53) - 1, (1i64 << 53), true, ()));
    unchanged(language, &vec![1.5, 0.1, 0.1 + 0.2, 123_456_789.125]);
    unchanged(language, &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
    unchanged(language, &"\" \\ \n \u{1} é 漢 😀".to_owned());
    unchanged(language, &vec![Shape::Empty, Shape::Circle(0.5), Shape::Line { from: 1, to: 2 }]);
    unchanged(language, &(vec![None, Some(None), Some(Some(1u8))], vec![0u8, 255]));
    unchanged(language, &(BTreeSet::from([1u8, 2]), BTreeMap::from([("b".to_owned(), 1u8), ("c".to_owned(), 2)])));
    unchanged(language, &BTreeMap::from([((1u8, 2u8), 3u8)]));
}

#[test]
#[ignore = "is run with the others, by .ci/run"]
fn python_keeps_our_json() {
    values(Python);
    unchanged(Python, &record());
    unchanged(Python, &(u64::MAX, i64::MIN, u128::MAX, i128::MIN));
    unchanged(Python, &(1.0, -0.0));
    unchanged(Python, &BTreeMap::from([(5, 'a'), (-7i64, 'b')]));
    respelled(Python, &(1e300, 1e16, 1e-6), "[1e+300,1e+16,1e-06]");
}

#[test]
#[ignore = "needs node, which .ci/run installs"]
fn javascript_keeps_our_json_where_numbers_allow() {
    values(JavaScript);
    respelled(JavaScript, &(1.0, 1e300, 1e-6), "[1,1e+300,0.000001]");
    // Keys that are numbers come first.
    respelled(JavaScript, &BTreeMap::from([(-7i64, 'b'), (5, 'a')]), r#"{"5":"a","-7":"b"}"#);
    // Its numbers are floats: beyond 2^53, integers are rounded; and zero is written without sign.
    assert_eq!(through(JavaScript, &json(&[(1u64 << 53) + 1, u64::MAX])), "[9007199254740992,18446744073709552000]");
    assert_eq!(through(JavaScript, &json(&u128::MAX)), "3.402823669209385e+38");
    assert_eq!(through(JavaScript, &json(&-0.0)), "0");
}
