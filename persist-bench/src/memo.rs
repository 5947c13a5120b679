//! What a hit of a memo costs: beside plainly reading a file of as many bytes, which the system has in memory.

use std::fs;

use persist::Memo;

use crate::Result;
use crate::evolve::{median, time};

/// Bytes of the results: a small one, and a large one.
pub const SIZES: [usize; 2] = [16, 1 << 20];

/// Nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Making the key, reading the file, checking and building the result.
    pub hit: f64,
    /// Reading a file.
    pub read: f64,
    /// The median of the first by the second of each round.
    pub ratio: f64,
}

/// Looks a result of so many bytes up, so many times.
pub fn measure(size: usize, rounds: usize) -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let memo = Memo::builder(folder.path(), "results").version(1).build();
    let bytes: Vec<u8> = (0..size).map(|at| at as u8).collect();
    let file = folder.path().join("file");
    fs::write(&file, &bytes)?;
    memo.get_or_compute(&("a photo", 512), || bytes.clone());
    let mut times: [Vec<f64>; 3] = Default::default();
    for _ in 0..rounds {
        let hit = time(|| Ok(memo.get_or_compute(&("a photo", 512), Vec::<u8>::new)))?;
        let read = time(|| Ok(fs::read(&file)?))?;
        for (times, time) in times.iter_mut().zip([hit, read, hit / read]) {
            times.push(time);
        }
    }
    if memo.get_or_compute(&("a photo", 512), Vec::<u8>::new) != bytes || memo.statistics().computed != 1 {
        return Err("the results come back as others".into());
    }
    let [hit, read, ratio] = times.map(median);
    Ok(Row { hit, read, ratio })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_what_they_were() {
        for size in SIZES {
            let row = measure(size, 3).expect("they are kept");
            assert!(row.ratio > 0.0 && row.ratio.is_finite());
        }
    }
}
