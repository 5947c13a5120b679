//! A shelf beside the engine that it is built on, used by hand, and beside Python's `shelve`.
//!
//! All sides put the same number of records in, in a random order, and read each of them once, in another one. The shelf
//! and raw `redb` commit the same groups of records, each durable, with the same cache; by hand, a key is a `u64`, a record
//! is laid out as it comes, byte by byte, and all reads are of one transaction. Each round times both on a new file, one
//! after the other, and the median of the rounds' ratios is printed. Times are those of the clock on the wall, since most
//! of a commit is the disk's. Python's side has the best `dbm` that is there, and no transactions.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use persist::{Persist, Shelf};
use redb::{Database, ReadableDatabase, TableDefinition};

use crate::Result;
use crate::random::Random;
use crate::sets::SEED;

/// The other side.
const SCRIPT: &str = include_str!("shelf.py");

/// Memory for pages, on both sides.
const CACHE: usize = 256 << 20;

#[derive(Clone, Debug, PartialEq, Persist)]
struct Record {
    time: i64,
    amount: f64,
    count: u16,
    name: String,
}

impl Record {
    fn of(key: u64) -> Self {
        Record {
            time: key as i64 * 7,
            amount: key as f64 * 0.5,
            count: (key % 500) as u16,
            name: format!("name {key}"),
        }
    }

    /// By hand.
    fn put(&self, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&self.time.to_le_bytes());
        out.extend_from_slice(&self.amount.to_le_bytes());
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(self.name.as_bytes());
    }

    /// By hand.
    fn get(bytes: &[u8]) -> Result<Self> {
        let (time, rest) = bytes.split_first_chunk().ok_or("too short")?;
        let (amount, rest) = rest.split_first_chunk().ok_or("too short")?;
        let (count, name) = rest.split_first_chunk().ok_or("too short")?;
        Ok(Record {
            time: i64::from_le_bytes(*time),
            amount: f64::from_le_bytes(*amount),
            count: u16::from_le_bytes(*count),
            name: std::str::from_utf8(name)?.to_owned(),
        })
    }
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Records.
    pub entries: usize,
    /// Records in a transaction.
    pub group: usize,
    /// How often both sides are timed.
    pub rounds: usize,
    /// Records for Python's side; none leaves it out.
    pub python: usize,
}

/// Seconds to put all records in, and to read them.
type Times = [f64; 2];

/// What was measured.
#[derive(Clone, Debug)]
pub struct Report {
    plan: Plan,
    /// Of each round: the shelf's, and those by hand.
    rounds: Vec<(Times, Times)>,
    /// Bytes of the files.
    sizes: [u64; 2],
    /// The `dbm`, and its times.
    python: Option<(String, Times)>,
}

/// Measures all sides.
pub fn run(plan: Plan) -> Result<Report> {
    let folder = tempfile::tempdir()?;
    let (inserts, reads) = (shuffled(plan.entries, SEED), shuffled(plan.entries, SEED + 1));
    let records: Vec<Record> = inserts.iter().map(|&key| Record::of(key)).collect();
    let (mut rounds, mut sizes) = (Vec::new(), [0; 2]);
    for round in 0..plan.rounds {
        let paths = ["shelf", "raw"].map(|name| folder.path().join(format!("{name} {round}")));
        // Who is first changes.
        let mut times = [[0.0; 2]; 2];
        for side in [round % 2, 1 - round % 2] {
            let measure = if side == 0 { shelf } else { raw };
            times[side] = measure(&paths[side], (&inserts, &records), &reads, plan.group)?;
            sizes[side] = std::fs::metadata(&paths[side])?.len();
            std::fs::remove_file(&paths[side])?;
        }
        rounds.push((times[0], times[1]));
    }
    let python = if plan.python == 0 { None } else { Some(python(plan.python)?) };
    Ok(Report { plan, rounds, sizes, python })
}

fn shuffled(count: usize, seed: u64) -> Vec<u64> {
    let random = &mut Random::new(seed);
    let mut keys: Vec<u64> = (0..count as u64).collect();
    for i in (1..count).rev() {
        keys.swap(i, random.count(0..i + 1));
    }
    keys
}

fn shelf(path: &Path, (keys, records): (&[u64], &[Record]), reads: &[u64], group: usize) -> Result<Times> {
    let shelf = Shelf::<u64, Record>::builder(path).cache_size(CACHE).open()?;
    let begin = Instant::now();
    for (keys, records) in keys.chunks(group).zip(records.chunks(group)) {
        shelf.transaction(|shelf| keys.iter().zip(records).try_for_each(|(key, record)| shelf.insert(key, record)))?;
    }
    let insert = begin.elapsed();
    let begin = Instant::now();
    for key in reads {
        let record = shelf.get(key)?.ok_or("a record is missing")?;
        if u64::from(black_box(record).count) != key % 500 {
            return Err("another record".into());
        }
    }
    Ok([insert.as_secs_f64(), begin.elapsed().as_secs_f64()])
}

const TABLE: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("records");

fn raw(path: &Path, (keys, records): (&[u64], &[Record]), reads: &[u64], group: usize) -> Result<Times> {
    let database = Database::builder().set_cache_size(CACHE).create(path)?;
    let begin = Instant::now();
    let mut bytes = Vec::new();
    for (keys, records) in keys.chunks(group).zip(records.chunks(group)) {
        let transaction = database.begin_write()?;
        let mut table = transaction.open_table(TABLE)?;
        for (key, record) in keys.iter().zip(records) {
            record.put(&mut bytes);
            table.insert(key, &bytes[..])?;
        }
        drop(table);
        transaction.commit()?;
    }
    let insert = begin.elapsed();
    let begin = Instant::now();
    let table = database.begin_read()?.open_table(TABLE)?;
    for key in reads {
        let record = Record::get(table.get(key)?.ok_or("a record is missing")?.value())?;
        if u64::from(black_box(record).count) != key % 500 {
            return Err("another record".into());
        }
    }
    Ok([insert.as_secs_f64(), begin.elapsed().as_secs_f64()])
}

fn python(entries: usize) -> Result<(String, Times)> {
    let output = Command::new("python3")
        .args(["-c", SCRIPT])
        .args([entries.to_string(), SEED.to_string()])
        .output()
        .map_err(|error| format!("python3 does not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("python3 fails: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    answer(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| "python3 prints something else".into())
}

fn answer(text: &str) -> Option<(String, Times)> {
    let mut words = text.split_ascii_whitespace();
    let name = words.next()?.to_owned();
    Some((name, [words.next()?.parse().ok()?, words.next()?.parse().ok()?]))
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_unstable_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

impl Report {
    /// A table: microseconds for an entry, and the ratios of the shelf's times to the others.
    #[must_use]
    pub fn table(&self) -> String {
        let mut out = format!(
            "{} records, {} in a transaction, {} rounds; microseconds for a record\n{:<24} {:>8} {:>8}\n",
            self.plan.entries, self.plan.group, self.plan.rounds, "", "insert", "read"
        );
        let each = |pick: &dyn Fn(&(Times, Times)) -> f64| median(self.rounds.iter().map(pick).collect());
        let micros = |seconds: f64, entries: usize| seconds * 1e6 / entries as f64;
        let mut row = |name: &str, [insert, read]: Times| {
            let _ = writeln!(out, "{name:<24} {insert:>8.3} {read:>8.3}");
        };
        let own = [0, 1].map(|i| micros(each(&|round| round.0[i]), self.plan.entries));
        row("shelf", own);
        row("redb by hand", [0, 1].map(|i| micros(each(&|round| round.1[i]), self.plan.entries)));
        row("  shelf to it", [0, 1].map(|i| each(&|round| round.0[i] / round.1[i])));
        if let Some((name, times)) = &self.python {
            let times = times.map(|time| micros(time, self.plan.python));
            row(&format!("shelve on {name}"), times);
            row("  shelf to it", [own[0] / times[0], own[1] / times[1]]);
        }
        let [shelf, raw] = self.sizes;
        let _ = writeln!(out, "files: {} KiB, by hand {} KiB", shelf >> 10, raw >> 10);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_give_back_what_was_put_in() {
        let report = run(Plan { entries: 500, group: 100, rounds: 2, python: 0 }).unwrap();
        assert!(report.table().contains("shelf to it"), "{}", report.table());
        let mut bytes = Vec::new();
        Record::of(77).put(&mut bytes);
        assert_eq!(Record::get(&bytes).unwrap(), Record::of(77));
    }

    #[test]
    fn the_answer_of_the_script_is_understood() {
        assert_eq!(answer("dbm.dumb 1.5 0.25\n"), Some(("dbm.dumb".to_owned(), [1.5, 0.25])));
        assert_eq!(answer("dbm.dumb 1.5"), None);
    }
}
