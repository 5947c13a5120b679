//! A value that lives on disk while it is used.

mod builder;

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;

use persist_core::{Decode, Dumper, Encode, Error, ErrorKind, Loader, Result};

use crate::durability::Durability;
use crate::generations::Generation;
use crate::keeper::Keeper;

pub use builder::PersistentBuilder;

/// A value that is kept in a file while it is used: read it with [`read`](Self::read), change it with
/// [`update`](Self::update).
///
/// What survives what is up to its [`Durability`]. By default, an update that returned `Ok` is on disk for good, `kill -9`
/// and power loss included:
///
/// ```
/// # fn main() -> persist_core::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("scores");
/// use std::collections::BTreeMap;
///
/// use persist_store::Persistent;
///
/// let scores = Persistent::<BTreeMap<String, u32>>::builder(&path).open_or_default()?;
/// scores.update(|scores| *scores.entry("anna".to_owned()).or_default() += 17)?;
/// assert_eq!(scores.read()["anna"], 17);
/// drop(scores);
///
/// let scores = Persistent::<BTreeMap<String, u32>>::builder(&path).open()?;
/// assert_eq!(scores.read()["anna"], 17);
/// # Ok(())
/// # }
/// ```
///
/// # What an update costs
///
/// After each update the value is dumped to memory, for a rollback has to come from somewhere, and so does what is saved
/// in the background. So an update takes the time of a dump, and a `Persistent` the memory of two dumps beside the value:
/// some 0.2 ms for a value of a megabyte. With [`Durability::Commit`] what is written to the disk is the
/// difference between two dumps, and follows what changed, not the size of the value (a hash map that grows its table
/// gets a new order, and is written anew then). From some hundred kilobytes on, where single entries change often, a `Shelf` is
/// the better choice.
///
/// # Rollback
///
/// Where the closure of an update panics, or that of [`try_update`](Self::try_update) gives an `Err`, the value is
/// loaded again as it was before, hooks included; it need not be `Clone`. What a closure did elsewhere stays done.
///
/// # Threads
///
/// A `Persistent` is shared by reference, or in an `Arc`. Reads go side by side; updates one at a time, but what updates
/// of several threads wait for is one fsync for all of them. So a read may see an update that is not on disk yet, and has
/// not returned.
///
/// Changes by way of `read()`, in a `Mutex` or an atomic in the value, are on disk after the next update or
/// [`save`](Self::save), and when the `Persistent` is dropped; but a signal's last save does not look for them.
///
/// A thread that updates must not hold on to what [`read`](Self::read) gave it: it would wait for itself.
///
/// # After a crash
///
/// A file opens as the last process left it, however that ended. With [`Durability::Commit`], what a killed one wrote last may
/// not have reached the disk: then the file is written anew before the first update, save or close returns `Ok`.
///
/// # Errors in the background
///
/// Where a save in the background fails, [`PersistentBuilder::on_error`] is told, or else the next update or save is
/// refused with that error. Where the save on drop fails, it is told, or else a line is written to standard error;
/// [`close`](Self::close) gives the error.
///
/// A first write to the journal that fails ends all writing (with most systems, nobody knows what the disk has then):
/// every later update gives that error, and the value in memory may have changes that are not on disk. What was
/// acknowledged is: drop the value, and open the file again.
pub struct Persistent<T: Encode> {
    value: RwLock<T>,
    /// The thread that updates just now, by its [`thread_number`]; 0 for none.
    updating: AtomicUsize,
    dumper: Mutex<(Dumper, Vec<u8>)>,
    shared: Arc<Shared>,
    /// Makes what loads the value again.
    loader: Box<dyn Fn() -> Loader + Send + Sync>,
    saver: Option<JoinHandle<()>>,
    closed: bool,
}

/// What the thread in the background has to do with.
struct Shared {
    keeper: Arc<Keeper>,
    on_error: Option<OnError>,
    /// An error in the background that nobody was told yet.
    error: Mutex<Option<Error>>,
}

type OnError = Box<dyn Fn(Error) + Send + Sync>;

impl Shared {
    fn tell(&self, error: Error) {
        match &self.on_error {
            Some(tell) => tell(error),
            None => *lock(&self.error) = Some(error),
        }
    }

    /// The background's error, for whoever comes first.
    fn check(&self) -> Result<()> {
        match lock(&self.error).take() {
            Some(error) => Err(Error::of(error.kind(), format!("a save in the background failed: {error}"))
                .with_source(error)
                .with_help("nothing was changed now: what was to be saved still is, and will be tried again")),
            None => Ok(()),
        }
    }
}

/// Nothing that may panic runs while one of ours is locked, but for what is undone.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A value that is being read; updates wait until this is dropped.
#[derive(Debug)]
pub struct Reading<'a, T>(RwLockReadGuard<'a, T>);

impl<T> Deref for Reading<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Encode + Decode> Persistent<T> {
    /// How a file is to be kept, and what else there is to say, before it is opened.
    pub fn builder(path: impl AsRef<Path>) -> PersistentBuilder<T> {
        PersistentBuilder::new(path.as_ref())
    }

    /// Opens a file, which has to be there, with [`Durability::Commit`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::builder(path).open()
    }

    /// The value.
    ///
    /// # Panics
    ///
    /// Where the closure of an update reads the value that it changes in this way: it has it as its argument, and would
    /// wait for itself.
    pub fn read(&self) -> Reading<'_, T> {
        assert!(
            !self.is_updating(),
            "a value that is updated by this thread cannot be read by way of its `Persistent`"
        );
        Reading(self.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_updating(&self) -> bool {
        self.updating.load(Ordering::Relaxed) == thread_number()
    }

    /// Changes the value, and gives what the closure gives.
    ///
    /// With [`Durability::Commit`] the change is on disk when this returns `Ok`. Where the closure panics, or the value
    /// cannot be dumped afterwards, it is as it was before.
    ///
    /// # Errors
    ///
    /// Where the value cannot be dumped, or the change cannot be written (then it is in memory, and no later one can be
    /// written either); where an earlier save in the background failed (then the closure was not called).
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> Result<R> {
        self.try_update(|value| Ok(change(value)))
    }

    /// Changes the value, unless the closure gives an `Err`: then it is as it was before.
    ///
    /// # Errors
    ///
    /// That of the closure, and those of [`update`](Self::update).
    pub fn try_update<R, E: From<Error>>(&self, change: impl FnOnce(&mut T) -> Result<R, E>) -> Result<R, E> {
        if self.is_updating() {
            return Err(Error::of(ErrorKind::Unsupported, "an update within an update of the same value")
                .with_help("change the value that the closure is given")
                .into());
        }
        self.shared.keeper.check()?;
        self.shared.check()?;
        let mut value = self.value.write().unwrap_or_else(PoisonError::into_inner);
        let updating = Updating::new(&self.updating);
        let done = catch_unwind(AssertUnwindSafe(|| {
            let result = change(&mut value)?;
            let number = self.publish(&value)?;
            Ok((result, number))
        }));
        let (result, number) = match done {
            Ok(Ok(done)) => done,
            Ok(Err(error)) => {
                self.roll_back(&mut value)?;
                return Err(error);
            }
            Err(panic) => {
                // Where this fails, the keeper knows, and all later updates do.
                let _ = self.roll_back(&mut value);
                drop(updating);
                drop(value);
                resume_unwind(panic);
            }
        };
        drop(updating);
        drop(value);
        if self.shared.keeper.durability() == Durability::Commit {
            self.shared.keeper.commit(number)?;
        }
        Ok(result)
    }

    /// Loads the value as it was before the update at hand.
    fn roll_back(&self, value: &mut T) -> Result<()> {
        let bytes = self.shared.keeper.bytes();
        let loaded = catch_unwind(AssertUnwindSafe(|| (self.loader)().loads(&bytes)));
        match loaded.unwrap_or_else(|panic| Err(panicked(&*panic))) {
            Ok(before) => {
                *value = before;
                Ok(())
            }
            Err(error) => {
                let error =
                    Error::of(error.kind(), format!("an update could not be rolled back: {error}")).with_source(error);
                Err(self.shared.keeper.spoil(error))
            }
        }
    }

    /// Saves the value now, whatever its durability.
    pub fn save(&self) -> Result<()> {
        self.shared.check()?;
        let number = self.publish(&self.read())?;
        match self.shared.keeper.durability() {
            Durability::Commit => self.shared.keeper.commit(number),
            _ => self.shared.keeper.save(),
        }
    }

    /// Reads the file again, forgetting changes that were not saved.
    ///
    /// # Errors
    ///
    /// Where the file does not read: then the value stays as it is.
    pub fn reload(&self) -> Result<()> {
        self.shared.keeper.check()?;
        if self.is_updating() {
            return Err(Error::of(ErrorKind::Unsupported, "a reload within an update of the same value"));
        }
        let mut value = self.value.write().unwrap_or_else(PoisonError::into_inner);
        // What was published and is still being written would be forgotten, though its update will return `Ok`.
        let pause = self.shared.keeper.pause()?;
        if let Some(found) = pause.read()? {
            *value = (self.loader)().loads(&found.bytes)?;
            pause.go_back(found);
        }
        Ok(())
    }

    /// Saves the value, and closes the file, as dropping it does; with the error, if there is one.
    pub fn close(mut self) -> Result<()> {
        self.finish()
    }
}

impl<T: Encode> Persistent<T> {
    /// The file.
    pub fn path(&self) -> &Path {
        self.shared.keeper.path()
    }

    /// The files that were replaced, and kept: as many as [`PersistentBuilder::keep`] says, from the oldest to the newest.
    /// [`open`](crate::open) reads them.
    ///
    /// With [`Durability::Commit`] a file is replaced when its journal is folded into it, and has all updates up to then:
    /// [`Journal`](crate::journal::Journal) reads them.
    pub fn history(&self) -> Result<Vec<Generation>> {
        self.shared.keeper.generations()
    }

    /// Dumps the value, and hands the bytes to the keeper.
    fn publish(&self, value: &T) -> Result<u64> {
        let (dumper, bytes) = &mut *lock(&self.dumper);
        bytes.clear();
        dumper.dumps_into(value, bytes)?;
        self.shared.keeper.publish(bytes)
    }

    fn finish(&mut self) -> Result<()> {
        self.closed = true;
        let value = self.value.get_mut().unwrap_or_else(PoisonError::into_inner);
        let (dumper, bytes) = self.dumper.get_mut().unwrap_or_else(PoisonError::into_inner);
        bytes.clear();
        let published = catch_unwind(AssertUnwindSafe(|| dumper.dumps_into(value, bytes)))
            .unwrap_or_else(|panic| Err(panicked(&*panic)))
            .and_then(|()| self.shared.keeper.publish(bytes));
        let closed = self.shared.keeper.close();
        if let Some(saver) = self.saver.take() {
            // It has nothing to do but to see that the keeper is closed.
            _ = saver.join();
        }
        published.and(closed)?;
        // What failed before has now been saved.
        lock(&self.shared.error).take();
        Ok(())
    }
}

impl<T: Encode> Drop for Persistent<T> {
    fn drop(&mut self) {
        if self.closed {
            return;
        }
        if let Err(error) = self.finish() {
            match &self.shared.on_error {
                Some(tell) => tell(error),
                #[allow(clippy::print_stderr, reason = "there is nobody else to tell, and it is a loss of data")]
                None => eprintln!("persist: {error}"),
            }
        }
    }
}

impl<T: Encode + fmt::Debug> fmt::Debug for Persistent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Persistent");
        shown.field("path", &self.path());
        match self.value.try_read() {
            Ok(value) => shown.field("value", &*value),
            Err(_) => shown.field("value", &"locked"),
        };
        shown.finish_non_exhaustive()
    }
}

/// Marks the thread that updates. No order is needed: a thread looks only for what it wrote itself.
struct Updating<'u>(&'u AtomicUsize);

impl<'u> Updating<'u> {
    fn new(updating: &'u AtomicUsize) -> Self {
        updating.store(thread_number(), Ordering::Relaxed);
        Updating(updating)
    }
}

impl Drop for Updating<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// Not 0, and another one for each thread that lives.
fn thread_number() -> usize {
    thread_local!(static OWN: u8 = const { 0 });
    OWN.with(|own| std::ptr::from_ref(own).addr())
}

/// The error of a hook that panicked.
#[cold]
fn panicked(panic: &(dyn Any + Send)) -> Error {
    let what = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::of(ErrorKind::Hook, format!("a hook panicked: {}", what.unwrap_or("with something that is no text")))
}
