use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::time::UNIX_EPOCH;

use tempfile::TempDir;

use super::*;

type Answer = (String, Vec<u32>, BTreeMap<u8, bool>);

fn answer(n: u32) -> Answer {
    (format!("answer {n}"), (0..n).collect(), [(1, true), (n as u8, false)].into())
}

/// A memo, and how often something was computed in it.
struct Counted {
    memo: Memo,
    computed: AtomicUsize,
    _folder: Option<TempDir>,
}

impl Counted {
    fn new(build: impl FnOnce(Builder) -> Builder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let memo = build(Memo::builder(folder.path().join("cache"), "answers")).build();
        Counted { memo, computed: AtomicUsize::new(0), _folder: Some(folder) }
    }

    fn ask(&self, n: u32) -> Answer {
        let given = self.memo.get_or_compute(&n, || {
            self.computed.fetch_add(1, Ordering::SeqCst);
            answer(n)
        });
        assert_eq!(given, answer(n));
        given
    }

    fn computed(&self) -> usize {
        self.computed.load(Ordering::SeqCst)
    }

    /// The file of a result.
    fn file(&self, n: u32) -> PathBuf {
        let (folder, file) = self.memo.key::<u32, Answer>(&n).unwrap().names();
        self.memo.folder().join(folder).join(file)
    }

    /// All files below the folder.
    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for folder in fs::read_dir(self.memo.folder()).unwrap() {
            files.extend(fs::read_dir(folder.unwrap().path()).unwrap().map(|file| file.unwrap().path()));
        }
        files
    }
}

#[test]
fn a_damaged_file_is_never_believed() {
    let counted = Counted::new(|memo| memo.version("v"));
    counted.ask(3);
    let file = counted.file(3);
    let whole = fs::read(&file).unwrap();
    let mut computed = 1;
    let mut try_it = |bytes: &[u8], what: &str| {
        fs::write(&file, bytes).unwrap();
        let given = counted.memo.get::<u32, Answer>(&3);
        assert!(given.is_err(), "{what}: {given:?}");
        counted.ask(3);
        computed += 1;
        assert_eq!(counted.computed(), computed, "{what}");
        assert_eq!(counted.memo.statistics().failures, computed as u64 - 1, "{what}");
        // It was replaced, by what differs in nothing but the time.
        assert_eq!(fs::read(&file).unwrap().len(), whole.len(), "{what}");
    };
    for length in 0..whole.len() {
        try_it(&whole[..length], &format!("cut at {length}"));
    }
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            try_it(&bytes, &format!("bit {bit} of byte {at}"));
        }
    }
    try_it(&[&whole[..], b"x"].concat(), "longer");
    try_it(br#"["answers","v",[],0,["answer 3",[],{}]]"#, "JSON");
    counted.ask(3);
    assert_eq!(counted.computed(), computed);
    let error = counted.memo.last_error().unwrap().to_string();
    assert!(error.contains("a kept result of `answers` cannot be used") && error.contains("computed anew"), "{error}");
}

#[test]
fn a_foreign_file_is_never_believed() {
    let counted = Counted::new(|memo| memo);
    counted.ask(3);
    counted.ask(4);
    fs::copy(counted.file(3), counted.file(4)).unwrap();
    counted.ask(4);
    counted.ask(4);
    assert_eq!(counted.computed(), 3);
    let error = counted.memo.last_error().unwrap().to_string();
    assert!(error.contains("another call"), "{error}");

    // Something that is no file stands in its place: it is computed every time.
    fs::remove_file(counted.file(4)).unwrap();
    fs::create_dir(counted.file(4)).unwrap();
    counted.ask(4);
    counted.ask(4);
    assert_eq!(counted.computed(), 5);
    counted.ask(3);
    assert_eq!(counted.computed(), 5);
}

/// Seconds since the start, by the clock of the next test.
static NOW: AtomicU64 = AtomicU64::new(0);

#[test]
fn results_get_old() {
    let clock = || UNIX_EPOCH + Duration::from_secs(1_000_000 + NOW.load(Ordering::SeqCst));
    let counted = Counted::new(|memo| memo.ttl(Duration::from_secs(60)).clock(clock));
    let ask_at = |seconds, computed| {
        NOW.store(seconds, Ordering::SeqCst);
        counted.ask(1);
        assert_eq!(counted.computed(), computed, "after {seconds} s");
    };
    ask_at(100, 1);
    ask_at(159, 1);
    // Being used makes nothing younger.
    ask_at(160, 2);
    ask_at(219, 2);
    // The clock was wrong.
    ask_at(161, 2);
    ask_at(100, 3);
    NOW.store(200, Ordering::SeqCst);
    assert_eq!(counted.memo.get::<u32, Answer>(&1).unwrap(), None);
    assert_eq!(counted.memo.statistics().failures, 0);
}

/// Sets when a file was used last, in seconds before now.
fn used(file: &std::path::Path, before: u64) {
    let time = SystemTime::now() - Duration::from_secs(before);
    fs::File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
}

#[test]
fn what_was_used_longest_ago_goes_first() {
    let counted = Counted::new(|memo| memo.max_entries(3));
    for n in 1..=3 {
        counted.ask(n);
        used(&counted.file(n), 100 - u64::from(n));
    }
    // 1 was used longest ago until now.
    counted.ask(1);
    counted.ask(4);
    assert_eq!(counted.computed(), 4);
    let there: Vec<bool> = (1..=4).map(|n| counted.file(n).exists()).collect();
    assert_eq!(there, [true, false, true, true]);
    assert_eq!(counted.memo.statistics().removed, 1);
    assert_eq!(counted.memo.usage().unwrap().results, 3);
}

#[test]
fn a_folder_stays_below_its_size() {
    let one = {
        let counted = Counted::new(|memo| memo);
        counted.ask(200);
        counted.memo.usage().unwrap().bytes
    };
    let max = one * 20;
    let counted = Counted::new(|memo| memo.max_size(max));
    for n in 150..300 {
        counted.ask(n);
        assert!(counted.memo.usage().unwrap().bytes <= max, "{n}");
    }
    assert!(counted.memo.usage().unwrap().bytes > max / 2);
    counted.ask(299);
    assert_eq!(counted.computed(), 150);
    assert_eq!(counted.memo.statistics().failures, 0);

    // Larger than all may be: given back, reported, not kept.
    let before = counted.memo.usage().unwrap();
    counted.ask(100_000);
    assert_eq!(counted.memo.usage().unwrap(), before);
    let error = counted.memo.last_error().unwrap().to_string();
    assert!(error.contains("is not kept") && error.contains("max_size"), "{error}");
}

#[test]
fn looking_at_all_files_is_rare() {
    let counted = Counted::new(|memo| memo.max_entries(100));
    for n in 0..50 {
        counted.ask(n);
    }
    // A file that nobody counted is seen when a tenth was added, and not before.
    for n in 1000..1100 {
        let (folder, file) = counted.memo.key::<u32, Answer>(&n).unwrap().names();
        fs::create_dir_all(counted.memo.folder().join(&folder)).unwrap();
        fs::write(counted.memo.folder().join(folder).join(file), b"").unwrap();
    }
    let mut looks = Vec::new();
    for n in 50..80 {
        let before = counted.memo.usage().unwrap().results;
        counted.ask(n);
        if counted.memo.usage().unwrap().results < before {
            looks.push(n);
        }
    }
    assert!(!looks.is_empty() && looks.len() <= 4, "{looks:?}");
    assert!(counted.memo.usage().unwrap().results <= 110);
}

#[test]
fn what_killed_processes_left_goes() {
    let counted = Counted::new(|memo| memo.max_entries(1000));
    counted.ask(1);
    let folder = counted.file(1).parent().unwrap().to_owned();
    let (old, new, lock, own) =
        (folder.join(".old.persist-tmp"), folder.join(".new.persist-tmp"), folder.join("x.lock"), folder.join("mine"));
    for file in [&old, &new, &lock, &own] {
        fs::write(file, b"").unwrap();
    }
    used(&old, 10_000);
    let other = Memo::builder(folder.parent().unwrap().parent().unwrap(), "answers").max_entries(1000).build();
    assert_eq!(other.get_or_compute(&2u32, || answer(2)), answer(2));
    assert_eq!([&old, &new, &lock, &own].map(|file| file.exists()), [false, true, false, true]);
}

#[test]
fn nothing_is_left_but_results() {
    let counted = Counted::new(|memo| memo);
    for n in 0..20 {
        counted.ask(n);
    }
    let files = counted.files();
    assert_eq!(files.len(), 20, "{files:?}");
    counted.memo.clear().unwrap();
    assert_eq!(counted.files(), Vec::<PathBuf>::new());
    assert_eq!(counted.memo.usage().unwrap(), Usage::default());
    counted.ask(1);
    counted.ask(1);
    assert_eq!(counted.computed(), 21);
    assert!(counted.memo.remove::<u32, Answer>(&1).unwrap());
    assert!(!counted.memo.remove::<u32, Answer>(&1).unwrap());
    counted.ask(1);
    assert_eq!(counted.computed(), 22);
    fs::remove_dir_all(counted.memo.folder()).unwrap();
    counted.ask(1);
    assert_eq!(counted.computed(), 23);
    assert_eq!(counted.memo.get::<u32, Answer>(&1).unwrap(), Some(answer(1)));
    assert_eq!(counted.memo.statistics().failures, 0);
}

#[cfg(unix)]
#[test]
fn folders_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let counted = Counted::new(|memo| memo);
    counted.ask(1);
    assert_eq!(fs::metadata(counted.memo.folder()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_memo_that_fails_fails_no_call() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, b"").unwrap();
    let told = Arc::new(AtomicUsize::new(0));
    let hook = Arc::clone(&told);
    // Its folder would have to be inside a file.
    let memo = Memo::builder(path.join("cache"), "answers")
        .on_error(move |error| {
            assert!(error.to_string().contains("cannot"), "{error}");
            hook.fetch_add(1, Ordering::SeqCst);
        })
        .build();
    let counted = Counted { memo, computed: AtomicUsize::new(0), _folder: Some(folder) };
    counted.ask(1);
    counted.ask(1);
    assert_eq!(counted.computed(), 2);
    let failures = counted.memo.statistics().failures;
    assert!(failures >= 2 && told.load(Ordering::SeqCst) as u64 == failures, "{failures}");
    assert_eq!(counted.memo.statistics().computed, 2);

    // What is computed is shared even so.
    let error = Memo::builder("unused", "texts").build();
    let bad = std::cell::RefCell::new(1u8);
    let borrowed = bad.borrow_mut();
    assert_eq!(error.get_or_compute(&&bad, || 7u8), 7);
    drop(borrowed);
    assert!(error.last_error().unwrap().to_string().contains("its result is not kept"));
}
