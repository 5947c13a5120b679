//! What Python's `cbor2` writes, as we read it.

use std::collections::{BTreeMap, BTreeSet};

use persist::Value;

use crate::Language::Python;
use crate::record;

#[test]
#[ignore = "needs cbor2, which .ci/run installs"]
fn values_load() {
    let mut items = Python.items();
    for how in ["", ", indefinite", ", canonical", ", shared", ", self-described"] {
        items.loads(&format!("record{how}"), &record());
    }
    let odd = vec![0.0, -0.0, 1.5, 65504.0, 2f64.powi(-24), 0.1, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    items.loads("floats", &odd);
    items.loads("floats, canonical", &odd); // with halves
    let (least, most) = (i128::from(i64::MIN), i128::from(u64::MAX));
    let integers = [0, 23, 24, -1, 1 << 63, least, most, 1 << 64, i128::MAX, -(1 << 126) * 2].map(Value::from);
    items.loads("integers", &[&integers[..], &[u128::MAX.into()]].concat());
    items.loads("set", &BTreeSet::from([1u8, 2, 3]));
    items.loads("frozenset", &BTreeSet::from([(1u8, "a".to_owned())]));
    items.loads("number keys", &BTreeMap::from([(-7i64, 'a'), (1 << 40, 'b')]));
    items.loads("tuple keys", &BTreeMap::from([((1u8, 2u8), 3u8)]));
    items.loads("none keys", &BTreeMap::from([(None, 0u8), (Some(1u8), 1)]));
    items.loads("nested options", &vec![None, Some(None), Some(Some(1u8))]);
    items.loads("undefined", &vec![None::<u8>]);
    // What has a meaning in Python only, or in CBOR only, is shown, and goes back as it was; nothing is followed.
    items.shows("huge", "[2(h'0100000000000000000000000000000000')]");
    items.shows("datetime", r#"0("2026-07-01T12:30:00Z")"#);
    items.shows("timestamp", "1(1782909000)");
    items.shows("date", r#"1004("2026-07-01")"#);
    items.shows("decimal", "4([-2, 125])");
    items.shows("fraction", "30([1, 3])");
    items.shows("uuid", "37(h'00000000000000000000000000000001')");
    items.shows("regular expression", r#"35("a+")"#);
    items.shows("address", "52(h'c0000201')");
    items.shows("shared", r#"28([28(["x"]), 29(1)])"#);
    items.shows("cycle", "28([29(0)])");
    items.shows("repeated texts", r#"256(["a text", 25(0)])"#);
    items.refuses::<Value>("simple value", "the simple value 99 is not known");
    items.finish();
}
