//! Calls in several processes: this test binary, started again.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use persist::{Memo, memoize};

use crate::files_below;

/// What a started process is to do, and in which folder.
const TASK: &str = "PERSIST_MEMO_TASK";
const FOLDER: &str = "PERSIST_MEMO_FOLDER";

fn cache() -> std::path::PathBuf {
    Path::new(&env::var_os(FOLDER).expect("it was started with a folder")).join("cache")
}

/// Leaves a line in a file for each time that it is computed, and takes as long as it is told.
#[memoize(path = cache(), ignore(takes), handle = computed_memo)]
fn computed(n: u32, takes: u64) -> Vec<u32> {
    let path = cache().with_file_name("computed");
    let mut log = fs::File::options().create(true).append(true).open(path).unwrap();
    writeln!(log, "{n}").unwrap();
    say("computing");
    thread::sleep(Duration::from_millis(takes));
    (0..n).collect()
}

#[memoize(path = cache(), ignore(takes))]
async fn computed_async(n: u64, takes: u64) -> u64 {
    say("computing");
    thread::sleep(Duration::from_millis(takes));
    n
}

/// A line for the one who started this process.
fn say(line: &str) {
    // Not by a macro, which the test harness would capture.
    let mut out = std::io::stdout();
    writeln!(out, "said: {line}").unwrap();
    out.flush().unwrap();
}

/// The body of the started processes; as a test of its own it does nothing.
#[test]
fn started() {
    let Ok(task) = env::var(TASK) else { return };
    let mut words = task.split(' ');
    let (what, mut numbers) = (words.next().unwrap(), words.map(|word| word.parse::<u64>().unwrap()));
    let mut next = || numbers.next().unwrap();
    match what {
        "call" => {
            let (n, takes) = (next() as u32, next());
            assert_eq!(computed(n, takes), (0..n).collect::<Vec<_>>());
            say(&format!("hits {}", computed_memo().statistics().hits));
        }
        "many" => {
            for i in 0..next() {
                let n = (i * 7 % 20) as u32;
                assert_eq!(computed(n, 0), (0..n).collect::<Vec<_>>());
            }
        }
        "async" => assert_eq!(futures::executor::block_on(computed_async(1, next())), 1),
        other => panic!("no task {other}"),
    }
    say("done");
}

fn start(folder: &Path, task: &str) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "processes::started", "--nocapture"])
        .env(TASK, task)
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The lines that a process says, up to this one.
fn said(process: &mut Child, last: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in BufReader::new(process.stdout.as_mut().unwrap()).lines() {
        // The harness may have begun the line.
        let line = line.unwrap();
        let Some((_, line)) = line.split_once("said: ") else { continue };
        lines.push(line.to_owned());
        if line == last {
            return lines;
        }
    }
    panic!("it ended before it said `{last}`, after {lines:?}");
}

fn finish(mut process: Child) -> Vec<String> {
    let lines = said(&mut process, "done");
    // The harness has something to say, too.
    process.wait_with_output().unwrap();
    lines
}

fn computed_in(folder: &Path) -> Vec<String> {
    let log = fs::read_to_string(folder.join("computed")).unwrap_or_default();
    log.lines().map(str::to_owned).collect()
}

#[test]
fn results_outlive_their_process() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(finish(start(folder.path(), "call 5 0")), ["computing", "hits 0", "done"]);
    assert_eq!(finish(start(folder.path(), "call 5 0")), ["hits 1", "done"]);
    assert_eq!(computed_in(folder.path()), ["5"]);
}

#[test]
fn one_process_computes_and_the_others_wait() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = start(folder.path(), "call 5 500");
    said(&mut first, "computing");
    let others: Vec<Child> = (0..3).map(|_| start(folder.path(), "call 5 0")).collect();
    for other in others {
        assert_eq!(finish(other), ["hits 1", "done"]);
    }
    finish(first);
    assert_eq!(computed_in(folder.path()), ["5"]);
}

#[test]
fn many_calls_of_many_processes() {
    let folder = tempfile::tempdir().unwrap();
    let processes: Vec<Child> = (0..4).map(|_| start(folder.path(), "many 100")).collect();
    processes.into_iter().for_each(|process| _ = finish(process));
    let mut computed = computed_in(folder.path());
    computed.sort_unstable();
    let mut each: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    each.sort_unstable();
    assert_eq!(computed, each);
    let files = files_below(&folder.path().join("cache"));
    assert_eq!(files.len(), 20, "{files:?}");
}

/// Kills the one that computes while another one waits, which computes then.
fn kill_while_another_waits(first: &str, second: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut computing = start(folder.path(), first);
    said(&mut computing, "computing");
    let waiting = start(folder.path(), second);
    // Long enough for it to wait, most of the time; where it is not, it computes just the same.
    thread::sleep(Duration::from_millis(200));
    computing.kill().unwrap();
    computing.wait().unwrap();
    let lines = finish(waiting);
    assert_eq!(lines.first().map(String::as_str), Some("computing"), "{lines:?}");
    let files = files_below(&folder.path().join("cache"));
    assert_eq!(files.len(), 1, "{files:?}");
}

#[test]
fn a_killed_process_gives_way() {
    kill_while_another_waits("call 5 60000", "call 5 0");
}

#[test]
fn a_killed_process_gives_way_to_a_future() {
    kill_while_another_waits("async 60000", "async 0");
}

/// The same within a process, where it is sure that the future waits for the lock file: nothing else is between two
/// memos.
#[test]
fn a_future_waits_for_the_lock_file() {
    let folder = tempfile::tempdir().unwrap();
    let memo = || Memo::builder(folder.path(), "async").build();
    let mut lock = None;
    let (one, two) = (memo(), memo());
    thread::scope(|scope| {
        let (begun, wait) = std::sync::mpsc::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        scope.spawn(move || {
            one.try_get_or_compute(&1u8, || -> Result<u8, ()> {
                begun.send(()).unwrap();
                ended.recv().unwrap_err();
                Err(())
            })
            .unwrap_err();
        });
        wait.recv().unwrap();
        lock = Some(end);
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(100));
            lock.take();
        });
        let given = futures::executor::block_on(two.get_or_compute_async(&1u8, async { 7u8 }));
        assert_eq!(given, 7);
        assert_eq!(two.statistics().computed, 1);
    });
}
