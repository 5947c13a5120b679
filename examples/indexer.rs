//! An index of words over a folder of text, in a dictionary of dictionaries: word -> file -> lines.
//!
//! ```text
//! cargo run --release --example indexer
//! cargo run --release --example indexer -- FOLDER --state FILE --delay 20 --every 25 --fresh
//! ```
//!
//! Stop it at any time, with Ctrl-C or `kill -9`, and start it again: it goes on where it was. The index is one value of
//! one type. [`persist::save`] writes it every few files; [`persist::open`] brings it back, and with it the connection
//! to an SQLite database, which cannot be saved and is therefore made anew. Once complete, a further start looks only at
//! files that changed.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs, path, thread};

use persist::Persist;
use rusqlite::Connection;
use signal_hook::consts::{SIGINT, SIGTERM};

/// The whole state of the program.
#[derive(Persist)]
struct Index {
    folder: PathBuf,
    database: PathBuf,
    /// Word -> file -> numbers of the lines it stands in.
    words: HashMap<String, BTreeMap<String, Vec<u32>>>,
    /// The files that are done, as they were then.
    files: BTreeMap<String, Stamp>,
    complete: bool,
    /// Statistics of every file, and a record of every start. A connection cannot be saved: it is made anew on load.
    #[transient(rebuild = connect(database)?)]
    connection: Connection,
}

/// Tells whether a file has changed.
#[derive(Persist, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: SystemTime,
}

fn connect(database: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(database)?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, lines INTEGER, words INTEGER);
         CREATE TABLE IF NOT EXISTS starts (number INTEGER PRIMARY KEY, files_done INTEGER);",
    )?;
    Ok(connection)
}

impl Index {
    fn new(folder: PathBuf, database: PathBuf) -> rusqlite::Result<Self> {
        let connection = connect(&database)?;
        let (words, files) = (HashMap::new(), BTreeMap::new());
        Ok(Index { folder, database, words, files, complete: false, connection })
    }

    /// Reads one file into the index; what is not text, or cannot be read, counts as empty.
    fn add(&mut self, name: &str, stamp: Stamp) -> Result<(), Box<dyn Error>> {
        if self.files.contains_key(name) {
            self.remove(name)?;
        }
        let bytes = fs::read(self.folder.join(name)).unwrap_or_default();
        let text = str::from_utf8(&bytes).unwrap_or_default();
        let (mut lines, mut words) = (0_u32, 0_u32);
        for (number, line) in (1..).zip(text.lines()) {
            for word in line.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.len() > 2) {
                let found = self.words.entry(word.to_lowercase()).or_default().entry(name.to_owned()).or_default();
                if found.last() != Some(&number) {
                    found.push(number);
                }
                words += 1;
            }
            lines = number;
        }
        let mut insert = self.connection.prepare_cached("INSERT OR REPLACE INTO files VALUES (?, ?, ?)")?;
        insert.execute((name, lines, words))?;
        self.files.insert(name.to_owned(), stamp);
        Ok(())
    }

    fn save(&self, state: &Path) -> Result<(), Box<dyn Error>> {
        self.connection.execute_batch("COMMIT; BEGIN")?;
        Ok(persist::save(state, self)?)
    }

    fn remove(&mut self, name: &str) -> Result<(), Box<dyn Error>> {
        self.words.retain(|_, files| {
            files.remove(name);
            !files.is_empty()
        });
        self.files.remove(name);
        self.connection.execute("DELETE FROM files WHERE name = ?", [name])?;
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::from_arguments()?;
    if options.fresh {
        for suffix in ["", ".sqlite", ".sqlite-journal"] {
            let path = options.beside_state(suffix);
            if path.try_exists()? {
                fs::remove_file(path)?;
            }
        }
    }

    // Go on where the last run was, or begin.
    let restored = options.state.try_exists()?;
    let mut index = if restored {
        let start = Instant::now();
        let index: Index = persist::open(&options.state)?;
        let (files, words, time) = (index.files.len(), index.words.len(), start.elapsed());
        println!("Restored {files} files and {words} words from {} in {time:.1?}.", options.state.display());
        index
    } else {
        if let Some(folder) = options.state.parent() {
            fs::create_dir_all(folder)?;
        }
        Index::new(options.folder.clone(), options.beside_state(".sqlite"))?
    };
    if index.folder != options.folder {
        return Err(format!("the state is of {}: use --state or --fresh", index.folder.display()).into());
    }
    index.connection.execute("INSERT INTO starts (files_done) VALUES (?)", [index.files.len() as i64])?;
    let start: u32 = index.connection.query_row("SELECT count(*) FROM starts", [], |row| row.get(0))?;
    let connected = if restored { "Reconnected" } else { "Connected" };
    println!("{connected} to {}, for start number {start}.", index.database.display());

    // What is to be done: files that are new or have changed; and those that are gone are forgotten.
    let found = text_files(&index.folder)?;
    let gone: Vec<String> = index.files.keys().filter(|name| !found.contains_key(*name)).cloned().collect();
    let todo: Vec<_> = found.iter().filter(|(name, stamp)| index.files.get(*name) != Some(stamp)).collect();
    let (all, changed) = (found.len(), todo.len());
    match (index.complete, index.files.is_empty()) {
        (true, _) => println!("The index is complete; since then {changed} files changed, {} are gone.", gone.len()),
        (_, false) => println!("Going on: {} of {all} files are done, {changed} to do.", index.files.len()),
        (_, true) => println!("Indexing {all} files in {}.", index.folder.display()),
    }
    for name in &gone {
        index.remove(name)?;
    }
    work(&mut index, &todo, &options)?;
    summary(&index, &options)
}

/// Indexes file after file, saving as it goes.
fn work(index: &mut Index, todo: &[(&String, &Stamp)], options: &Options) -> Result<(), Box<dyn Error>> {
    let signal = Arc::new(AtomicUsize::new(0));
    for number in [SIGINT, SIGTERM] {
        signal_hook::flag::register_usize(number, Arc::clone(&signal), number as usize)?;
    }
    let bar = indicatif::ProgressBar::new(todo.len() as u64); // shows nothing in a pipe
    let mut unsaved = 0;
    // One transaction from save to save; what is cut off is done again, to the same effect.
    index.connection.execute_batch("BEGIN")?;
    for (name, stamp) in todo {
        index.add(name, **stamp)?;
        unsaved += 1;
        bar.inc(1);
        thread::sleep(options.delay);

        let signal = signal.load(Ordering::Relaxed);
        // The bigger the state, the rarer the save, so that saving never takes most of the time.
        if signal != 0 || unsaved >= options.every.max(index.files.len() / 10) {
            index.save(&options.state)?;
            unsaved = 0;
            bar.suspend(|| println!("Saved: {} files, {} words.", index.files.len(), index.words.len()));
        }
        if signal != 0 {
            println!("Interrupted. Start again to go on.");
            // Ends the program as the signal would have.
            signal_hook::low_level::emulate_default_handler(signal as i32)?;
        }
    }
    bar.finish_and_clear();
    index.complete = true;
    index.save(&options.state)
}

fn summary(index: &Index, options: &Options) -> Result<(), Box<dyn Error>> {
    // What is on disk is what is in memory.
    let saved: Index = persist::open(&options.state)?;
    assert!(saved.complete && saved.words == index.words && saved.files == index.files);

    let sums = "SELECT coalesce(sum(lines), 0), coalesce(sum(words), 0) FROM files";
    let (lines, words): (i64, i64) = saved.connection.query_row(sums, [], |row| row.try_into())?;
    let (files, different) = (index.files.len(), index.words.len());
    println!("Complete: {files} files, {lines} lines, {words} words, {different} of them different.");

    let mut top: Vec<(usize, &String)> =
        index.words.iter().map(|(word, files)| (files.values().map(Vec::len).sum(), word)).collect();
    top.sort_unstable_by(|one, two| two.cmp(one));
    for (lines, word) in top.iter().take(10) {
        let (file, numbers) =
            index.words[*word].iter().max_by_key(|(_, lines)| lines.len()).ok_or("a word in no file")?;
        println!("{lines:>7} lines have {word:<12} {:>5} of them in {file}, from line {}", numbers.len(), numbers[0]);
    }
    println!("State: {} ({} bytes).", options.state.display(), fs::metadata(&options.state)?.len());
    Ok(())
}

/// The files worth reading: not hidden, not built, not huge.
fn text_files(folder: &Path) -> Result<BTreeMap<String, Stamp>, Box<dyn Error>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let entry = entry?;
            let (name, metadata) = (entry.file_name(), entry.metadata()?);
            if name.as_encoded_bytes().starts_with(b".") || name.as_encoded_bytes().starts_with(b"target") {
                continue;
            }
            if metadata.is_dir() {
                folders.push(entry.path());
            } else if metadata.is_file() && metadata.len() < 4 << 20 {
                let name = entry.path().strip_prefix(folder)?.to_string_lossy().into_owned();
                found.insert(name, Stamp { bytes: metadata.len(), modified: metadata.modified()? });
            }
        }
    }
    Ok(found)
}

struct Options {
    folder: PathBuf,
    state: PathBuf,
    fresh: bool,
    every: usize,
    delay: Duration,
}

impl Options {
    fn from_arguments() -> Result<Self, Box<dyn Error>> {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let state = repository.join("target/indexer/index.persist");
        let (folder, fresh, every, delay) = (repository.to_path_buf(), false, 25, Duration::ZERO);
        let mut options = Options { folder, state, fresh, every, delay };
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} takes a value"));
            match argument.as_str() {
                "--fresh" => options.fresh = true,
                "--state" => options.state = path::absolute(value()?)?,
                "--every" => options.every = value()?.parse()?,
                "--delay" => options.delay = Duration::from_millis(value()?.parse()?),
                folder if !folder.starts_with('-') => options.folder = folder.into(),
                _ => return Err("usage: indexer [FOLDER] [--state FILE] [--every FILES] [--delay MS] [--fresh]".into()),
            }
        }
        options.folder = fs::canonicalize(&options.folder)
            .map_err(|error| format!("cannot read folder {}: {error}", options.folder.display()))?;
        Ok(options)
    }

    fn beside_state(&self, suffix: &str) -> PathBuf {
        let mut path = self.state.clone().into_os_string();
        path.push(suffix);
        path.into()
    }
}
