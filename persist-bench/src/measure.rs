//! Timing all libraries beside each other.

use std::hint::black_box;
use std::time::Duration;

use crate::Result;
use crate::clock;
use crate::figure::{Measure, Row, Unit};
use crate::library::Library;
use crate::peers::Libraries;
use crate::sets::Data;

/// How much time to spend.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// How often each library is timed.
    pub rounds: usize,
    /// About how long each timing lasts; a slow library is timed for one call.
    pub batch: Duration,
    /// What is done, untimed, before each timing.
    pub before: Before,
}

/// What is done before each timing, so that no library works on what another one left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// A call of the same library: what ran before left its own data in the caches.
    Call,
    /// Before reading, a clone of the values and its drop. Values that are larger than all caches find nothing of their
    /// own in them either way, but how the allocator's free memory lies depends on what was dropped last, and makes as
    /// much as a factor of three in reading.
    Clone,
}

/// A block of memory for which glibc's allocator first merges all small blocks that were freed. Otherwise the first library to
/// ask for such a block would pay for what others freed.
const MERGING: usize = 1 << 20;

/// Checks every library on all `values`, and takes its figures of all `measures`.
pub fn run<T: Data>(
    values: &[T],
    mut libraries: Libraries<T>,
    measures: &[Measure],
    effort: Effort,
) -> Result<Vec<Row>> {
    let mut rows = Vec::with_capacity(libraries.len());
    for library in &mut libraries {
        let mut row = Row::new(library.name(), library.role());
        for (measure, size) in library.prepare(values, measures)? {
            row.push(measure, size);
        }
        rows.push(row);
    }
    for &measure in measures.iter().filter(|measure| measure.unit() == Unit::Time) {
        let mut tasks = Vec::new();
        for (row, library) in libraries.iter_mut().enumerate().filter(|(_, library)| library.does(measure)) {
            tasks.push(Task { row, calls: calls(library.as_mut(), values, measure, effort.batch)? });
        }
        // Compressing takes several times as long, and varies less.
        let rounds = if measure.is_small() { effort.rounds.div_ceil(5) } else { effort.rounds };
        for round in 0..rounds {
            for position in 0..tasks.len() {
                let task = &tasks[turn(round, position, tasks.len())];
                let library = libraries[task.row].as_mut();
                match effort.before {
                    Before::Call => library.run(values, measure)?,
                    Before::Clone if measure == Measure::Deserialize => {
                        drop(black_box(values.to_vec()));
                        drop(black_box(Vec::<u8>::with_capacity(MERGING)));
                    }
                    Before::Clone => {}
                }
                let spent = time(library, values, measure, task.calls)?;
                let timed = task.calls as usize * values.len();
                rows[task.row].push(measure, spent.as_nanos() as f64 / timed as f64);
            }
        }
    }
    Ok(rows)
}

/// A library in its turn.
struct Task {
    row: usize,
    calls: u32,
}

/// Whose turn it is at `position` of `round`: forwards and backwards by turns, so that drift within a round cancels, and
/// beginning with another one each time, so that nobody always follows the same neighbour.
fn turn(round: usize, position: usize, tasks: usize) -> usize {
    let position = if round.is_multiple_of(2) { position } else { tasks - 1 - position };
    (position + round / 2) % tasks
}

/// Warms up, and finds how many calls fill a batch.
fn calls<T: Data>(library: &mut dyn Library<T>, values: &[T], measure: Measure, batch: Duration) -> Result<u32> {
    let mut fastest = Duration::MAX;
    let begin = clock::now();
    while fastest == Duration::MAX || clock::since(begin) < batch * 8 {
        fastest = fastest.min(time(library, values, measure, 1)?);
    }
    let calls = batch.as_nanos() / fastest.as_nanos().max(1);
    Ok(calls.clamp(1, 100_000) as u32)
}

fn time<T: Data>(library: &mut dyn Library<T>, values: &[T], measure: Measure, calls: u32) -> Result<Duration> {
    let begin = clock::now();
    for _ in 0..calls {
        library.run(values, measure)?;
    }
    Ok(clock::since(begin))
}

#[cfg(test)]
mod tests {
    use super::turn;

    #[test]
    fn every_round_gives_everyone_one_turn() {
        for round in 0..20 {
            let mut seen: Vec<_> = (0..7).map(|position| turn(round, position, 7)).collect();
            seen.sort_unstable();
            assert_eq!(seen, [0, 1, 2, 3, 4, 5, 6]);
        }
    }

    #[test]
    fn everyone_is_first_and_last_equally_often() {
        let mut first: Vec<_> = (0..14).map(|round| turn(round, 0, 7)).collect();
        let mut last: Vec<_> = (0..14).map(|round| turn(round, 6, 7)).collect();
        first.sort_unstable();
        last.sort_unstable();
        assert_eq!(first, last);
        assert_eq!(first, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]);
    }
}
