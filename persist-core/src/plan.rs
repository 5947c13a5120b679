//! Plans: what opening does with each column of a file, so that a reader finds the columns of its own shape.
//!
//! A plan is made from two shapes, that of the file and that of the reader. Where they are equal it is the identity.
//! It is the one place that decides what of one shape can be read as another.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::error::{Error, ErrorKind, Result};
use crate::shape::{Field, IntKind, Node, NodeId, Shape, Shown, Struct};

/// What is done with one column of a file, or with those of a node that holds others.
#[derive(Debug)]
pub(crate) enum Op {
    Int(IntKind),
    Bool,
    Char,
    /// Floats, so many bytes a row.
    Run(usize),
    Text,
    Opaque,
    /// The field has a default, and is there in all rows.
    Present,
    /// The field has a default, and is there in some rows.
    Perhaps(Vec<Step>),
    Option(Vec<Step>),
    /// So many items; and what each takes beside the row that holds it.
    Array(u64, Option<usize>, Vec<Step>),
    Enum(Vec<Vec<Step>>),
    /// A sequence, set or map, with its table's index in the plan.
    Sequence(usize),
    Boxed(usize),
}

/// An operation, the column of the reader that it fills, and the field that errors name.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) op: Op,
    pub(crate) at: usize,
    pub(crate) field: Option<(Cow<'static, str>, Cow<'static, str>)>,
}

/// How the rows of a table are opened.
#[derive(Debug)]
pub(crate) struct TablePlan {
    pub(crate) steps: Vec<Step>,
    /// Columns of the reader.
    pub(crate) columns: usize,
    /// Of each column that is an edge, the table behind it.
    pub(crate) edges: Vec<Option<usize>>,
    /// Bytes that a row takes in memory once it is read.
    pub(crate) size: usize,
    /// The recursive part of the file's shape that the rows belong to, and their table's place in its sets.
    pub(crate) part: Option<(u32, usize)>,
}

/// How a file of one shape is opened for a reader of another.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The first is that of the root's one row.
    pub(crate) tables: Vec<TablePlan>,
    /// Of each recursive part of the file's shape, the tables of a set, by the place of their node.
    pub(crate) sets: Vec<Vec<Option<usize>>>,
}

impl Plan {
    /// A plan to read what has the shape `file` as `reader`, whose values take `sizes` bytes in memory.
    pub(crate) fn new(file: &Shape, reader: &Shape, sizes: &[usize]) -> Result<Plan> {
        Maker::new(file, reader, sizes).make()
    }

    /// A plan for a reader that makes something of `size` bytes of every node of this shape.
    pub(crate) fn to_inspect(shape: &Shape, size: usize) -> Result<Plan> {
        let sizes: Vec<usize> = (0..shape.nodes().len()).map(|id| shape.weight(id as NodeId) * size).collect();
        let mut maker = Maker::new(shape, shape, &sizes);
        maker.arrays_grow = true;
        maker.make()
    }
}

/// Notes which tables the steps lead to.
fn note_edges(steps: &[Step], edges: &mut [Option<usize>]) {
    for step in steps {
        match &step.op {
            Op::Sequence(table) | Op::Boxed(table) => edges[step.at] = Some(*table),
            Op::Array(_, _, inner) | Op::Option(inner) | Op::Perhaps(inner) => note_edges(inner, edges),
            Op::Enum(variants) => variants.iter().for_each(|steps| note_edges(steps, edges)),
            _ => {}
        }
    }
}

struct Maker<'s> {
    file: &'s Shape,
    reader: &'s Shape,
    sizes: &'s [usize],
    /// Whether the items of an array take memory beside the row that holds it.
    arrays_grow: bool,
    plan: Plan,
    /// Tables by the node of the file and the node of the reader.
    known: HashMap<(NodeId, NodeId), usize>,
    /// Tables whose steps are still to be made.
    open: Vec<(usize, NodeId, NodeId)>,
}

impl<'s> Maker<'s> {
    fn new(file: &'s Shape, reader: &'s Shape, sizes: &'s [usize]) -> Self {
        let sets = file.parts().iter().map(|part| vec![None; part.entries().len()]).collect();
        let plan = Plan { tables: vec![], sets };
        Maker { file, reader, sizes, arrays_grow: false, plan, known: HashMap::new(), open: vec![] }
    }

    fn make(mut self) -> Result<Plan> {
        self.table(Shape::ROOT, Shape::ROOT, None)?;
        while let Some((table, file, reader)) = self.open.pop() {
            let mut steps = Vec::new();
            self.node(file, reader, 0, &mut steps)?;
            let plan = &mut self.plan.tables[table];
            plan.edges = vec![None; plan.columns];
            note_edges(&steps, &mut plan.edges);
            plan.steps = steps;
        }
        Ok(self.plan)
    }

    fn table(&mut self, file: NodeId, reader: NodeId, part: Option<(u32, usize)>) -> Result<usize> {
        let index = self.plan.tables.len();
        let size = self.sizes.get(reader as usize).copied().unwrap_or(0);
        if let Some((part, place)) = part {
            let slot = &mut self.plan.sets[part as usize][place];
            if slot.is_some() {
                return Err(Error::of(ErrorKind::Shape, "one type of a recursion is read as two types"));
            }
            *slot = Some(index);
        }
        self.plan.tables.push(TablePlan {
            steps: vec![],
            columns: self.reader.columns(reader),
            edges: vec![],
            size,
            part,
        });
        self.open.push((index, file, reader));
        Ok(index)
    }

    /// The table behind an edge.
    fn edge(&mut self, file: NodeId, reader: NodeId) -> Result<usize> {
        if let Some(&index) = self.known.get(&(file, reader)) {
            return Ok(index);
        }
        let part = match self.file.part_of(file) {
            Some(part) => self.file.part(part).position(file).map(|place| (part, place)),
            None => None,
        };
        let index = self.table(file, reader, part)?;
        self.known.insert((file, reader), index);
        Ok(index)
    }

    fn node(&mut self, file: NodeId, reader: NodeId, at: usize, steps: &mut Vec<Step>) -> Result<()> {
        let run = self.reader.floats(reader);
        if run != self.file.floats(file) {
            return Err(self.differ(file, reader));
        }
        if run != 0 {
            self.same_runs(file, reader)?;
            steps.push(Step { op: Op::Run(run), at, field: None });
            return Ok(());
        }
        let (file_shape, reader_shape) = (self.file, self.reader);
        let op = match (file_shape.node(file), reader_shape.node(reader)) {
            (Node::Unit, Node::Unit) => return Ok(()),
            (Node::Bool, Node::Bool) => Op::Bool,
            (Node::Char, Node::Char) => Op::Char,
            (Node::Int(a), Node::Int(b)) if a == b => Op::Int(*a),
            (Node::Text, Node::Text) => Op::Text,
            (Node::Opaque, Node::Opaque) => Op::Opaque,
            (Node::Option(a), Node::Option(b)) => Op::Option(self.inner(*a, *b, at + 1)?),
            (Node::Array(a, n), Node::Array(b, m)) if n == m => {
                let size = self.sizes.get(*b as usize).copied().filter(|&size| self.arrays_grow || size == 0);
                Op::Array(*n, size, self.inner(*a, *b, at)?)
            }
            (Node::Seq(a), Node::Seq(b)) | (Node::Set(a), Node::Set(b)) | (Node::Map(a), Node::Map(b)) => {
                Op::Sequence(self.edge(*a, *b)?)
            }
            (Node::Boxed(a), Node::Boxed(b)) => Op::Boxed(self.edge(*a, *b)?),
            (Node::Pair(k, v), Node::Pair(l, w)) => {
                self.node(*k, *l, at, steps)?;
                return self.node(*v, *w, at + self.reader.columns(*l), steps);
            }
            (Node::Tuple(a), Node::Tuple(b)) if a.len() == b.len() => {
                let mut at = at;
                for (&a, &b) in a.iter().zip(b) {
                    self.node(a, b, at, steps)?;
                    at += self.reader.columns(b);
                }
                return Ok(());
            }
            (Node::Formatted(f, a), Node::Formatted(g, b)) if f == g => return self.node(*a, *b, at, steps),
            (Node::Struct(a), Node::Struct(b)) => {
                let owner = &b.name;
                self.fields(a, b, at, steps, owner).map_err(|error| self.refuse(error, file, reader))?;
                return Ok(());
            }
            (Node::Enum(a), Node::Enum(b)) if a.variants.len() == b.variants.len() => {
                let mut next = at + 1;
                let mut variants = Vec::new();
                for (v, w) in a.variants.iter().zip(&b.variants) {
                    if v.name != w.name {
                        return Err(self.differ(file, reader));
                    }
                    let mut steps = Vec::new();
                    let owner = format!("{}::{}", b.name, w.name);
                    next = self
                        .fields(v, w, next, &mut steps, &owner)
                        .map_err(|error| self.refuse(error, file, reader))?;
                    variants.push(steps);
                }
                Op::Enum(variants)
            }
            _ => return Err(self.differ(file, reader)),
        };
        steps.push(Step { op, at, field: None });
        Ok(())
    }

    fn inner(&mut self, file: NodeId, reader: NodeId, at: usize) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        self.node(file, reader, at, &mut steps)?;
        Ok(steps)
    }

    /// The fields of a struct or variant; gives the column after them.
    fn fields(
        &mut self,
        file: &Struct,
        reader: &Struct,
        mut at: usize,
        steps: &mut Vec<Step>,
        owner: &str,
    ) -> Result<usize> {
        if file.style != reader.style || file.fields.len() != reader.fields.len() {
            return Err(Error::of(ErrorKind::Shape, "the fields differ"));
        }
        for (a, b) in file.fields.iter().zip(&reader.fields) {
            if a.name != b.name {
                return Err(Error::of(
                    ErrorKind::Shape,
                    format!("the file has the field `{}` where the type has `{}`", a.name, b.name),
                ));
            }
            let from = steps.len();
            at = self.field(a, b, at, steps).map_err(|error| error.in_field(owner.to_owned(), b.name.clone()))?;
            for step in &mut steps[from..] {
                step.field.get_or_insert_with(|| (Cow::Owned(owner.to_owned()), b.name.clone()));
            }
        }
        Ok(at)
    }

    fn field(&mut self, file: &Field, reader: &Field, mut at: usize, steps: &mut Vec<Step>) -> Result<usize> {
        let end = at + usize::from(reader.default) + self.reader.columns(reader.node);
        if reader.default {
            if let Node::Perhaps(inner) = self.file.node(file.node) {
                let op = Op::Perhaps(self.inner(*inner, reader.node, at + 1)?);
                steps.push(Step { op, at, field: None });
                return Ok(end);
            }
            steps.push(Step { op: Op::Present, at, field: None });
            at += 1;
        }
        self.node(file.node, reader.node, at, steps)?;
        Ok(end)
    }

    /// Runs of one size may still be of other fields.
    fn same_runs(&self, file: NodeId, reader: NodeId) -> Result<()> {
        match (self.file.node(file), self.reader.node(reader)) {
            (Node::F32, Node::F32) | (Node::F64, Node::F64) => Ok(()),
            (Node::Array(a, n), Node::Array(b, m)) if n == m => self.same_runs(*a, *b),
            (Node::Tuple(a), Node::Tuple(b)) if a.len() == b.len() => {
                a.iter().zip(b).try_for_each(|(&a, &b)| self.same_runs(a, b))
            }
            (Node::Struct(a), Node::Struct(b)) if a.style == b.style && a.fields.len() == b.fields.len() => {
                a.fields.iter().zip(&b.fields).try_for_each(|(x, y)| {
                    if x.name != y.name {
                        return Err(self.differ(file, reader));
                    }
                    self.same_runs(x.node, y.node).map_err(|error| error.in_field(b.name.clone(), y.name.clone()))
                })
            }
            _ => Err(self.differ(file, reader)),
        }
    }

    #[cold]
    fn differ(&self, file: NodeId, reader: NodeId) -> Error {
        let (a, b) = (Shown { shape: self.file, node: file }, Shown { shape: self.reader, node: reader });
        Error::of(ErrorKind::Shape, format!("the file has `{a}` where the type has `{b}`"))
    }

    /// Adds both shapes to an error that says only which field differs.
    #[cold]
    fn refuse(&self, error: Error, file: NodeId, reader: NodeId) -> Error {
        let (a, b) = (Shown { shape: self.file, node: file }, Shown { shape: self.reader, node: reader });
        if error.help().is_some() {
            return error;
        }
        error.with_help(format!("the file has `{a}`, the type is `{b}`"))
    }
}
