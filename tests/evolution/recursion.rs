//! Recursive types that changed: where the order of rows is another, they are read by name.

use persist::Persist;

use crate::{evolves, refuses};

#[derive(Persist, Clone, Debug, PartialEq)]
struct Old {
    label: String,
    weight: u32,
    children: Vec<Old>,
    next: Option<Box<Old>>,
}

fn leaf(label: &str) -> Old {
    Old { label: label.into(), weight: 1, children: vec![], next: None }
}

fn old() -> Old {
    let middle = Old { children: vec![leaf("c"), leaf("d")], next: Some(Box::new(leaf("e"))), ..leaf("b") };
    Old { children: vec![leaf("a"), middle], next: Some(Box::new(leaf("f"))), ..leaf("root") }
}

/// The same tree as another type.
macro_rules! convert {
    ($old:ident, $new:ident, { $($field:ident: $value:expr),* $(,)? }) => {{
        fn convert($old: &Old) -> $new {
            $new { $($field: $value),* }
        }
        convert(&old())
    }};
}

#[test]
fn leaves_are_added_removed_and_widened() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        #[persist(default = 5)]
        five: u8,
        weight: u64,
        children: Vec<New>,
        note: Option<String>,
        next: Option<Box<New>>,
    }
    let new = convert!(old, New, {
        five: 5,
        weight: old.weight.into(),
        children: old.children.iter().map(convert).collect(),
        note: None,
        next: old.next.as_deref().map(|next| Box::new(convert(next))),
    });
    evolves(&old(), &new);
}

#[test]
fn fields_are_reordered() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        next: Option<Box<New>>,
        weight: u32,
        children: Vec<New>,
        label: String,
    }
    let new = convert!(old, New, {
        next: old.next.as_deref().map(|next| Box::new(convert(next))),
        weight: old.weight,
        children: old.children.iter().map(convert).collect(),
        label: old.label.clone(),
    });
    evolves(&old(), &new);
}

#[test]
fn a_recursive_field_is_removed() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        label: String,
        children: Vec<New>,
    }
    let new = convert!(old, New, {
        label: old.label.clone(),
        children: old.children.iter().map(convert).collect(),
    });
    evolves(&old(), &new);
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Flat {
        label: String,
    }
    evolves(&old(), &Flat { label: "root".into() });
}

#[test]
fn a_recursive_field_is_added() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        label: String,
        weight: u32,
        children: Vec<New>,
        #[persist(default)]
        parents: Vec<New>,
        next: Option<Box<New>>,
        other: Option<Box<New>>,
    }
    let new = convert!(old, New, {
        label: old.label.clone(),
        weight: old.weight,
        children: old.children.iter().map(convert).collect(),
        parents: vec![],
        next: old.next.as_deref().map(|next| Box::new(convert(next))),
        other: None,
    });
    evolves(&old(), &new);
}

#[test]
fn two_trees_of_one_type_are_told_apart() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Before {
        first: Old,
        second: Old,
        third: Vec<Old>,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Slim {
        label: String,
        children: Vec<Slim>,
        next: Option<Box<Slim>>,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct After {
        first: Slim,
        third: Vec<Old>,
    }
    let slim = convert!(old, Slim, {
        label: old.label.clone(),
        children: old.children.iter().map(convert).collect(),
        next: old.next.as_deref().map(|next| Box::new(convert(next))),
    });
    let before = Before { first: old(), second: old(), third: vec![old(), leaf("g")] };
    evolves(&before, &After { first: slim, third: vec![old(), leaf("g")] });
}

#[test]
fn recursive_enums_change() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum Before {
        Number(i32),
        Sum(Box<Before>, Box<Before>),
        All { of: Vec<Before> },
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum After {
        All {
            #[persist(default)]
            name: String,
            of: Vec<After>,
        },
        #[persist(alias = "Sum")]
        Add(Box<After>, Box<After>),
        Number(i64),
    }
    let before = Before::All {
        of: vec![Before::Sum(Box::new(Before::Number(1)), Box::new(Before::All { of: vec![] })), Before::Number(-2)],
    };
    let after = After::All {
        name: String::new(),
        of: vec![
            After::Add(Box::new(After::Number(1)), Box::new(After::All { name: String::new(), of: vec![] })),
            After::Number(-2),
        ],
    };
    evolves(&before, &after);
}

#[test]
fn what_no_order_helps_is_refused() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        children: Vec<New>,
        label: String,
        size: u8,
    }
    refuses::<_, New>(&old(), &["size"]);
}
