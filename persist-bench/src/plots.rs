//! Which charts are drawn of the figures.

use crate::chart::{Bar, Chart, Panel};
use crate::figure::{Measure, Role, Row};
use crate::report::{Report, text};

/// Which libraries a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// All, and all rows of persist.
    All,
    /// persist and the best four of each panel.
    Best,
}

/// How a chart's panels are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Each set is a row, each measure a column.
    SetsDown,
    /// Each measure is a row, each set a column.
    SetsAcross,
}

/// A chart of some measures of some sets.
#[must_use]
pub fn chart(title: &str, reports: &[&Report], measures: &[Measure], choice: Choice, layout: Layout) -> Chart {
    let panels = match layout {
        Layout::SetsDown => cross(reports, measures).map(|(report, measure)| panel(report, measure, choice)).collect(),
        Layout::SetsAcross => {
            cross(measures, reports).map(|(measure, report)| panel(report, measure, choice)).collect()
        }
    };
    let columns = if layout == Layout::SetsDown { measures.len() } else { reports.len() };
    let subtitle =
        "Time and bytes for each value; shorter is better. A broken bar is more than five times the shortest.";
    Chart { title: title.to_owned(), subtitle: subtitle.to_owned(), columns, panels }
}

/// All pairs, those with the first `outer` first.
fn cross<'a, A: Copy, B: Copy>(outer: &'a [A], inner: &'a [B]) -> impl Iterator<Item = (A, B)> + 'a {
    outer.iter().flat_map(move |&a| inner.iter().map(move |&b| (a, b)))
}

fn panel(report: &Report, measure: Measure, choice: Choice) -> Panel {
    let bar = |row: &Row| {
        let ours = row.role != Role::Peer;
        Some(Bar { label: row.name.clone(), value: row.median(measure)?, text: text(row, measure)?, ours })
    };
    let shorter = |a: &Bar, b: &Bar| a.value.total_cmp(&b.value);
    let mut bars: Vec<_> = report.peers().filter_map(bar).collect();
    bars.sort_by(shorter);
    match choice {
        Choice::All => bars.extend(report.ours().filter_map(bar)),
        Choice::Best => {
            bars.truncate(4);
            bars.extend(report.main().and_then(bar));
        }
    }
    bars.sort_by(shorter);
    Panel { title: format!("{}: {}", report.set.name(), measure.heading()), bars }
}

#[cfg(test)]
mod tests {
    use super::{Choice, Layout, chart};
    use crate::catalogue::Set;
    use crate::figure::{Measure, Role, Row};
    use crate::report::Report;

    fn report(set: Set) -> Report {
        let mut rows = vec![Row::new("persist", Role::Ours), Row::new("floor", Role::Floor)];
        rows.extend(["a", "b", "c", "d", "e"].map(|name| Row::new(name, Role::Peer)));
        for (row, figure) in rows.iter_mut().zip([9.0, 0.0, 5.0, 4.0, 3.0, 2.0, 1.0]) {
            row.push(Measure::Size, figure);
        }
        Report { set, rows }
    }

    #[test]
    fn persist_stands_beside_the_best_four() {
        let report = report(Set::Log);
        let chart = chart("t", &[&report], &[Measure::Size], Choice::Best, Layout::SetsDown);
        let bars: Vec<_> = chart.panels[0].bars.iter().map(|bar| bar.label.as_str()).collect();
        assert_eq!(bars, ["e", "d", "c", "b", "persist"]);
    }

    #[test]
    fn panels_go_down_or_across() {
        let (log, mesh) = (report(Set::Log), report(Set::Mesh));
        let measures = [Measure::Serialize, Measure::Size];
        let titles = |layout| {
            let chart = chart("t", &[&log, &mesh], &measures, Choice::All, layout);
            chart.panels.iter().map(|panel| panel.title.clone()).collect::<Vec<_>>()
        };
        assert_eq!(titles(Layout::SetsDown), ["log: serialize", "log: size", "mesh: serialize", "mesh: size"]);
        assert_eq!(titles(Layout::SetsAcross), ["log: serialize", "mesh: serialize", "log: size", "mesh: size"]);
    }
}
