//! Timing all libraries beside each other.

use std::hint::black_box;
use std::time::Duration;

use crate::Result;
use crate::clock;
use crate::peers::{self, Library, Operation, Role};
use crate::sets::Data;

/// How much time to spend.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// How often each library is timed.
    pub rounds: usize,
    /// About how long each timing lasts; a slow library is timed for one call.
    pub batch: Duration,
}

/// One library on one data set.
pub struct Row {
    /// The library's name.
    pub name: &'static str,
    /// What the row is there for.
    pub role: Role,
    /// The number of encoded bytes, if the library has bytes of its own.
    pub size: Option<usize>,
    /// Nanoseconds a call, one figure for each round; none if the row has no such figure.
    pub serialize: Vec<f64>,
    /// The same for reading and dropping.
    pub deserialize: Vec<f64>,
}

impl Row {
    /// The figures of one operation.
    #[must_use]
    pub fn times(&self, operation: Operation) -> &[f64] {
        match operation {
            Operation::Serialize => &self.serialize,
            Operation::Deserialize => &self.deserialize,
        }
    }

    fn push(&mut self, operation: Operation, nanoseconds: f64) {
        match operation {
            Operation::Serialize => self.serialize.push(nanoseconds),
            Operation::Deserialize => self.deserialize.push(nanoseconds),
        }
    }
}

/// Checks and times every library on `value`.
pub fn run<T: Data>(value: &T, effort: Effort) -> Result<Vec<Row>> {
    let mut libraries = peers::all::<T>();
    let mut rows = Vec::with_capacity(libraries.len());
    for library in &mut libraries {
        rows.push(prepare(library.as_mut(), value)?);
    }
    for operation in [Operation::Serialize, Operation::Deserialize] {
        let mut tasks = Vec::new();
        for (row, library) in libraries.iter_mut().enumerate().filter(|(_, library)| library.does(operation)) {
            let calls = calls(library.as_mut(), value, operation, effort.batch)?;
            tasks.push(Task { row, calls });
        }
        for round in 0..effort.rounds {
            for position in 0..tasks.len() {
                let task = &tasks[turn(round, position, tasks.len())];
                let library = libraries[task.row].as_mut();
                // What ran before left its own data in the caches.
                call(library, value, operation)?;
                let spent = time(library, value, operation, task.calls)?;
                rows[task.row].push(operation, spent.as_nanos() as f64 / task.calls as f64);
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

/// Encodes once, and insists on getting the value back.
fn prepare<T: Data>(library: &mut dyn Library<T>, value: &T) -> Result<Row> {
    let name = library.name();
    let size = library.prepare(value)?;
    if library.does(Operation::Deserialize) {
        assert!(library.deserialize()? == *value, "{name} gives back another value");
    }
    if let Some(size) = size {
        assert_eq!(library.serialize(value)?, size, "{name} writes another number of bytes when it is timed");
    }
    Ok(Row { name, role: library.role(), size, serialize: Vec::new(), deserialize: Vec::new() })
}

/// Warms up, and finds how many calls fill a batch.
fn calls<T: Data>(library: &mut dyn Library<T>, value: &T, operation: Operation, batch: Duration) -> Result<u32> {
    let mut fastest = Duration::MAX;
    let begin = clock::now();
    while fastest == Duration::MAX || clock::since(begin) < batch * 8 {
        fastest = fastest.min(time(library, value, operation, 1)?);
    }
    let calls = batch.as_nanos() / fastest.as_nanos().max(1);
    Ok(calls.clamp(1, 100_000) as u32)
}

fn time<T: Data>(library: &mut dyn Library<T>, value: &T, operation: Operation, calls: u32) -> Result<Duration> {
    let begin = clock::now();
    for _ in 0..calls {
        call(library, value, operation)?;
    }
    Ok(clock::since(begin))
}

fn call<T: Data>(library: &mut dyn Library<T>, value: &T, operation: Operation) -> Result<()> {
    match operation {
        Operation::Serialize => {
            black_box(library.serialize(value)?);
        }
        // Dropped here, within the time.
        Operation::Deserialize => drop(black_box(library.deserialize()?)),
    }
    Ok(())
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
