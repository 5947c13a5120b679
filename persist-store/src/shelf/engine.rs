//! One open file: its database, what of it is read, and who writes.

use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::thread::{self, ThreadId};

use persist_core::{Result, Schema};
use redb::{
    Database, DatabaseError, Durability, ReadOnlyDatabase, ReadOnlyTable, ReadTransaction, ReadableDatabase,
    ReadableTable, TableError, WriteTransaction,
};

use super::layout::{Description, FACTS, FORMAT, SCHEMAS, SHELVES, VERSION};
use super::problem::{self, contain};
use super::table::{self, Entries};
use super::tools::Options;
use crate::atomic;
use crate::draft;
use crate::fs::{Disk, FileSystem, parent};
use crate::problem::{Problem, Step};

/// What a file starts with.
const MAGIC: [u8; 9] = *b"redb\x1A\x0A\xA9\x0D\x0A";

/// One open file.
pub(super) struct Engine {
    path: PathBuf,
    base: Base,
    /// What reads go by, until something is committed.
    pinned: RwLock<Option<Arc<Pinned>>>,
    /// The tables that were asked for, and the likely width of their keys: a shelf knows its own by the place here.
    tables: Mutex<Vec<(Arc<str>, usize)>>,
    /// Held by who writes.
    turn: Mutex<()>,
    writer: Mutex<Option<ThreadId>>,
    sync: bool,
    pub(super) options: Options,
}

enum Base {
    /// Locked for good by what needs it alone.
    Writable(RwLock<Database>),
    ReadOnly(ReadOnlyDatabase),
    /// While it is dropped.
    Closed,
}

/// The file as it was at some moment.
pub(super) struct Pinned {
    /// Each is opened at its first use. Where nothing was ever put into it, there is no table.
    tables: Box<[OnceLock<Option<Entries>>]>,
    transaction: ReadTransaction,
}

/// How a file is opened.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    pub(super) cache: usize,
    pub(super) read_only: bool,
    pub(super) sync: bool,
    pub(super) options: Options,
}

impl Engine {
    pub(super) fn open(path: &Path, opening: Opening) -> Result<Self> {
        let Opening { cache, read_only, sync, options } = opening;
        let mut builder = Database::builder();
        builder.set_cache_size(cache);
        let base = if read_only {
            let target = atomic::existing(&Disk, path)?.ok_or_else(|| Problem::opening(path).no_file())?;
            check_start(path, &target, false)?;
            let opened = contain_opening(path, &target, || builder.open_read_only(&target))?;
            check_format(path, &contain(path, || opened.begin_read())?)?;
            Base::ReadOnly(opened)
        } else {
            Base::Writable(RwLock::new(open_or_create(path, &builder)?))
        };
        Ok(Engine {
            path: path.to_path_buf(),
            base,
            pinned: RwLock::default(),
            tables: Mutex::default(),
            turn: Mutex::default(),
            writer: Mutex::default(),
            sync,
            options,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn is_read_only(&self) -> bool {
        matches!(self.base, Base::ReadOnly(_))
    }

    /// The place of a table that will be read, whose keys are likely of this width.
    pub(super) fn place(&self, table: &str, width: usize) -> usize {
        let mut pinned = unpoisoned(self.pinned.write());
        let mut tables = unpoisoned(self.tables.lock());
        if let Some(place) = tables.iter().position(|(known, _)| **known == *table) {
            return place;
        }
        tables.push((table.into(), width));
        // What is pinned does not know it.
        *pinned = None;
        tables.len() - 1
    }

    /// The file as it is.
    pub(super) fn now(&self) -> Result<Arc<Pinned>> {
        if let Some(pinned) = &*unpoisoned(self.pinned.read()) {
            return Ok(pinned.clone());
        }
        // Begun under the lock: whatever is committed from here on unpins it.
        let mut pinned = unpoisoned(self.pinned.write());
        let tables = unpoisoned(self.tables.lock()).len();
        let transaction = contain(&self.path, || match &self.base {
            Base::Writable(database) => unpoisoned(database.read()).begin_read(),
            Base::ReadOnly(database) => database.begin_read(),
            Base::Closed => unreachable!("it is closed when it is dropped"),
        })?;
        let tables = (0..tables).map(|_| OnceLock::new()).collect();
        Ok(pinned.insert(Arc::new(Pinned { tables, transaction })).clone())
    }

    /// Lets go of what reads went by. Iterators that are alive keep it.
    fn unpin(&self) {
        *unpoisoned(self.pinned.write()) = None;
    }

    /// The entries of a shelf in what is pinned; none where nothing was ever put into it.
    pub(super) fn entries<'p>(&self, pinned: &'p Arc<Pinned>, place: usize) -> Result<Option<&'p Entries>> {
        let Some(cell) = pinned.tables.get(place) else { return Ok(None) };
        if let Some(entries) = cell.get() {
            return Ok(entries.as_ref());
        }
        let (name, width) = unpoisoned(self.tables.lock())[place].clone();
        let entries = contain(&self.path, || table::open(&pinned.transaction, &name, width))?;
        Ok(cell.get_or_init(|| entries).as_ref())
    }

    fn open_in<K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        transaction: &ReadTransaction,
        table: redb::TableDefinition<'_, K, V>,
    ) -> Result<Option<ReadOnlyTable<K, V>>> {
        contain(&self.path, || match transaction.open_table(table) {
            Ok(table) => Ok(Some(table)),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error),
        })
    }

    /// The schema of a number.
    pub(super) fn schema(&self, pinned: &Pinned, number: u32) -> Result<Schema> {
        let schemas = self.open_in(&pinned.transaction, SCHEMAS)?;
        let found = match &schemas {
            Some(schemas) => contain(&self.path, || schemas.get(number))?,
            None => None,
        };
        match found {
            Some(bytes) => Schema::from_bytes(problem::bytes(&self.path, &bytes)?),
            None => Err(unknown_schema(&self.path, number)),
        }
    }

    /// What a shelf holds; nothing where it was never written to.
    pub(super) fn description(&self, pinned: &Pinned, shelf: &str) -> Result<Option<Description>> {
        let Some(shelves) = self.open_in(&pinned.transaction, SHELVES)? else { return Ok(None) };
        let found = contain(&self.path, || shelves.get(shelf))?;
        found.map(|bytes| Description::from_bytes(problem::bytes(&self.path, &bytes)?)).transpose()
    }

    /// The names of the shelves that were written to.
    pub(super) fn names(&self, pinned: &Pinned) -> Result<Vec<String>> {
        let Some(shelves) = self.open_in(&pinned.transaction, SHELVES)? else { return Ok(Vec::new()) };
        contain(&self.path, || {
            shelves.iter()?.map(|entry| Ok(entry?.0.value().to_owned())).collect::<Result<_, redb::StorageError>>()
        })
    }

    /// Runs a transaction of the engine: it is committed where `body` gives a value, and else rolled back.
    pub(super) fn write<R>(&self, body: impl FnOnce(&WriteTransaction) -> Result<R>) -> Result<R> {
        let Base::Writable(database) = &self.base else { return Err(problem::read_only(&self.path)) };
        let _turn = self.take_turn()?;
        let database = unpoisoned(database.read());
        let mut transaction = contain(&self.path, || database.begin_write())?;
        if !self.sync {
            contain(&self.path, || transaction.set_durability(Durability::None))?;
        }
        // The engine does not roll back while a panic goes through it.
        let result = catch_unwind(AssertUnwindSafe(|| body(&transaction)));
        if !matches!(result, Ok(Ok(_))) {
            // Whatever comes of it, there is an error already.
            let _ = contain(&self.path, || transaction.abort());
            return result.unwrap_or_else(|panic| resume_unwind(panic));
        }
        let committed = contain(&self.path, || transaction.commit());
        self.unpin();
        committed.and(result.unwrap_or_else(|panic| resume_unwind(panic)))
    }

    /// Waits until nobody else writes.
    fn take_turn(&self) -> Result<Turn<'_>> {
        if *unpoisoned(self.writer.lock()) == Some(thread::current().id()) {
            return Err(problem::nested(&self.path));
        }
        let guard = unpoisoned(self.turn.lock());
        *unpoisoned(self.writer.lock()) = Some(thread::current().id());
        Ok(Turn { engine: self, _guard: guard })
    }

    /// Makes durable what was committed.
    pub(super) fn flush(&self) -> Result<()> {
        let Base::Writable(database) = &self.base else { return Ok(()) };
        if self.sync {
            return Ok(());
        }
        let _turn = self.take_turn()?;
        let database = unpoisoned(database.read());
        contain(&self.path, || database.begin_write()?.commit().map_err(redb::Error::from))
    }

    /// Runs what needs the database alone.
    pub(super) fn alone<R, E: Into<redb::Error>>(&self, body: impl FnOnce(&mut Database) -> Result<R, E>) -> Result<R> {
        let Base::Writable(database) = &self.base else { return Err(problem::read_only(&self.path)) };
        let _turn = self.take_turn()?;
        // Reads that begin meanwhile wait.
        let mut pinned = unpoisoned(self.pinned.write());
        *pinned = None;
        let mut database = unpoisoned(database.write());
        contain(&self.path, || body(&mut database))
    }
}

/// The turn to write.
struct Turn<'e> {
    engine: &'e Engine,
    _guard: MutexGuard<'e, ()>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *unpoisoned(self.engine.writer.lock()) = None;
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.unpin();
        let base = std::mem::replace(&mut self.base, Base::Closed);
        // Closing a damaged file may panic, too; there is nobody to tell.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            // While a panic goes on the engine would not do this by itself.
            if let (Base::Writable(database), false) = (&base, self.sync)
                && let Ok(transaction) = unpoisoned(database.read()).begin_write()
            {
                let _ = transaction.commit();
            }
            drop(base);
        }));
    }
}

/// A panic of the program's code, in a transaction, leaves nothing half done.
pub(super) fn unpoisoned<T>(result: Result<T, PoisonError<T>>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}

#[cold]
pub(super) fn unknown_schema(path: &Path, number: u32) -> persist_core::Error {
    let what = format!("the file is damaged: it has no schema {number}");
    persist_core::Error::of(persist_core::ErrorKind::Corrupt, problem::message(path, what))
}

/// Looks at the first bytes of a file; gives whether it is empty.
fn check_start(path: &Path, target: &Path, may_be_empty: bool) -> Result<bool> {
    let problem = Problem::opening(path);
    let mut start = Vec::new();
    let read = File::open(target).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start));
    read.map_err(|error| problem.at(Step::Read, error))?;
    if start.is_empty() && may_be_empty {
        return Ok(true);
    }
    if start == MAGIC { Ok(false) } else { Err(problem::not_a_shelf(path, &start)) }
}

/// Opens a database; where somebody has it, the error says who.
fn contain_opening<T>(path: &Path, target: &Path, open: impl FnOnce() -> Result<T, DatabaseError>) -> Result<T> {
    let opened = contain(path, || match open() {
        Err(DatabaseError::DatabaseAlreadyOpen) => Ok(None),
        other => other.map(Some),
    })?;
    opened.ok_or_else(|| problem::in_use(path, owner(target)))
}

fn open_or_create(path: &Path, builder: &redb::Builder) -> Result<Database> {
    // Somebody may create it between our look and our own attempt.
    for _ in 0..2 {
        let Some(target) = atomic::existing(&Disk, path)? else {
            match create(path, builder)? {
                Some(database) => return Ok(database),
                None => continue,
            }
        };
        let empty = check_start(path, &target, true)?;
        let database = contain_opening(path, &target, || builder.create(&target))?;
        let fresh = empty || !check_format(path, &contain(path, || database.begin_read())?)?;
        if fresh {
            begin(path, &database)?;
            sync_folder(path, &target)?;
        }
        return Ok(database);
    }
    Err(problem::in_use(path, None))
}

/// Creates the file, whole: under another name, which it loses only when everything is in it. Nothing where somebody else
/// did meanwhile.
fn create(path: &Path, builder: &redb::Builder) -> Result<Option<Database>> {
    let problem = Problem::saving(path);
    let target = atomic::follow_links(&Disk, path).map_err(|error| problem.at(Step::Look, error))?;
    let draft = draft::for_path(parent(&target), &target).map_err(|error| problem.at(Step::Create, error))?;
    let database = contain(path, || builder.create(&draft))?;
    begin(path, &database)?;
    match draft.persist_noclobber(&target) {
        Ok(()) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        Err(error) => return Err(problem.at(Step::Rename, error.error)),
    }
    sync_folder(path, &target)?;
    Ok(Some(database))
}

fn sync_folder(path: &Path, target: &Path) -> Result<()> {
    let problem = Problem::saving(path);
    let folder = Disk.open_folder(parent(target)).map_err(|error| problem.at(Step::OpenFolder, error))?;
    folder.sync().map_err(|error| problem.at(Step::SyncFolder, error))
}

/// Notes in a new file what it is.
fn begin(path: &Path, database: &Database) -> Result<()> {
    contain(path, || {
        let transaction = database.begin_write()?;
        transaction.open_table(FACTS)?.insert(FORMAT, &[VERSION][..])?;
        transaction.open_table(SCHEMAS)?;
        transaction.open_table(SHELVES)?;
        transaction.commit().map_err(redb::Error::from)
    })
}

/// Whether the file says that it is one of ours; an error where it is somebody else's, or of a later version.
fn check_format(path: &Path, transaction: &ReadTransaction) -> Result<bool> {
    let format = contain(path, || -> Result<_, redb::Error> {
        match transaction.open_table(FACTS) {
            Ok(facts) => Ok(facts.get(FORMAT)?.map(|format| format.value().to_vec())),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    })?;
    match format.as_deref() {
        Some([version]) if *version <= VERSION => Ok(true),
        Some([version]) => Err(problem::newer_format(path, *version, VERSION)),
        Some(_) => Err(problem::other_database(path)),
        None => {
            let is_empty = contain(path, || transaction.list_tables().map(|mut tables| tables.next().is_none()))?;
            // One that is was created, and no more.
            if is_empty { Ok(false) } else { Err(problem::other_database(path)) }
        }
    }
}

/// The process that has the file locked, where the system tells.
#[cfg(target_os = "linux")]
fn owner(path: &Path) -> Option<u32> {
    let status = std::fs::metadata(path).ok()?;
    let mut processes = std::fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((pid, entry.path()))
    });
    processes.find_map(|(pid, process)| has_locked(&process, &status).then_some(pid))
}

/// Whether a process has a lock on a file: what is known of its descriptors says so. In `/proc/locks`, locks of a part of a file
/// have no owner.
#[cfg(target_os = "linux")]
fn has_locked(process: &Path, file: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    // What is another user's cannot be looked at.
    let Ok(descriptors) = std::fs::read_dir(process.join("fd")) else { return false };
    descriptors.flatten().any(|descriptor| {
        let same = std::fs::metadata(descriptor.path())
            .is_ok_and(|other| (other.dev(), other.ino()) == (file.dev(), file.ino()));
        let info = || std::fs::read_to_string(process.join("fdinfo").join(descriptor.file_name()));
        same && info().is_ok_and(|info| info.lines().any(|line| line.starts_with("lock:")))
    })
}

#[cfg(not(target_os = "linux"))]
fn owner(_: &Path) -> Option<u32> {
    None
}
