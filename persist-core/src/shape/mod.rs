//! Shapes: what tables hold, as a list of nodes that refer to one another by index.
//!
//! A shape is built once per type (`builder`), stands in packed files (`encoding`), and tells everything that is not
//! generic how rows lie in columns ([`Shape`]): which nodes are inline, which are edges to a child table, which belong
//! to a recursive part (`parts`).

mod builder;
mod display;
mod encoding;
mod node;
mod parts;

pub use builder::{Builder, Member, Record, Version};
pub(crate) use display::Shown;
pub use node::{Enum, Field, Format, IntKind, Node, NodeId, Rules, Struct, Style, Variant, Versioned};
pub(crate) use parts::Part;

use crate::error::{Error, ErrorKind, Result};
use crate::limits::reached;
use parts::Graph;

/// The entry that tells the version of a value in the protocols without schema.
pub(crate) const VERSION: &str = "@version";

/// Bytes of one row up to which a type of floats only is one run; larger arrays are columns.
const RUN_LIMIT: usize = 1 << 16;
/// Nodes of one row, reached without crossing an edge.
const ROW_LIMIT: usize = 1 << 16;
/// Levels of one row, reached without crossing an edge.
const INLINE_DEPTH: usize = 256;
/// Levels of tables, recursion counted once.
const TABLE_DEPTH: usize = 1024;

/// The bytes of a row in a float run: the sum, or 0 where a part is no run or the whole is too large.
///
/// Const, since a type's own layout has to agree with its shape (see `Describe::FLOATS`).
#[must_use]
pub const fn float_run(parts: &[usize]) -> usize {
    let mut sum: usize = 0;
    let mut i = 0;
    while i < parts.len() {
        if parts[i] == 0 {
            return 0;
        }
        sum = sum.saturating_add(parts[i]);
        i += 1;
    }
    if sum > RUN_LIMIT { 0 } else { sum }
}

/// The bytes of a row in a float run of `count` equal parts, by the rules of [`float_run`].
pub(crate) const fn float_run_of(part: usize, count: usize) -> usize {
    let sum = part.saturating_mul(count);
    if sum > RUN_LIMIT { 0 } else { sum }
}

/// A type's nodes, the root first, and the facts that follow from them alone.
#[derive(Debug)]
pub(crate) struct Shape {
    nodes: Vec<Node>,
    facts: Vec<Facts>,
    parts: Vec<Part>,
}

/// What the rest of the crate asks of a node; see the methods of [`Shape`].
#[derive(Clone, Copy, Debug, Default)]
struct Facts {
    floats: usize,
    columns: usize,
    part: Option<u32>,
    /// Nodes of a row: bounds the work of every walk over it.
    weight: usize,
    depth: usize,
}

impl Shape {
    /// Checks nodes, which may come from anyone, and works out their facts.
    pub(crate) fn new(nodes: Vec<Node>) -> Result<Shape> {
        if nodes.is_empty() {
            return Err(bad_schema("it has no nodes"));
        }
        for node in &nodes {
            node.check(&nodes)?;
        }
        let mut shape = Shape { facts: vec![Facts::default(); nodes.len()], nodes, parts: Vec::new() };
        let mut versioned = vec![false; shape.nodes.len()];
        for node in &shape.nodes {
            if let Node::Versioned(node) = node {
                versioned[node.current as usize] = true;
            }
        }
        for id in shape.inline_order()? {
            // What has a version lies field by field, so that older forms can stand beside it.
            let may_be_run = !versioned[id as usize];
            shape.facts[id as usize] = shape.inline_facts(id, may_be_run)?;
        }
        let graph = Graph::new(&shape.nodes);
        if graph.depth() > TABLE_DEPTH {
            return Err(reached("schema", "the schema is nested too deeply"));
        }
        shape.parts = graph.parts(&shape.nodes);
        for (index, part) in shape.parts.iter().enumerate() {
            for &id in part.members() {
                shape.facts[id as usize].part = Some(index as u32);
            }
        }
        Ok(shape)
    }

    /// The node at the root.
    pub(crate) const ROOT: NodeId = 0;

    /// One node.
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// All nodes.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Bytes of a row where the node is a run of floats, else 0.
    pub(crate) fn floats(&self, id: NodeId) -> usize {
        self.facts[id as usize].floats
    }

    /// Columns that a row of this node takes in its table, those of edges counted as one each.
    pub(crate) fn columns(&self, id: NodeId) -> usize {
        self.facts[id as usize].columns
    }

    /// Nodes of a row, those behind edges not counted.
    pub(crate) fn weight(&self, id: NodeId) -> usize {
        self.facts[id as usize].weight
    }

    /// The recursive part that the node belongs to.
    pub(crate) fn part_of(&self, id: NodeId) -> Option<u32> {
        self.facts[id as usize].part
    }

    /// A recursive part.
    pub(crate) fn part(&self, part: u32) -> &Part {
        &self.parts[part as usize]
    }

    /// The node behind the edge in column `at` of a table whose rows are `table`.
    pub(crate) fn edge(&self, table: NodeId, at: usize) -> Option<NodeId> {
        self.column(table, at).and_then(|node| self.node(node).edge())
    }

    /// The node that has column `at` of a table whose rows are `table` for its own.
    pub(crate) fn column(&self, table: NodeId, at: usize) -> Option<NodeId> {
        let node = self.node(table);
        let own = if self.floats(table) == 0 { node.own_columns() } else { 1 };
        if at < own {
            return Some(table);
        }
        let mut first = own;
        let mut found = None;
        node.for_each_inline(|field, child| {
            first += usize::from(field.is_some_and(|field| field.default));
            let columns = self.columns(child);
            if found.is_none() && at >= first && at < first + columns {
                found = Some((child, at - first));
            }
            first += columns;
        });
        found.and_then(|(child, at)| self.column(child, at))
    }

    /// Appends the bytes of each float in a row of a run.
    pub(crate) fn lanes(&self, run: NodeId, lanes: &mut Vec<u8>) {
        match self.node(run) {
            Node::F32 => lanes.push(4),
            Node::F64 => lanes.push(8),
            Node::Array(item, count) => (0..*count).for_each(|_| self.lanes(*item, lanes)),
            node => node.for_each_inline(|_, part| self.lanes(part, lanes)),
        }
    }

    /// Whether boxes and options from this node on hold one another without end, and nothing else.
    pub(crate) fn is_endless(&self, mut id: NodeId) -> bool {
        for _ in 0..=self.nodes.len() {
            match self.node(id) {
                Node::Boxed(inner) | Node::Option(inner) => id = *inner,
                _ => return false,
            }
        }
        true
    }

    /// Whether a value of the node may be written as null, in the protocols that have one: `None` of such a value needs
    /// a spelling that tells the two apart.
    ///
    /// The same for a shape and for the one [`with_absent_fields`](Shape::with_absent_fields).
    pub(crate) fn is_nullable(&self, mut id: NodeId) -> bool {
        // A chain of wrappers may lead back to itself.
        for _ in 0..self.nodes.len() {
            id = match self.node(id) {
                Node::Unit | Node::Option(_) | Node::Opaque => return true,
                Node::Struct(Struct { style: Style::Newtype, fields, .. }) => fields[0].node,
                Node::Struct(record) => return record.style == Style::Unit,
                Node::Boxed(inner) | Node::Perhaps(inner) => *inner,
                _ => return false,
            };
        }
        false
    }

    /// The shape as it is written: without the older forms that values may be read in; nothing where there are none.
    pub(crate) fn as_written(&self) -> Result<Option<Shape>> {
        let has_older = |node: &Node| matches!(node, Node::Versioned(Versioned { older: Some(_), .. }));
        if !self.nodes.iter().any(has_older) {
            return Ok(None);
        }
        let mut nodes = self.nodes.clone();
        for node in &mut nodes {
            if let Node::Versioned(versioned) = node {
                versioned.older = None;
            }
        }
        Self::reached(nodes).map(Some)
    }

    /// The shape with another root, which may refer to further nodes as well: those have numbers behind the shape's own.
    pub(crate) fn with_root(&self, root: Node, more: &[Node]) -> Result<Shape> {
        let mut nodes: Vec<Node> = [&[root], &self.nodes[..], more].concat();
        for node in &mut nodes {
            node.for_each_reference_mut(|id| *id += 1);
        }
        Self::reached(nodes)
    }

    /// The shape of the nodes that the first one leads to.
    fn reached(nodes: Vec<Node>) -> Result<Shape> {
        // Those that are left keep their order, and with it the one of the tables of recursive parts.
        let mut places = vec![None; nodes.len()];
        let mut open = vec![Self::ROOT];
        while let Some(id) = open.pop() {
            if places[id as usize].replace(0).is_none() {
                nodes[id as usize].for_each_reference(|id| open.push(id));
            }
        }
        places.iter_mut().flatten().zip(0..).for_each(|(place, next)| *place = next);
        let kept = nodes.into_iter().zip(&places).filter(|(_, place)| place.is_some());
        let kept = kept.map(|(mut node, _)| {
            node.for_each_reference_mut(|id| *id = places[*id as usize].unwrap_or(0));
            node
        });
        Shape::new(kept.collect())
    }

    /// The shape in which each field that has a default may be absent.
    pub(crate) fn with_absent_fields(&self) -> Result<Shape> {
        let mut nodes = self.nodes.clone();
        for id in 0..self.nodes.len() {
            let mut node = self.nodes[id].clone();
            let records = match &mut node {
                Node::Struct(record) => std::slice::from_mut(record),
                Node::Enum(choice) => choice.variants.as_mut_slice(),
                _ => continue,
            };
            for field in records.iter_mut().flat_map(|record| &mut record.fields).filter(|field| field.default) {
                field.default = false;
                nodes.push(Node::Perhaps(field.node));
                field.node = nodes.len() as NodeId - 1;
            }
            nodes[id] = node;
        }
        Shape::new(nodes)
    }

    /// Nodes in an order in which those inside a row come before the row; an error for a row inside itself.
    fn inline_order(&self) -> Result<Vec<NodeId>> {
        const OPEN: u8 = 1;
        const DONE: u8 = 2;
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut state = vec![0u8; self.nodes.len()];
        let mut stack: Vec<(NodeId, bool)> = Vec::new();
        for start in 0..self.nodes.len() as NodeId {
            stack.push((start, false));
            while let Some((id, left)) = stack.pop() {
                if left {
                    state[id as usize] = DONE;
                    order.push(id);
                    continue;
                }
                match state[id as usize] {
                    DONE => {}
                    OPEN => return Err(bad_schema("a type holds itself without indirection")),
                    _ => {
                        state[id as usize] = OPEN;
                        stack.push((id, true));
                        let before = stack.len();
                        self.nodes[id as usize].for_each_inline(|_, child| {
                            if state[child as usize] != DONE {
                                stack.push((child, false));
                            }
                        });
                        if stack[before..].iter().any(|&(child, _)| state[child as usize] == OPEN) {
                            return Err(bad_schema("a type holds itself without indirection"));
                        }
                        // A child pushed twice is done when its second entry is met.
                    }
                }
            }
        }
        Ok(order)
    }

    fn inline_facts(&self, id: NodeId, may_be_run: bool) -> Result<Facts> {
        let node = &self.nodes[id as usize];
        let mut facts = Facts { columns: node.own_columns(), weight: 1, depth: 1, ..Facts::default() };
        node.for_each_inline(|field, child| {
            let inner = &self.facts[child as usize];
            facts.columns = facts.columns.saturating_add(inner.columns);
            facts.columns += usize::from(field.is_some_and(|field| field.default));
            facts.weight = facts.weight.saturating_add(inner.weight);
            facts.depth = facts.depth.max(inner.depth + 1);
        });
        facts.floats = if may_be_run { self.run_bytes(node) } else { 0 };
        if facts.floats != 0 {
            facts.columns = 1;
        }
        if facts.weight > ROW_LIMIT || facts.depth > INLINE_DEPTH {
            return Err(reached("schema", "a type of the schema is too large"));
        }
        Ok(facts)
    }

    fn run_bytes(&self, node: &Node) -> usize {
        let floats = |id: &NodeId| self.facts[*id as usize].floats;
        match node {
            Node::F32 => 4,
            Node::F64 => 8,
            Node::Array(item, count) => float_run_of(floats(item), usize::try_from(*count).unwrap_or(usize::MAX)),
            Node::Tuple(items) => float_run(&items.iter().map(floats).collect::<Vec<_>>()),
            Node::Struct(record) if record.fields.iter().all(|field| !field.default) => {
                float_run(&record.fields.iter().map(|field| floats(&field.node)).collect::<Vec<_>>())
            }
            _ => 0,
        }
    }
}

#[cold]
pub(crate) fn bad_schema(what: &str) -> Error {
    Error::of(ErrorKind::Corrupt, format!("the embedded schema is damaged: {what}"))
}

#[cfg(test)]
mod tests;
