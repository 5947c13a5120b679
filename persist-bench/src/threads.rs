//! How long a value takes to be written by several threads.
//!
//! Here the time is that of a clock on the wall, since the threads' own times add up. The sets are those of the public
//! benchmark, made longer: so that there are enough groups of rows to hand out.

use std::hint::black_box;
use std::time::{Duration, Instant};

use persist::{Dumper, Encode, Level};

use crate::Result;
use crate::random::Random;
use crate::sets::{SEED, log, mesh, mk48};

/// How long each set is timed for, at each level, at least.
const LONG: Duration = Duration::from_secs(2);
/// How often, at least.
const OFTEN: usize = 7;

/// What writing one set at one level takes.
#[derive(Clone, Debug)]
pub struct Row {
    set: &'static str,
    level: Level,
    size: usize,
    /// Seconds with 1, 2, .. threads.
    times: Vec<f64>,
}

/// Times all sets with up to so many threads.
pub fn measure(most: usize) -> Result<Vec<Row>> {
    let random = &mut Random::new(SEED);
    let mut rows = Vec::new();
    add("log", &log::long(random, 100_000), most, &mut rows)?;
    add("mesh", &mesh::long(random, 500_000), most, &mut rows)?;
    add("mk48", &mk48::long(random, 10_000), most, &mut rows)?;
    Ok(rows)
}

fn add<T: Encode>(set: &'static str, value: &T, most: usize, rows: &mut Vec<Row>) -> Result<()> {
    for level in [Level::Fast, Level::Small] {
        let mut dumpers: Vec<_> = (1..=most).map(|threads| Dumper::new().level(level).threads(threads)).collect();
        let mut times = vec![Vec::new(); most];
        let (mut expected, mut out) = (Vec::new(), Vec::new());
        dumpers[0].dumps_into(value, &mut expected)?;
        let begin = Instant::now();
        while begin.elapsed() < LONG || times[0].len() < OFTEN {
            // All by turns, so that a machine that is busy for a while is so for all.
            for (dumper, times) in dumpers.iter_mut().zip(&mut times) {
                out.clear();
                let begin = Instant::now();
                dumper.dumps_into(black_box(value), &mut out)?;
                times.push(begin.elapsed().as_secs_f64());
                if out != expected {
                    return Err("another number of threads writes other bytes".into());
                }
            }
        }
        // The shortest: what else runs on the machine only makes it longer, and that of several threads most of all.
        let best = |times: Vec<f64>| times.into_iter().fold(f64::INFINITY, f64::min);
        rows.push(Row { set, level, size: expected.len(), times: times.into_iter().map(best).collect() });
    }
    Ok(())
}

/// The first line of all [`Row::line`].
#[must_use]
pub fn header(most: usize) -> String {
    let threads: Vec<_> = (2..=most).map(|threads| format!("{threads:>3} threads")).collect();
    format!("set   level        bytes    1 thread {}", threads.join(" "))
}

impl Row {
    /// A line of a table: the time of one thread, and what more threads take of it.
    #[must_use]
    pub fn line(&self) -> String {
        let level = format!("{:?}", self.level);
        let first = self.times[0];
        let more: Vec<_> = self.times[1..].iter().map(|time| format!("{:>11.3}", time / first)).collect();
        format!("{:<5} {level:<6} {:>11} {:>8.2} ms {}", self.set, self.size, first * 1e3, more.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_what_more_threads_take() {
        let row = Row { set: "log", level: Level::Small, size: 1000, times: vec![0.25, 0.125] };
        assert_eq!(row.line(), "log   Small         1000   250.00 ms       0.500");
        assert_eq!(header(2), "set   level        bytes    1 thread   2 threads");
    }
}
