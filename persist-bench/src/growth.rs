//! How time, size and memory grow with the number of records: from a thousand to ten million.
//!
//! Where a figure per record stays the same, the whole grows in proportion. `clone()` stands beside them, since it, too,
//! slows down where the records no longer fit into the processor's caches. Memory is the most that persist's own heap
//! holds at once: while it writes to a sink that keeps nothing, and while it reads, less the value that it gives back.
//! Neither the records nor the bytes that are read are its own.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io;
use std::time::Duration;

use persist::{Dumper, Loader, Persist};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::clock;
use crate::heap::{self, Use};
use crate::random::Random;
use crate::sets::SEED;

/// How long each size is timed for, at least.
const LONG: Duration = Duration::from_millis(300);
/// How often each size is timed, at least.
const OFTEN: usize = 3;

/// A record of bounded size.
#[derive(Clone, Debug, PartialEq, Persist, Serialize, Deserialize)]
pub struct Record {
    pub(crate) id: u64,
    pub(crate) time: i64,
    amount: f64,
    pub(crate) count: u16,
    pub(crate) state: State,
    pub(crate) name: String,
    reference: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Persist, Serialize, Deserialize)]
pub(crate) enum State {
    New,
    Sent { by: u8, cost: f32 },
    Returned(u32),
}

/// So many records, always the same ones.
#[must_use]
pub fn records(count: usize) -> Vec<Record> {
    let random = &mut Random::new(SEED);
    let mut time = 1_700_000_000_000;
    (0..count as u64)
        .map(|id| {
            time += random.within(0..5_000);
            Record {
                id,
                time,
                amount: random.unit() * 1_000.0,
                count: random.within(0..500) as u16,
                state: match random.count(0..4) {
                    0 => State::New,
                    1 => State::Returned(random.bits() as u32),
                    _ => State::Sent { by: random.bits() as u8, cost: random.unit32() },
                },
                name: random.many(4..13, |random| char::from(b'a' + random.count(0..26) as u8)).into_iter().collect(),
                reference: random.maybe(|random| random.within(0..1_000_000) as u32),
            }
        })
        .collect()
}

/// What so many records take.
#[derive(Clone, Debug)]
pub struct Row {
    /// How many they are.
    pub records: usize,
    /// Bytes that are written.
    pub size: u64,
    /// Nanoseconds of `dump`, of `load`, and of `clone()`.
    pub times: [f64; 3],
    /// Bytes of the records in memory.
    pub value: usize,
    /// Bytes of memory that `dump` takes at once.
    pub dump: usize,
    /// Bytes of memory that `load` takes at once beside the value.
    pub load: usize,
}

/// Weighs and times so many records.
pub fn measure(count: usize) -> Result<Row> {
    let records = records(count);
    let mut sink = Sink(0);
    let (result, dump) = heap::watch(|| Dumper::new().dump(&records, &mut sink));
    result?;
    let mut bytes = Vec::with_capacity(sink.0 as usize);
    Dumper::new().dump(&records, &mut bytes)?;
    let (loaded, load) = heap::watch(|| Loader::new().load::<Vec<Record>>(bytes.as_slice()));
    if loaded? != records {
        return Err("persist gives back other records".into());
    }
    let times = [
        time(|| Ok(Dumper::new().dump(&records, Sink(0))?))?,
        time(|| Ok(Loader::new().load::<Vec<Record>>(bytes.as_slice())?))?,
        time(|| Ok(records.clone()))?,
    ];
    let Use { peak, kept } = load;
    Ok(Row { records: count, size: sink.0, times, value: kept, dump: dump.peak, load: peak - kept })
}

/// The median time of a call in nanoseconds, without dropping what it gives.
fn time<T>(mut call: impl FnMut() -> Result<T>) -> Result<f64> {
    let mut times = Vec::new();
    let mut total = Duration::ZERO;
    while times.len() < OFTEN || total < LONG {
        let begin = clock::now();
        let result = black_box(call()?);
        let spent = clock::since(begin);
        drop(result);
        total += spent;
        times.push(spent);
    }
    times.sort_unstable();
    Ok(times[times.len() / 2].as_nanos() as f64)
}

/// Counts what is written to it, and keeps nothing.
struct Sink(u64);

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The first line of all [`Row::csv`].
pub const CSV_HEADER: &str = "records,size_bytes,dump_ns,load_ns,clone_ns,value_bytes,dump_peak_bytes,load_peak_bytes";

/// The first line of all [`Row::line`].
pub const HEADER: &str =
    "   records  bytes/record   dump ns   load ns  clone ns   value in memory     dump takes     load takes
                                    (per record)";

impl Row {
    /// All figures, of all records together.
    #[must_use]
    pub fn csv(&self) -> String {
        let Row { records, size, times: [dump_time, load_time, clone_time], value, dump, load } = self;
        format!("{records},{size},{dump_time:.0},{load_time:.0},{clone_time:.0},{value},{dump},{load}")
    }

    /// A line of a table: time and size per record, memory in all.
    #[must_use]
    pub fn line(&self) -> String {
        let each = |figure: f64| figure / self.records as f64;
        let mut out = format!("{:>10} {:>13.2}", self.records, each(self.size as f64));
        for time in self.times {
            let _ = write!(out, " {:>9.1}", each(time));
        }
        let _ = write!(out, "   {:>11} KiB", self.value >> 10);
        for bytes in [self.dump, self.load] {
            let _ = write!(out, " {:>10} KiB", bytes >> 10);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_records_are_the_same_each_time() {
        let few = records(100);
        assert_eq!(few, records(1000)[..100]);
        assert!(few.iter().all(|record| (4..13).contains(&record.name.len())));
    }

    #[test]
    fn a_line_shows_what_each_record_takes() {
        let row = Row {
            records: 1000,
            size: 25_500,
            times: [10_000.0, 20_000.0, 30_000.0],
            value: 4096,
            dump: 2048,
            load: 1024,
        };
        assert_eq!(
            row.line(),
            "      1000         25.50      10.0      20.0      30.0             4 KiB          2 KiB          1 KiB"
        );
        assert_eq!(row.csv(), "1000,25500,10000,20000,30000,4096,2048,1024");
    }
}
