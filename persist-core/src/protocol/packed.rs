//! Protocol Packed: tables, packed, in a frame with their schema.

use std::io::Write;
use std::sync::Arc;

use crate::column::Input;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{self, Frame};
use crate::info::TypeInfo;
use crate::limits::Limits;
use crate::plan::Plan;
use crate::rows::Rows;
use crate::shape::Shape;
use crate::slots::read_one;
use crate::table::{Opened, Reader, Writer, open};
use crate::traits::{Decode, Encode};

/// Fills the writer with one value.
pub(crate) fn write_rows<T: Encode>(value: &T, writer: &mut Writer) -> Result<()> {
    T::write(Rows::one(value), writer, 0)
}

/// Writes what the writer was filled with as a frame.
pub(crate) fn write(info: &TypeInfo, writer: &mut Writer, checked: bool, out: &mut impl Write) -> Result<()> {
    let (body, marks) = writer.finish();
    frame::write(&info.schema, body, marks, checked, out)
}

/// Reads the schema of a frame.
pub(crate) fn read_schema(schema: &[u8]) -> Result<Shape> {
    let mut input = Input::new(schema);
    let shape = Shape::decode(&mut input)?;
    if !input.is_empty() {
        return Err(Error::of(ErrorKind::Corrupt, "bytes are left after the embedded schema"));
    }
    Ok(shape)
}

/// The plan to read a frame with: the type's own, or one made for the schema that the frame has.
pub(crate) enum ReadPlan {
    Own(Arc<TypeInfo>),
    Made(Plan),
}

impl ReadPlan {
    pub(crate) fn new(info: &Arc<TypeInfo>, frame: &Frame<'_>) -> Result<Self> {
        info.check_owned()?;
        if frame.schema == info.schema {
            return Ok(ReadPlan::Own(info.clone()));
        }
        let shape = read_schema(frame.schema)?;
        Plan::new(&shape, &info.shape, &info.sizes).map(ReadPlan::Made)
    }

    pub(crate) fn plan(&self) -> &Plan {
        match self {
            ReadPlan::Own(info) => &info.plan,
            ReadPlan::Made(plan) => plan,
        }
    }
}

/// Packed rows that were filled from another protocol.
pub(crate) struct Filled {
    pub(crate) body: Vec<u8>,
    /// Bytes that they were filled from.
    pub(crate) size: usize,
}

/// Packed rows, and how they were written.
#[derive(Clone, Copy)]
pub(crate) struct Packed<'d> {
    pub(crate) body: &'d [u8],
    /// Where the body stands in the bytes that are loaded.
    pub(crate) offset: u64,
    /// Whether the root's row was written as a single one.
    pub(crate) single: bool,
    /// Bytes that the value is loaded from.
    pub(crate) size: usize,
}

impl<'d> Packed<'d> {
    /// The body of a frame.
    pub(crate) fn framed(frame: &'d Frame<'_>) -> Self {
        Packed { body: frame.body.bytes(), offset: frame.offset, single: true, size: frame.body.bytes().len() }
    }

    /// A body without a frame.
    pub(crate) fn bare(body: &'d [u8]) -> Self {
        Packed { body, offset: 0, single: true, size: body.len() }
    }

    /// What was filled from another protocol.
    pub(crate) fn filled(filled: &'d Filled) -> Self {
        Packed { body: &filled.body, offset: 0, single: false, size: filled.size }
    }
}

/// Opens packed rows, which checks them.
pub(crate) fn open_rows<'d>(packed: Packed<'d>, plan: &Plan, limits: &Limits, scratch: Vec<u8>) -> Result<Opened<'d>> {
    let budget = limits.budget(packed.size);
    open(Input::with_offset(packed.body, packed.offset), packed.single, plan, budget, limits.depth, scratch)
}

/// Reads the one row of opened tables; gives the scratch memory back.
pub(crate) fn read_rows<T: Decode>(opened: Opened<'_>, context: &Context, limits: &Limits) -> Result<(T, Vec<u8>)> {
    let mut reader = Reader::new(opened, context, limits.depth);
    let value = read_one(|slots| T::read(&mut reader, 0, slots))?;
    Ok((value, reader.finish()?))
}
