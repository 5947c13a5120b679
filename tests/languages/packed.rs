//! Golden files of level Small, as `tests/python/read_packed.py` reads them by docs/format.md.

use std::fs;
use std::path::Path;

use crate::Language::Python;

#[test]
#[ignore = "needs zstandard, which .ci/run installs"]
fn python_reads_the_same_at_level_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let (mut left, mut read) = (vec![root], 0);
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let fast = path.with_extension("packed");
        if path.extension().is_some_and(|extension| extension == "small") && fast.exists() {
            let lines = |path: &Path| Python.run("read_packed.py", &[path.to_str().expect("names are Unicode")], "");
            assert_eq!(lines(&path), lines(&fast), "{}", path.display());
            read += 1;
        }
    }
    assert!(read > 50, "{read} files");
}
