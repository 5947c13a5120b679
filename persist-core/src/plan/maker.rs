//! Makes plans: node by node, in line, then table by table.

use std::collections::HashMap;

use super::{Op, Plan, Step, TablePlan, Way, inner_steps};
use crate::error::{Error, ErrorKind, Result};
use crate::shape::{Node, NodeId, Shape, Shown, Versioned};

/// Problems that an error tells of.
const TOLD: usize = 16;

#[allow(clippy::struct_excessive_bools, reason = "they are found out one by one, of different things")]
pub(super) struct Maker<'s> {
    pub(super) file: &'s Shape,
    reader: &'s Shape,
    sizes: &'s [usize],
    /// Whether the two shapes are known to be one, so that parts need not be looked for by name.
    pub(super) identity: bool,
    /// Whether the items of an array take memory beside the row that holds it.
    pub(super) arrays_grow: bool,
    pub(super) plan: Plan,
    known: HashMap<Rows, usize>,
    /// The set of a recursive part of the file that is entered at one node.
    sets: HashMap<Rows, usize>,
    /// Tables whose steps are still to be made.
    open: Vec<Open>,
    /// The set of the table at hand, and the part that it is of.
    set: Option<(usize, u32)>,
    /// Whether the reader does not have what is at hand: its columns are those of the file.
    pub(super) skips: bool,
    /// Whether the table at hand is changed.
    pub(super) changed: bool,
    /// Whether columns cannot say it.
    pub(super) by_rows: bool,
    /// The way to the table at hand, outermost first.
    path: Vec<Place>,
    problems: Vec<Error>,
}

/// What tells tables apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Rows {
    file: NodeId,
    reader: NodeId,
    skips: bool,
    set: Option<usize>,
}

/// A table whose steps are still to be made.
struct Open {
    table: usize,
    rows: Rows,
    path: Vec<Place>,
}

/// A part of the way to a table.
#[derive(Clone)]
pub(super) enum Place {
    Field(String, String),
    Element,
}

impl<'s> Maker<'s> {
    pub(super) fn new(file: &'s Shape, reader: &'s Shape, sizes: &'s [usize]) -> Self {
        Maker {
            file,
            reader,
            sizes,
            identity: false,
            arrays_grow: false,
            plan: Plan::default(),
            known: HashMap::new(),
            sets: HashMap::new(),
            open: vec![],
            set: None,
            skips: false,
            changed: false,
            by_rows: false,
            path: vec![],
            problems: vec![],
        }
    }

    pub(super) fn make(mut self) -> Result<Way> {
        self.table(Rows { file: Shape::ROOT, reader: Shape::ROOT, skips: false, set: None }, None);
        while let Some(Open { table, rows, path }) = self.open.pop() {
            self.path = path;
            self.skips = rows.skips;
            self.set = self.plan.tables[table].set.map(|(set, _)| set).zip(self.file.part_of(rows.file));
            self.changed = false;
            let mut steps = Vec::new();
            if let Err(error) = self.node(rows.file, rows.reader, 0, &mut steps) {
                self.note(error);
            }
            let plan = &mut self.plan.tables[table];
            plan.edges = vec![None; plan.columns];
            note_edges(&steps, &mut plan.edges);
            plan.steps = steps;
            plan.changed = self.changed;
        }
        match self.problems.len() {
            0 if self.by_rows => Ok(Way::Rows),
            0 => Ok(Way::Columns(self.plan)),
            1 => Err(self.problems.remove(0)),
            count => Err(several(&self.problems, count)),
        }
    }

    /// The shape that columns are made for.
    pub(super) fn reader(&self) -> &'s Shape {
        if self.skips { self.file } else { self.reader }
    }

    /// Whether a part of the file is the part of the reader at the same place.
    pub(super) fn is_identity(&self) -> bool {
        self.identity || self.skips
    }

    /// Notes what cannot be read, and goes on, so that all of it is told at once.
    pub(super) fn note(&mut self, error: Error) {
        let error = self.path.iter().rev().fold(error, |error, place| match place {
            Place::Field(owner, name) => error.in_field(owner.clone(), name.clone()),
            Place::Element => error.in_entry(".."),
        });
        self.problems.push(error);
    }

    /// Does a part of the work at a place that problems name.
    pub(super) fn at<T>(&mut self, place: Place, work: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(place);
        let result = work(self);
        self.path.pop();
        result
    }

    fn table(&mut self, rows: Rows, place: Option<usize>) -> usize {
        let index = self.plan.tables.len();
        let size = (!rows.skips).then(|| self.sizes.get(rows.reader as usize).copied().unwrap_or(0));
        let shape = if rows.skips { self.file } else { self.reader };
        self.plan.tables.push(TablePlan {
            steps: vec![],
            columns: shape.columns(rows.reader),
            edges: vec![],
            size,
            set: rows.set.zip(place),
            changed: false,
        });
        self.open.push(Open { table: index, rows, path: self.path.clone() });
        self.known.insert(rows, index);
        index
    }

    /// The table behind an edge of the file.
    fn edge(&mut self, file: NodeId, reader: NodeId) -> usize {
        let mut rows = Rows { file, reader, skips: self.skips, set: None };
        let part = self.file.part_of(file);
        let entry = part.and_then(|part| self.file.part(part).position(file).map(|place| (part, place)));
        let Some((part, place)) = entry else {
            return self.known.get(&rows).copied().unwrap_or_else(|| self.table(rows, None));
        };
        let inside = self.set.filter(|&(_, own)| own == part).map(|(set, _)| set);
        let set = inside.or_else(|| self.sets.get(&rows).copied()).unwrap_or_else(|| {
            self.plan.sets.push(vec![None; self.file.part(part).entries().len()]);
            let set = self.plan.sets.len() - 1;
            self.sets.insert(rows, set);
            set
        });
        rows.set = Some(set);
        if let Some(&index) = self.known.get(&rows) {
            return index;
        }
        let index = self.table(rows, Some(place));
        // Rows of a recursion stand in one table, which is read as one type.
        self.by_rows |= self.plan.sets[set][place].replace(index).is_some();
        index
    }

    /// The table of what the file has in line, and the reader behind an edge.
    pub(super) fn beside(&mut self, file: NodeId, reader: NodeId) -> usize {
        self.changed = true;
        self.by_rows |= self.file.part_of(file).is_some();
        let rows = Rows { file, reader, skips: self.skips, set: None };
        self.known.get(&rows).copied().unwrap_or_else(|| self.table(rows, None))
    }

    /// The steps that read one node as another, whose first column is `at`.
    pub(super) fn node(&mut self, file: NodeId, reader: NodeId, at: usize, steps: &mut Vec<Step>) -> Result<()> {
        let (from, to) = (self.file, self.reader());
        let op = match (from.node(file), to.node(reader)) {
            // Else what is wrapped on one side only would be looked for without end.
            _ if from.is_endless(file) != to.is_endless(reader) => return Err(self.differ(file, reader)),
            (Node::Seq(a), Node::Array(b, _)) | (Node::Array(a, _), Node::Seq(b)) => {
                // A table on one side only: columns do not say where it ends.
                self.by_rows = true;
                return self.node(*a, *b, at, &mut Vec::new());
            }
            (Node::Option(a), Node::Option(b)) => Op::Option(self.inner(*a, *b, at + 1)?),
            (_, Node::Option(b)) => {
                self.changed = true;
                Op::Something(self.inner(file, *b, at + 1)?)
            }
            (Node::Seq(a), Node::Seq(b)) | (Node::Set(a), Node::Set(b)) | (Node::Map(a), Node::Map(b)) => {
                Op::Sequence(self.at(Place::Element, |maker| maker.edge(*a, *b)))
            }
            (Node::Boxed(a), Node::Boxed(b)) => Op::Boxed(self.edge(*a, *b)),
            (_, Node::Boxed(b)) => Op::Boxed(self.beside(file, *b)),
            (Node::Boxed(a), _) => {
                self.changed = true;
                self.by_rows |= from.part_of(*a).is_some();
                return self.node(*a, reader, at, steps);
            }
            (_, Node::Versioned(to)) => return self.version(file, to, at, steps),
            (Node::Versioned(Versioned { version: 1, current, .. }), _) => {
                return self.node(*current, reader, at, steps);
            }
            (Node::Versioned(a), _) => return Err(self.too_new(file, a.version, 1)),
            (Node::Option(a), _) => {
                self.changed = true;
                Op::Unwrap(self.inner(*a, reader, at)?)
            }
            _ if from.floats(file) != 0 || to.floats(reader) != 0 => return self.floats(file, reader, at, steps),
            (Node::Unit, Node::Unit) => return Ok(()),
            (Node::Bool, Node::Bool) => Op::Bool,
            (Node::Char, Node::Char) => Op::Char,
            (Node::Int(a), Node::Int(b)) if a == b => Op::Int(*a),
            (Node::Int(a), Node::Int(b)) => {
                self.changed = true;
                Op::Convert(*a, *b)
            }
            (Node::Text, Node::Text) => Op::Text,
            (Node::Opaque, Node::Opaque) => Op::Opaque,
            (Node::Array(a, n), Node::Array(b, m)) if n == m => {
                let size = self.sizes.get(*b as usize).copied().filter(|&size| self.arrays_grow || size == 0);
                Op::Array(*n, size.filter(|_| !self.skips), self.inner(*a, *b, at)?)
            }
            (Node::Pair(k, v), Node::Pair(l, w)) => {
                self.node(*k, *l, at, steps)?;
                return self.node(*v, *w, at + to.columns(*l), steps);
            }
            (Node::Tuple(a), Node::Tuple(b)) if a.len() == b.len() => {
                let mut at = at;
                for (&a, &b) in a.iter().zip(b) {
                    self.node(a, b, at, steps)?;
                    at += to.columns(b);
                }
                return Ok(());
            }
            (Node::Formatted(f, a), Node::Formatted(g, b)) if f == g => return self.node(*a, *b, at, steps),
            (Node::Struct(a), Node::Struct(b)) => {
                self.check_style(a, b, file, reader)?;
                self.fields(a, b, at, steps, &b.name);
                return Ok(());
            }
            (Node::Enum(a), Node::Enum(b)) => self.variants(a, b, at, (file, reader)),
            _ => return Err(self.differ(file, reader)),
        };
        steps.push(Step::new(op, at));
        Ok(())
    }

    pub(super) fn inner(&mut self, file: NodeId, reader: NodeId, at: usize) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        self.node(file, reader, at, &mut steps)?;
        Ok(steps)
    }

    /// Reads what perhaps has a version as what has one.
    fn version(&mut self, file: NodeId, to: &'s Versioned, at: usize, steps: &mut Vec<Step>) -> Result<()> {
        let (found, current) = match self.file.node(file) {
            Node::Versioned(from) => (from.version, from.current),
            _ => (1, file),
        };
        if found > to.version {
            return Err(self.too_new(file, found, to.version));
        }
        let Some(older) = to.older else { return self.node(current, to.current, at, steps) };
        let older_at = at + 1 + self.reader().columns(to.current);
        match self.file.node(file) {
            // Tables that are filled say it of each row.
            Node::Versioned(Versioned { older: Some(from), .. }) => {
                let op = Op::Forms(self.inner(current, to.current, at + 1)?, self.inner(*from, older, older_at)?);
                steps.push(Step::new(op, at));
                Ok(())
            }
            _ if found == to.version => {
                steps.push(Step::new(Op::Presence(true), at));
                self.node(current, to.current, at + 1, steps)
            }
            _ => {
                self.changed = true;
                self.plan.upgrades = true;
                steps.push(Step::new(Op::Presence(false), at));
                self.node(file, older, older_at, steps)
            }
        }
    }

    /// The steps that pass over a node of the file, and the columns that they need.
    pub(super) fn skip(&mut self, file: NodeId) -> (usize, Vec<Step>) {
        self.changed = true;
        let outer = std::mem::replace(&mut self.skips, true);
        let mut steps = Vec::new();
        // What is recursive shares columns with what is read.
        self.by_rows |= self.set.is_some() && self.file.part_of(file) == self.set.map(|(_, part)| part);
        if let Err(error) = self.node(file, file, 0, &mut steps) {
            self.note(error);
        }
        self.skips = outer;
        (self.file.columns(file), steps)
    }

    #[cold]
    pub(super) fn differ(&self, file: NodeId, reader: NodeId) -> Error {
        let (a, b) = (Shown { shape: self.file, node: file }, Shown { shape: self.reader(), node: reader });
        Error::of(ErrorKind::Shape, format!("the file has `{a}` where the type has `{b}`"))
            .with_help("to read it, give the type a `version` and `upgrade_from` the type that it was")
    }

    #[cold]
    fn too_new(&self, file: NodeId, found: u32, known: u32) -> Error {
        let name = match self.file.node(file) {
            Node::Versioned(versioned) => match self.file.node(versioned.current) {
                Node::Struct(record) => record.name.clone(),
                Node::Enum(choice) => choice.name.clone(),
                _ => "it".into(),
            },
            _ => "it".into(),
        };
        Error::of(
            ErrorKind::Version,
            format!("the file has version {found} of `{name}`, and the type reads versions up to {known}"),
        )
        .with_help("load it with a newer version of the program")
    }
}

/// Notes which tables the steps lead to.
fn note_edges(steps: &[Step], edges: &mut [Option<usize>]) {
    for step in steps {
        match &step.op {
            Op::Sequence(table) | Op::OneElement(table) | Op::Boxed(table) => edges[step.at] = Some(*table),
            op => inner_steps(op, |steps| note_edges(steps, edges)),
        }
    }
}

/// All problems of a load in one error.
#[cold]
fn several(problems: &[Error], count: usize) -> Error {
    let mut text = format!("the file does not fit the type in {count} places:");
    for problem in problems.iter().take(TOLD) {
        text.push_str("\n  ");
        text.push_str(&problem.to_string());
    }
    if count > TOLD {
        text.push_str("\n  ..");
    }
    Error::of(problems[0].kind(), text)
}
