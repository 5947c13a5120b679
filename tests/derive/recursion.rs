//! Types that hold themselves, alone and one another, with and without parameters.

use std::collections::{BTreeMap, HashMap};

use persist::Persist;

use crate::{PROTOCOLS, back, through};

#[derive(Persist, Clone, Debug, PartialEq)]
struct Tree<T> {
    value: T,
    children: Vec<Tree<T>>,
    next: Option<Box<Tree<T>>>,
    named: BTreeMap<String, Self>,
}

#[derive(Persist, Clone, Debug, PartialEq)]
enum Expression<N> {
    Number(N),
    Sum(Vec<Statement<N>>),
    Not(Box<Self>),
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Statement<N> {
    label: Option<String>,
    expression: Expression<N>,
    scope: HashMap<u8, Block<N>>,
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Block<N>(Vec<Statement<N>>, Option<Box<Expression<N>>>);

/// The same with a field left out, so that each is read through a state.
#[derive(Persist, Clone, Debug)]
struct Person {
    name: String,
    friends: Vec<Friendship>,
    #[transient(rebuild = friends.len())]
    count: usize,
}

#[derive(Persist, Clone, Debug)]
enum Friendship {
    Old {
        with: Box<Person>,
        #[transient(rebuild = with.name.len())]
        length: usize,
    },
    New,
}

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(transparent)]
struct Nested(Vec<Nested>);

fn tree(depth: u32) -> Tree<String> {
    let inner = |i: u32| (i < depth).then(|| tree(depth - 1 - i));
    Tree {
        value: format!("{depth}"),
        children: (0..3).filter_map(inner).collect(),
        next: inner(1).map(Box::new),
        named: inner(2).map(|tree| (tree.value.clone(), tree)).into_iter().collect(),
    }
}

#[test]
fn values_come_back() {
    back(&tree(4));
    back(&Nested(vec![Nested(vec![]), Nested(vec![Nested(vec![]), Nested(vec![])])]));
    let number = |n: f64| Statement { label: None, expression: Expression::Number(n), scope: HashMap::new() };
    let sum = Statement {
        label: Some("sum".to_owned()),
        expression: Expression::Sum(vec![number(0.5), number(1.5)]),
        scope: HashMap::from([(7, Block(vec![number(2.5)], Some(Box::new(Expression::Number(3.5)))))]),
    };
    back(&Expression::Not(Box::new(Expression::Sum(vec![sum.clone(), number(4.0)]))));
    back(&sum);
}

#[test]
fn states_come_back_as_deep() {
    let leaf = Person { name: "Momo".into(), friends: vec![], count: 9 };
    let old = Friendship::Old { with: Box::new(leaf), length: 9 };
    let person = Person { name: "Emil".into(), friends: vec![old.clone(), Friendship::New, old], count: 9 };
    for protocol in PROTOCOLS {
        let person = through(protocol, &person);
        assert_eq!((person.name.as_str(), person.count), ("Emil", 3));
        match &person.friends[2] {
            Friendship::Old { with, length: 4 } => assert_eq!((with.name.as_str(), with.count), ("Momo", 0)),
            other => panic!("{other:?} came back"),
        }
    }
}

#[test]
fn ten_thousand_levels() {
    let mut tree = Tree { value: 0_u16, children: vec![], next: None, named: BTreeMap::new() };
    for value in 1..1000 {
        tree = Tree { value, children: vec![], next: Some(Box::new(tree)), named: BTreeMap::new() };
    }
    let limits = persist::Limits { depth: 2000, ..persist::Limits::default() };
    let bytes = persist::Dumper::new().limits(limits.clone()).dumps(&tree).unwrap();
    let mut back: Tree<u16> = persist::Loader::new().limits(limits).loads(&bytes).unwrap();
    for value in (1..1000).rev() {
        assert_eq!(back.value, value);
        back = *back.next.unwrap();
    }
}
