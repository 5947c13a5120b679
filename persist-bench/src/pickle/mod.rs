//! A dict of 200,000 dicts, beside Python's own `pickle`.
//!
//! Both sides make the same data from the same small generator and save and load it in memory, Python with `pickle`'s
//! newest protocol, this side with persist: once as a program of Rust has it, a map of structs, and once as the dynamic
//! [`Value`]. What was loaded is counted and added up on both sides, and has to agree. Times are the medians of some
//! runs, each the thread's own processor time, without dropping what was made; Python's garbage collector is as it is by
//! default.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use persist::{Persist, Value, dumps, loads};

use crate::Result;
use crate::clock;
use crate::random::Random;
use crate::sets::SEED;

/// The other side.
const SCRIPT: &str = include_str!("pickle.py");

/// Words that are tags of an entry.
const TAGS: [&str; 8] = ["red", "green", "blue", "new", "sold", "returned", "large", "small"];

#[derive(Clone, Debug, PartialEq, Persist)]
struct Item {
    name: String,
    n: i64,
    x: f64,
    tags: Vec<String>,
}

/// Sums that are the same whatever the order, so that two sides can see that they hold the same data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    entries: u64,
    text: u64,
    n: i64,
    x: u64,
}

/// What saving and loading take.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Who saves, and what.
    pub name: &'static str,
    /// The time to save.
    pub dump: Duration,
    /// The time to load.
    pub load: Duration,
    /// Bytes.
    pub size: usize,
}

/// Saves and loads so many entries, so many times: Python's row first.
pub fn run(entries: usize, times: usize) -> Result<Vec<Row>> {
    let (python, expected) = python(entries, times)?;
    let map = items(entries);
    let dynamic = value(&map);
    let (first, sums) = measure("persist structs", &map, times, Sums::of_items)?;
    same(expected, sums)?;
    let (second, sums) = measure("persist Value", &dynamic, times, Sums::of_value)?;
    same(expected, sums)?;
    Ok(vec![python, first, second])
}

fn same(expected: Sums, found: Sums) -> Result<()> {
    if expected == found { Ok(()) } else { Err(format!("Python has {expected:?}, persist {found:?}").into()) }
}

fn items(entries: usize) -> HashMap<String, Item> {
    let random = &mut Random::new(SEED);
    (0..entries)
        .map(|i| {
            let item = Item {
                name: format!("name {}", random.within(0..1_000_000)),
                n: random.within(-1_000_000..1_000_000),
                x: random.unit(),
                tags: random.many(0..4, |random| random.word(&TAGS)),
            };
            (format!("key_{i}"), item)
        })
        .collect()
}

/// The same as maps, texts, numbers and lists.
fn value(items: &HashMap<String, Item>) -> Value {
    let entry = |(key, item): (&String, &Item)| {
        let tags: Value = item.tags.iter().map(|tag| Value::from(tag.as_str())).collect();
        let fields = [
            (Value::from("name"), Value::from(item.name.as_str())),
            (Value::from("n"), Value::from(item.n)),
            (Value::from("x"), Value::from(item.x)),
            (Value::from("tags"), tags),
        ];
        (Value::from(key.as_str()), fields.into_iter().collect())
    };
    items.iter().map(entry).collect::<Vec<(Value, Value)>>().into_iter().collect()
}

impl Sums {
    fn of_items(items: &HashMap<String, Item>) -> Self {
        let mut sums = Sums::default();
        for (key, item) in items {
            sums.add([key, &item.name].into_iter().chain(&item.tags).map(String::as_str), item.n, item.x);
        }
        sums
    }

    /// Whatever is not as [`value`] makes it is left out, and missed in the sums.
    fn of_value(value: &Value) -> Self {
        let mut sums = Sums::default();
        let Value::Map(entries) = value else { return sums };
        for (key, item) in entries {
            let (Some(Value::Int(n)), Some(Value::Float(x))) = (item.get("n"), item.get("x")) else { continue };
            let Some(Value::List(tags)) = item.get("tags") else { continue };
            let texts = [Some(key), item.get("name")].into_iter().flatten().chain(tags);
            let texts = texts.filter_map(|text| if let Value::Text(text) = text { Some(text.as_str()) } else { None });
            sums.add(texts, *n as i64, *x);
        }
        sums
    }

    fn add<'a>(&mut self, texts: impl Iterator<Item = &'a str>, n: i64, x: f64) {
        self.entries += 1;
        // Each text counts by its place, too, so that tags cannot change places.
        self.text += texts.zip(1..).map(|(text, place)| place * text.bytes().map(u64::from).sum::<u64>()).sum::<u64>();
        self.n += n;
        self.x = self.x.wrapping_add(x.to_bits());
    }
}

fn measure<T: Persist + PartialEq>(
    name: &'static str,
    value: &T,
    times: usize,
    sums: impl Fn(&T) -> Sums,
) -> Result<(Row, Sums)> {
    let bytes = dumps(value)?;
    let dump = median(times, || Ok(dumps(value)?))?;
    let load = median(times, || Ok(loads::<T>(&bytes)?))?;
    let loaded: T = loads(&bytes)?;
    assert!(loaded == *value, "persist gives back another value");
    Ok((Row { name, dump, load, size: bytes.len() }, sums(&loaded)))
}

fn median<T>(times: usize, mut call: impl FnMut() -> Result<T>) -> Result<Duration> {
    let mut all = Vec::with_capacity(times);
    for _ in 0..times {
        let begin = clock::now();
        let result = black_box(call()?);
        all.push(clock::since(begin));
        drop(result);
    }
    all.sort_unstable();
    Ok(all[times / 2])
}

/// Runs the script, which prints eight figures.
fn python(entries: usize, times: usize) -> Result<(Row, Sums)> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("pickle_dicts.py");
    fs::write(&script, SCRIPT)?;
    let output = Command::new("python3")
        .arg(script)
        .args([entries.to_string(), times.to_string(), SEED.to_string()])
        .args(TAGS)
        .output()
        .map_err(|error| format!("python3 does not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("python3 fails: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    answer(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| "python3 prints something else".into())
}

fn answer(text: &str) -> Option<(Row, Sums)> {
    let mut words = text.split_ascii_whitespace();
    let mut time = || words.next()?.parse().ok().map(Duration::from_secs_f64);
    let (dump, load) = (time()?, time()?);
    let mut number = || words.next()?.parse::<i64>().ok();
    let size = number()? as usize;
    let entries = number()? as u64;
    let (text, n) = (number()? as u64, number()?);
    let x = words.next()?.parse().ok()?;
    Some((Row { name: "pickle", dump, load, size }, Sums { entries, text, n, x }))
}

/// The first line of [`csv`].
pub const CSV_HEADER: &str = "who,dump_ms,load_ms,size_bytes";

/// Lines `who,dump_ms,load_ms,size_bytes`.
#[must_use]
pub fn csv(rows: &[Row]) -> String {
    rows.iter().fold(String::new(), |mut out, row| {
        let _ = writeln!(out, "{},{:.2},{:.2},{}", row.name, milliseconds(row.dump), milliseconds(row.load), row.size);
        out
    })
}

/// A table, with the ratio of each row to the first.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let mut out = format!("{:<16} {:>18} {:>18} {:>20}\n", "", "dump", "load", "size");
    let Some(first) = rows.first() else { return out };
    for row in rows {
        let _ = writeln!(
            out,
            "{:<16} {:>8.1} ms {:>6.3} {:>8.1} ms {:>6.3} {:>8} KiB {:>7.3}",
            row.name,
            milliseconds(row.dump),
            row.dump.as_secs_f64() / first.dump.as_secs_f64(),
            milliseconds(row.load),
            row.load.as_secs_f64() / first.load.as_secs_f64(),
            row.size >> 10,
            row.size as f64 / first.size as f64
        );
    }
    out
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structs_and_values_have_the_same_sums() {
        let items = items(50);
        let sums = Sums::of_items(&items);
        assert_eq!(sums.entries, 50);
        assert_eq!(sums, Sums::of_value(&value(&items)));
    }

    #[test]
    fn the_answer_of_the_script_is_understood() {
        let (row, sums) = answer("0.5 0.25 1024 2 30 -4 18446744073709551615\n").unwrap();
        assert_eq!((row.dump, row.load, row.size), (Duration::from_millis(500), Duration::from_millis(250), 1024));
        assert_eq!(sums, Sums { entries: 2, text: 30, n: -4, x: u64::MAX });
        assert!(answer("0.5 what").is_none());
    }

    #[test]
    fn the_table_compares_with_the_first_row() {
        let row = |name, dump, load, size| Row {
            name,
            dump: Duration::from_millis(dump),
            load: Duration::from_millis(load),
            size,
        };
        let table = table(&[row("pickle", 100, 200, 4096), row("persist", 50, 20, 1024)]);
        assert!(
            table.ends_with("persist              50.0 ms  0.500     20.0 ms  0.100        1 KiB   0.250\n"),
            "{table}"
        );
    }
}
