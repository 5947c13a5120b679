//! Derived structs that hold themselves: their rows are written one at a time, by code of their own.

use std::cell::Cell;
use std::collections::BTreeMap;

use persist_core::{Error, ErrorKind, Limits, Loader, Protocol, Result, dumps, loads};

use crate::harness::back;

thread_local! {
    static SAVED: Cell<usize> = const { Cell::new(0) };
}

fn counted(node: &Node) -> Result<()> {
    SAVED.set(SAVED.get() + 1);
    if node.id == 1000 { Err(Error::new("not this one")) } else { Ok(()) }
}

/// Numbers as text.
#[allow(
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "as `with` wants it"
)]
mod text {
    use persist_core::{Context, Error, Result};

    pub(super) fn get_state(value: &u16) -> Result<String> {
        Ok(value.to_string())
    }

    pub(super) fn set_state(state: String, _: &Context) -> Result<u16> {
        state.parse().map_err(Error::new)
    }
}

/// What every node was before.
#[derive(persist_derive::Persist)]
#[persist(crate = persist_core)]
struct Older {
    id: u32,
    children: Vec<Older>,
}

impl TryFrom<Older> for Node {
    type Error = Error;

    fn try_from(older: Older) -> Result<Self> {
        let children = older.children.into_iter().map(Node::try_from).collect::<Result<_>>()?;
        Ok(Node { children, ..node(older.id) })
    }
}

#[derive(Debug, PartialEq, persist_derive::Persist)]
#[persist(crate = persist_core, before_save = counted, version = 2, upgrade_from = Older)]
struct Node {
    name: String,
    #[persist(default)]
    id: u32,
    number: u16,
    place: Place,
    children: Vec<Node>,
    #[persist(default)]
    next: Option<Box<Node>>,
    by_name: BTreeMap<String, Node>,
    end: Option<String>,
    unit: (),
}

/// Floats, which lie together.
#[derive(Clone, Copy, Debug, PartialEq, persist_derive::Persist)]
#[persist(crate = persist_core)]
struct Place(f32, f32);

fn node(id: u32) -> Node {
    Node {
        name: format!("node {id}"),
        id,
        number: id as u16,
        place: Place(id as f32, -1.0),
        children: Vec::new(),
        next: None,
        by_name: BTreeMap::new(),
        end: id.is_multiple_of(3).then(|| "end".repeat(id as usize % 40)),
        unit: (),
    }
}

/// A tree of this many levels; `next` numbers its nodes.
fn tree(levels: u32, next: &mut u32) -> Node {
    let mut root = node(*next);
    *next += 1;
    if levels > 0 {
        root.children = (0..*next % 9).map(|i| tree(levels - 1 - i % levels, next)).collect();
        root.next = next.is_multiple_of(2).then(|| Box::new(tree(levels - 1, next)));
        root.by_name = (0..*next % 3).map(|i| (i.to_string(), tree(levels - 1, next))).collect();
    }
    root
}

/// One with a field that functions save: its rows are written by its record.
#[derive(Debug, PartialEq, persist_derive::Persist)]
#[persist(crate = persist_core)]
struct Mixed {
    #[persist(with = text)]
    number: u16,
    children: Vec<Mixed>,
}

/// One with a parameter.
#[derive(Debug, PartialEq, persist_derive::Persist)]
#[persist(crate = persist_core)]
struct Branch<T> {
    value: T,
    branches: Vec<Branch<T>>,
}

mod outer {
    /// One that holds another type of its name, and only floats.
    #[derive(Debug, PartialEq, persist_derive::Persist)]
    #[persist(crate = persist_core)]
    pub(super) struct Place {
        pub(super) place: super::Place,
        pub(super) height: f32,
    }
}

#[test]
fn other_structs_that_name_themselves_come_back() {
    let mixed = |number, children| Mixed { number, children };
    back(&mixed(1, vec![mixed(2, vec![mixed(3, vec![])]), mixed(4, vec![])]));
    let branch = |value, branches| Branch { value, branches };
    back(&branch(Some("a".to_owned()), vec![branch(None, vec![branch(Some(String::new()), vec![])])]));
    let place = |x| outer::Place { place: Place(x, -x), height: 0.5 };
    back(&place(1.0));
    back(&(7u8, place(2.0), vec![place(3.0)], vec![place(4.0), place(5.0)]));
}

#[test]
fn trees_come_back_and_every_node_is_announced_once() {
    for start in 0..12 {
        let mut next = start;
        let tree = tree(4, &mut next);
        back(&tree);
        SAVED.set(0);
        dumps(&tree).unwrap();
        assert_eq!(SAVED.get(), (next - start) as usize);
    }
    // More than a group of rows.
    let forest: Vec<Node> = (0..600).map(|i| tree(2, &mut { i })).collect();
    back(&forest);
    back(&forest.into_iter().map(Box::new).collect::<Vec<_>>());
}

#[test]
fn a_tree_of_the_older_form_is_upgraded() {
    fn older(levels: u32, next: &mut u32) -> Older {
        *next += 1;
        let id = *next;
        Older { id, children: (0..levels).map(|i| older(i, next)).collect() }
    }
    for protocol in [Protocol::Packed, Protocol::Json] {
        let bytes = persist_core::Dumper::new().protocol(protocol).dumps(&older(5, &mut 0)).unwrap();
        let expected = Node::try_from(older(5, &mut 0)).unwrap();
        assert_eq!(loads::<Node>(&bytes).unwrap(), expected);
    }
}

#[test]
fn an_error_names_its_node() {
    let mut root = node(1);
    root.children = (0..300).map(node).collect();
    root.children[257].next = Some(Box::new(node(7)));
    let last = root.children[257].next.as_mut().unwrap();
    last.children = (0..5).map(node).collect();
    last.children[3].by_name.insert("x".into(), node(1000));
    let error = dumps(&root).unwrap_err();
    assert_eq!(error.path(), r#"Node.children[257].next.children[3].by_name["x"]"#, "{error}");

    let mut deep = node(0);
    for i in 1..10 {
        deep = Node { children: vec![node(90), node(91), deep], ..node(i) };
    }
    let limits = Limits { depth: 5, ..Limits::default() };
    let error = persist_core::Dumper::new().limits(limits.clone()).dumps(&deep).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(error.path().starts_with("Node.children[2].children[2]"), "{error}");
    let error = Loader::new().limits(limits).loads::<Node>(&dumps(&deep).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
}

/// A list whose every node is in a box, or alone in a vector.
#[derive(persist_derive::Persist)]
#[persist(crate = persist_core)]
struct List {
    text: String,
    next: Option<Box<List>>,
    more: Vec<List>,
}

#[test]
fn a_chain_is_as_deep_as_the_limit_allows() {
    const DEPTH: usize = 100_000;
    let mut chain = List { text: String::new(), next: None, more: Vec::new() };
    for i in 1..DEPTH {
        let (next, more) = if i % 3 == 0 { (None, vec![chain]) } else { (Some(Box::new(chain)), vec![]) };
        chain = List { text: i.to_string(), next, more };
    }
    let limits = Limits { depth: DEPTH, ..Limits::default() };
    let bytes = persist_core::Dumper::new().limits(limits.clone()).dumps(&chain).unwrap();
    let mut loaded = Loader::new().limits(limits).loads::<List>(&bytes).unwrap();
    // Dropped by and by: the compiler's own way would take a frame of the stack for each.
    let mut rest = Some(chain);
    for i in (0..DEPTH).rev() {
        assert_eq!(loaded.text, if i == 0 { String::new() } else { i.to_string() });
        let next = rest.take().and_then(|mut list| list.next.take().map(|next| *next).or_else(|| list.more.pop()));
        rest = next;
        match loaded.next.take().map(|next| *next).or_else(|| loaded.more.pop()) {
            Some(next) => loaded = next,
            None => assert_eq!(i, 0),
        }
    }
}
