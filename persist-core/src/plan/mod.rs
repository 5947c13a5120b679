//! Plans: what opening does with each column of a file, so that a reader finds the columns of its own shape.
//!
//! A plan is made from two shapes, that of the file and that of the reader. Where they are equal it is the identity.
//! It is the one place that decides what of one shape can be read as another, once a load.

mod floats;
mod maker;
mod records;

use std::borrow::Cow;

use crate::error::Result;
use crate::shape::{IntKind, NodeId, Shape};
use maker::Maker;

/// What is done with one column of a file, or with those of a node that holds others.
#[derive(Debug)]
pub(crate) enum Op {
    Int(IntKind),
    /// Integers of the first kind become ones of the second, where each fits.
    Convert(IntKind, IntKind),
    Bool,
    Char,
    /// Floats, so many bytes a row.
    Run(usize),
    /// Floats that lie otherwise in the file.
    Floats(Floats),
    Text,
    Opaque,
    /// A field that has a default is there, or is not, in all rows; or all rows of what has an older form are in the
    /// present one, or are not. The file has no column of it.
    Presence(bool),
    /// A field that has a default is there in some rows.
    Perhaps(Vec<Step>),
    /// Some rows are in the present form, the others in the older one.
    Forms(Vec<Step>, Vec<Step>),
    Option(Vec<Step>),
    /// No row has a value. The file has no column of it.
    Nothing,
    /// Each row has a value. The file has no column of it.
    Something(Vec<Step>),
    /// An option that has to have a value in each row, since the reader has none.
    Unwrap(Vec<Step>),
    /// So many items; and what each takes beside the row that holds it.
    Array(u64, Option<usize>, Vec<Step>),
    Enum(Vec<Vec<Step>>),
    /// An enum whose tags are others; those of the reader are of two bytes or of one.
    Variants(Vec<VariantPlan>, bool),
    /// A sequence, set or map, with its table's index in the plan.
    Sequence(usize),
    /// Empty ones. The file has no column of it.
    NoElements,
    /// What the row holds in line is the one element.
    OneElement(usize),
    Boxed(usize),
    /// So many columns that the reader does not have.
    Skip(usize, Vec<Step>),
}

/// How a variant of the file is read.
#[derive(Debug)]
pub(crate) struct VariantPlan {
    /// `Enum::Variant`.
    pub(crate) name: String,
    /// The reader's tag; nothing where it has no such variant.
    pub(crate) tag: Option<u16>,
    pub(crate) steps: Vec<Step>,
}

/// Float runs of the reader that are put together of what the file has.
#[derive(Debug, Default)]
pub(crate) struct Floats {
    /// The runs: column, and bytes a row.
    pub(crate) runs: Vec<(usize, usize)>,
    /// What the file has, in its order.
    pub(crate) parts: Vec<FloatPart>,
}

/// Where floats come from.
#[derive(Debug)]
pub(crate) enum FloatPart {
    /// A run of the file, so many bytes a row.
    Run(usize, Vec<Lane>),
    /// Integers of a kind, so many a row, to one place in a row after the other.
    Ints(IntKind, usize, Lane),
    /// So many columns that the reader does not have.
    Skip(usize, Vec<Step>),
}

/// One float of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lane {
    /// Its place in the file's row.
    pub(crate) from: usize,
    /// The reader's run, and its place in a row of that.
    pub(crate) run: usize,
    pub(crate) to: usize,
    /// Bytes in the file, and in the reader's row.
    pub(crate) sizes: (usize, usize),
}

/// An operation, the column of the reader that it fills, and the field that errors name.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) op: Op,
    pub(crate) at: usize,
    pub(crate) field: Option<(Cow<'static, str>, Cow<'static, str>)>,
}

impl Step {
    fn new(op: Op, at: usize) -> Self {
        Step { op, at, field: None }
    }
}

/// How the rows of a table are opened.
#[derive(Debug)]
pub(crate) struct TablePlan {
    pub(crate) steps: Vec<Step>,
    /// Columns of the reader.
    pub(crate) columns: usize,
    /// Of each column that is an edge, the table behind it.
    pub(crate) edges: Vec<Option<usize>>,
    /// Bytes that a row takes in memory once it is read; nothing where no one reads it.
    pub(crate) size: Option<usize>,
    /// The set of tables that the rows belong to, where they are recursive, and their table's place in it.
    pub(crate) set: Option<(usize, usize)>,
    /// Whether the columns of a row are others than in the file, so that they cannot be read as they were written.
    pub(crate) changed: bool,
}

/// How a file of one shape is opened for a reader of another.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The first is that of the root's one row.
    pub(crate) tables: Vec<TablePlan>,
    /// The tables of each set, by the place of their node among the entries of the recursive part.
    pub(crate) sets: Vec<Vec<Option<usize>>>,
    /// Whether values are made of older forms, which runs code of their types.
    pub(crate) upgrades: bool,
}

/// How a file is read.
#[derive(Debug)]
pub(crate) enum Way {
    /// By its columns.
    Columns(Plan),
    /// Row by row and by name, since the order of what is recursive, or the place of rows, is another.
    Rows,
}

impl Way {
    /// How to read what has the shape `file` as `reader`, whose values take `sizes` bytes in memory.
    pub(crate) fn new(file: &Shape, reader: &Shape, sizes: &[usize]) -> Result<Way> {
        Maker::new(file, reader, sizes).make()
    }
}

impl Plan {
    /// The plan to read columns that are just those of the reader, but for what is never in a file.
    pub(crate) fn own(file: &Shape, reader: &Shape, sizes: &[usize]) -> Result<Plan> {
        Self::identity(Maker::new(file, reader, sizes))
    }

    fn identity(mut maker: Maker<'_>) -> Result<Plan> {
        maker.identity = true;
        match maker.make()? {
            Way::Columns(plan) => Ok(plan),
            Way::Rows => unreachable!("what is the same has the same order"),
        }
    }

    /// Whether the columns of all tables are those of the file.
    pub(crate) fn is_same(&self) -> bool {
        !self.tables.iter().any(|table| table.changed)
    }

    /// A plan for a reader that makes something of `size` bytes of every node of this shape.
    pub(crate) fn to_inspect(shape: &Shape, size: usize) -> Result<Plan> {
        let sizes: Vec<usize> = (0..shape.nodes().len()).map(|id| shape.weight(id as NodeId) * size).collect();
        let mut maker = Maker::new(shape, shape, &sizes);
        maker.arrays_grow = true;
        Self::identity(maker)
    }
}

/// Visits the steps that have no table of their own.
pub(crate) fn inner_steps<'p>(op: &'p Op, mut visit: impl FnMut(&'p [Step])) {
    match op {
        Op::Array(_, _, inner) | Op::Option(inner) | Op::Perhaps(inner) | Op::Something(inner) | Op::Unwrap(inner) => {
            visit(inner);
        }
        Op::Forms(current, older) => {
            visit(current);
            visit(older);
        }
        Op::Enum(variants) => variants.iter().for_each(|steps| visit(steps)),
        Op::Variants(variants, _) => variants.iter().for_each(|variant| visit(&variant.steps)),
        _ => {}
    }
}
