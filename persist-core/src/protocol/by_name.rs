//! Packed files that cannot be read by their columns, since the order of what is recursive is another, or the place of
//! rows: they are read row by row, and filled anew by the names in them, as CBOR is.

use super::cbor::write_opened;
use super::cbor_in;
use super::packed::{Filled, Packed, open_rows};
use crate::error::{Error, Result};
use crate::info::TypeInfo;
use crate::limits::Limits;
use crate::plan::Plan;
use crate::shape::Shape;
use crate::table::Scratch;

/// Bytes that a node of a row takes at least.
const NODE: usize = 4;

/// Packed rows of the type's own shape, from those of another one that it can read.
pub(crate) fn fill(info: &'static TypeInfo, shape: &Shape, packed: Packed<'_>, limits: &Limits) -> Result<Filled> {
    let plan = Plan::to_inspect(shape, NODE)?;
    let opened = open_rows(packed, &plan, limits, Scratch::default())?;
    let mut item = Vec::new();
    write_opened(opened, shape, limits.depth, &mut item)?;
    cbor_in::fill(info, &item, limits).map_err(Error::without_offset)
}
