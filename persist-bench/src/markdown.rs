//! The figures as tables in Markdown.

use std::fmt::Write as _;

use crate::figure::{Measure, Row};
use crate::machine::{Machine, versions};
use crate::report::{Report, text};

/// How often everything was measured.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Starts of the program.
    pub starts: u32,
    /// Rounds in each.
    pub rounds: u32,
    /// Rounds in each, of the large sets.
    pub rounds_large: u32,
}

/// Where, when and how the figures were taken.
#[must_use]
pub fn machine(machine: &Machine, run: Run) -> String {
    let Machine { processor, cores, compiler, date } = machine;
    let Run { starts, rounds, rounds_large } = run;
    let starts = if starts == 1 { "one start".to_owned() } else { format!("{starts} starts") };
    let profile = "`cargo run --release` as the workspace has it";
    format!(
        "Measured on {date}: {processor}, {cores} threads; {compiler}; {profile}; {starts} of {rounds} rounds, of \
         {rounds_large} for the large sets."
    )
}

/// The libraries with their versions.
#[must_use]
pub fn peers() -> String {
    let versions: Vec<_> = versions().iter().map(|(name, version)| format!("{name} {version}")).collect();
    format!("Versions: {}.", versions.join(", "))
}

/// The ratio of each row of persist to the best peer, for each set.
#[must_use]
pub fn ratios(reports: &[&Report], measures: &[Measure]) -> String {
    let mut table = heading(&["set", "row"], measures);
    for report in reports {
        for row in report.ours() {
            let cells = measures.iter().map(|&measure| {
                report.best(row, measure).map(|(ratio, best)| format!("{} ({})", shortened(ratio), best.name))
            });
            line(&mut table, &[report.set.name(), &row.name], cells);
        }
    }
    table
}

/// All figures of one set.
#[must_use]
pub fn figures(report: &Report, measures: &[Measure]) -> String {
    let mut table = heading(&[report.set.name()], measures);
    for row in report.rows.iter().filter(|row| has_any(row, measures)) {
        line(&mut table, &[&row.name], measures.iter().map(|&measure| text(row, measure)));
    }
    table
}

/// Text that is shown on demand.
#[must_use]
pub fn folded(summary: &str, content: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{}\n\n</details>", content.trim())
}

fn has_any(row: &Row, measures: &[Measure]) -> bool {
    measures.iter().any(|&measure| !row.of(measure).is_empty())
}

/// Two digits behind the point, or three where they make a difference.
fn shortened(ratio: f64) -> String {
    if (0.9..1.1).contains(&ratio) { format!("{ratio:.3}") } else { format!("{ratio:.2}") }
}

fn heading(names: &[&str], measures: &[Measure]) -> String {
    let mut table = String::new();
    line(&mut table, names, measures.iter().map(|measure| Some(measure.heading().to_owned())));
    line(&mut table, &vec!["---"; names.len()], measures.iter().map(|_| Some("---:".to_owned())));
    table
}

fn line(table: &mut String, names: &[&str], cells: impl Iterator<Item = Option<String>>) {
    // Writing to a string cannot fail.
    for name in names {
        let _ = write!(table, "| {name} ");
    }
    for cell in cells {
        let _ = write!(table, "| {} ", cell.unwrap_or_default());
    }
    table.push_str("|\n");
}

#[cfg(test)]
mod tests {
    use super::{figures, ratios};
    use crate::catalogue::Set;
    use crate::figure::{Measure, Role, Row};
    use crate::report::Report;

    #[test]
    fn a_cell_without_a_figure_is_empty() {
        let mut rows = vec![
            Row::new("persist", Role::Ours),
            Row::new("peer", Role::Peer),
            Row::new("none", Role::Peer),
            Row::new("floor", Role::Floor),
        ];
        rows[0].push(Measure::Size, 4950.0);
        rows[1].push(Measure::Size, 5000.0);
        rows[3].push(Measure::Deserialize, 1.0);
        rows[0].push(Measure::Serialize, 50.0);
        let report = Report { set: Set::Tree, rows };
        let measures = [Measure::Serialize, Measure::Size];
        let expected = "| set | row | serialize | size |\n| --- | --- | ---: | ---: |\n\
                        | tree | persist |  | 0.990 (peer) |\n";
        assert_eq!(ratios(&[&report], &measures), expected);
        let expected = "| tree | serialize | size |\n| --- | ---: | ---: |\n\
                        | persist | 50 ns | 4,950 |\n| peer |  | 5,000 |\n";
        assert_eq!(figures(&report, &measures), expected);
    }
}
