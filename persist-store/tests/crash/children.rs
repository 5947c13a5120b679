//! This test binary again, as another process: what it does, and what its parent reads of it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use persist_store::fs::{Disk, FileSystem};
use persist_store::{Durability, Persistent};

use crate::shutdowns;

/// Counters of threads, and something to write.
pub(crate) type Counters = (Vec<u64>, Vec<u8>);

/// What a child is to do.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) role: &'static str,
    pub(crate) path: PathBuf,
    /// `commit`, `exit` or `every`.
    pub(crate) durability: &'static str,
    pub(crate) threads: usize,
    /// Updates of each thread.
    pub(crate) updates: u64,
    pub(crate) limit: u64,
    pub(crate) keep: usize,
}

impl Task {
    pub(crate) fn new(role: &'static str, path: &Path) -> Self {
        let path = path.to_owned();
        Task { role, path, durability: "commit", threads: 4, updates: u64::MAX, limit: 3000, keep: 0 }
    }

    /// The command of the child; perhaps by way of another program.
    pub(crate) fn command(&self, through: &[String]) -> Command {
        let own = std::env::current_exe().unwrap();
        let mut command = match through.split_first() {
            Some((program, arguments)) => {
                let mut command = Command::new(program);
                command.args(arguments).arg(own);
                command
            }
            None => Command::new(own),
        };
        command.args(["--exact", "children::child", "--nocapture", "--test-threads=1"]);
        command.env("PERSIST_CRASH_ROLE", self.role).env("PERSIST_CRASH_PATH", &self.path);
        command.env("PERSIST_CRASH_DURABILITY", self.durability).env("PERSIST_CRASH_THREADS", self.threads.to_string());
        command.env("PERSIST_CRASH_UPDATES", self.updates.to_string()).env("PERSIST_CRASH_KEEP", self.keep.to_string());
        command.env("PERSIST_CRASH_LIMIT", self.limit.to_string()).env("RUST_BACKTRACE", "0");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    fn from_environment() -> Option<(String, Self)> {
        let get = |name: &str| std::env::var(format!("PERSIST_CRASH_{name}")).ok();
        let role = get("ROLE")?;
        let number = |name: &str| get(name)?.parse::<u64>().ok();
        let mut task = Task::new("", Path::new(&get("PATH")?));
        task.durability = match get("DURABILITY")?.as_str() {
            "exit" => "exit",
            "every" => "every",
            _ => "commit",
        };
        task.threads = number("THREADS")? as usize;
        (task.updates, task.limit, task.keep) = (number("UPDATES")?, number("LIMIT")?, number("KEEP")? as usize);
        Some((role, task))
    }

    pub(crate) fn durability(&self) -> Durability {
        match self.durability {
            "exit" => Durability::OnExit,
            "every" => Durability::Every(Duration::from_millis(3)),
            _ => Durability::Commit,
        }
    }

    pub(crate) fn open(&self, fs: Arc<dyn FileSystem>) -> persist_core::Result<Persistent<Counters>> {
        Persistent::builder(&self.path)
            .durability(self.durability())
            .journal_limit(self.limit)
            .keep(self.keep)
            .wait(Duration::from_secs(20))
            .file_system(fs)
            .open_or_else(|| (vec![0; 4], vec![7; 1000]))
    }
}

/// Tells the parent, in one write.
pub(crate) fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    // Without a parent there is nothing left to do.
    if out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush()).is_err() {
        std::process::exit(9);
    }
}

fn listed(counters: &[u64]) -> String {
    counters.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")
}

/// What a child does; nothing, where this is no child.
#[test]
fn child() {
    let Some((role, task)) = Task::from_environment() else { return };
    // The line of the test harness ends here.
    tell("");
    match role.as_str() {
        "work" => {
            let held = match task.open(Arc::new(Disk)) {
                Ok(held) => held,
                Err(error) => return tell(&format!("error {error}")),
            };
            work(&task, &held);
            if held.close().is_ok() {
                tell("closed");
            }
        }
        role => shutdowns::child(role, &task),
    }
}

/// Updates by several threads; each tells what was acknowledged.
pub(crate) fn work(task: &Task, held: &Persistent<Counters>) {
    tell(&format!("open {}", listed(&held.read().0)));
    thread::scope(|scope| {
        for thread in 0..task.threads {
            scope.spawn(move || {
                for round in 1..=task.updates {
                    if !step(thread, round, task, held) {
                        break;
                    }
                }
            });
        }
    });
}

fn step(thread: usize, round: u64, task: &Task, held: &Persistent<Counters>) -> bool {
    let update = || {
        held.update(|(counters, filler)| {
            counters[thread] += 1;
            let number = counters[thread];
            let len = filler.len() as u64;
            match number % 8 {
                // Longer, shorter, and all of it.
                1 => filler.extend([number as u8; 90]),
                2 => filler.truncate(filler.len() - 90.min(filler.len())),
                7 => filler.iter_mut().for_each(|byte| *byte = byte.wrapping_mul(5).wrapping_add(number as u8)),
                _ if len > 0 => filler[(number * 31 % len) as usize] = number as u8,
                _ => {}
            }
            number
        })
    };
    match update() {
        Ok(number) => tell(&format!("ack {thread} {number}")),
        Err(error) => {
            let again = update().map_or_else(|error| error.to_string(), |_| "no error".to_owned());
            tell(&format!("refused {again}, after {error}"));
            return false;
        }
    }
    if thread == 0 && task.durability != "commit" && round % 5 == 0 {
        let counters = listed(&held.read().0);
        if held.save().is_ok() {
            tell(&format!("saved {counters}"));
        }
    }
    true
}

/// What a child told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) opened: Option<Vec<u64>>,
    /// The last update of each thread that returned.
    pub(crate) returned: [u64; 4],
    pub(crate) saved: Option<Vec<u64>>,
    pub(crate) closed: bool,
    pub(crate) lines: Vec<String>,
}

impl Told {
    fn hear(&mut self, line: &str) {
        let numbers = |text: &str| text.split(' ').map(|number| number.parse().unwrap()).collect::<Vec<u64>>();
        match line.split_once(' ') {
            Some(("open", counters)) => {
                let counters = numbers(counters);
                self.returned.copy_from_slice(&counters);
                self.opened = Some(counters);
            }
            Some(("saved", counters)) => self.saved = Some(numbers(counters)),
            Some(("ack", which)) => {
                let which = numbers(which);
                let before = &mut self.returned[which[0] as usize];
                assert_eq!(*before + 1, which[1], "a thread's updates are in order");
                *before = which[1];
            }
            _ if line == "closed" => self.closed = true,
            _ => {}
        }
        self.lines.push(line.to_owned());
    }

    pub(crate) fn says(&self, what: &str) -> bool {
        self.lines.iter().any(|line| line.starts_with(what))
    }

    /// Checks what is in a file: nothing less than what was acknowledged, nothing more than what was begun.
    pub(crate) fn check(&self, durability: &str, before: &[u64], found: &[u64]) {
        for (thread, &found) in found.iter().enumerate() {
            let least = match (&self.opened, &self.saved) {
                _ if self.closed => self.returned[thread],
                (Some(_), _) if durability == "commit" => self.returned[thread],
                (_, Some(saved)) => saved[thread],
                _ => before[thread],
            };
            let most = if self.opened.is_some() { self.returned[thread] + 1 } else { before[thread] };
            assert!(
                (least..=most).contains(&found),
                "thread {thread} has {found}, not {least} to {most}; {durability}, the child told: {:?}",
                self.lines
            );
        }
    }
}

/// A child that runs.
pub(crate) struct Running {
    pub(crate) child: Child,
    out: BufReader<ChildStdout>,
    pub(crate) told: Told,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Running { child, out, told: Told::default() }
    }

    /// Waits until it says something that starts so.
    pub(crate) fn wait_for(&mut self, start: &str) {
        while !self.told.says(start) {
            let mut line = String::new();
            let count = self.out.read_line(&mut line).unwrap();
            assert_ne!(count, 0, "it ended without `{start}`: {:?}", self.told.lines);
            self.told.hear(line.trim_end());
        }
    }

    /// Sends it a signal, by its name.
    pub(crate) fn signal(&self, signal: &str) {
        let kill = format!("kill -s {signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Reads what it says until it ends.
    pub(crate) fn end(mut self) -> (ExitStatus, Told) {
        let mut rest = Vec::new();
        self.out.read_to_end(&mut rest).unwrap();
        let status = self.child.wait().unwrap();
        // A kill may cut the last line off.
        let whole = rest.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        for line in String::from_utf8(rest[..whole].to_vec()).unwrap().lines() {
            self.told.hear(line);
        }
        (status, self.told)
    }
}

/// What is in the file; zeros where there is none.
pub(crate) fn on_disk(path: &Path) -> Vec<u64> {
    if fs::exists(path).unwrap() { persist_store::open::<Counters>(path).unwrap().0 } else { vec![0; 4] }
}
