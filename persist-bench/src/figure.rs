//! Figures: what is measured, and whose figures they are.

use std::collections::BTreeMap;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Time to write into memory that is kept.
    Serialize,
    /// Time to read an owned value, and to drop it.
    Deserialize,
    /// The number of bytes.
    Size,
    /// Time to write with nothing kept between calls.
    SerializeFresh,
    /// Time to read and drop with nothing kept between calls.
    DeserializeFresh,
    /// Time to write and to compress.
    SerializeSmall,
    /// Time to decompress, read and drop.
    DeserializeSmall,
    /// The number of compressed bytes.
    SizeSmall,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds of the thread's processor time for each value.
    Time,
    /// Bytes for each value.
    Bytes,
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 8] = [
        Measure::Serialize,
        Measure::Deserialize,
        Measure::Size,
        Measure::SerializeFresh,
        Measure::DeserializeFresh,
        Measure::SerializeSmall,
        Measure::DeserializeSmall,
        Measure::SizeSmall,
    ];

    /// What it is called in output for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Measure::Serialize => "serialize",
            Measure::Deserialize => "deserialize",
            Measure::Size => "size",
            Measure::SerializeFresh => "serialize_fresh",
            Measure::DeserializeFresh => "deserialize_fresh",
            Measure::SerializeSmall => "serialize_small",
            Measure::DeserializeSmall => "deserialize_small",
            Measure::SizeSmall => "size_small",
        }
    }

    /// What it is called in output for people.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Measure::SerializeFresh => "serialize, fresh",
            Measure::DeserializeFresh => "deserialize, fresh",
            Measure::SerializeSmall => "serialize + zstd",
            Measure::DeserializeSmall => "zstd + deserialize",
            Measure::SizeSmall => "size after zstd",
            plain => plain.name(),
        }
    }

    /// The measure of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Measure> {
        Measure::ALL.into_iter().find(|measure| measure.name() == name)
    }

    /// What its figures count.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Measure::Size | Measure::SizeSmall => Unit::Bytes,
            _ => Unit::Time,
        }
    }

    /// Whether it is of compressed bytes, which take longer to make.
    #[must_use]
    pub fn is_small(self) -> bool {
        matches!(self, Measure::SerializeSmall | Measure::DeserializeSmall | Measure::SizeSmall)
    }
}

/// What a row of the table is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// persist itself: compared with the best peer.
    Ours,
    /// persist with other options: compared with the best peer, too.
    Variant,
    /// One that persist is compared with.
    Peer,
    /// No library at all, but the least that the work can cost.
    Floor,
}

impl Role {
    const ALL: [Role; 4] = [Role::Ours, Role::Variant, Role::Peer, Role::Floor];

    /// What it is called between processes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::Ours => "ours",
            Role::Variant => "variant",
            Role::Peer => "peer",
            Role::Floor => "floor",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// One library on one data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The library's name.
    pub name: String,
    /// What the row is there for.
    pub role: Role,
    /// The figures of each measure: of times one for each round, of sizes one for each start.
    pub figures: BTreeMap<Measure, Vec<f64>>,
}

impl Row {
    /// A row without figures.
    #[must_use]
    pub fn new(name: &str, role: Role) -> Self {
        Self { name: name.to_owned(), role, figures: BTreeMap::new() }
    }

    /// The figures of one measure; none if the row has none.
    #[must_use]
    pub fn of(&self, measure: Measure) -> &[f64] {
        self.figures.get(&measure).map_or(&[], Vec::as_slice)
    }

    /// One more figure.
    pub fn push(&mut self, measure: Measure, figure: f64) {
        self.figures.entry(measure).or_default().push(figure);
    }

    /// The middle one of all figures.
    #[must_use]
    pub fn median(&self, measure: Measure) -> Option<f64> {
        median(self.of(measure).to_vec())
    }

    /// How many times the figure of `other` this row's is. Figures are compared within each round: what slows the machine
    /// down for a while slows both. Rounds of several starts are all alike here.
    #[must_use]
    pub fn ratio(&self, other: &Row, measure: Measure) -> Option<f64> {
        let pairs = self.of(measure).iter().zip(other.of(measure));
        median(pairs.map(|(figure, other)| figure / other).collect())
    }
}

/// The middle value, or the mean of the two in the middle.
#[must_use]
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = values.len() / 2;
    match values.len() {
        0 => None,
        even if even.is_multiple_of(2) => Some(f64::midpoint(values[upper - 1], values[upper])),
        _ => Some(values[upper]),
    }
}

#[cfg(test)]
mod tests {
    use super::{Measure, Role, Row, median};

    #[test]
    fn names_lead_back() {
        for measure in Measure::ALL {
            assert_eq!(Measure::named(measure.name()), Some(measure));
        }
        for role in Role::ALL {
            assert_eq!(Role::named(role.name()), Some(role));
        }
        assert_eq!(Measure::named("speed"), None);
    }

    #[test]
    fn medians() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn ratios_are_taken_within_rounds() {
        let (mut ours, mut other) = (Row::new("persist", Role::Ours), Row::new("fast", Role::Peer));
        // The second round was slow for everyone.
        for (figure, beside) in [(100.0, 200.0), (900.0, 1800.0), (90.0, 150.0)] {
            ours.push(Measure::Serialize, figure);
            other.push(Measure::Serialize, beside);
        }
        assert_eq!(ours.ratio(&other, Measure::Serialize), Some(0.5));
        assert_eq!(ours.ratio(&other, Measure::Size), None);
    }
}
