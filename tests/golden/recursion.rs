//! Types that hold themselves, and one another.

use std::collections::{BTreeMap, BTreeSet};

use persist::Persist;

use crate::folder::Golden;

#[derive(Persist, Clone, Debug)]
struct Tree {
    name: String,
    children: Vec<Tree>,
    size: u8,
}

#[derive(Persist, Clone, Debug)]
struct List {
    value: u32,
    next: Option<Box<List>>,
}

#[derive(Persist, Clone, Debug)]
struct Left {
    x: u16,
    rights: Vec<Right>,
    more: (u8, Option<Box<Left>>),
}

#[derive(Persist, Clone, Debug)]
struct Right {
    named: BTreeMap<u8, Left>,
    weight: f32,
    trees: Vec<Vec<Tree>>,
}

#[derive(Persist, Clone, Debug)]
enum Term {
    Number(f64),
    Minus(Box<Term>),
    Sum(Vec<Term>),
    Call { name: String, arguments: BTreeMap<String, Term> },
}

#[derive(Persist, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sets(BTreeSet<Sets>);

fn tree(n: u8, depth: u8) -> Tree {
    let count = if depth == 0 { 0 } else { 1 + n % 3 };
    Tree { name: format!("n{n}"), children: (0..count).map(|i| tree(n + i, depth - 1)).collect(), size: depth }
}

fn left(n: u16, depth: u16) -> Left {
    let count = if depth == 0 { 0 } else { n % 3 };
    let right = |i: u16| Right {
        named: [(i as u8, left(n + i, depth - 1))].into(),
        weight: f32::from(i) / 4.0,
        trees: vec![vec![], vec![tree(1, 1)]],
    };
    let more = (depth > 0 && n % 2 == 0).then(|| Box::new(left(n + 1, depth - 1)));
    Left { x: n, rights: (0..count).map(right).collect(), more: (7, more) }
}

pub(crate) fn cases(golden: &mut Golden) {
    let leaf = |name: &str, size| Tree { name: name.into(), children: vec![], size };
    // The example of docs/format.md.
    let b = Tree { children: vec![leaf("c", 1)], ..leaf("b", 2) };
    golden.value("recursion/documented", &Tree { children: vec![b, leaf("d", 1)], ..leaf("a", 4) });
    golden.value("recursion/tree", &tree(1, 3));
    golden.value("recursion/trees", &vec![tree(2, 2), leaf("alone", 0), tree(0, 2)]);
    let list = (1..9).fold(List { value: 0, next: None }, |next, value| List { value, next: Some(Box::new(next)) });
    golden.value("recursion/list", &list);
    golden.value("recursion/mutual", &(left(2, 2), vec![left(1, 2), left(0, 1)]));
    let call = |argument| Term::Call { name: "f".into(), arguments: [("a".to_owned(), argument)].into() };
    let sum = Term::Sum(vec![Term::Number(1.5), Term::Minus(Box::new(Term::Number(2.0))), call(Term::Number(-0.0))]);
    golden.value("recursion/terms", &vec![Term::Number(3.0), call(sum.clone()), Term::Sum(vec![]), sum]);
    let empty = Sets(BTreeSet::new());
    golden.value("recursion/sets", &Sets([empty.clone(), Sets([empty].into())].into()));
}
