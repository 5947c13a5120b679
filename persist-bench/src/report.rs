//! The figures of one data set beside each other: as a table for people and as lines for programs.

use std::fmt::Write as _;

use crate::catalogue::Set;
use crate::figure::{Measure, Role, Row, Unit};

/// One data set with all its rows.
pub struct Report {
    /// The data set.
    pub set: Set,
    /// The libraries, in the order of the table.
    pub rows: Vec<Row>,
}

/// The first line of what [`Report::csv`] gives.
pub const CSV_HEADER: &str = "set,measure,variant,ratio,best_peer";

impl Report {
    /// One line for each measure of each row of persist: its ratio to the best peer, and who that is.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut lines = String::new();
        for &measure in self.set.group().measures() {
            for row in self.ours() {
                if let Some((ratio, best)) = self.best(row, measure) {
                    put(&mut lines, format_args!("{},{},", self.set.name(), measure.name()));
                    put(&mut lines, format_args!("{},{ratio:.4},{}\n", row.name, best.name));
                }
            }
        }
        lines
    }

    /// A table of all rows, with each figure beside its ratio to that of persist's best peer.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = format!("{:<20}", self.set.name());
        for measure in self.set.group().measures() {
            put(&mut table, format_args!(" {:>19} {:>7}", measure.heading(), "/best"));
        }
        table.push('\n');
        for row in &self.rows {
            let mut line = format!("{:<20}", row.name);
            for &measure in self.set.group().measures() {
                let best = self.main().and_then(|main| self.best(main, measure));
                let ratio = best.and_then(|(_, best)| row.ratio(best, measure));
                let ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.3}"));
                put(&mut line, format_args!(" {:>19} {ratio:>7}", text(row, measure).unwrap_or_default()));
            }
            put(&mut table, format_args!("{}\n", line.trim_end()));
        }
        table
    }

    /// The rows of persist, the one that is compared by default first.
    pub fn ours(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| matches!(row.role, Role::Ours | Role::Variant))
    }

    /// The row of persist that is compared by default.
    #[must_use]
    pub fn main(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.role == Role::Ours)
    }

    /// The peers.
    pub fn peers(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.role == Role::Peer)
    }

    /// The peer beside which `row` looks worst, with the ratio. Judged by the same ratios as everything else: on a busy
    /// machine the least median time may belong to another peer, which was only luckier.
    #[must_use]
    pub fn best(&self, row: &Row, measure: Measure) -> Option<(f64, &Row)> {
        let ratios = self.peers().filter_map(|peer| Some((row.ratio(peer, measure)?, peer)));
        ratios.max_by(|a, b| a.0.total_cmp(&b.0))
    }
}

/// Writing to a string cannot fail.
fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(arguments);
}

/// The median figure with its unit; nothing if the row has none.
#[must_use]
pub fn text(row: &Row, measure: Measure) -> Option<String> {
    let figure = row.median(measure)?;
    Some(match measure.unit() {
        Unit::Time if figure < 10_000.0 => format!("{figure:.0} ns"),
        Unit::Time if figure < 10_000_000.0 => format!("{:.0} µs", figure / 1e3),
        Unit::Time => format!("{:.1} ms", figure / 1e6),
        Unit::Bytes if figure < 1000.0 => format!("{figure:.1}"),
        Unit::Bytes => grouped(figure.round() as usize),
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
    use super::{Report, grouped, text};
    use crate::catalogue::Set;
    use crate::figure::{Measure, Role, Row};

    fn row(name: &str, role: Role, size: f64, times: [f64; 3]) -> Row {
        let mut row = Row::new(name, role);
        row.push(Measure::Size, size);
        for time in times {
            row.push(Measure::Serialize, time);
        }
        row
    }

    #[test]
    fn each_row_of_persist_has_its_best_peer() {
        let rows = vec![
            // The second round was slow for everyone, and the third one a little faster.
            row("persist", Role::Ours, 90.0, [100.0, 400.0, 80.0]),
            row("persist (checksum)", Role::Variant, 110.0, [150.0, 600.0, 120.0]),
            row("slow", Role::Peer, 100.0, [300.0, 900.0, 240.0]),
            row("fast", Role::Peer, 200.0, [200.0, 800.0, 160.0]),
            // Has the least median time, but is worse than `fast` in most rounds.
            row("lucky", Role::Peer, 200.0, [199.0, 900.0, 170.0]),
            // Never the best peer, whatever it takes.
            row("floor", Role::Floor, 1.0, [1.0, 1.0, 1.0]),
        ];
        let report = Report { set: Set::Tree, rows };
        let expected = "tree,serialize,persist,0.5000,fast\ntree,serialize,persist (checksum),0.7500,fast\n\
                        tree,size,persist,0.9000,slow\ntree,size,persist (checksum),1.1000,slow\n";
        assert_eq!(report.csv(), expected);
    }

    #[test]
    fn units_follow_the_magnitude() {
        let mut row = row("x", Role::Peer, 1_234_567.0, [81.4; 3]);
        assert_eq!(text(&row, Measure::Serialize).unwrap(), "81 ns");
        assert_eq!(text(&row, Measure::Size).unwrap(), "1,234,567");
        assert_eq!(text(&row, Measure::Deserialize), None);
        row.push(Measure::Deserialize, 12_345_678.0);
        assert_eq!(text(&row, Measure::Deserialize).unwrap(), "12.3 ms");
        row.push(Measure::SizeSmall, 34.25);
        assert_eq!(text(&row, Measure::SizeSmall).unwrap(), "34.2");
    }

    #[test]
    fn thousands() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(123), "123");
        assert_eq!(grouped(6_000_003), "6,000,003");
    }
}
