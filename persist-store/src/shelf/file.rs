//! A file of shelves, and how it is opened.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use persist_core::{Limits, Persist, Result};

use super::engine::{Engine, Opening};
use super::handle::Shelf;
use super::layout;
use super::problem;
use super::table;
use super::tools::Options;
use super::transaction::Transaction;

/// A file of shelves, each with a name, and with keys and values of its own types. A clone is the same file.
///
/// ```
/// # fn main() -> persist_core::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("shop");
/// use persist_store::ShelfFile;
///
/// let shop = ShelfFile::open(&path)?;
/// let stock = shop.shelf::<String, u32>("stock")?;
/// let orders = shop.shelf::<u64, (String, u32)>("orders")?;
/// stock.insert("tea", &10)?;
///
/// // Both, or none.
/// shop.transaction(|t| {
///     t.shelf(&stock)?.modify("tea", |count| *count -= 3)?;
///     t.shelf(&orders)?.insert(&1, &("tea".to_owned(), 3))
/// })?;
/// assert_eq!(stock.get("tea")?, Some(7));
/// assert_eq!(shop.names()?, ["orders", "stock"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ShelfFile {
    engine: Arc<Engine>,
}

impl ShelfFile {
    /// Opens a file, or creates it in a folder that is there.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::builder(path).open()
    }

    /// Opens a file with options.
    pub fn builder(path: impl AsRef<Path>) -> Builder<Self> {
        Builder::new(path.as_ref())
    }

    /// The path that it was opened by.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.engine.path()
    }

    /// The shelf of a name. It comes to be with the first change.
    ///
    /// # Errors
    ///
    /// Where its keys are not those of `K`, or some of its values do not load as `V`: the error says what is in the way.
    /// Where the file was opened for reading only, and has no such shelf.
    pub fn shelf<K: Persist, V: Persist>(&self, name: &str) -> Result<Shelf<K, V>> {
        Shelf::of(&self.engine, name)
    }

    /// The names of the shelves, sorted.
    pub fn names(&self) -> Result<Vec<String>> {
        self.engine.names(&*self.engine.now()?)
    }

    /// Removes a shelf and all that is in it, without loading it; gives whether there was one. A [`Shelf`] of that name
    /// stays usable, and is empty.
    pub fn remove(&self, name: &str) -> Result<bool> {
        Transaction::run(&self.engine, |transaction| transaction.remove(name, &layout::table_of(name)))
    }

    /// Runs a transaction of several shelves: all that `body` does to those that it opens in it, or nothing where it gives
    /// an error or panics, or the process ends.
    pub fn transaction<R>(&self, body: impl FnOnce(&Transaction<'_>) -> Result<R>) -> Result<R> {
        Transaction::run(&self.engine, body)
    }

    /// Makes durable what was committed, where the file was opened with [`sync(false)`](Builder::sync).
    pub fn flush(&self) -> Result<()> {
        self.engine.flush()
    }

    /// Moves what is in the file together, and gives the rest back to the file system; tells whether there was something
    /// to do. It reads and writes much of the file.
    ///
    /// # Errors
    ///
    /// Where an iterator or a [`Snapshot`](super::Snapshot) of the file is alive.
    pub fn compact(&self) -> Result<bool> {
        self.engine.alone(|database| {
            // What is not durable yet counts as a snapshot.
            database.begin_write()?.commit()?;
            Ok::<_, redb::Error>(database.compact()?)
        })
    }

    /// Checks the whole file: the checksums of all of its pages, and those of all entries. It loads no value.
    ///
    /// Reads of single entries check these, and whatever else they come by. What they cannot tell is that an entry is
    /// missing; this does.
    ///
    /// # Errors
    ///
    /// Where something is not what was written.
    pub fn verify(&self) -> Result<()> {
        // What the engine repairs is its own accounting of free pages.
        self.engine.alone(redb::Database::check_integrity)?;
        let pinned = self.engine.now()?;
        for name in self.engine.names(&pinned)? {
            let place = self.engine.place(&layout::table_of(&name), table::ANY);
            let pinned = self.engine.now()?;
            let Some(entries) = self.engine.entries(&pinned, place)? else { continue };
            let all = (Bound::Unbounded, Bound::Unbounded);
            let (mut rows, mut key) = (problem::contain(self.path(), || entries.stay(all))?, Vec::new());
            while let Some(row) = problem::contain(self.path(), || rows.step(true, &mut key).transpose())? {
                layout::unseal(&key, problem::bytes(self.path(), &row)?).map_err(|error| {
                    let what = format!("`{name}`: the entry of the key {key:02x?}: {error}");
                    persist_core::Error::of(error.kind(), problem::message(self.path(), what)).with_source(error)
                })?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for ShelfFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShelfFile").field("path", &self.path()).finish_non_exhaustive()
    }
}

/// How a file is opened: as a [`ShelfFile`], or as the [`Shelf`] in it.
///
/// ```
/// # fn main() -> persist_core::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("shelf");
/// use persist_store::Shelf;
///
/// let users = Shelf::<u64, String>::builder(&path).name("users").cache_size(16 << 20).open()?;
/// users.insert(&7, &"anna".to_owned())?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct Builder<T> {
    path: PathBuf,
    name: Option<String>,
    opening: Opening,
    of: PhantomData<fn() -> T>,
}

/// Memory for pages of the file, where nothing else is said.
const CACHE: usize = 256 << 20;

impl<T> Builder<T> {
    fn new(path: &Path) -> Self {
        let opening = Opening { cache: CACHE, read_only: false, sync: true, options: Options::default() };
        Builder { path: path.to_path_buf(), name: None, opening, of: PhantomData }
    }

    /// Bytes of memory for pages of the file, of which most are kept for reading. Default: 256 MiB.
    ///
    /// However large the file is, and a transaction: what does not fit is read again, or written out early.
    pub fn cache_size(mut self, bytes: usize) -> Self {
        self.opening.cache = bytes;
        self
    }

    /// Whether it is only read. The file has to be there. Several processes may have it open so, while none has it open for
    /// writing.
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.opening.read_only = read_only;
        self
    }

    /// Whether each transaction is on disk when its call returns. Default: true.
    ///
    /// Without, it is so after the next [`flush`](ShelfFile::flush), and when the file is closed: after a crash of the
    /// process or of the machine the file is as it was at the last of these, and whole. This is for many small changes that
    /// can be made again. Until then, room that they free in the file is not used again.
    pub fn sync(mut self, sync: bool) -> Self {
        self.opening.sync = sync;
        self
    }

    /// What loading a value may use at most, and levels of nesting of what is saved.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.opening.options.limits = Some(limits);
        self
    }

    /// Gives a value to the hooks of what is loaded, by its type: a clone for each load, so that it is best an `Arc` or a
    /// handle; see [`Loader::provide`](persist_core::Loader::provide).
    pub fn provide<P: Any + Clone + Send + Sync>(mut self, value: P) -> Self {
        self.opening.options.provide(value);
        self
    }
}

impl Builder<ShelfFile> {
    /// Opens the file, or creates it in a folder that is there.
    pub fn open(self) -> Result<ShelfFile> {
        Ok(ShelfFile { engine: Arc::new(Engine::open(&self.path, self.opening)?) })
    }
}

impl<K: Persist, V: Persist> Builder<Shelf<K, V>> {
    /// The name of the shelf in the file. Default: [`Shelf::DEFAULT_NAME`].
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Opens the shelf, and creates the file in a folder that is there.
    pub fn open(self) -> Result<Shelf<K, V>> {
        let engine = Arc::new(Engine::open(&self.path, self.opening)?);
        Shelf::of(&engine, self.name.as_deref().unwrap_or(Shelf::<K, V>::DEFAULT_NAME))
    }
}

impl<T> fmt::Debug for Builder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("path", &self.path).field("opening", &self.opening).finish_non_exhaustive()
    }
}

impl<K: Persist, V: Persist> Shelf<K, V> {
    /// Opens the shelf of a file, or creates the file in a folder that is there.
    ///
    /// # Errors
    ///
    /// Where the keys in it are not those of `K`, or some of its values do not load as `V`: the error says what is in the
    /// way. Where the file is none, or damaged, or another process has it open, which the error names where the system
    /// tells it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::builder(path).open()
    }

    /// Opens the shelf of a file with options.
    pub fn builder(path: impl AsRef<Path>) -> Builder<Self> {
        Builder::new(path.as_ref())
    }

    /// The file that it is in, for further shelves in it.
    #[must_use]
    pub fn file(&self) -> ShelfFile {
        ShelfFile { engine: self.codec.engine.clone() }
    }
}
