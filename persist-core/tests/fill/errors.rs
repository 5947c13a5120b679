//! What errors say: what, where and what to do.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use persist_core::{Decode, Error, ErrorKind, Loader, Protocol, Value, loads};

use crate::model::*;

#[track_caller]
fn error<T: Decode>(bytes: &[u8]) -> Error {
    match loads::<T>(bytes) {
        Ok(_) => panic!("it loads"),
        Err(error) => error,
    }
}

#[track_caller]
fn says<T: Decode>(bytes: &[u8], kind: ErrorKind, text: &str) {
    let error = error::<T>(bytes);
    let message = error.to_string();
    let message = message.strip_prefix(&format!("{}: ", error.path())).unwrap_or(&message);
    assert!(error.is(kind) && message.starts_with(text), "{error:?}\n{text}");
}

#[test]
fn values_of_the_wrong_kind() {
    let shape = ErrorKind::Shape;
    says::<u8>(b"\"a\"", shape, "expected an integer for `u8`, found the text \"a\", in line 1, column 1 (at byte 0)");
    says::<u8>(b"\n 1.5", shape, "expected an integer for `u8`, found the number 1.5, in line 2, column 2 (at byte 2)");
    says::<bool>(&[0xD9, 0xD9, 0xF7, 0x01], shape, "expected true or false, found the number 1 (at byte 3)");
    says::<String>(&[0x42, 1, 2], shape, "expected a text, found 2 bytes (at byte 0)");
    says::<char>(
        b"\"ab\"",
        shape,
        "expected a text of one character, found the text \"ab\", in line 1, column 1 (at byte 0)",
    );
    says::<Vec<u16>>(&[0xF6], shape, "expected a list, found null (at byte 0)");
    says::<[u16; 3]>(&[0x82, 1, 2], shape, "expected a list of 3, found one of 2 (at byte 0)");
    says::<[u16; 1]>(&[0x82, 1, 2], shape, "expected a list of 1, found one of 2 (at byte 0)");
    says::<(u8, u8)>(&[0x81, 1], shape, "expected a list of 2, found one of 1 (at byte 0)");
    says::<[u8; 3]>(&[0x42, 1, 2], shape, "expected a list of 3, found one of 2 (at byte 0)");
    says::<()>(&[0x80], shape, "expected null, found a list (at byte 0)");
    says::<Point>(&[0x01], shape, "expected a map with the fields of `Point`, found the number 1 (at byte 0)");
    says::<Point>(&[0x81, 0x01], shape, "expected a list of 2 fields of `Point`, found one of 1 (at byte 0)");
    says::<Pair>(&[0xA0], shape, "expected a list of the fields of `Pair`, found a map (at byte 0)");
    says::<Option<u8>>(&[0x61, b'x'], shape, "expected an integer for `u8`, found the text \"x\" (at byte 0)");
    says::<BTreeSet<u8>>(&[0xA0], shape, "expected a list, found a map (at byte 0)");
    says::<f32>(&[0xF5], shape, "expected a number for `f32`, found true (at byte 0)");
    says::<std::net::IpAddr>(
        b"\"1.2.3\"",
        ErrorKind::Value,
        "the text \"1.2.3\" is no `IpAddr`, in line 1, column 1 (at byte 0)",
    );
}

#[test]
fn numbers_that_do_not_fit() {
    let value = ErrorKind::Value;
    says::<u8>(b"256", value, "the number 256 does not fit `u8`, in line 1, column 1 (at byte 0)");
    says::<u8>(&[0xD9, 0xD9, 0xF7, 0x20], value, "the number -1 does not fit `u8` (at byte 3)");
    says::<i64>(
        &[0x3B, 0x80, 0, 0, 0, 0, 0, 0, 0],
        value,
        "the number -9223372036854775809 does not fit `i64` (at byte 0)",
    );
    let digits = "3".repeat(60);
    let shown = format!("the number {}.. does not fit `u128`, in line 1, column 1 (at byte 0)", &digits[..40]);
    says::<u128>(digits.as_bytes(), value, &shown);
    let large = [&[0xC2, 0x51], &[1; 17][..]].concat();
    says::<u128>(&large, value, "the number of more than 128 bits does not fit `u128` (at byte 0)");
    says::<f64>(b"1e999", value, "the number 1e999 is too large for `f64`, in line 1, column 1 (at byte 0)");
    says::<f32>(b"1e39", value, "the number 1e39 is too large for `f32`, in line 1, column 1 (at byte 0)");
    says::<f32>(&cbor(&1e39f64), value, "the number 1e39 is too large for `f32` (at byte 0)");
    assert!(error::<Value>(b"[1e999]").is(value));
    says::<Value>(digits.as_bytes(), value, &format!("the number {}.. is too large", &digits[..40]));
    says::<u64>(b"18446744073709551616", value, "the number 18446744073709551616 does not fit `u64`");
    says::<i64>(b"-9223372036854775809", value, "the number -9223372036854775809 does not fit `i64`");
    says::<i128>(
        b"170141183460469231731687303715884105728",
        value,
        "the number 17014118346046923173168730371588410572",
    );
    says::<u8>(b"1e2", ErrorKind::Shape, "expected an integer for `u8`, found the number 1e2");
    says::<u8>(b"-0", ErrorKind::Shape, "expected an integer for `u8`, found the number -0");
    assert_eq!(loads::<u64>(b"18446744073709551615").unwrap(), u64::MAX);
    assert_eq!(loads::<i64>(b"-9223372036854775808").unwrap(), i64::MIN);
    assert_eq!(loads::<i128>(b"-170141183460469231731687303715884105728").unwrap(), i128::MIN);
    assert_eq!(loads::<u128>(b"340282366920938463463374607431768211455").unwrap(), u128::MAX);
    assert_eq!(loads::<u64>(b"9999999999999999999").unwrap(), 9_999_999_999_999_999_999);
}

#[test]
fn keys_that_occur_twice() {
    let twice = |error: Error| {
        assert!(error.is(ErrorKind::Value) && error.to_string().contains("twice"), "{error:?}");
        error.path()
    };
    for text in [r#"{"x": 1, "x": 2, "y": 3}"#, r#"{"x": 1, "\u0078": 2, "y": 3}"#, r#"{"x": 1, "y": 3, "x": 2}"#] {
        assert_eq!(twice(error::<Point>(text.as_bytes())), "Point.x", "{text}");
    }
    assert_eq!(twice(error::<Point>(&[0xA3, 0x61, b'x', 1, 0x61, b'y', 2, 0x61, b'y', 3])), "Point.y");
    assert_eq!(twice(error::<Kind>(br#"{"Named": {"left": 1, "right": [], "left": 2}}"#)), "Kind::Named.left");
    for text in [r#"{"a": 1, "b": 2, "a": 3}"#, r#"{"a": 1, "b": 2, "\u0061": 3}"#, r#"[["a", 1], ["b", 2], ["a", 3]]"#]
    {
        assert_eq!(twice(error::<BTreeMap<String, u8>>(text.as_bytes())), "[2]", "{text}");
        assert_eq!(twice(error::<HashMap<String, u8>>(text.as_bytes())), "[2]", "{text}");
    }
    twice(error::<BTreeMap<i32, u8>>(br#"{"1": 1, "1": 2}"#));
    twice(error::<BTreeMap<u8, u8>>(&[0xA2, 1, 1, 0x18, 1, 2]));
    twice(error::<BTreeSet<u8>>(b"[1, 1]"));
    twice(error::<Tree>(
        br#"{"value": 1, "children": [], "next": null, "by_name": {"a": {"value": 1, "value": 2}}, "id": 1}"#,
    ));
    assert!(error::<BTreeMap<i32, u8>>(br#"{"1": 1, "01": 2}"#).is(ErrorKind::Shape), "two spellings of one key");
}

#[test]
fn texts_that_are_none() {
    let corrupt = ErrorKind::Corrupt;
    for text in [r#"{"\ud800": 1}"#, r#"{"a\udfff": 1}"#, r#"{"\ud83e\u0041": 1}"#] {
        says::<BTreeMap<String, u8>>(text.as_bytes(), corrupt, "an escape is half of a surrogate pair");
        says::<Value>(text.as_bytes(), corrupt, "an escape is half of a surrogate pair");
        says::<Point>(text.as_bytes(), corrupt, "an escape is half of a surrogate pair");
    }
    says::<char>(br#""\udc00""#, corrupt, "an escape is half of a surrogate pair, in line 1, column 2 (at byte 1)");
    for bytes in [&b"\"a\xC0\xAF\""[..], b"\"a\xED\xA0\x80\"", b"\"a\xFF\"", b"{\"\x80\": 1}", b"\"a\xC3\""] {
        says::<String>(bytes, corrupt, "the bytes look like JSON, but are not UTF-8 (at byte 2)");
        says::<Value>(bytes, corrupt, "the bytes look like JSON, but are not UTF-8 (at byte 2)");
    }
    says::<String>(b"\"a\xC3", ErrorKind::Truncated, "the text ends inside a character");
    for bytes in [&[0x62, 0xC0, 0xAF][..], &[0x63, 0xED, 0xA0, 0x80], &[0x61, 0xFF], &[0x7F, 0x61, 0xC3, 0xFF]] {
        says::<String>(bytes, corrupt, "a text is not UTF-8 (at byte ");
        says::<Value>(bytes, corrupt, "a text is not UTF-8 (at byte ");
        says::<Point>(&[&[0xA1][..], bytes, &[1]].concat(), corrupt, "a text is not UTF-8 (at byte ");
    }
}

#[test]
fn variants() {
    let unknown = error::<Kind>(b"\"Nothin\"");
    assert!(unknown.is(ErrorKind::Shape));
    assert_eq!(unknown.help(), Some("its variants are `Nothing`, `Number`, `Both`, `Named`"));
    assert!(unknown.to_string().starts_with("\"Nothin\" is no variant of `Kind`, in line 1"), "{unknown}");
    let text = |bytes: &[u8]| error::<Kind>(bytes).to_string();
    assert!(text(b"\"Number\"").contains("`Kind::Number` is missing what it holds"));
    // It may have held something before.
    assert_eq!(loads::<Kind>(b"{\"Nothing\": 1}").unwrap(), Kind::Nothing);
    assert!(text(b"{}").contains("expected a variant of `Kind`"));
    assert!(text(b"{\"Number\": 1, \"Nothing\": null}").contains("one key, found more"));
    assert_eq!(error::<Kind>(b"{\"Both\": []}").path(), "");
    assert_eq!(error::<Kind>(b"{\"Both\": [1, 2]}").path(), "Kind::Both.1");
    assert_eq!(error::<Kind>(b"{\"Number\": \"a\"}").path(), "Kind::Number.0");
    assert_eq!(
        error::<Kind>(b"{\"Named\": {\"left\": 1, \"right\": [\"Nothing\", 5]}}").path(),
        "Kind::Named.right[1]"
    );
}

#[test]
fn paths_lead_to_the_value() {
    let text = r#"[{"value": 1, "children": [], "next": null, "by_name": {"a": {"value": 2, "children": [
        {"value": "x"}]}}}]"#;
    let found = error::<Vec<Tree>>(text.as_bytes());
    assert_eq!(found.path(), r#"[0].by_name["a"].children[0].value"#);
    assert!(found.to_string().contains("in line 2, column 19 (at byte "), "{found}");
    // A field that was kept for later knows where it stood.
    let text = r#"{"by_name": {"a": {"value": true}}, "next": null, "children": [], "value": 1, "id": 1}"#;
    let found = error::<Tree>(text.as_bytes());
    assert_eq!((found.path().as_str(), found.offset()), (r#"Tree.by_name["a"].value"#, Some(28)));
    assert_eq!(error::<BTreeMap<i32, u8>>(&[0xA1, 0x27, 0x20]).path(), "[-8]");
    assert_eq!(error::<BTreeMap<i32, u8>>(b"[[1, 2], [3, -4]]").path(), "[1][1]");
    assert_eq!(
        error::<BTreeMap<String, Value>>(b"{\"a\": {\"b\": [1, {\"c\": 1, \"c\": 2}]}}").path(),
        r#"["a"]["b"][1]"#
    );
}

#[test]
fn text_that_is_no_json() {
    let corrupt = ErrorKind::Corrupt;
    let value = |text: &str| error::<Value>(text.as_bytes());
    for (text, message) in [
        ("[1,]", "expected a value, found ']', in line 1, column 4 (at byte 3)"),
        ("[1 2]", "expected `,` or `]`, found '2', in line 1, column 4 (at byte 3)"),
        ("{\"a\":1,}", "expected a key in quotation marks, found '}', in line 1, column 8 (at byte 7)"),
        ("{a:1}", "expected a key in quotation marks, found 'a', in line 1, column 2 (at byte 1)"),
        ("{\"a\" 1}", "expected `:`, found '1', in line 1, column 6 (at byte 5)"),
        ("[\"\u{e9}\",\n  nul]", "expected `null`, found ']', in line 2, column 6 (at byte 12)"),
        ("\"a\nb\"", "expected no control character in a text, found '\\n', in line 1, column 3 (at byte 2)"),
        ("\"\\x\"", "expected an escape, found 'x', in line 1, column 3 (at byte 2)"),
        ("\"\\u12g4\"", "expected a hexadecimal digit, found 'g', in line 1, column 6 (at byte 5)"),
        ("\"\\ud800\"", "an escape is half of a surrogate pair, in line 1, column 2 (at byte 1)"),
        ("\"\\ud800\\n\"", "an escape is half of a surrogate pair, in line 1, column 2 (at byte 1)"),
        ("\"\\udc00\"", "an escape is half of a surrogate pair, in line 1, column 2 (at byte 1)"),
        ("\"\\ud800\\ud800\"", "an escape is half of a surrogate pair, in line 1, column 2 (at byte 1)"),
        ("01", "a number has a leading zero, in line 1, column 1 (at byte 0)"),
        ("-a", "expected a digit, found 'a', in line 1, column 2 (at byte 1)"),
        ("[1.]", "expected a digit, found ']', in line 1, column 4 (at byte 3)"),
        ("[1e+]", "expected a digit, found ']', in line 1, column 5 (at byte 4)"),
    ] {
        let found = value(text);
        assert!(found.is(corrupt) && found.to_string().ends_with(message), "{text}: {found}");
    }
    let left = value("1 \n 2");
    assert!(left.is(ErrorKind::TrailingBytes) && left.offset() == Some(4), "{left}");
    assert!(value("[1, \"a").is(ErrorKind::Truncated));
    let bytes = error::<Value>(b"[\"\xFF\"]");
    assert!(bytes.is(corrupt) && bytes.offset() == Some(2), "{bytes}");
    assert_eq!(
        loads::<String>(br#""\u00e9\ud83e\udd80\b\f\n\r\t\/\\\"""#).unwrap(),
        "\u{e9}\u{1F980}\u{8}\u{c}\n\r\t/\\\""
    );
}

#[test]
fn bytes_that_are_no_cbor() {
    for (bytes, kind, offset) in [
        (&[0x1C][..], ErrorKind::Corrupt, 0),
        (&[0x81, 0xFF], ErrorKind::Corrupt, 1),
        (&[0xBF, 0x01, 0xFF], ErrorKind::Corrupt, 2),
        (&[0x62, 0xC3, 0x28], ErrorKind::Corrupt, 1),
        (&[0x7F, 0x41, 0x61, 0xFF], ErrorKind::Corrupt, 1),
        (&[0x7F, 0x7F, 0xFF, 0xFF], ErrorKind::Corrupt, 1),
        (&[0xE0], ErrorKind::Corrupt, 0),
        (&[0x82, 0x01], ErrorKind::Truncated, 2),
        (&[0x19, 0x01], ErrorKind::Truncated, 2),
        (&[0x9F, 0x01], ErrorKind::Truncated, 2),
        (&[0x01, 0x02], ErrorKind::TrailingBytes, 1),
        (&[0xC1], ErrorKind::Truncated, 1),
    ] {
        let found = error::<Value>(bytes);
        assert_eq!((found.kind(), found.offset()), (kind, Some(offset)), "{bytes:02X?}: {found}");
    }
}

#[test]
fn pickles_are_recognised() {
    let pickles: [&[u8]; 6] = [
        b"\x80\x04\x95\x0c\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94K\x01s.",
        b"\x80\x02}q\x00U\x01aq\x01K\x01s.",
        b"\x80\x05N.",
        b"(dp0\nVa\np1\nI1\ns.",
        b"(lp0\nI1\naI2\na.",
        b"}q\x00U\x01aq\x01K\x01s.",
    ];
    for pickle in pickles {
        for error in [error::<Value>(pickle), error::<Job>(pickle), error::<Vec<u8>>(pickle)] {
            assert!(error.is(ErrorKind::Protocol) && error.to_string().contains("Python pickle"), "{error}");
        }
    }
    assert!(loads::<Vec<u8>>(&[0x80]).unwrap().is_empty());
}

/// JavaScript writes integers of more than 32 bits as floats, and has none beyond 2^53.
#[test]
fn whole_floats_of_cbor_are_integers() {
    let item = |value: f64| [&[0xFB][..], &value.to_be_bytes()].concat();
    let load = |value: f64| Loader::new().protocol(Protocol::Cbor).loads::<i64>(&item(value));
    assert_eq!(load(1_099_511_627_776.0).unwrap(), 1 << 40);
    assert_eq!(load(-(2f64.powi(53))).unwrap(), -(1 << 53));
    for odd in [0.5, -0.0, 2f64.powi(53) + 2.0, f64::NAN, f64::INFINITY] {
        assert!(load(odd).unwrap_err().to_string().contains("expected an integer"), "{odd}");
    }
    assert!(loads::<i64>(b"1.0").is_err());
}
