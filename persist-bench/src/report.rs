//! The figures as a table for people and as lines for programs.

use std::fmt::Write as _;

use crate::measure::Row;
use crate::peers::{Operation, Role};

/// One data set with all its rows.
pub struct Report {
    /// The data set's name.
    pub set: &'static str,
    /// The libraries, in the order of the table.
    pub rows: Vec<Row>,
}

/// The first line of what [`Report::csv`] gives.
pub const CSV_HEADER: &str = "set,measure,ratio,best_peer";

/// What is compared.
#[derive(Clone, Copy)]
enum Measure {
    Time(Operation),
    Size,
}

const MEASURES: [(&str, Measure); 3] = [
    ("serialize", Measure::Time(Operation::Serialize)),
    ("deserialize", Measure::Time(Operation::Deserialize)),
    ("size", Measure::Size),
];

impl Report {
    /// One line for each measure of the row `persist`: its ratio to the best peer, and who that is.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut lines = String::new();
        for (name, measure) in MEASURES {
            if let (Some(ours), Some(best)) = (self.ours(), self.best(measure))
                && let Some(ratio) = ratio(ours, best, measure)
            {
                put(&mut lines, format_args!("{},{name},{ratio:.4},{}\n", self.set, best.name));
            }
        }
        lines
    }

    /// A table of all rows, with each figure beside its ratio to the best peer's.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = String::new();
        put(&mut table, format_args!("{:<20}", self.set));
        for (heading, _) in MEASURES {
            put(&mut table, format_args!(" {heading:>14} {:>7}", "/best"));
        }
        table.push('\n');
        for row in &self.rows {
            let mut line = format!("{:<20}", row.name);
            for (_, measure) in MEASURES {
                let ratio = self.best(measure).and_then(|best| ratio(row, best, measure));
                let ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.3}"));
                put(&mut line, format_args!(" {:>14} {ratio:>7}", figure(row, measure).unwrap_or_default()));
            }
            put(&mut table, format_args!("{}\n", line.trim_end()));
        }
        table
    }

    /// The peer beside which persist looks worst. Judged by the same ratios as everything else: on a busy machine the
    /// least median time may belong to another peer, which was only luckier.
    fn best(&self, measure: Measure) -> Option<&Row> {
        let ours = self.ours()?;
        let peers = self.rows.iter().filter(|row| row.role == Role::Peer);
        let ratios = peers.filter_map(|row| Some((ratio(ours, row, measure)?, row)));
        ratios.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, row)| row)
    }

    fn ours(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.role == Role::Ours)
    }
}

/// Writing to a string cannot fail.
fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(arguments);
}

/// The row's figure for a measure: median nanoseconds, or bytes.
fn value(row: &Row, measure: Measure) -> Option<f64> {
    match measure {
        Measure::Time(operation) => median(row.times(operation).to_vec()),
        Measure::Size => row.size.map(|size| size as f64),
    }
}

/// How many times the figure of `best` that of `row` is. Times are compared within each round: what slows the machine
/// down for a while slows both.
fn ratio(row: &Row, best: &Row, measure: Measure) -> Option<f64> {
    match measure {
        Measure::Time(operation) => {
            let pairs = row.times(operation).iter().zip(best.times(operation));
            median(pairs.map(|(time, best)| time / best).collect())
        }
        Measure::Size => Some(value(row, measure)? / value(best, measure)?),
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = values.len() / 2;
    match values.len() {
        0 => None,
        even if even.is_multiple_of(2) => Some(f64::midpoint(values[upper - 1], values[upper])),
        _ => Some(values[upper]),
    }
}

fn figure(row: &Row, measure: Measure) -> Option<String> {
    let value = value(row, measure)?;
    Some(match measure {
        Measure::Time(_) => format!("{:.1} µs", value / 1000.0),
        Measure::Size => grouped(value as usize),
    })
}

/// A number with a comma after each thousand.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Report, grouped, median};
    use crate::measure::Row;
    use crate::peers::Role;

    fn row(name: &'static str, role: Role, size: usize, times: [f64; 3]) -> Row {
        Row { name, role, size: Some(size), serialize: times.to_vec(), deserialize: times.to_vec() }
    }

    #[test]
    fn ratios_are_taken_within_rounds() {
        let rows = vec![
            // The second round was slow for everyone, and the third one a little faster.
            row("persist", Role::Ours, 90, [100.0, 400.0, 80.0]),
            row("slow", Role::Peer, 100, [300.0, 900.0, 240.0]),
            row("fast", Role::Peer, 200, [200.0, 800.0, 160.0]),
            // Has the least median time, but is worse than `fast` in most rounds.
            row("lucky", Role::Peer, 200, [199.0, 900.0, 170.0]),
            // Never the best peer, whatever it takes.
            row("floor", Role::Floor, 1, [1.0, 1.0, 1.0]),
        ];
        let report = Report { set: "log", rows };
        assert_eq!(report.csv(), "log,serialize,0.5000,fast\nlog,deserialize,0.5000,fast\nlog,size,0.9000,slow\n");
    }

    #[test]
    fn medians() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn thousands() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(123), "123");
        assert_eq!(grouped(6_000_003), "6,000,003");
    }
}
