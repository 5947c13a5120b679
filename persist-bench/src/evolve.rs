//! What it costs to load records of an older schema: of one that gained two fields since, lost two, and widened one,
//! beside loading the same bytes as the type that they were saved as.

use std::hint::black_box;

use persist::{Loader, Persist, dumps};

use crate::Result;
use crate::clock;
use crate::growth::{Record, State, records};

/// [`Record`] as a later version of a program has it: without `amount` and `reference`, `count` widened, and two more.
#[derive(Clone, Debug, PartialEq, Persist)]
pub struct Later {
    id: u64,
    time: i64,
    #[persist(default = 1)]
    rate: u32,
    count: u32,
    state: State,
    name: String,
    note: Option<String>,
}

/// Nanoseconds for all records.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Loading them as they were saved.
    pub unchanged: f64,
    /// Loading them as [`Later`].
    pub changed: f64,
    /// The median of the second by the first of each round.
    pub ratio: f64,
}

/// Times so many records, so many times, one after the other.
pub fn measure(count: usize, rounds: usize) -> Result<Row> {
    let bytes = dumps(&records(count))?;
    let later: Vec<Later> = Loader::new().loads(&bytes)?;
    let same = |(record, later): (&Record, &Later)| later.is(record);
    if later.len() != count || !records(count).iter().zip(&later).all(same) {
        return Err("the records come back as others".into());
    }
    drop(later);
    let mut times: [Vec<f64>; 3] = Default::default();
    for _ in 0..rounds {
        let unchanged = time(|| Ok(Loader::new().loads::<Vec<Record>>(&bytes)?))?;
        let changed = time(|| Ok(Loader::new().loads::<Vec<Later>>(&bytes)?))?;
        for (times, time) in times.iter_mut().zip([unchanged, changed, changed / unchanged]) {
            times.push(time);
        }
    }
    let [unchanged, changed, ratio] = times.map(median);
    Ok(Row { unchanged, changed, ratio })
}

impl Later {
    fn is(&self, record: &Record) -> bool {
        let rest = (self.rate, self.note.is_none());
        let kept = (self.id, self.time, self.count, &self.state, &self.name);
        rest == (1, true) && kept == (record.id, record.time, record.count.into(), &record.state, &record.name)
    }
}

/// The time of a call in nanoseconds, without dropping what it gives.
pub(crate) fn time<T>(call: impl FnOnce() -> Result<T>) -> Result<f64> {
    let begin = clock::now();
    let result = black_box(call()?);
    let spent = clock::since(begin);
    drop(result);
    Ok(spent.as_nanos() as f64)
}

/// The middle of some figures.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_what_they_were() {
        let row = measure(1000, 1).expect("they load");
        assert!(row.ratio > 0.0 && row.ratio.is_finite());
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
    }
}
