//! What JavaScript's `cbor-x` writes, as we read it; its typed arrays are in `typed_arrays`.

use std::collections::{BTreeMap, BTreeSet};

use crate::Language::JavaScript;
use crate::record;

#[test]
#[ignore = "needs cbor-x, which .ci/run installs"]
fn values_load() {
    let mut items = JavaScript.items();
    items.0.retain(|name, _| !name.contains("Array"));
    items.loads("record", &record());
    items.loads("record, small heads", &record());
    // Its zero has no sign, and whole numbers are integers.
    let odd = vec![0.0, 0.0, 1.5, 65504.0, 2f64.powi(-24), 0.1, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    items.loads("floats", &odd);
    items.loads("floats, 32 bits", &vec![1.5f64, f64::from(0.1f32), 65504.0]);
    items.loads("large integers", &(1u128 << 64, i128::MAX, i128::MIN, u128::MAX));
    // It writes numbers of more than 32 bits as floats; up to 2^53 each is one integer and no other.
    items.loads("numbers beyond 32 bits", &vec![1u64 << 40]);
    items.loads("set", &BTreeSet::from([1u8, 2, 3]));
    items.loads("map, without tag", &BTreeMap::from([((1u8, 2u8), 3u8)]));
    items.loads("iterable", &vec![1u8, 2]);
    items.loads("undefined", &vec![None::<u8>]);
    items.loads("bytes", &vec![1u8, 2]);
    items.loads("integers", &(0u8, 23u8, 24u8, -1i8, u32::MAX, 1u64 << 53, 1u64 << 63, i64::MIN, u64::MAX));
    items.loads("map", &BTreeMap::from([(-7i64, 'a'), (1 << 40, 'b')]));
    // Shown, and given back as it was. Objects of its classes have the tag of records and variants.
    items.shows("date", "1(1000000000)");
    items.shows("error", r#"27(["Error", "what"])"#);
    items.shows("regular expression", r#"RegExp::a+("")"#);
    items.shows("shared", r#"[28(["x"]), 29(0)]"#);
    // Its records name their fields once, in a tag of its own: nobody else reads that, so turn it off.
    items.refuses::<crate::Record>("record, as a record", "expected a text, found a list");
    items.finish();
}
