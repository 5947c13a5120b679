//! Typed arrays (RFC 8746), which have a place of their own here, as not all know them.

use crate::Language::{JavaScript, Python};

/// What a writer of typed arrays would write, and what others show of it.
#[test]
#[ignore = "needs cbor2 and cbor-x, which .ci/run installs"]
fn others_read_them() {
    let cases = [
        ("d840420102", "h'0102'"),
        ("d84845fe01020304", "Int8Array[-2, 1, 2, 3, 4]"),
        ("d8454401000200", "Uint16Array[1, 2]"),
        ("d84e4801000000feffffff", "Int32Array[1, -2]"),
        ("d84f500100000000000000feffffffffffffff", "BigInt64Array[1, -2]"),
        ("d855480000c03f000000c0", "Float32Array[1.5, -2]"),
        ("d85650000000000000f83f00000000000000c0", "Float64Array[1.5, -2]"),
    ];
    let lines = cases.map(|(item, _)| item.to_owned() + "\n").concat();
    let javascript = JavaScript.run("cbor.js", &["read"], &lines);
    // Python's `cbor2` keeps the tag and the bytes.
    let python = Python.run("cbor.py", &["read"], &lines);
    assert_eq!((javascript.len(), python.len()), (cases.len(), cases.len()));
    for ((item, shown), (javascript, python)) in cases.iter().zip(javascript.iter().zip(&python)) {
        assert_eq!(javascript, &format!("{shown}\t{item}"));
        assert!(python.contains("(h'") && python.ends_with(item), "{python}");
    }
}

/// What `cbor-x` writes of its typed arrays by default.
#[test]
#[ignore = "needs cbor-x, which .ci/run installs"]
fn those_of_javascript_load() {
    let mut items = JavaScript.items();
    items.0.retain(|name, _| name.contains("Array"));
    items.loads("Uint8Array", &vec![1u8, 2]);
    items.loads("Uint8Array, without tag", &vec![1u8, 2]);
    items.loads("Int8Array", &vec![1i8, -2]);
    items.loads("Uint16Array", &vec![1u16, 2]);
    items.loads("Int32Array", &vec![1i32, -2]);
    items.loads("BigInt64Array", &vec![1i64, -2]);
    items.loads("Float32Array", &vec![1.5f32, -2.0]);
    items.loads("Float64Array", &vec![1.5f64, -2.0]);
    items.finish();
}
