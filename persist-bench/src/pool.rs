//! The figures of several starts, pooled.
//!
//! Where the loader and the allocator happen to put things differs from start to start, and makes one library a few percent
//! faster or slower for as long as the process lives. So each start is a process of its own, which gives its figures as
//! lines of text: `row|role|measure|figures`.

use std::fmt::Write as _;

use crate::Result;
use crate::figure::{Measure, Role, Row};

/// The rows as lines for another process.
#[must_use]
pub fn lines(rows: &[Row]) -> String {
    let mut lines = String::new();
    for row in rows {
        for (measure, figures) in &row.figures {
            // Writing to a string cannot fail.
            let _ = write!(lines, "{}|{}|{}|", row.name, row.role.name(), measure.name());
            for figure in figures {
                let _ = write!(lines, " {figure}");
            }
            lines.push('\n');
        }
    }
    lines
}

/// Adds the rows of one start, as [`lines`] gave them, to those of the starts before.
pub fn add(pooled: &mut Vec<Row>, lines: &str) -> Result<()> {
    for line in lines.lines() {
        let wrong = || format!("not a line of figures: `{line}`");
        let mut parts = line.splitn(4, '|');
        let mut part = || parts.next().ok_or_else(wrong);
        let (name, role, measure, figures) = (part()?, part()?, part()?, part()?);
        let role = Role::named(role).ok_or_else(wrong)?;
        let measure = Measure::named(measure).ok_or_else(wrong)?;
        let at = pooled.iter().position(|row| row.name == name).unwrap_or_else(|| {
            pooled.push(Row::new(name, role));
            pooled.len() - 1
        });
        for figure in figures.split_ascii_whitespace() {
            pooled[at].push(measure, figure.parse()?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{add, lines};
    use crate::figure::{Measure, Role, Row};

    fn start(ours: [f64; 3], peer: [f64; 3]) -> Vec<Row> {
        let mut rows = vec![Row::new("persist", Role::Ours), Row::new("serde-zap", Role::Peer)];
        for (row, figures) in rows.iter_mut().zip([ours, peer]) {
            figures.into_iter().for_each(|figure| row.push(Measure::Serialize, figure));
            row.push(Measure::Size, 100.0);
        }
        rows
    }

    #[test]
    fn rows_come_back() {
        let rows = start([1.5, 2.0, 1.0 / 3.0], [3.0, 1e9, 7.0]);
        let mut back = Vec::new();
        add(&mut back, &lines(&rows)).unwrap();
        assert_eq!(back, rows);
    }

    #[test]
    fn the_rounds_of_all_starts_are_compared_each_within_itself() {
        let mut pooled = Vec::new();
        // The second start ran on a machine half as fast; and in it the peer was unlucky.
        add(&mut pooled, &lines(&start([10.0, 20.0, 30.0], [20.0, 40.0, 60.0]))).unwrap();
        add(&mut pooled, &lines(&start([20.0, 40.0, 60.0], [80.0, 160.0, 240.0]))).unwrap();
        let [ours, peer] = pooled.as_slice() else { panic!("two rows") };
        assert_eq!(ours.of(Measure::Serialize), [10.0, 20.0, 30.0, 20.0, 40.0, 60.0]);
        // Half of the six ratios are 1/2, half are 1/4.
        assert_eq!(ours.ratio(peer, Measure::Serialize), Some(0.375));
        assert_eq!(ours.ratio(peer, Measure::Size), Some(1.0));
    }

    #[test]
    fn other_output_is_refused() {
        for line in ["hello", "persist|ours|speed|1", "persist|boss|size|1", "persist|ours|size|many"] {
            assert!(add(&mut Vec::new(), line).is_err(), "{line}");
        }
    }
}
