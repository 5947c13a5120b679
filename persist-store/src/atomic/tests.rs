//! Every call of the file system fails once; whatever happens, the old content survives.

use std::fs::{self, Permissions};

use persist_core::{Error, ErrorKind};

use super::*;
use crate::fs::Disk;

mod faulty;

use faulty::faulty;

fn text(content: &str) -> impl FnOnce(&mut dyn Write) -> Result<()> {
    move |file| Ok(file.write_all(content.as_bytes())?)
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_calls_and_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let never = || faulty(|_, _| false, 0, io::ErrorKind::Other);

    let first = never();
    write(&first, &path, text("old")).unwrap();
    assert_eq!(
        first.calls(),
        [
            "link_target",
            "status",
            "status",
            "open_folder",
            "create_beside",
            "write_at",
            "sync",
            "rename",
            "sync_folder"
        ]
    );

    let second = never();
    write(&second, &path, text("new")).unwrap();
    assert_eq!(
        second.calls(),
        [
            "link_target",
            "status",
            "check_writable",
            "open_folder",
            "create_beside",
            "take_on",
            "write_at",
            "sync",
            "rename",
            "sync_folder"
        ]
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
}

/// Fails call after call until a run gets through; gives the number of runs that failed.
fn fail_each(fails: fn(usize, usize) -> bool, error: io::ErrorKind, cleans_up: bool) -> usize {
    let new = "new ".repeat(10_000);
    for at in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        fs::write(&path, "old").unwrap();
        let disk = faulty(fails, at, error);
        let result = write(&disk, &path, |file| {
            for part in new.as_bytes().chunks(999) {
                file.write_all(part)?;
            }
            Ok(())
        });
        let content = fs::read_to_string(&path).unwrap();
        let Err(problem) = result else {
            assert_eq!(content, new);
            return at;
        };
        let renamed = disk.calls().contains(&"sync_folder");
        assert_eq!(content, if renamed { &new } else { "old" }, "{problem}, calls {:?}", disk.calls());
        assert!(problem.to_string().contains(path.to_str().unwrap()), "{problem}");
        assert_eq!(problem.kind(), ErrorKind::Io);
        if cleans_up {
            assert_eq!(names_in(folder.path()), ["state"], "{problem}, calls {:?}", disk.calls());
        }
    }
    unreachable!()
}

#[test]
fn old_content_survives_the_failure_of_each_call() {
    for error in [io::ErrorKind::Other, io::ErrorKind::StorageFull, io::ErrorKind::PermissionDenied] {
        let failed = fail_each(|call, at| call == at, error, true);
        assert!(failed > 10, "only {failed} calls failed: some are not counted");
    }
}

#[test]
fn old_content_survives_a_disk_that_is_gone() {
    let failed = fail_each(|call, at| call >= at, io::ErrorKind::Other, false);
    assert!(failed > 10, "only {failed} calls failed: some are not counted");
}

#[test]
fn a_missing_file_stays_missing_when_a_call_fails() {
    for at in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let disk = faulty(|call, at| call == at, at, io::ErrorKind::Other);
        if write(&disk, &path, text("new")).is_ok() {
            return;
        }
        if disk.last_call() == "sync_folder" {
            assert_eq!(names_in(folder.path()), ["state"]);
        } else {
            assert!(names_in(folder.path()).is_empty(), "calls {:?}", disk.calls());
        }
    }
}

#[test]
fn a_failure_while_looking_is_not_taken_for_a_missing_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    fs::write(&path, "old").unwrap();
    for at in 0.. {
        let disk = faulty(|call, at| call == at, at, io::ErrorKind::PermissionDenied);
        match read(&disk, &path) {
            Ok(content) => return assert_eq!(content.as_deref(), Some(&b"old"[..])),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Io),
        }
    }
}

#[test]
fn a_failing_value_leaves_the_old_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    fs::write(&path, "old").unwrap();
    let error = write(&Disk, &path, |file| {
        file.write_all(b"half a val")?;
        Err(Error::of(ErrorKind::Unsupported, "a lock is poisoned"))
    })
    .unwrap_err();
    assert_eq!(error.to_string(), format!("cannot save to `{}`: a lock is poisoned", path.display()));
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(names_in(folder.path()), ["state"]);
}

#[test]
fn a_panic_leaves_the_old_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    fs::write(&path, "old").unwrap();
    let result = std::panic::catch_unwind(|| {
        write(&Disk, &path, |file| {
            file.write_all(b"half a val")?;
            panic!("in a hook")
        })
    });
    assert!(result.is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(names_in(folder.path()), ["state"]);
}

/// As a killed process leaves it: there, and not locked.
#[cfg(unix)]
#[test]
fn a_forgotten_draft_is_cleared_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    fs::write(folder.path().join(".state.persist-tmp"), "half a val").unwrap();
    write(&Disk, &path, text("new")).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(names_in(folder.path()), ["state"]);
}

#[test]
fn a_draft_in_use_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    // A save within a save, as a hook might do it.
    write(&Disk, &path, |outer| {
        outer.write_all(b"outer")?;
        write(&Disk, &path, text("inner"))?;
        assert_eq!(fs::read_to_string(&path).unwrap(), "inner");
        Ok(())
    })
    .unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "outer");
    assert_eq!(names_in(folder.path()), ["state"]);
}

/// Whatever has taken the draft's name stays, and does not stop a save.
#[cfg(unix)]
#[test]
fn what_is_no_draft_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("state"), folder.path().join("other"));
    fs::write(&other, "mine").unwrap();
    std::os::unix::fs::symlink(&other, folder.path().join(".state.persist-tmp")).unwrap();
    write(&Disk, &path, text("new")).unwrap();
    fs::create_dir(folder.path().join(".other.persist-tmp")).unwrap();
    write(&Disk, &other, text("mine, too")).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(fs::read_to_string(&other).unwrap(), "mine, too");
    assert_eq!(names_in(folder.path()), [".other.persist-tmp", ".state.persist-tmp", "other", "state"]);
}

#[test]
fn savers_at_the_same_time_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let contents: Vec<String> = (0..4).map(|n| n.to_string().repeat(30_000)).collect();
    std::thread::scope(|scope| {
        for content in &contents {
            scope.spawn(|| {
                for _ in 0..20 {
                    write(&Disk, &path, text(content)).unwrap();
                    assert!(contents.contains(&fs::read_to_string(&path).unwrap()));
                }
            });
        }
    });
    assert_eq!(names_in(folder.path()), ["state"]);
}

#[cfg(unix)]
#[test]
fn permissions_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    fs::write(&path, "old").unwrap();
    for kept in [0o600, 0o640, 0o644, 0o666, 0o751] {
        set_mode(&path, kept);
        write(&Disk, &path, text("new")).unwrap();
        assert_eq!(mode(&path), kept, "{kept:o} became {:o}", mode(&path));
    }
}

#[cfg(unix)]
#[test]
fn the_owner_is_kept_where_the_process_may() {
    use std::os::unix::fs::{MetadataExt, chown};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    fs::write(&path, "old").unwrap();
    set_mode(&path, 0o640);
    // Fails for all but root, and then the file's owner is the one that it would get anyway.
    _ = chown(&path, Some(12_345), Some(12_346));
    let before = fs::metadata(&path).unwrap();
    write(&Disk, &path, text("new")).unwrap();
    let after = fs::metadata(&path).unwrap();
    assert_ne!(before.ino(), after.ino());
    assert_eq!((before.uid(), before.gid(), before.mode()), (after.uid(), after.gid(), after.mode()));
}

#[cfg(unix)]
#[test]
fn a_new_file_has_the_permissions_of_any_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
    write(&Disk, &ours, text("new")).unwrap();
    fs::write(&plain, "new").unwrap();
    assert_eq!(mode(&ours), mode(&plain));
}

#[cfg(unix)]
#[test]
fn the_content_of_a_private_file_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    fs::write(&path, "old").unwrap();
    set_mode(&path, 0o600);
    write(&Disk, &path, |file| {
        file.write_all(&vec![0; 100_000])?;
        for name in names_in(folder.path()) {
            assert_eq!(mode(&folder.path().join(&name)), 0o600, "{name}");
        }
        Ok(())
    })
    .unwrap();
}

#[cfg(unix)]
#[test]
fn the_file_behind_a_link_is_replaced() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let (data, links) = (folder.path().join("data"), folder.path().join("links"));
    fs::create_dir(&data).unwrap();
    fs::create_dir(&links).unwrap();
    symlink("../data/state", links.join("relative")).unwrap();
    symlink(data.join("state"), links.join("absolute")).unwrap();
    symlink("relative", links.join("chain")).unwrap();

    // The first of them dangles: the file it names is created.
    for (link, content) in [("relative", "1"), ("absolute", "2"), ("chain", "3")] {
        let link = links.join(link);
        write(&Disk, &link, text(content)).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(data.join("state")).unwrap(), content);
        assert_eq!(read(&Disk, &link).unwrap().as_deref(), Some(content.as_bytes()));
        assert_eq!(names_in(&data), ["state"]);
        assert_eq!(names_in(&links), ["absolute", "chain", "relative"]);
    }

    symlink("endless", links.join("endless")).unwrap();
    let error = write(&Disk, &links.join("endless"), text("4")).unwrap_err();
    assert!(error.to_string().contains("too many symbolic links"), "{error}");
}

#[test]
fn what_is_no_file_is_refused_with_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("file"), "old").unwrap();
    let told = |path: &Path| {
        let saving = write(&Disk, path, text("new")).unwrap_err();
        let opening = read(&Disk, path).unwrap_err();
        assert_eq!((saving.kind(), opening.kind()), (ErrorKind::Io, ErrorKind::Io));
        saving.to_string()
    };
    let shown = |path: &Path| path.display().to_string();

    let error = told(folder);
    assert_eq!(error, format!("cannot save to `{}`: it is a folder; name a file inside it", shown(folder)));

    let path = folder.join("missing").join("state");
    let error = told(&path);
    assert!(error.starts_with(&format!("cannot save to `{}`: there is no folder `", shown(&path))), "{error}");
    assert!(error.ends_with("create the folder first, for example with `std::fs::create_dir_all`"), "{error}");

    let error = told(Path::new(""));
    assert!(error.starts_with("cannot save to ``: "), "{error}");

    if cfg!(unix) {
        let error = told(&folder.join("file").join("state"));
        assert!(error.ends_with("; what should be a folder in this path is a file"), "{error}");
        let error = told(Path::new("/dev/null"));
        assert!(error.ends_with("; a device, pipe or socket is written to with `dump`"), "{error}");
    }
    assert_eq!(names_in(folder), ["file"]);
}

#[test]
fn each_refusal_names_its_cure() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    fs::write(&path, "old").unwrap();
    let cures = [
        ("link_target", "may not search a folder"),
        ("check_writable", "may not write the file"),
        ("open_folder", "may not read the folder"),
        ("create_beside", "make the folder writable"),
        ("rename", "make the folder writable"),
        ("sync_folder", "the new content is in place"),
    ];
    let mut seen = Vec::new();
    for at in 0.. {
        let disk = faulty(|call, at| call == at, at, io::ErrorKind::PermissionDenied);
        let Err(error) = write(&disk, &path, text("new")) else { break };
        let failed = disk.calls()[at];
        if let Some((_, cure)) = cures.iter().find(|(call, _)| *call == failed) {
            assert!(error.to_string().contains(cure), "{failed}: {error}");
            seen.push(failed);
        }
    }
    assert_eq!(seen, cures.map(|(call, _)| call));
}

/// What the checks rest on, seen from a user without root's rights.
#[cfg(unix)]
#[test]
fn a_protected_file_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    fs::write(&path, "old").unwrap();
    set_mode(&path, 0o444);
    // Root may write anything.
    if fs::OpenOptions::new().write(true).open(&path).is_ok() {
        return;
    }
    let error = write(&Disk, &path, text("new")).unwrap_err();
    assert!(error.to_string().contains("may not write the file"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");

    set_mode(&path, 0o644);
    set_mode(folder.path(), 0o555);
    let error = write(&Disk, &path, text("new")).unwrap_err();
    set_mode(folder.path(), 0o755);
    assert!(error.to_string().contains("make the folder writable"), "{error}");
    assert_eq!(names_in(folder.path()), ["state"]);
}

#[test]
fn a_long_name_still_fits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ü".repeat(120));
    write(&Disk, &path, text("new")).unwrap();
    write(&Disk, &path, text("newer")).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "newer");
}

#[test]
fn a_bare_name_is_in_the_current_folder() {
    assert_eq!(parent(Path::new("state")), Path::new("."));
    assert_eq!(parent(Path::new("a/state")), Path::new("a"));
    assert_eq!(parent(Path::new("/state")), Path::new("/"));
}
