//! What a program does with a value, and what has to be there afterwards.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use persist_core::{dumps, loads};
use persist_store::atomic::Replacing;
use persist_store::fs::FileSystem;
use persist_store::journal::Journal;
use persist_store::{Durability, Persistent, PersistentBuilder};

use crate::chance::Chance;
use crate::platter::Platter;
use crate::simulated::{Moment, Simulated, is_generation, state};

/// A number that tells it from all others, a column, and texts.
pub(crate) type Value = (u64, Vec<u32>, BTreeMap<u32, String>);

/// How a value is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Config {
    pub(crate) durability: Durability,
    pub(crate) limit: u64,
    pub(crate) keep: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// An update of a few bytes, one that makes the value longer, one that makes it shorter, one of all of it.
    Small,
    Grow,
    Shrink,
    Whole,
    /// An update that changes nothing.
    Touch,
    Save,
    Reload,
    /// Closes the file, and opens it again.
    Reopen,
    /// Drops the value, and opens the file again.
    Drop,
    /// Closes the file, replaces it by another value as `save` does, and opens it again.
    Replace,
}

pub(crate) const OPS: [Op; 10] =
    [Op::Small, Op::Grow, Op::Shrink, Op::Whole, Op::Touch, Op::Save, Op::Reload, Op::Reopen, Op::Drop, Op::Replace];

/// A promise that was not kept.
#[derive(Debug)]
pub(crate) struct Broken(pub(crate) String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Broken {
    pub(crate) fn at(self, place: impl fmt::Display) -> Self {
        Broken(format!("{place}\n  {}", self.0))
    }
}

pub(crate) type Kept<T = ()> = Result<T, Broken>;

fn broken<T>(what: impl fmt::Display) -> Kept<T> {
    Err(Broken(what.to_string()))
}

/// All values that there were, by their numbers; number 0 is that there is no file.
#[derive(Clone, Debug)]
pub(crate) struct History {
    values: Vec<(Option<Arc<Value>>, bool)>,
    pub(crate) acked: usize,
    pub(crate) attempted: usize,
    pub(crate) kept: usize,
}

impl History {
    pub(crate) fn new() -> Self {
        History { values: vec![(None, true)], acked: 0, attempted: 0, kept: 0 }
    }

    fn add(&mut self, mut value: Value) -> Arc<Value> {
        value.0 = self.values.len() as u64;
        let value = Arc::new(value);
        self.values.push((Some(Arc::clone(&value)), true));
        self.attempted = self.values.len() - 1;
        value
    }

    fn value(&self, number: usize) -> Option<&Arc<Value>> {
        self.values.get(number)?.0.as_ref()
    }

    /// From now on nothing but what was found is to be there.
    pub(crate) fn found(&mut self, number: usize, durable: bool) {
        for (_, possible) in &mut self.values[number + 1..] {
            *possible = false;
        }
        self.attempted = number;
        if durable {
            self.acked = number;
        }
    }

    /// What a moment knew of it.
    pub(crate) fn until(&self, moment: &Moment) -> Self {
        let mut history = self.clone();
        history.values.truncate(moment.attempted.max(moment.acked) + 1);
        (history.acked, history.attempted, history.kept) = (moment.acked, moment.attempted, moment.kept);
        history
    }

    /// The number of a value, which has to be one that may be there.
    fn check(&self, value: &Value) -> Kept<usize> {
        let number = value.0 as usize;
        match self.values.get(number) {
            Some((Some(known), _)) if **known != *value => broken(format_args!("value {number} has other data")),
            Some((Some(_), true)) if number < self.acked => {
                broken(format_args!("value {number} is there, but value {} was acknowledged", self.acked))
            }
            Some((Some(_), true)) if number <= self.attempted => Ok(number),
            _ => broken(format_args!("value {number} is there, which never was or was forgotten")),
        }
    }
}

/// Stands between the store and the file system.
pub(crate) type Wrap = fn(Simulated) -> Arc<dyn FileSystem>;

pub(crate) fn plain(simulated: Simulated) -> Arc<dyn FileSystem> {
    Arc::new(simulated)
}

/// A process that has the value open.
pub(crate) struct Session {
    pub(crate) simulated: Simulated,
    fs: Arc<dyn FileSystem>,
    config: Config,
    held: Option<Persistent<Value>>,
    pub(crate) history: History,
    /// The number of the value in memory.
    memory: usize,
    /// After an error with `Commit`: everything has to be refused.
    spoilt: bool,
}

impl Session {
    pub(crate) fn new(simulated: Simulated, wrap: Wrap, config: Config, history: History) -> Self {
        simulated.expect_kept(history.kept);
        simulated.note(history.acked, history.attempted);
        let fs = wrap(simulated.clone());
        Session { simulated, fs, config, held: None, history, memory: 0, spoilt: false }
    }

    fn builder(&self) -> PersistentBuilder<Value> {
        Persistent::builder(state())
            .durability(self.config.durability)
            .journal_limit(self.config.limit)
            .keep(self.config.keep)
            .on_error(|_| ())
            .file_system(Arc::clone(&self.fs))
    }

    fn note(&self) {
        self.simulated.note(self.history.acked, self.history.attempted);
    }

    fn acked(&mut self, number: usize) {
        self.history.acked = number;
        self.note();
    }

    /// An error is allowed only where a call was made to fail.
    fn excuse(&self, doing: impl fmt::Debug, error: &persist_core::Error) -> Kept {
        if self.simulated.failed() || self.simulated.is_dead() {
            return Ok(());
        }
        broken(format_args!("{doing:?} gave an error: {error}"))
    }

    /// Opens the file, and gives whether it is open.
    pub(crate) fn open(&mut self) -> Kept<bool> {
        let mut made = None;
        let mut history = self.history.clone();
        let opened = self.builder().open_or_else(|| {
            let value = history.add((0, (0..200).map(|number| number * 1_000_003).collect(), BTreeMap::new()));
            self.simulated.note(history.acked, history.attempted);
            made = Some(history.attempted);
            (*value).clone()
        });
        self.history = history;
        self.spoilt = false;
        let held = match opened {
            Ok(held) => held,
            Err(error) => return self.excuse("opening", &error).map(|()| false),
        };
        self.memory = self.history.check(&held.read())?;
        match made {
            None => self.history.found(self.memory, false),
            Some(_) if self.history.acked != 0 => {
                return broken(format_args!("there is no file, but value {} was acknowledged", self.history.acked));
            }
            Some(made) if self.config.durability == Durability::Commit => self.acked(made),
            Some(_) => {}
        }
        self.held = Some(held);
        Ok(true)
    }

    fn update(&mut self, op: Op, chance: &mut Chance) -> Kept {
        let Some(held) = &self.held else { return Ok(()) };
        let before = Arc::clone(self.history.value(self.memory).unwrap_or(&Arc::default()));
        let number = if op == Op::Touch {
            self.memory
        } else {
            let mut value = (*before).clone();
            change(&mut value, op, chance);
            self.history.add(value);
            self.note();
            self.history.attempted
        };
        let next = self.history.value(number).map(Arc::clone).unwrap_or_default();
        match held.update(|value| (*next).clone_into(value)) {
            Ok(()) if self.spoilt => return broken(format_args!("{op:?} was not refused after an error")),
            Ok(()) => {
                self.memory = number;
                if self.config.durability == Durability::Commit {
                    self.acked(number);
                }
            }
            Err(error) => {
                self.excuse(op, &error)?;
                let spoilt = self.refuses(&error)?;
                // It may be in memory or not; where nothing is written any more, that is of no account.
                self.memory = held.read().0 as usize;
                self.spoilt = spoilt;
            }
        }
        Ok(())
    }

    /// Whether everything is to be refused after an error; with `Commit` it is, and the error says so.
    fn refuses(&self, error: &persist_core::Error) -> Kept<bool> {
        if self.config.durability != Durability::Commit {
            return Ok(false);
        }
        if error.to_string().contains("cannot be written to any more, after this failed") {
            return Ok(true);
        }
        broken(format_args!("an error that does not say that nothing is written any more: {error}"))
    }

    /// Does something; gives whether the file is open afterwards.
    pub(crate) fn apply(&mut self, op: Op, chance: &mut Chance) -> Kept<bool> {
        match op {
            Op::Small | Op::Grow | Op::Shrink | Op::Whole | Op::Touch => self.update(op, chance)?,
            Op::Save => {
                let Some(held) = &self.held else { return Ok(false) };
                match held.save() {
                    Ok(()) if self.spoilt => return broken("a save was not refused after an error"),
                    Ok(()) => self.acked(self.memory),
                    Err(error) => {
                        self.excuse(op, &error)?;
                        self.spoilt = self.refuses(&error)?;
                    }
                }
            }
            Op::Reload => {
                let Some(held) = &self.held else { return Ok(false) };
                if let Err(error) = held.reload() {
                    self.excuse(op, &error)?;
                }
                self.memory = held.read().0 as usize;
            }
            Op::Reopen | Op::Drop | Op::Replace => {
                self.close(op)?;
                if op == Op::Replace {
                    self.replace(chance)?;
                }
                return self.open();
            }
        }
        Ok(self.held.is_some())
    }

    /// Closes the file, or drops the value.
    pub(crate) fn close(&mut self, op: Op) -> Kept {
        let Some(held) = self.held.take() else { return Ok(()) };
        if op == Op::Drop {
            drop(held);
            return Ok(());
        }
        match held.close() {
            Ok(()) if self.spoilt => broken("closing gave no error after one"),
            Ok(()) => {
                self.acked(self.memory);
                Ok(())
            }
            Err(error) => self.excuse(op, &error),
        }
    }

    /// What `save` does, on this file system.
    fn replace(&mut self, chance: &mut Chance) -> Kept {
        let mut value = self.history.value(self.memory).map(|value| (**value).clone()).unwrap_or_default();
        change(&mut value, Op::Small, chance);
        let value = self.history.add(value);
        self.note();
        let bytes = dumps(&*value).map_err(|error| Broken(error.to_string()))?;
        let replacing = Replacing { keep: self.config.keep, ..Replacing::default() };
        match replacing.write(&*self.fs, &state(), |out| Ok(out.write_all(&bytes)?)) {
            Ok(_) => self.acked(self.history.attempted),
            Err(error) => self.excuse(Op::Replace, &error)?,
        }
        Ok(())
    }

    /// Ends the process, as `kill -9` does; gives what it did, and the disk with all that is not synced yet.
    pub(crate) fn kill(mut self) -> (History, Platter) {
        self.simulated.kill();
        drop(self.held.take());
        self.history.kept = self.simulated.kept();
        (self.history, self.simulated.platter())
    }
}

fn change(value: &mut Value, op: Op, chance: &mut Chance) {
    let (_, column, texts) = value;
    let mut number = || chance.number() as u32;
    match op {
        Op::Grow => {
            column.extend((0..300).map(|_| number()));
            texts.insert(number() % 16, format!("text {}", number()));
        }
        Op::Shrink => {
            column.truncate(column.len() / 2);
            texts.pop_last();
        }
        Op::Whole => column.iter_mut().for_each(|value| *value = number()),
        _ => {
            let place = number() as usize % column.len().max(1);
            if let Some(value) = column.get_mut(place) {
                *value = number();
            }
        }
    }
    // Values stay small, so that a journal is folded now and then.
    if column.len() > 1500 {
        column.truncate(200);
    }
}

/// Looks at what a crash left, as `open` does and as a [`Persistent`] does, then goes on from there; gives the number of
/// the value that was found.
pub(crate) fn check(platter: &Platter, wrap: Wrap, config: Config, history: &History) -> Kept<usize> {
    let number = look(platter, config, history)?;
    let chance = &mut Chance::new(number as u64);
    let mut session = Session::new(Simulated::new(platter.clone()), wrap, config, history.clone());
    session.open()?;
    if number != 0 && session.memory != number {
        return broken(format_args!("a `Persistent` has value {}, the file value {number}", session.memory));
    }
    session.apply(Op::Small, chance)?;
    session.apply(Op::Save, chance)?;
    let (history, platter) = session.kill();
    look(&platter, config, &history).map_err(|broken| broken.at("after one more update")).map(|_| number)
}

/// Reads the file and its generations.
pub(crate) fn look(platter: &Platter, config: Config, history: &History) -> Kept<usize> {
    let read = |inode: usize| -> Kept<Value> {
        Journal::read(platter.content(inode).whole())
            .and_then(Journal::into_value)
            .and_then(|bytes| loads(&bytes))
            .map_err(|error| Broken(format!("does not open: {error}")))
    };
    let mut kept = 0;
    for name in platter.names().filter(|name| is_generation(name)) {
        kept += 1;
        let Some(inode) = platter.find(name) else { continue };
        let value = read(inode).map_err(|broken| broken.at(format_args!("the generation `{name}`")))?;
        match history.value(value.0 as usize) {
            Some(known) if **known == value => {}
            _ => return broken(format_args!("the generation `{name}` has a value that never was")),
        }
    }
    let wanted = history.kept.min(config.keep);
    if kept < wanted {
        return broken(format_args!("there are {kept} generations of {wanted}"));
    }
    match platter.find("state") {
        Some(inode) => history.check(&read(inode)?),
        None if history.acked == 0 => Ok(0),
        None => broken(format_args!("there is no file, but value {} was acknowledged", history.acked)),
    }
}

/// `Every`, with a period that no test lasts.
pub(crate) const EVERY: Durability = Durability::Every(Duration::from_secs(3600));
