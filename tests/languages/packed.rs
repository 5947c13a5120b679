//! Golden files of level Small, as `tests/python/read_packed.py` reads them by docs/format.md.

use std::fs;
use std::path::Path;

use crate::Language::Python;

#[test]
#[ignore = "needs zstandard, which .ci/run installs"]
fn python_reads_the_same_at_level_small() {
    let mut left = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")];
    let (mut small, mut fast) = (Vec::new(), Vec::new());
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let other = path.with_extension("packed");
        // Where there are several values, each ends a line of JSON.
        let several = fs::read(path.with_extension("json")).is_ok_and(|text| text.ends_with(b"\n"));
        if path.extension().is_some_and(|extension| extension == "small") && other.exists() && !several {
            put(&path, &mut small);
            put(&other, &mut fast);
        }
    }
    let read = |items: &[u8]| Python.run("read_packed.py", &["--framed"], items);
    let (small, fast) = (read(&small), read(&fast));
    assert!(small.len() > 100 && small.len() == fast.len(), "{} and {} values", small.len(), fast.len());
    for (small, fast) in small.iter().zip(&fast) {
        assert_eq!(small, fast);
        assert!(!small.starts_with("error"), "{small}");
    }
}

/// Appends the bytes of a file, behind their length.
fn put(path: &Path, items: &mut Vec<u8>) {
    let bytes = fs::read(path).unwrap();
    items.extend_from_slice(&u32::try_from(bytes.len()).expect("files are small").to_le_bytes());
    items.extend_from_slice(&bytes);
}
