//! Durable updates: how many a second, beside SQLite and redb doing the same change on the same disk.
//!
//! An update picks an account, changes its balance and counts a visit; it is over when a power loss would not take it
//! back. A value is kept whole by `Persistent`, which writes what changed; the others keep a row for each account, or, as
//! those who have a serializer and a database do, the value whole in one place. SQLite runs with a write-ahead log and
//! `synchronous=FULL`, by one connection that threads share (it has one writer at a time anyway); redb syncs each
//! transaction.
//!
//! Stores take turns, for a moment each, and the time is that of a clock on the wall: most of it is waiting for the disk.

mod recovery;
mod stores;

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::Result;
use crate::random::Random;
use crate::sets::SEED;
pub use recovery::{Recovery, recovery};
use stores::{Accounts, Store};

/// How long a store's turn takes.
const TURN: Duration = Duration::from_millis(400);

/// What one store did.
#[derive(Clone, Debug)]
pub struct Row {
    store: &'static str,
    /// Updates a second, the median of all turns.
    rate: f64,
    /// What persist does of that: the median of the ratios within each round.
    ratio: f64,
}

/// How all stores did with values of some size, changed by some threads.
#[derive(Clone, Debug)]
pub struct Table {
    bytes: usize,
    threads: usize,
    rows: Vec<Row>,
}

/// Accounts of which a value has about so many bytes.
const SIZES: [(usize, u64); 2] = [(1 << 10, 25), (1 << 20, 24_000)];

/// Times values of about 1 KB and 1 MB, with one thread and with eight, in files in a folder.
pub fn measure(folder: &Path, rounds: usize) -> Result<Vec<Table>> {
    let mut tables = Vec::new();
    for (bytes, count) in SIZES {
        for threads in [1, 8] {
            let folder = tempfile::tempdir_in(folder)?;
            tables.push(table(bytes, &Accounts::new(count), threads, rounds, folder.path())?);
        }
    }
    Ok(tables)
}

fn table(bytes: usize, accounts: &Accounts, threads: usize, rounds: usize, folder: &Path) -> Result<Table> {
    let stores = stores::all(folder, accounts)?;
    let mut rates = vec![Vec::new(); stores.len()];
    let mut done = vec![0; stores.len()];
    // A turn that does not count, for caches and files to grow warm.
    for round in 0..=rounds {
        for (at, store) in stores.iter().enumerate() {
            let (updates, time) = turn(&**store, accounts, threads)?;
            done[at] += updates;
            if round != 0 {
                rates[at].push(updates as f64 / time);
            }
        }
    }
    for (store, done) in stores.iter().zip(done) {
        if store.visits()? != done {
            return Err(format!("{} lost an update", store.name()).into());
        }
    }
    let row = |at: usize| {
        let ratios = rates[0].iter().zip(&rates[at]).map(|(ours, theirs)| ours / theirs).collect();
        Row { store: stores[at].name(), rate: median(rates[at].clone()), ratio: median(ratios) }
    };
    Ok(Table { bytes, threads, rows: (0..stores.len()).map(row).collect() })
}

/// The updates that threads make in a moment, and the seconds that they take.
fn turn(store: &dyn Store, accounts: &Accounts, threads: usize) -> Result<(u64, f64)> {
    let begin = Instant::now();
    let work = |thread: u64| {
        let mut random = Random::new(SEED + thread);
        let mut updates = 0;
        while begin.elapsed() < TURN {
            let account = random.count(0..accounts.count() as usize) as u64;
            store.update(account, random.within(-100..100)).map_err(|error| error.to_string())?;
            updates += 1;
        }
        Ok::<u64, String>(updates)
    };
    let updates = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads as u64).map(|thread| scope.spawn(move || work(thread))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| "a thread panicked")?)
            .sum::<std::result::Result<u64, String>>()
    })?;
    Ok((updates, begin.elapsed().as_secs_f64()))
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}

impl Table {
    /// A table in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let unit =
            if self.bytes >= 1 << 20 { format!("{} MB", self.bytes >> 20) } else { format!("{} KB", self.bytes >> 10) };
        let threads = if self.threads == 1 { "1 thread".to_owned() } else { format!("{} threads", self.threads) };
        let mut text = format!(
            "| {unit}, {threads} | updates a second | persist does so many times as many |\n| --- | --: | --: |\n"
        );
        for Row { store, rate, ratio } in &self.rows {
            let _ = writeln!(text, "| {store} | {rate:.0} | {ratio:.2} |");
        }
        text
    }
}

/// What one update of a large value takes.
#[derive(Clone, Copy, Debug)]
pub struct Large {
    /// Bytes of the file before the update, and of one that `save` writes.
    pub size: (u64, u64),
    /// For the update.
    pub seconds: f64,
    /// Bytes of the longest record.
    pub record: u64,
}

/// Updates a value of about so many bytes.
pub fn large(folder: &Path, bytes: usize, rounds: usize) -> Result<Large> {
    let folder = tempfile::tempdir_in(folder)?;
    let accounts = Accounts::new(bytes as u64 * SIZES[1].1 / SIZES[1].0 as u64);
    let store = stores::persist(folder.path(), &accounts)?;
    let path = folder.path().join("persist");
    let size = std::fs::metadata(&path)?.len();
    let mut times = Vec::new();
    for round in 0..rounds as u64 {
        let begin = Instant::now();
        store.update(round * 99_991 % accounts.count(), 7)?;
        times.push(begin.elapsed().as_secs_f64());
    }
    let journal = persist::journal::Journal::read(std::fs::read(&path)?)?;
    let records = journal.records.iter().map(|record| record.bytes.end - record.bytes.start);
    let saved = accounts.saved()?.len() as u64;
    Ok(Large { size: (size, saved), seconds: median(times), record: records.max().unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_stores_do_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let accounts = Accounts::new(10);
        let table = table(1 << 10, &accounts, 2, 1, folder.path()).expect("they work");
        assert_eq!(table.rows.len(), 5);
        assert!(table.markdown().contains("| 1 KB, 2 threads |"));
    }
}
