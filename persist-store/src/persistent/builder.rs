//! What is said before a file is opened.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, RwLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use persist_core::{Decode, Dumper, Encode, Error, Limits, Loader, Result};

use super::{OnError, Persistent, Shared};
use crate::atomic::Replacing;
use crate::durability::Durability;
use crate::fs::{Disk, FileSystem};
use crate::keeper::{JOURNAL_LIMIT, Keeper, Opened, Options};
use crate::problem::Problem;
use crate::shutdown;

/// How a [`Persistent`] is to be kept; see [`Persistent::builder`].
#[must_use = "nothing is opened before one of the `open` calls"]
pub struct PersistentBuilder<T> {
    path: PathBuf,
    options: Options,
    limits: Limits,
    provided: Vec<Provide>,
    on_error: Option<OnError>,
    fs: Arc<dyn FileSystem>,
    of: PhantomData<fn() -> T>,
}

/// Gives a loader what was provided.
type Provide = Box<dyn Fn(Loader) -> Loader + Send + Sync>;

impl<T> fmt::Debug for PersistentBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersistentBuilder")
            .field("path", &self.path)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl<T> PersistentBuilder<T> {
    pub(super) fn new(path: &Path) -> Self {
        PersistentBuilder {
            path: path.to_owned(),
            options: Options {
                durability: Durability::default(),
                replacing: Replacing::default(),
                journal_limit: JOURNAL_LIMIT,
                patience: Duration::ZERO,
            },
            limits: Limits::default(),
            provided: Vec::new(),
            on_error: None,
            fs: Arc::new(Disk),
            of: PhantomData,
        }
    }

    /// When changes reach the disk: [`Durability::Commit`], unless this says otherwise.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.options.durability = durability;
        self
    }

    /// Keeps so many of the files that are replaced, as `NAME.~1~` and so on: 0, unless this says otherwise.
    pub fn keep(mut self, keep: usize) -> Self {
        self.options.replacing.keep = keep;
        self
    }

    /// Whether a new file may be read and written by its owner only (mode 0600). An existing one keeps its permissions.
    pub fn private(mut self, private: bool) -> Self {
        self.options.replacing.private = private;
        self
    }

    /// Whether a symbolic link is followed, which it is unless this says otherwise, or refused.
    pub fn follow_links(mut self, follow_links: bool) -> Self {
        self.options.replacing.follow_links = follow_links;
        self
    }

    /// How long to wait while somebody else has the file open: not at all, unless this says otherwise.
    pub fn wait(mut self, patience: Duration) -> Self {
        self.options.patience = patience;
        self
    }

    /// Bytes of a journal from which it is folded into the value, where it is longer than that, too: 1 MiB, unless this
    /// says otherwise. With more, a file takes more room and longer to open, and is written anew less often.
    pub fn journal_limit(mut self, bytes: u64) -> Self {
        self.options.journal_limit = bytes;
        self
    }

    /// What loading may use at most; see [`Loader::limits`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Gives a value to the hooks, by its type, on opening, on each rollback and reload; see [`Loader::provide`].
    pub fn provide<V: Any + Clone + Send + Sync>(mut self, value: V) -> Self {
        self.provided.push(Box::new(move |loader| loader.provide(value.clone())));
        self
    }

    /// Is told of errors that nobody else would be: of saves in the background, and of the one on drop.
    pub fn on_error(mut self, tell: impl Fn(Error) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Box::new(tell));
        self
    }

    /// Another file system than that of the machine, for tests.
    pub fn file_system(mut self, fs: Arc<dyn FileSystem>) -> Self {
        self.fs = fs;
        self
    }
}

impl<T: Encode + Decode> PersistentBuilder<T> {
    /// Opens a file, which has to be there.
    ///
    /// # Errors
    ///
    /// Where there is no such file, it does not read, or somebody else has it open. It is left as it is.
    pub fn open(self) -> Result<Persistent<T>> {
        let missing = Problem::opening(&self.path).no_file();
        self.open_or_try(|| Err(missing))
    }

    /// Opens a file, or starts with the default where there is none yet; see [`open_or_else`](Self::open_or_else).
    pub fn open_or_default(self) -> Result<Persistent<T>>
    where
        T: Default,
    {
        self.open_or_try(|| Ok(T::default()))
    }

    /// Opens a file, or starts with what the closure gives where there is none yet, in a folder that is there.
    ///
    /// With [`Durability::Commit`] the new file is written at once; otherwise as if the value had been changed just now.
    ///
    /// # Errors
    ///
    /// Where the file does not read, or somebody else has it open. It is left as it is.
    pub fn open_or_else(self, make: impl FnOnce() -> T) -> Result<Persistent<T>> {
        self.open_or_try(|| Ok(make()))
    }

    fn open_or_try(self, make: impl FnOnce() -> Result<T>) -> Result<Persistent<T>> {
        let PersistentBuilder { path, options, limits, provided, on_error, fs, .. } = self;
        let durability = options.durability;
        let loader =
            move || provided.iter().fold(Loader::new().limits(limits.clone()), |loader, provide| provide(loader));
        let mut dumper = Dumper::new().diffable(durability == Durability::Commit);
        let mut bytes = Vec::new();

        let Opened { keeper, value } = Keeper::open(fs, &path, options)?;
        let value = if let Some(bytes) = value {
            loader().loads(&bytes).map_err(|error| Problem::opening(&path).with(error))?
        } else {
            let value = make()?;
            dumper.dumps_into(&value, &mut bytes).map_err(|error| Problem::saving(&path).with(error))?;
            let number = keeper.publish(&mut bytes)?;
            if durability == Durability::Commit {
                keeper.commit(number)?;
            }
            value
        };
        let shared = Arc::new(Shared { keeper: Arc::new(keeper), on_error, error: Mutex::new(None) });
        let saver = match durability {
            Durability::Every(period) => Some(start_saver(&shared, period)?),
            _ => None,
        };
        shutdown::register(&shared.keeper);
        Ok(Persistent {
            value: RwLock::new(value),
            updating: AtomicUsize::new(0),
            dumper: Mutex::new((dumper, bytes)),
            shared,
            loader: Box::new(loader),
            saver,
            closed: false,
        })
    }
}

fn start_saver(shared: &Arc<Shared>, period: Duration) -> Result<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    let save = move || {
        while shared.keeper.wait_until_due(period) {
            if let Err(error) = shared.keeper.save() {
                shared.keeper.put_off();
                shared.tell(error);
            }
        }
    };
    Ok(thread::Builder::new().name("persist-save".to_owned()).spawn(save)?)
}
