//! Keeps the bytes of a live value on disk: whole, or change by change.
//!
//! A keeper knows no type. Whoever owns the value dumps it after each change and publishes the bytes, which are what a
//! rollback goes back to, and what is saved; so a save in the background, or on a signal, runs no code of the user's.
//!
//! Publishing is quick; [`Keeper::commit`] waits until what was published is on disk. Of the threads that wait, one writes
//! for all: whatever was published while it wrote before goes into one record and one fsync.

mod journal_file;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use persist_core::{Error, ErrorKind, Result};

use crate::atomic::Replacing;
use crate::durability::Durability;
use crate::fs::{FileSystem, Held, parent};
use crate::generations::{self, Generation};
use crate::journal::{Journal, diff};
use crate::problem::{Problem, Step};
use journal_file::JournalFile;

pub(crate) use journal_file::JOURNAL_LIMIT;

/// How a value is kept.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) durability: Durability,
    pub(crate) replacing: Replacing,
    /// Bytes of a journal from which it is folded into the value, where it is longer than that, too.
    pub(crate) journal_limit: u64,
    /// How long to wait for the lock.
    pub(crate) patience: Duration,
}

/// Bytes of a value, and where they are kept.
pub(crate) struct Keeper {
    fs: Arc<dyn FileSystem>,
    /// As the user wrote it.
    path: PathBuf,
    /// Behind all links.
    target: PathBuf,
    options: Options,
    state: Mutex<State>,
    /// Whenever a writer is done, or the keeper closes.
    changed: Condvar,
    lock: Mutex<Option<Box<dyn Held>>>,
}

#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct State {
    /// The value as of the last change that was published.
    bytes: Arc<Vec<u8>>,
    /// Changes that were published so far, and those of them that are on disk.
    published: u64,
    durable: u64,
    /// Deltas of the changes since the last record was begun, and how many they are.
    pending: Vec<u8>,
    changes: u64,
    /// Bytes that are moved when they are applied.
    cost: u64,
    /// The journal that is open; none before the first commit, and while somebody writes.
    journal: Option<JournalFile>,
    /// Somebody writes just now.
    writing: bool,
    /// The file has what was never made durable: a process was killed. It is written anew before anything is acknowledged.
    unsure: bool,
    /// When the oldest change that is not on disk was published.
    since: Option<Instant>,
    /// What made the handle useless.
    poison: Option<Arc<Error>>,
    /// The process is about to end: nothing is acknowledged any more.
    ending: bool,
    /// The file was closed: nothing more is written.
    closed: bool,
}

/// What was found when a file was opened.
pub(crate) struct Opened {
    pub(crate) keeper: Keeper,
    /// None where there is no file yet.
    pub(crate) value: Option<Arc<Vec<u8>>>,
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("path", &self.path).field("options", &self.options).finish_non_exhaustive()
    }
}

impl Keeper {
    /// Locks and reads a file.
    pub(crate) fn open(fs: Arc<dyn FileSystem>, path: &Path, options: Options) -> Result<Opened> {
        let problem = Problem::opening(path);
        let target = options.replacing.target(&*fs, path, &problem)?;
        // A folder in place of the file, or none to hold it, is told before a lock is left there.
        crate::atomic::status(&*fs, &target, &problem)?;
        let lock = crate::lock::wait(&*fs, path, &target, true, options.patience)?;
        let found = Found::read(&*fs, path, &target, &options)?;
        let value = found.as_ref().map(|found| Arc::clone(&found.bytes));
        let found = found.unwrap_or_default();
        let state = State {
            bytes: found.bytes,
            published: 0,
            durable: 0,
            pending: Vec::new(),
            changes: 0,
            cost: 0,
            journal: found.journal,
            writing: false,
            unsure: found.unsure,
            since: None,
            poison: None,
            ending: false,
            closed: false,
        };
        let (state, changed) = (Mutex::new(state), Condvar::new());
        let keeper =
            Keeper { fs, path: path.to_owned(), target, options, state, changed, lock: Mutex::new(Some(lock)) };
        Ok(Opened { keeper, value })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that may panic runs while it is locked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn durability(&self) -> Durability {
        self.options.durability
    }

    /// The bytes that were published last.
    pub(crate) fn bytes(&self) -> Arc<Vec<u8>> {
        Arc::clone(&self.state().bytes)
    }

    /// An error where the handle is of no more use; stops for good where the process is about to end.
    pub(crate) fn check(&self) -> Result<()> {
        let state = self.state();
        self.check_state(state).map(drop)
    }

    fn check_state<'s>(&'s self, state: MutexGuard<'s, State>) -> Result<MutexGuard<'s, State>> {
        if state.ending {
            drop(state);
            loop {
                thread::park();
            }
        }
        match &state.poison {
            Some(poison) => Err(self.poisoned(poison)),
            None => Ok(state),
        }
    }

    #[cold]
    fn poisoned(&self, poison: &Arc<Error>) -> Error {
        Error::of(
            poison.kind(),
            format!("`{}` cannot be written to any more, after this failed: {poison}", self.path.display()),
        )
        .with_source(Arc::clone(poison))
        .with_help("what was acknowledged is in the file: drop this value, and open the file again")
    }

    /// Takes the bytes of a value that was changed, which go back where the last ones were if they can; gives the number
    /// to wait for.
    ///
    /// Only one thread at a time may publish.
    pub(crate) fn publish(&self, bytes: &mut Vec<u8>) -> Result<u64> {
        let before = self.bytes();
        if *before == *bytes {
            return Ok(self.check_state(self.state())?.published);
        }
        let (mut delta, mut cost) = (Vec::new(), 0);
        if self.options.durability == Durability::Commit && !before.is_empty() {
            cost = diff(&before, bytes, &mut delta);
        }
        let mut state = self.check_state(self.state())?;
        state.bytes = Arc::new(std::mem::take(bytes));
        if let Ok(before) = Arc::try_unwrap(before) {
            *bytes = before;
        }
        state.pending.extend_from_slice(&delta);
        state.changes += 1;
        state.cost += cost;
        state.published += 1;
        if state.since.is_none() {
            state.since = Some(Instant::now());
            self.changed.notify_all();
        }
        Ok(state.published)
    }

    /// Waits until so many changes are on disk, writing them where nobody else does.
    pub(crate) fn commit(&self, number: u64) -> Result<()> {
        self.write(Some(number), None).map(drop)
    }

    /// Brings all changes to the disk.
    pub(crate) fn save(&self) -> Result<()> {
        self.write(None, None).map(drop)
    }

    /// Nothing is written any more, for this reason; gives the error to tell.
    pub(crate) fn spoil(&self, error: Error) -> Error {
        let poison = Arc::new(error);
        self.state().poison = Some(Arc::clone(&poison));
        self.changed.notify_all();
        self.poisoned(&poison)
    }

    /// Writes until so many changes are on disk, or all; false where the time is over before.
    fn write(&self, number: Option<u64>, deadline: Option<Instant>) -> Result<bool> {
        let mut state = self.state();
        let number = number.unwrap_or(state.published);
        loop {
            if state.closed {
                return Err(Error::of(ErrorKind::Unsupported, format!("`{}` is closed", self.path.display())));
            }
            if deadline.is_none() {
                state = self.check_state(state)?;
            } else if let Some(poison) = &state.poison {
                return Err(self.poisoned(poison));
            }
            // With a deadline, nothing is acknowledged any more.
            if state.durable >= number && (!state.unsure || deadline.is_some()) {
                return Ok(true);
            }
            if state.writing {
                state = match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
                    None => self.wait(state),
                    Some(Duration::ZERO) => return Ok(false),
                    Some(left) => self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
                };
                continue;
            }
            state.writing = true;
            let job = Job {
                number: state.published,
                bytes: Arc::clone(&state.bytes),
                deltas: std::mem::take(&mut state.pending),
                changes: std::mem::take(&mut state.changes),
                cost: std::mem::take(&mut state.cost),
                journal: state.journal.take(),
            };
            let since = state.since.take();
            drop(state);
            let number = job.number;
            let done = self.run(job);
            state = self.state();
            state.writing = false;
            state.journal = done.journal;
            match done.result {
                Ok(()) => (state.durable, state.unsure) = (number, false),
                Err(error) => {
                    state.since = state.since.or(since);
                    if done.spoilt {
                        let error = Arc::new(error);
                        state.poison = Some(Arc::clone(&error));
                        self.changed.notify_all();
                        return Err(self.poisoned(&error));
                    }
                    self.changed.notify_all();
                    return Err(error);
                }
            }
            self.changed.notify_all();
        }
    }

    /// Writes what was published, with nothing locked.
    fn run(&self, job: Job) -> Done {
        let Job { bytes, deltas, changes, cost, journal, .. } = job;
        if self.options.durability != Durability::Commit {
            let result = self.replace(&bytes, None).map(drop);
            return Done { result, journal: None, spoilt: false };
        }
        let Some(mut journal) = journal else { return self.start(&bytes) };
        let problem = Problem::saving(&self.path);
        let result = match journal.is_at(&self.target) {
            Ok(true) if !journal.has_room(deltas.len(), bytes.len()) => return self.start(&bytes),
            Ok(true) => journal.append(&deltas, (changes, cost), SystemTime::now()),
            // What would be appended now, nobody would ever read; and what is there now is not ours to replace.
            Ok(false) => return Done { result: Err(problem.is_replaced()), journal: None, spoilt: true },
            Err(error) => Err(error),
        };
        let result = result.map_err(|error| problem.in_journal(error));
        let spoilt = result.is_err();
        Done { result, journal: (!spoilt).then_some(journal), spoilt }
    }

    /// Writes the whole value, and starts a journal.
    fn start(&self, bytes: &[u8]) -> Done {
        let (header, id) = JournalFile::header(bytes.len() as u64);
        match self.replace(bytes, Some(&header)) {
            Ok(file) => {
                let journal = JournalFile::new(file, id, bytes.len() as u64, self.options.journal_limit);
                Done { result: Ok(()), journal: Some(journal), spoilt: false }
            }
            Err(error) => Done { result: Err(error), journal: None, spoilt: true },
        }
    }

    fn replace(&self, bytes: &[u8], header: Option<&[u8]>) -> Result<Box<dyn crate::fs::OpenFile>> {
        self.options.replacing.write(&*self.fs, &self.path, |out| {
            out.write_all(bytes)?;
            Ok(out.write_all(header.unwrap_or_default())?)
        })
    }

    /// Waits until changes have to be saved, for as long as the keeper is open; false once it is not.
    pub(crate) fn wait_until_due(&self, period: Duration) -> bool {
        let mut state = self.state();
        loop {
            if state.closed || state.ending {
                return false;
            }
            let left = state.since.map(|since| (since + period).saturating_duration_since(Instant::now()));
            state = match left {
                Some(Duration::ZERO) => return true,
                Some(left) => self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
                None => self.wait(state),
            };
        }
    }

    /// After a save in the background failed: the next one is due a period later.
    pub(crate) fn put_off(&self) {
        let mut state = self.state();
        if state.since.is_some() {
            state.since = Some(Instant::now());
        }
    }

    /// Brings all changes to the disk, and notes that the file is closed.
    pub(crate) fn close(&self) -> Result<()> {
        if self.state().closed {
            return Ok(());
        }
        let result = self.save().and_then(|()| {
            let journal = self.state().journal.take();
            let closed = journal.map_or(Ok(()), |journal| journal.close(SystemTime::now()));
            closed.map_err(|error| Problem::saving(&self.path).in_journal(error))
        });
        self.state().closed = true;
        self.changed.notify_all();
        // The next one may open the file at once, whoever still knows this keeper.
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
        result
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Acknowledges nothing from now on: the process is about to end.
    pub(crate) fn stop(&self) {
        self.state().ending = true;
        self.changed.notify_all();
    }

    /// After [`stop`](Self::stop), brings all changes to the disk, or as many as it can until a time.
    pub(crate) fn end(&self, deadline: Instant) -> Result<bool> {
        if self.is_closed() { Ok(true) } else { self.write(None, Some(deadline)) }
    }

    /// Keeps everybody from writing, once all is written that has to be: with `Commit`, that is what was published, since
    /// others wait for it. Nobody may publish meanwhile.
    pub(crate) fn pause(&self) -> Result<Pause<'_>> {
        if self.options.durability == Durability::Commit {
            self.save()?;
        }
        let mut state = self.check_state(self.state())?;
        while state.writing {
            state = self.check_state(self.wait(state))?;
        }
        state.writing = true;
        Ok(Pause(self))
    }

    pub(crate) fn generations(&self) -> Result<Vec<Generation>> {
        generations::list(&*self.fs, &self.target).map_err(|error| Problem::opening(&self.path).at(Step::Look, error))
    }
}

/// What is in a file.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) bytes: Arc<Vec<u8>>,
    journal: Option<JournalFile>,
    unsure: bool,
}

impl Found {
    fn read(fs: &dyn FileSystem, path: &Path, target: &Path, options: &Options) -> Result<Option<Self>> {
        let problem = Problem::opening(path);
        let Some(file) = options.replacing.read(fs, path)? else { return Ok(None) };
        let journal = Journal::read(file).and_then(|journal| journal.check().map(|()| journal));
        let journal = journal.map_err(|error| problem.with(error))?;
        // A process that was killed may have renamed it, and not have made that durable.
        let folder = fs.open_folder(parent(target)).map_err(|error| problem.at(Step::OpenFolder, error))?;
        folder.sync().map_err(|error| problem.at(Step::SyncFolder, error))?;
        let unsure = !journal.is_durable();
        let goes_on = options.durability == Durability::Commit && !unsure;
        let resumed = if goes_on { JournalFile::resume(fs, target, &journal, options.journal_limit)? } else { None };
        Ok(Some(Found { bytes: Arc::new(journal.value), journal: resumed, unsure }))
    }
}

/// As long as this lives, nothing is written.
pub(crate) struct Pause<'k>(&'k Keeper);

impl Pause<'_> {
    /// What is on disk, read again.
    pub(crate) fn read(&self) -> Result<Option<Found>> {
        Found::read(&*self.0.fs, &self.0.path, &self.0.target, &self.0.options)
    }

    /// Forgets changes that are not on disk, for what is.
    pub(crate) fn go_back(self, found: Found) {
        let mut state = self.0.state();
        (state.bytes, state.journal, state.unsure) = (found.bytes, found.journal, found.unsure);
        state.pending.clear();
        (state.changes, state.cost, state.since) = (0, 0, None);
        state.durable = state.published;
    }
}

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        self.0.state().writing = false;
        self.0.changed.notify_all();
    }
}

/// What is to be written.
struct Job {
    number: u64,
    bytes: Arc<Vec<u8>>,
    deltas: Vec<u8>,
    changes: u64,
    cost: u64,
    journal: Option<JournalFile>,
}

/// What became of it.
struct Done {
    result: Result<()>,
    journal: Option<JournalFile>,
    /// It cannot be tried again.
    spoilt: bool,
}
