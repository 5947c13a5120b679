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

#[cfg(unix)]
#[test]
fn a_new_file_may_be_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let (ours, shared) = (folder.path().join("ours"), folder.path().join("shared"));
    let options = FileOptions::new().private(true);
    options.save(&ours, &scores()).unwrap();
    assert_eq!(mode(&ours), 0o600);
    // What is there already keeps what it has.
    save(&shared, &scores()).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o640)).unwrap();
    options.save(&shared, &scores()).unwrap();
    assert_eq!(mode(&shared), 0o640);
}

#[cfg(unix)]
#[test]
fn links_may_be_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("scores"), folder.path().join("link"));
    save(&path, &scores()).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let options = FileOptions::new().follow_links(false);
    for error in [
        options.save(&link, &Scores::new()).unwrap_err(),
        options.open::<Scores>(&link).unwrap_err(),
        options.open_or_else(&link, Scores::new).unwrap_err(),
        options.lock(&link).unwrap_err(),
        options.history(&link).unwrap_err(),
    ] {
        assert!(error.to_string().contains("it is a symbolic link; name the file behind it"), "{error}");
    }
    assert_eq!(open::<Scores>(&link).unwrap(), scores());
    options.save(&path, &Scores::new()).unwrap();
}

#[test]
fn so_many_generations_are_kept_as_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("count");
    let history = |options: &FileOptions| -> Vec<(u64, u32)> {
        let history = options.history(&path).unwrap();
        history.iter().map(|old| (old.number, open(&old.path).unwrap())).collect()
    };
    let options = FileOptions::new().keep(3);
    for count in 1..=6u32 {
        options.save(&path, &count).unwrap();
    }
    assert_eq!(history(&options), [(3, 3), (4, 4), (5, 5)]);
    // Who keeps none leaves those of others alone; who keeps fewer does not.
    save(&path, &7u32).unwrap();
    assert_eq!(history(&options), [(3, 3), (4, 4), (5, 5)]);
    FileOptions::new().keep(1).save(&path, &8u32).unwrap();
    assert_eq!(history(&options), [(6, 7)]);
    assert_eq!(open::<u32>(&path).unwrap(), 8);

    // What only looks like one is left alone.
    for name in ["count.~x~", "count.~9", "other.~9~", "count.~~"] {
        fs::write(folder.path().join(name), "mine").unwrap();
    }
    FileOptions::new().keep(1).save(&path, &9u32).unwrap();
    assert_eq!(history(&options), [(7, 8)]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 6);
}

#[test]
fn a_lock_is_exclusive_or_shared_and_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores");
    let options = FileOptions::new();
    let lock = options.lock(&path).unwrap();
    assert!(!path.exists(), "a lock needs no file");
    let owner = format!("process {} has it locked", std::process::id());
    for error in [options.lock(&path).unwrap_err(), options.lock_shared(&path).unwrap_err()] {
        assert!(error.to_string().contains(&owner), "{error}");
    }
    // Each save is whole by itself, and the one who has the lock saves like anybody else.
    save(&path, &scores()).unwrap();
    let waiting = std::thread::spawn({
        let path = path.clone();
        move || FileOptions::new().wait(Duration::from_secs(60)).lock(path).map(drop)
    });
    drop(lock);
    waiting.join().unwrap().unwrap();
    let shared = (options.lock_shared(&path).unwrap(), options.lock_shared(&path).unwrap());
    assert!(options.lock(&path).is_err());
    drop(shared);
    drop(options.lock(&path).unwrap());

    assert!(options.lock(folder.path()).unwrap_err().to_string().contains("it is a folder"));
    let missing = folder.path().join("unmounted").join("scores");
    assert!(options.lock(missing).unwrap_err().to_string().contains("there is no folder"));
}

#[test]
fn a_value_is_saved_with_checksums_whatever_the_dumper_says() {
    use persist_core::Protocol;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores");
    let options = FileOptions::new();
    options.save_with(&path, &scores(), &mut Dumper::new().checksum(false).bare(true)).unwrap();
    assert_eq!(fs::read(&path).unwrap(), dumps(&scores()).unwrap());
    let mut json = Dumper::new().protocol(Protocol::Json);
    options.save_with(&path, &scores(), &mut json).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "[[\"anna\",17],[\"ben\",3]]\n");
    assert_eq!(json.dumps(&1u8).unwrap(), b"1", "the dumper is as it was");
    assert_eq!(open::<Scores>(&path).unwrap(), scores());
    let error = options.open_with::<Scores>(&path, &mut Loader::new().protocol(Protocol::Packed)).unwrap_err();
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    assert_eq!(options.open_or_else(folder.path().join("none"), scores).unwrap(), scores());
}
