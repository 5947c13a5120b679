//! Processes that are killed: what they were told is on disk is there.

use std::env;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use persist_core::ErrorKind;
use persist_store::{Shelf, ShelfFile};

use crate::path;

/// Names the file to a child: this program, started again to run one of the tests below only.
const FILE: &str = "PERSIST_TEST_SHELF";

fn child(test: &str, path: &Path) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--ignored"]).env(FILE, path);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// The numbers that a child has said so far.
fn numbers(child: &mut Child) -> impl Iterator<Item = u64> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    lines.filter_map(|line| line.strip_prefix("done ")?.parse().ok())
}

/// What is in the file as of the number `i`: the entry itself, and a sum, which changed in the same transaction.
fn text(i: u64) -> String {
    format!("entry {i} {}", "x".repeat((i % 300) as usize))
}

#[test]
#[ignore = "run by the test that kills it"]
fn writes_until_it_is_killed() {
    let Some(path) = env::var_os(FILE) else { return };
    let file = ShelfFile::open(path).unwrap();
    let entries = file.shelf::<u64, String>("entries").unwrap();
    let sums = file.shelf::<String, (u64, u64)>("sums").unwrap();
    let mut out = stdout();
    for i in entries.len().unwrap().. {
        let written = file.transaction(|t| {
            t.shelf(&entries)?.insert(&i, &text(i))?;
            t.shelf(&sums)?.modify_or_default("sum", |(count, sum)| {
                *count += 1;
                *sum += i;
            })
        });
        written.unwrap();
        writeln!(out, "done {i}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let (_folder, path) = path();
    let mut acknowledged = 0;
    for round in 0..12u64 {
        let mut child = child("kills::writes_until_it_is_killed", &path);
        let numbers = numbers(&mut child);
        // Killed at another moment each time, after at least one was acknowledged.
        let wanted = 1 + round * 3 % 11;
        let mut last = None;
        let mut until = None::<Instant>;
        for number in numbers {
            assert!(last.is_none_or(|last| number == last + 1));
            last = Some(number);
            acknowledged = number + 1;
            if number % wanted == 0 || until.is_some_and(|until| until < Instant::now()) {
                std::thread::sleep(Duration::from_micros(round * 137 % 900));
                child.kill().unwrap();
            }
            until.get_or_insert_with(|| Instant::now() + Duration::from_secs(5));
        }
        child.wait().unwrap();
        assert!(last.is_some());

        let file = ShelfFile::open(&path).unwrap();
        let entries = file.shelf::<u64, String>("entries").unwrap();
        let sums = file.shelf::<String, (u64, u64)>("sums").unwrap();
        let len = entries.len().unwrap();
        // The one that was under way may be there, or not; none that was acknowledged is missing.
        assert!(len == acknowledged || len == acknowledged + 1, "{len} of {acknowledged} in round {round}");
        for (i, entry) in (0..).zip(entries.iter().unwrap()) {
            assert_eq!(entry.unwrap(), (i, text(i)));
        }
        assert_eq!(sums.get("sum").unwrap(), Some((len, len * (len - 1) / 2)), "all of a transaction, or nothing");
        file.verify().unwrap();
        acknowledged = len;
    }
    assert!(acknowledged >= 12);
}

#[test]
#[ignore = "run by the test that kills it"]
fn creates_and_is_killed() {
    let Some(path) = env::var_os(FILE) else { return };
    writeln!(stdout(), "done 0").unwrap();
    let shelf = Shelf::<u8, u8>::open(path).unwrap();
    shelf.insert(&1, &1).unwrap();
    writeln!(stdout(), "done 1").unwrap();
    std::thread::sleep(Duration::from_secs(60));
}

/// A process that is killed while it creates the file leaves none, or a whole one.
#[test]
fn a_file_is_created_as_a_whole() {
    for round in 0..10u64 {
        let (_folder, path) = path();
        let mut child = child("kills::creates_and_is_killed", &path);
        let mut numbers = numbers(&mut child);
        assert_eq!(numbers.next(), Some(0));
        std::thread::sleep(Duration::from_micros(round * 700));
        child.kill().unwrap();
        let acknowledged = numbers.next().is_some();
        child.wait().unwrap();
        let there = path.exists();
        let shelf = Shelf::<u8, u8>::open(&path).unwrap();
        assert!(there || !acknowledged);
        assert!(!acknowledged || shelf.get(&1).unwrap() == Some(1));
        shelf.insert(&1, &2).unwrap();
    }
}

#[test]
#[ignore = "run by the test that asks for its number"]
fn holds_the_file_until_it_is_told() {
    let Some(path) = env::var_os(FILE) else { return };
    let shelf = Shelf::<u8, u8>::open(path).unwrap();
    shelf.insert(&1, &1).unwrap();
    writeln!(stdout(), "done 1").unwrap();
    let _ = std::io::stdin().lines().next();
}

#[test]
fn a_second_process_is_told_who_has_the_file() {
    let (_folder, path) = path();
    let mut child = child("kills::holds_the_file_until_it_is_told", &path);
    assert_eq!(numbers(&mut child).next(), Some(1));
    for read_only in [false, true] {
        let error = Shelf::<u8, u8>::builder(&path).read_only(read_only).open().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        let text = error.to_string();
        assert!(text.contains(path.to_str().unwrap()) && text.contains("has it open"), "{text}");
        assert!(text.contains("one process at a time"), "{text}");
        if cfg!(target_os = "linux") && std::fs::read_to_string("/proc/locks").is_ok_and(|locks| !locks.is_empty()) {
            assert!(text.contains(&format!("process {}", child.id())), "{text}");
        }
    }
    writeln!(child.stdin.take().unwrap()).unwrap();
    child.wait().unwrap();
    assert_eq!(Shelf::<u8, u8>::open(&path).unwrap().get(&1).unwrap(), Some(1));
}
