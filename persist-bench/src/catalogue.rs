//! Which data sets there are, and what is measured on each.

use crate::figure::Measure;

/// A data set by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// The access log of a web server.
    Log,
    /// A triangle mesh.
    Mesh,
    /// The players of a block game.
    Minecraft,
    /// The updates of a ship game.
    Mk48,
    /// Ten numbers and two short strings.
    MessageFlat,
    /// One of five variants.
    MessageEnum,
    /// Three levels of structs.
    MessageNested,
    /// A million records by name.
    HashMap,
    /// A million byte vectors by number.
    BTreeMap,
    /// A million nodes.
    Tree,
    /// Ten million words.
    Strings,
    /// A million enums.
    Enums,
}

/// Sets that are measured and shown alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The four sets with the shapes of the public benchmark.
    Public,
    /// Small messages, each written on its own.
    Messages,
    /// Maps, trees and long lists.
    Large,
}

impl Set {
    /// All sets, in the order of the tables.
    pub const ALL: [Set; 12] = [
        Set::Log,
        Set::Mesh,
        Set::Minecraft,
        Set::Mk48,
        Set::MessageFlat,
        Set::MessageEnum,
        Set::MessageNested,
        Set::HashMap,
        Set::BTreeMap,
        Set::Tree,
        Set::Strings,
        Set::Enums,
    ];

    /// What the set is called on the command line and in all output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Set::Log => "log",
            Set::Mesh => "mesh",
            Set::Minecraft => "minecraft_savedata",
            Set::Mk48 => "mk48",
            Set::MessageFlat => "message_flat",
            Set::MessageEnum => "message_enum",
            Set::MessageNested => "message_nested",
            Set::HashMap => "hash_map",
            Set::BTreeMap => "btree_map",
            Set::Tree => "tree",
            Set::Strings => "strings",
            Set::Enums => "enums",
        }
    }

    /// Which sets it is shown beside.
    #[must_use]
    pub fn group(self) -> Group {
        match self {
            Set::Log | Set::Mesh | Set::Minecraft | Set::Mk48 => Group::Public,
            Set::MessageFlat | Set::MessageEnum | Set::MessageNested => Group::Messages,
            Set::HashMap | Set::BTreeMap | Set::Tree | Set::Strings | Set::Enums => Group::Large,
        }
    }

    /// The sets that a name stands for: one set, or those of a group.
    #[must_use]
    pub fn named(name: &str) -> Option<Vec<Set>> {
        let chosen: Vec<_> = match name {
            "public" => Group::Public.sets().collect(),
            "messages" => Group::Messages.sets().collect(),
            "large" => Group::Large.sets().collect(),
            "maps" => vec![Set::HashMap, Set::BTreeMap],
            _ => Set::ALL.into_iter().filter(|set| set.name() == name).collect(),
        };
        (!chosen.is_empty()).then_some(chosen)
    }

    /// Every name that [`Set::named`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Set::ALL.into_iter().map(Set::name).chain(["public", "messages", "large", "maps"])
    }
}

impl Group {
    /// The sets of the group.
    pub fn sets(self) -> impl Iterator<Item = Set> {
        Set::ALL.into_iter().filter(move |set| set.group() == self)
    }

    /// What is measured on its sets. Only small messages are often written with nothing kept between calls; only sets
    /// that one stores or sends as a whole are worth compressing.
    #[must_use]
    pub fn measures(self) -> &'static [Measure] {
        match self {
            Group::Public => &[
                Measure::Serialize,
                Measure::Deserialize,
                Measure::Size,
                Measure::SerializeSmall,
                Measure::DeserializeSmall,
                Measure::SizeSmall,
            ],
            Group::Messages => &[
                Measure::Serialize,
                Measure::SerializeFresh,
                Measure::Deserialize,
                Measure::DeserializeFresh,
                Measure::Size,
            ],
            Group::Large => &[Measure::Serialize, Measure::Deserialize, Measure::Size],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Set;

    #[test]
    fn every_name_stands_for_sets() {
        for name in Set::names() {
            assert!(Set::named(name).is_some_and(|sets| !sets.is_empty()), "{name}");
        }
        assert_eq!(Set::named("tree"), Some(vec![Set::Tree]));
        assert_eq!(Set::named("maps"), Some(vec![Set::HashMap, Set::BTreeMap]));
        assert_eq!(Set::named("nothing"), None);
    }
}
