//! What `open` and `open_or_default` do with files that are missing, damaged, or somebody else's.

use std::fs;

use persist_core::{ErrorKind, dumps};

use super::*;

type Scores = Vec<(String, u32)>;

fn scores() -> Scores {
    vec![("anna".to_owned(), 17), ("ben".to_owned(), 3)]
}

#[test]
fn a_saved_value_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores");
    save(&path, &scores()).unwrap();
    assert_eq!(open::<Scores>(&path).unwrap(), scores());
    assert_eq!(open_or_default::<Scores>(&path).unwrap(), scores());
    assert_eq!(fs::read(&path).unwrap(), dumps(&scores()).unwrap());
}

#[test]
fn a_missing_file_gives_the_default_only_to_those_who_ask() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores");
    assert_eq!(open_or_default::<Scores>(&path).unwrap(), []);
    assert!(!path.exists(), "nothing is written before the first save");

    let error = open::<Scores>(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    assert!(error.help().unwrap().contains("open_or_default"), "{error}");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.downcast_ref::<std::io::Error>().unwrap().kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn a_missing_folder_gives_no_default() {
    let folder = tempfile::tempdir().unwrap();
    let error = open_or_default::<Scores>(folder.path().join("unmounted").join("scores")).unwrap_err();
    assert!(error.to_string().contains("there is no folder"), "{error}");
    assert!(open_or_default::<Scores>(folder.path()).is_err());
}

#[cfg(unix)]
#[test]
fn a_link_to_a_missing_folder_gives_no_default() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("scores");
    std::os::unix::fs::symlink(folder.path().join("unmounted").join("scores"), &link).unwrap();
    assert!(open_or_default::<Scores>(&link).is_err());
    // A link to a file that may yet come is as good as that file.
    fs::create_dir(folder.path().join("unmounted")).unwrap();
    assert_eq!(open_or_default::<Scores>(&link).unwrap(), []);
}

#[test]
fn a_damaged_file_gives_no_default_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores");
    let whole = dumps(&scores()).unwrap();
    let mut damaged: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
    damaged.extend((0..whole.len()).map(|at| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        bytes
    }));
    damaged.push([&whole[..], b"x"].concat());
    for bytes in damaged {
        fs::write(&path, &bytes).unwrap();
        let error = open_or_default::<Scores>(&path).unwrap_err();
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}
