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

/// Its stack frames would be too big for a thousand levels, were they to hold all variants.
macro_rules! wide {
    ($($variant:ident)*) => {
        #[derive(Persist, Debug)]
        enum Wide {
            End,
            $($variant { a: String, b: Vec<Wide>, c: Option<Box<Wide>>, d: [u64; 4], e: Option<String>, f: u8 },)*
        }

        impl Wide {
            /// All variants around a value, one around the other.
            fn around(mut inner: Wide) -> Wide {
                $(
                    inner = Wide::$variant {
                        a: String::from("a"),
                        b: vec![],
                        c: Some(Box::new(inner)),
                        d: [1; 4],
                        e: None,
                        f: 2,
                    };
                )*
                inner
            }

            /// What it is around.
            fn inner(&self) -> Option<&Wide> {
                match self {
                    Wide::End => None,
                    $(Wide::$variant { c, .. } => c.as_deref(),)*
                }
            }
        }
    };
}

wide! {
    A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 B0 B1 B2 B3 B4 B5 B6 B7 B8 B9 C0 C1 C2 C3 C4 C5 C6 C7 C8 C9 D0 D1 D2 D3 D4 D5 D6 D7 D8 D9
    E0 E1 E2 E3 E4 E5 E6 E7 E8 E9 F0 F1 F2 F3 F4 F5 F6 F7 F8 F9 G0 G1 G2 G3 G4 G5 G6 G7 G8 G9 H0 H1 H2 H3 H4 H5 H6 H7 H8 H9
}

#[test]
fn a_thousand_levels_of_a_wide_type() {
    let mut wide = Wide::End;
    for _ in 0..12 {
        wide = Wide::around(wide);
    }
    for protocol in PROTOCOLS {
        let back = through(protocol, &wide);
        let mut levels = 0;
        let mut inner = &back;
        while let Some(next) = inner.inner() {
            inner = next;
            levels += 1;
        }
        assert_eq!(levels, 960);
    }
}
