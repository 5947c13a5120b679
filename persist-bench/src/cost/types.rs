//! The types of the measured program: the same ones each time, in a model that every library's source is written from.

use crate::random::Random;

/// How often a type holds another of our own, over how many levels: few enough that a value stays small.
const LEVELS: usize = 4;

/// Names of plain types, each with a literal of it.
const PLAIN: [(&str, &str); 9] = [
    ("bool", "true"),
    ("u8", "200"),
    ("u16", "40_000"),
    ("u32", "70_000"),
    ("u64", "5_000_000_000"),
    ("i32", "-70_000"),
    ("i64", "-5_000_000_000"),
    ("f32", "0.5"),
    ("f64", "0.25"),
];

/// The type of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// A number or a flag, by its place in the table of them.
    Plain(usize),
    /// A `String`.
    Text,
    /// An `Option`.
    Option(Box<Type>),
    /// A `Vec`.
    List(Box<Type>),
    /// A `BTreeMap` with keys of text.
    Map(Box<Type>),
    /// An earlier one of the generated types, by its index.
    Own(usize),
}

/// What a generated type is.
#[derive(Clone, Debug, PartialEq)]
pub enum Definition {
    /// A struct with named fields.
    Struct(Vec<Type>),
    /// An enum; at least one of its variants holds something.
    Enum(Vec<Variant>),
}

/// A variant of a generated enum.
#[derive(Clone, Debug, PartialEq)]
pub enum Variant {
    /// It holds nothing.
    Unit,
    /// It has fields without names.
    Tuple(Vec<Type>),
    /// It has fields with names.
    Struct(Vec<Type>),
}

/// So many definitions: three structs of 4 to 12 fields to each enum of 3 to 8 variants.
pub fn generate(random: &mut Random, count: usize) -> Vec<Definition> {
    (0..count)
        .map(|index| {
            if random.chance(0.75) {
                Definition::Struct(random.many(4..13, |random| field(random, index)))
            } else {
                let mut variants = random.many(2..8, |random| variant(random, index));
                variants.push(Variant::Struct(random.many(2..5, |random| field(random, index))));
                Definition::Enum(variants)
            }
        })
        .collect()
}

fn variant(random: &mut Random, index: usize) -> Variant {
    match random.count(0..20) {
        0..8 => Variant::Unit,
        8..13 => Variant::Tuple(vec![field(random, index)]),
        13..16 => Variant::Tuple(random.many(2..4, |random| field(random, index))),
        _ => Variant::Struct(random.many(2..5, |random| field(random, index))),
    }
}

/// A field of the type of this index.
fn field(random: &mut Random, index: usize) -> Type {
    match random.count(0..100) {
        0..12 => Type::Option(Box::new(item(random, index))),
        12..24 => Type::List(Box::new(item(random, index))),
        24..27 => Type::Map(Box::new(item(random, index))),
        _ => item(random, index),
    }
}

fn item(random: &mut Random, index: usize) -> Type {
    match random.count(0..100) {
        0..16 => Type::Text,
        16..32 => own(random, index).unwrap_or(Type::Text),
        _ => Type::Plain(random.count(0..PLAIN.len())),
    }
}

/// An earlier type of a lower level, if there is one; the level of a type is its index modulo [`LEVELS`].
fn own(random: &mut Random, index: usize) -> Option<Type> {
    let level = index % LEVELS;
    if level == 0 {
        return None;
    }
    let block = random.count(0..index / LEVELS + 1);
    Some(Type::Own(block * LEVELS + random.count(0..level)))
}

/// The name of the type of this index.
#[must_use]
pub fn name(index: usize) -> String {
    format!("Type{index}")
}

impl Type {
    /// The type, as Rust writes it.
    #[must_use]
    pub fn source(&self) -> String {
        match self {
            Type::Plain(index) => PLAIN[*index].0.to_owned(),
            Type::Text => "String".to_owned(),
            Type::Option(item) => format!("Option<{}>", item.source()),
            Type::List(item) => format!("Vec<{}>", item.source()),
            Type::Map(item) => format!("std::collections::BTreeMap<String, {}>", item.source()),
            Type::Own(index) => name(*index),
        }
    }

    /// An expression that gives a value of the type.
    #[must_use]
    pub fn sample(&self) -> String {
        match self {
            Type::Plain(index) => PLAIN[*index].1.to_owned(),
            Type::Text => "text()".to_owned(),
            Type::Option(item) => format!("Some({})", item.sample()),
            Type::List(item) => format!("vec![{0}, {0}]", item.sample()),
            Type::Map(item) => format!("[(text(), {})].into()", item.sample()),
            Type::Own(index) => format!("{}::sample()", name(*index)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_are_the_same_each_time() {
        assert_eq!(generate(&mut Random::new(7), 50), generate(&mut Random::new(7), 50));
    }

    #[test]
    fn a_type_holds_only_earlier_ones_of_a_lower_level() {
        let mut random = Random::new(1);
        let mut found = 0;
        for index in 0..1000 {
            if let Some(Type::Own(inner)) = own(&mut random, index) {
                assert!(inner < index && inner % LEVELS < index % LEVELS);
                found += 1;
            }
        }
        assert_eq!(found, 750);
    }

    #[test]
    fn types_and_values_are_written_as_rust_does() {
        let list = Type::List(Box::new(Type::Own(3)));
        assert_eq!(
            (list.source().as_str(), list.sample().as_str()),
            ("Vec<Type3>", "vec![Type3::sample(), Type3::sample()]")
        );
        let map = Type::Map(Box::new(Type::Plain(0)));
        assert_eq!(map.sample(), "[(text(), true)].into()");
    }
}
