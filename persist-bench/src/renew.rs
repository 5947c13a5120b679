//! Renewing the published comparison: its tables, and the plots beside it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::catalogue::{Group, Set};
use crate::document;
use crate::figure::Measure;
use crate::machine::Machine;
use crate::markdown::{Run, figures, folded, machine, peers, ratios};
use crate::plots::{Choice, Layout, chart};
use crate::report::Report;

/// A part of the document with its plot.
struct Part {
    /// The name between the marks, and of the plot's file.
    name: &'static str,
    group: Group,
    measures: &'static [Measure],
    layout: Layout,
    title: &'static str,
}

const PLAIN: &[Measure] = &[Measure::Serialize, Measure::Deserialize, Measure::Size];
const SMALL: &[Measure] = &[Measure::SerializeSmall, Measure::DeserializeSmall, Measure::SizeSmall];

const PARTS: [Part; 4] = [
    Part {
        name: "public",
        group: Group::Public,
        measures: PLAIN,
        layout: Layout::SetsDown,
        title: "The sets of the public benchmark",
    },
    Part {
        name: "small",
        group: Group::Public,
        measures: SMALL,
        layout: Layout::SetsDown,
        title: "The sets of the public benchmark, under zstd level 3",
    },
    Part {
        name: "messages",
        group: Group::Messages,
        measures: &[
            Measure::Serialize,
            Measure::SerializeFresh,
            Measure::Deserialize,
            Measure::DeserializeFresh,
            Measure::Size,
        ],
        layout: Layout::SetsAcross,
        title: "Small messages, each on its own",
    },
    Part {
        name: "large",
        group: Group::Large,
        measures: PLAIN,
        layout: Layout::SetsDown,
        title: "Maps, trees and long lists",
    },
];

/// Renews the parts of `docs/comparison.md` whose sets were all measured, and their plots.
pub fn comparison(reports: &[Report], run: Run) -> Result<()> {
    let docs = docs();
    let path = docs.join("comparison.md");
    let mut document = fs::read_to_string(&path)?;
    fs::create_dir_all(docs.join("plots"))?;
    let machine = machine(&Machine::this(), run);
    document = document::renew(&document, "versions", &peers())?;
    for part in &PARTS {
        if let Some(reports) = part.reports(reports) {
            document = document::renew(&document, part.name, &part.markdown(&reports, &machine))?;
            let chart = chart(part.title, &reports, part.measures, Choice::All, part.layout);
            fs::write(docs.join("plots").join(format!("{}.svg", part.name)), chart.svg())?;
        }
    }
    if let Some(reports) = PARTS[0].reports(reports) {
        let chart = chart("persist beside the best four", &reports, PLAIN, Choice::Best, Layout::SetsDown);
        fs::write(docs.join("plots").join("overview.svg"), chart.svg())?;
    }
    fs::write(path, document)?;
    Ok(())
}

impl Part {
    /// The reports of its sets, if there are all.
    fn reports<'a>(&self, reports: &'a [Report]) -> Option<Vec<&'a Report>> {
        let of = |set: Set| reports.iter().find(|report| report.set == set);
        self.group.sets().map(of).collect()
    }

    fn markdown(&self, reports: &[&Report], machine: &str) -> String {
        let plot = format!("![{}](plots/{}.svg)", self.title, self.name);
        let ratios = ratios(reports, self.measures);
        let tables: Vec<_> = reports.iter().map(|report| figures(report, self.measures)).collect();
        format!("{machine}\n\n{ratios}\n{plot}\n\n{}", folded("All figures", &tables.join("\n")))
    }
}

/// The documents of the sources that this program was built from.
fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{PARTS, docs};
    use crate::catalogue::Set;
    use crate::document::renew;
    use crate::report::Report;

    #[test]
    fn the_document_has_all_marks() {
        let document = fs::read_to_string(docs().join("comparison.md")).unwrap();
        for name in PARTS.iter().map(|part| part.name).chain(["versions"]) {
            renew(&document, name, "").unwrap();
        }
    }

    #[test]
    fn a_part_waits_for_all_of_its_sets() {
        let report = |set| Report { set, rows: Vec::new() };
        let some = [report(Set::Log), report(Set::Mesh)];
        assert!(PARTS[0].reports(&some).is_none());
        let all = Set::ALL.map(report);
        assert_eq!(PARTS[0].reports(&all).unwrap().len(), 4);
    }
}
