//! Protocol Packed: tables, packed, in a frame with their schema.

use crate::column::Input;
use crate::error::{Error, ErrorKind, Result};
use crate::info::TypeInfo;
use crate::limits::Limits;
use crate::plan::{Plan, Way};
use crate::shape::Shape;
use crate::table::{Opened, Scratch, open};

/// Reads the schema of a frame.
pub(crate) fn read_schema(schema: &[u8]) -> Result<Shape> {
    let mut input = Input::new(schema);
    let shape = Shape::decode(&mut input)?;
    if !input.is_empty() {
        return Err(Error::of(ErrorKind::Corrupt, "bytes are left after the embedded schema"));
    }
    Ok(shape)
}

/// How a frame is read: by the type's own plan, by one made for the schema that the frame has, or by name.
pub(crate) enum ReadPlan {
    Own(&'static TypeInfo),
    Made(Plan),
    /// Row by row, with the shape that the rows have.
    Rows(Shape),
}

impl ReadPlan {
    pub(crate) fn new(info: &'static TypeInfo, schema: &[u8]) -> Result<Self> {
        info.check_owned()?;
        if info.schema() == schema {
            return Ok(ReadPlan::Own(info));
        }
        let shape = read_schema(schema)?;
        Ok(match Way::new(&shape, &info.shape, &info.sizes)? {
            Way::Columns(plan) => ReadPlan::Made(plan),
            Way::Rows => ReadPlan::Rows(shape),
        })
    }

    /// The plan, where rows are read by their columns.
    pub(crate) fn plan(&self) -> Result<&Plan, &Shape> {
        match self {
            ReadPlan::Own(info) => Ok(&info.plan),
            ReadPlan::Made(plan) => Ok(plan),
            ReadPlan::Rows(shape) => Err(shape),
        }
    }

    /// The plan, where rows can be read as they come: none of their types runs code, and those that are not opened are
    /// just as the reader has them.
    pub(crate) fn as_they_come(&self, info: &'static TypeInfo) -> Option<&Plan> {
        let plan = self.plan().ok()?;
        (!info.hooks && !plan.upgrades && !plan.tables[0].changed).then_some(plan)
    }
}

/// Packed rows that were filled from another protocol.
pub(crate) struct Filled {
    pub(crate) body: Vec<u8>,
    /// Bytes that they were filled from.
    pub(crate) size: usize,
}

/// Packed rows, and how they were written.
#[derive(Clone)]
pub(crate) struct Packed<'d> {
    body: Input<'d>,
    /// Whether the root's row was written as a single one.
    single: bool,
    /// Bytes that the value is loaded from.
    size: usize,
    /// Whether they are of level Small.
    small: bool,
}

impl<'d> Packed<'d> {
    /// A body without a frame.
    pub(crate) fn body(body: Input<'d>) -> Self {
        let size = body.len();
        Packed { body, single: true, size, small: false }
    }

    /// The body of a frame of so many bytes.
    pub(crate) fn framed(body: Input<'d>, size: usize, small: bool) -> Self {
        Packed { body, single: true, size, small }
    }

    /// Bytes that the value is loaded from.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// What was filled from another protocol.
    pub(crate) fn filled(filled: &'d Filled) -> Self {
        Packed { body: Input::new(&filled.body), single: false, size: filled.size, small: false }
    }
}

/// Opens packed rows, which checks them.
pub(crate) fn open_rows<'d>(packed: Packed<'d>, plan: &Plan, limits: &Limits, scratch: Scratch) -> Result<Opened<'d>> {
    let budget = &mut limits.budget(packed.size);
    open(packed.body, (packed.single, packed.small), plan, budget, limits.depth, scratch)
}
