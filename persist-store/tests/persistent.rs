//! Values that live on disk.
#![cfg(feature = "persistent")]

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use persist_core::{Context, Error, ErrorKind, Persist, Result};
use persist_store::journal::Journal;
use persist_store::{Durability, FileOptions, Persistent, PersistentBuilder, open, save};

type Scores = BTreeMap<String, u32>;

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores");
    (folder, path)
}

fn builder(path: &Path) -> PersistentBuilder<Scores> {
    Persistent::builder(path)
}

fn add(scores: &Persistent<Scores>, name: &str, points: u32) -> Result<u32> {
    scores.update(|scores| {
        let score = scores.entry(name.to_owned()).or_default();
        *score += points;
        *score
    })
}

/// The value as it is on disk now.
fn on_disk(path: &Path) -> Scores {
    open(path).unwrap()
}

#[test]
fn each_durability_saves_when_it_says() {
    for (durability, at_once) in
        [(Durability::OnExit, false), (Durability::Every(Duration::from_secs(3600)), false), (Durability::Commit, true)]
    {
        let (_folder, path) = folder();
        let scores = builder(&path).durability(durability).open_or_default().unwrap();
        assert_eq!(path.exists(), at_once, "{durability:?}");
        assert_eq!(add(&scores, "anna", 3).unwrap(), 3);
        assert_eq!(add(&scores, "anna", 4).unwrap(), 7);
        assert_eq!(scores.read()["anna"], 7);
        assert_eq!(path.exists(), at_once, "{durability:?}");
        if at_once {
            assert_eq!(on_disk(&path)["anna"], 7);
        }
        scores.save().unwrap();
        assert_eq!(on_disk(&path)["anna"], 7);
        add(&scores, "ben", 1).unwrap();
        drop(scores);
        assert_eq!(on_disk(&path)["ben"], 1);

        for durability in [Durability::OnExit, Durability::Commit, durability] {
            let scores = builder(&path).durability(durability).open().unwrap();
            add(&scores, "ben", 1).unwrap();
            scores.close().unwrap();
        }
        assert_eq!(on_disk(&path), Scores::from([("anna".to_owned(), 7), ("ben".to_owned(), 4)]));
    }
}

#[test]
fn changes_are_saved_in_the_background() {
    let (_folder, path) = folder();
    let scores = builder(&path).durability(Durability::Every(Duration::from_millis(20))).open_or_default().unwrap();
    for points in 1..4 {
        add(&scores, "anna", 1).unwrap();
        let start = Instant::now();
        while open::<Scores>(&path).ok().and_then(|scores| scores.get("anna").copied()) != Some(points) {
            assert!(start.elapsed() < Duration::from_secs(60), "never saved");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_background_error_is_told_once_and_the_save_is_tried_again() {
    for handled in [false, true] {
        let (_folder, path) = folder();
        let told = Arc::new(AtomicU32::new(0));
        let mut builder = builder(&path).durability(Durability::Every(Duration::from_millis(10)));
        if handled {
            let told = Arc::clone(&told);
            builder = builder.on_error(move |_| _ = told.fetch_add(1, Ordering::SeqCst));
        }
        let scores = builder.open_or_default().unwrap();
        // Nobody can rename a file over a folder.
        while fs::create_dir(&path).is_err() {
            _ = fs::remove_file(&path);
        }
        let start = Instant::now();
        let mut refused = None;
        let mut updates = 0;
        while refused.is_none() && told.load(Ordering::SeqCst) == 0 {
            assert!(start.elapsed() < Duration::from_secs(60), "nobody was told");
            match add(&scores, "anna", 1) {
                Ok(_) => updates += 1,
                Err(error) => refused = Some(error),
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(refused.is_some(), !handled);
        if let Some(error) = refused {
            assert!(error.to_string().contains("a save in the background failed"), "{error}");
            assert!(error.to_string().contains("it is a folder"), "{error}");
        }
        assert_eq!(scores.read()["anna"], updates, "what was refused was not done");
        fs::remove_dir(&path).unwrap();
        scores.close().unwrap();
        assert_eq!(on_disk(&path)["anna"], updates);
    }
}

#[test]
fn a_panic_or_an_error_undoes_the_update() {
    for durability in [Durability::OnExit, Durability::Commit] {
        let (_folder, path) = folder();
        let scores = builder(&path).durability(durability).open_or_default().unwrap();
        add(&scores, "anna", 1).unwrap();
        let panic = catch_unwind(AssertUnwindSafe(|| {
            scores.update(|scores| {
                scores.clear();
                panic!("half-way");
            })
        }));
        assert_eq!(*panic.unwrap_err().downcast::<&str>().unwrap(), "half-way");
        assert_eq!(scores.read()["anna"], 1);
        let error = scores
            .try_update(|scores| {
                scores.clear();
                if scores.is_empty() { Err(Error::of(ErrorKind::Value, "not so")) } else { Ok(()) }
            })
            .unwrap_err();
        assert_eq!(error.to_string(), "not so");
        assert_eq!(scores.read()["anna"], 1);
        add(&scores, "anna", 1).unwrap();
        drop(scores);
        assert_eq!(on_disk(&path)["anna"], 2);
    }
}

/// Its state is a number; a connection is made on load, unless it is told to fail. An odd number cannot be saved.
#[derive(Debug)]
struct Session {
    number: u32,
    connection: u32,
}

#[derive(Clone, Default)]
struct Server {
    connections: Arc<AtomicU32>,
    down: Arc<AtomicBool>,
}

impl Persist for Session {
    type Saved<'a> = u32;
    type Loaded = u32;

    fn get_state(&self) -> Result<u32> {
        if self.number == 13 { Err(Error::of(ErrorKind::Hook, "13 cannot be saved")) } else { Ok(self.number) }
    }

    fn set_state(number: u32, context: &Context) -> Result<Self> {
        let server: &Server = context.get()?;
        if server.down.load(Ordering::SeqCst) {
            return Err(Error::of(ErrorKind::Hook, "the server is down"));
        }
        Ok(Session { number, connection: server.connections.fetch_add(1, Ordering::SeqCst) })
    }
}

#[test]
fn hooks_run_on_open_rollback_and_reload_with_what_was_provided() {
    let (_folder, path) = folder();
    let server = Server::default();
    let builder = || Persistent::<Session>::builder(&path).provide(server.clone());
    let session = builder().open_or_else(|| Session { number: 1, connection: 99 }).unwrap();
    assert_eq!(session.read().connection, 99);
    let error = session.update(|session| session.number = 13).unwrap_err();
    assert!(error.to_string().contains("13 cannot be saved"), "{error}");
    assert_eq!((session.read().number, session.read().connection), (1, 0));
    session.update(|session| session.number = 2).unwrap();
    session.reload().unwrap();
    assert_eq!((session.read().number, session.read().connection), (2, 1));
    drop(session);

    let session = builder().open().unwrap();
    assert_eq!((session.read().number, session.read().connection), (2, 2));
    // Where a rollback fails, nothing is written any more: nobody knows what is in memory.
    server.down.store(true, Ordering::SeqCst);
    let result = session.try_update(|session| {
        session.number = 4;
        Err::<(), _>(Error::of(ErrorKind::Value, "no"))
    });
    let error = result.unwrap_err().to_string();
    assert!(error.contains("could not be rolled back") && error.contains("the server is down"), "{error}");
    assert!(session.update(|session| session.number = 6).unwrap_err().to_string().contains("the server is down"));
    assert!(session.close().is_err());
    assert_eq!(open::<u32>(&path).unwrap(), 2);
}

#[test]
fn a_failed_open_leaves_the_file() {
    let (_folder, path) = folder();
    let server = Server::default();
    save(&path, &2u32).unwrap();
    let before = fs::read(&path).unwrap();
    server.down.store(true, Ordering::SeqCst);
    let error = Persistent::<Session>::builder(&path).provide(server).open().unwrap_err();
    assert!(error.to_string().contains("the server is down"), "{error}");
    let error = Persistent::<Scores>::builder(&path).open_or_default().unwrap_err();
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn only_one_has_it_open() {
    let (_folder, path) = folder();
    let first = builder(&path).open_or_default().unwrap();
    let error = builder(&path).open().unwrap_err().to_string();
    assert!(error.contains(&format!("process {} has it locked", std::process::id())), "{error}");
    assert!(FileOptions::new().lock_shared(&path).is_err());
    // Whoever only reads is not kept from it.
    assert_eq!(on_disk(&path), Scores::new());
    let waiting = std::thread::spawn({
        let path = path.clone();
        move || Persistent::<Scores>::builder(path).wait(Duration::from_secs(60)).open().map(drop)
    });
    add(&first, "anna", 1).unwrap();
    drop(first);
    waiting.join().unwrap().unwrap();
    let shared = [FileOptions::new().lock_shared(&path).unwrap(), FileOptions::new().lock_shared(&path).unwrap()];
    assert!(builder(&path).open().is_err());
    drop(shared);
    let own = FileOptions::new().lock(&path).unwrap();
    assert!(builder(&path).open().is_err());
    drop(own);
    builder(&path).open().unwrap();
}

#[test]
fn what_is_in_the_way_is_told() {
    let (folder, path) = folder();
    let told = |path: &Path| builder(path).open_or_default().unwrap_err().to_string();
    let error = builder(&path).open().unwrap_err();
    assert!(error.to_string().contains("no such file"), "{error}");
    assert!(told(folder.path()).contains("it is a folder"));
    assert!(told(&path.join("state")).contains("there is no folder"));

    save(&path, &Scores::new()).unwrap();
    let mut newer = fs::read(&path).unwrap();
    newer[4] = 9;
    fs::write(&path, &newer).unwrap();
    assert!(told(&path).contains("update it"), "{}", told(&path));
    assert_eq!(fs::read(&path).unwrap(), newer);

    #[cfg(unix)]
    {
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let error = builder(&link).follow_links(false).open().unwrap_err().to_string();
        assert!(error.contains("symbolic link"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_new_file_may_be_private_and_links_are_followed() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = folder();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let scores = builder(&link).private(true).open_or_default().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(builder(&path).open().is_err(), "both names have one lock");
    add(&scores, "anna", 1).unwrap();
    drop(scores);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(on_disk(&path)["anna"], 1);
}

#[test]
fn an_update_within_an_update_is_refused() {
    let (_folder, path) = folder();
    let scores = builder(&path).open_or_default().unwrap();
    let inner = scores.update(|_| scores.update(|_| ()).unwrap_err().to_string()).unwrap();
    assert!(inner.contains("within an update"), "{inner}");
    assert!(catch_unwind(AssertUnwindSafe(|| scores.update(|_| scores.read().len()))).is_err());
    add(&scores, "anna", 1).unwrap();
}

#[cfg(unix)]
#[test]
fn what_is_replaced_while_it_is_open_takes_no_more_updates() {
    // With a long name, the value would be written anew.
    for (removed, len) in [(false, 4), (true, 4), (false, 200_000), (true, 200_000)] {
        let (_folder, path) = folder();
        let scores = builder(&path).open_or_default().unwrap();
        add(&scores, "anna", 1).unwrap();
        if removed {
            fs::remove_file(&path).unwrap();
        } else {
            save(&path, &Scores::from([("ben".to_owned(), 5)])).unwrap();
        }
        let error = add(&scores, &"n".repeat(len), 1).unwrap_err().to_string();
        assert!(error.contains("replaced or removed"), "{error}");
        assert!(scores.close().is_err());
        assert!(removed || on_disk(&path)["ben"] == 5);
    }
}

/// What an update writes is up to what it changed.
#[test]
fn a_commit_writes_what_changed() {
    let (_folder, path) = folder();
    let scores = builder(&path).open_or_default().unwrap();
    scores.update(|scores| scores.extend((0..50_000).map(|i| (format!("player {i:06}"), i)))).unwrap();
    let size = fs::metadata(&path).unwrap().len();
    assert!(size > 500_000);
    for i in 0..100 {
        add(&scores, &format!("player {:06}", i * 487), 1).unwrap();
        add(&scores, &format!("player {:06} the second", i * 333), 1).unwrap();
    }
    let journal = Journal::read(fs::read(&path).unwrap()).unwrap();
    assert_eq!(journal.records.len(), 200);
    let longest = journal.records.iter().map(|record| record.bytes.end - record.bytes.start).max().unwrap();
    assert!(longest < 250, "{longest}");
    assert!(fs::metadata(&path).unwrap().len() < size + 200 * 250 + (1 << 20));
    drop(scores);
    assert!(fs::metadata(&path).unwrap().len() < size + 200 * 250, "what was written ahead is cut off");
}

#[test]
fn a_journal_is_folded_and_generations_are_kept() {
    let (_folder, path) = folder();
    let scores = builder(&path).keep(2).journal_limit(2000).open_or_default().unwrap();
    for i in 0..200 {
        add(&scores, &format!("player {i}"), i).unwrap();
    }
    let history = scores.history().unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[0].number + 1, history[1].number);
    let sizes: Vec<_> = history.iter().map(|old| open::<Scores>(&old.path).unwrap().len()).collect();
    assert!(sizes[0] < sizes[1] && sizes[1] < 200, "{sizes:?}");
    drop(scores);
    assert_eq!(on_disk(&path).len(), 200);
    assert_eq!(builder(&path).open().unwrap().history().unwrap(), history);
}

#[test]
fn threads_share_fsyncs_and_lose_nothing() {
    let (_folder, path) = folder();
    let scores = builder(&path).open_or_default().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let scores = &scores;
            scope.spawn(move || {
                for _ in 0..50 {
                    add(scores, &format!("thread {thread}"), 1).unwrap();
                    add(scores, "all", 1).unwrap();
                }
            });
        }
    });
    let journal = Journal::read(fs::read(&path).unwrap()).unwrap();
    let updates: u64 = journal.records.iter().map(|record| record.updates).sum();
    assert_eq!(updates, 800);
    drop(scores);
    let scores = on_disk(&path);
    assert_eq!(scores["all"], 400);
    assert!((0..8).all(|thread| scores[&format!("thread {thread}")] == 50));
}

#[test]
fn changes_by_way_of_a_read_are_saved() {
    for durability in [Durability::OnExit, Durability::Commit] {
        let (_folder, path) = folder();
        let counter = Persistent::<Mutex<u32>>::builder(&path).durability(durability).open_or_default().unwrap();
        *counter.read().lock().unwrap() += 1;
        counter.save().unwrap();
        assert_eq!(open::<u32>(&path).unwrap(), 1);
        *counter.read().lock().unwrap() += 1;
        drop(counter);
        assert_eq!(open::<u32>(&path).unwrap(), 2);
    }
}

#[test]
fn reload_forgets_what_was_not_saved() {
    let (_folder, path) = folder();
    let scores = builder(&path).durability(Durability::OnExit).open_or_default().unwrap();
    add(&scores, "anna", 1).unwrap();
    scores.save().unwrap();
    add(&scores, "anna", 5).unwrap();
    scores.reload().unwrap();
    assert_eq!(scores.read()["anna"], 1);
    drop(scores);
    assert_eq!(on_disk(&path)["anna"], 1);
}

/// A reload forgets nothing that another thread was told is on disk, nor what it is about to be told of.
#[test]
fn reload_forgets_no_update_that_returned() {
    let (_folder, path) = folder();
    let scores = builder(&path).journal_limit(2000).open_or_default().unwrap();
    let running = AtomicU32::new(4);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (scores, running) = (&scores, &running);
            scope.spawn(move || {
                let name = format!("thread {thread}");
                for points in 1..=60 {
                    assert_eq!(add(scores, &name, 1).unwrap(), points);
                }
                _ = running.fetch_sub(1, Ordering::SeqCst);
            });
        }
        while running.load(Ordering::SeqCst) != 0 {
            scores.reload().unwrap();
            std::thread::yield_now();
        }
    });
    let expected = scores.read().clone();
    assert!((0..4).all(|thread| expected[&format!("thread {thread}")] == 60));
    drop(scores);
    assert_eq!(on_disk(&path), expected);
}

/// Another program may have replaced the file: what is updated after a reload goes to the new one.
#[test]
fn after_a_reload_updates_go_to_the_file_that_is_there() {
    let (_folder, path) = folder();
    let scores = builder(&path).open_or_default().unwrap();
    add(&scores, "anna", 1).unwrap();
    save(&path, &Scores::from([("ben".to_owned(), 5)])).unwrap();
    scores.reload().unwrap();
    assert_eq!(scores.read()["ben"], 5);
    add(&scores, "ben", 1).unwrap();
    assert_eq!(on_disk(&path), Scores::from([("ben".to_owned(), 6)]));
}

/// Copies of the file, as `kill -9` leaves them: each opens, has all that was acknowledged, and goes on.
#[test]
fn a_copy_taken_at_any_time_opens_and_goes_on() {
    let (folder, path) = folder();
    let scores = builder(&path).journal_limit(3000).open_or_default().unwrap();
    let copy = folder.path().join("copy");
    for i in 1..100 {
        add(&scores, "anna", 1).unwrap();
        fs::copy(&path, &copy).unwrap();
        let again = builder(&copy).open().unwrap();
        assert_eq!(again.read()["anna"], i);
        add(&again, "anna", 1000).unwrap();
        drop(again);
        assert_eq!(on_disk(&copy)["anna"], i + 1000);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_disk_is_an_error_and_loses_nothing() {
    let (folder, _) = folder();
    let mount = |options: &str| {
        let mount = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "none"])
            .arg(folder.path())
            .output();
        mount.is_ok_and(|mount| mount.status.success())
    };
    // If this user may mount anything.
    if !mount("size=256k") {
        return;
    }
    let path = folder.path().join("scores");
    let result = catch_unwind(|| {
        let scores = builder(&path).open_or_default().unwrap();
        add(&scores, "anna", 1).unwrap();
        scores.close().unwrap();
        fs::remove_file(folder.path().join(".scores.persist-lock")).unwrap();
        assert!(mount("remount,ro"));
        let told = [
            builder(&path).open_or_default().unwrap_err(),
            save(&path, &Scores::new()).unwrap_err(),
            FileOptions::new().lock(&path).unwrap_err(),
        ];
        for error in told {
            assert!(error.to_string().contains("mounted read-only"), "{error}");
            assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        }
        assert_eq!(on_disk(&path)["anna"], 1);
    });
    std::process::Command::new("umount").arg(folder.path()).status().unwrap();
    result.unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_loses_nothing() {
    // A file system of a few pages, if this user may have one.
    let (folder, _) = folder();
    let mount = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=256k", "none"])
        .arg(folder.path())
        .output();
    if !mount.is_ok_and(|mount| mount.status.success()) {
        return;
    }
    let path = folder.path().join("scores");
    let result = catch_unwind(|| {
        let scores = builder(&path).open_or_default().unwrap();
        let mut done = 0;
        let error = loop {
            match scores.update(|scores| _ = scores.insert(format!("{done:08}"), done)) {
                Ok(()) => done += 1,
                Err(error) => break error.to_string(),
            }
            assert!(done < 100_000);
        };
        assert!(error.contains("No space left") && error.contains("was acknowledged is in the file"), "{error}");
        assert!(scores.update(|_| ()).is_err());
        assert!(scores.close().is_err());
        assert_eq!(on_disk(&path).len(), done as usize);
    });
    std::process::Command::new("umount").arg(folder.path()).status().unwrap();
    result.unwrap();
}
