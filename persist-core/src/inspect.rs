//! Seeing what bytes hold, with no Rust type at hand.

use crate::context::Context;
use crate::error::Result;
use crate::frame;
use crate::limits::Limits;
use crate::plan::Plan;
use crate::protocol::packed::{Packed, open_rows, read_schema};
use crate::protocol::{Protocol, cbor_in, json_in};
use crate::shape::Shape;
use crate::table::{Opened, Reader, Scratch};
use crate::value::{self, Value};

/// What a node of a row becomes: a value, perhaps with a name.
pub(crate) const NODE: usize = 2 * size_of::<Value>();

/// The value in bytes of any protocol, with no Rust type at hand, and no hook run.
///
/// Packed values come with the names of their types, fields and variants.
///
/// ```
/// let bytes = persist_core::dumps(&vec![("a", 1u8), ("b", 2)])?;
/// assert_eq!(persist_core::inspect(&bytes)?.to_string(), r#"[["a", 1], ["b", 2]]"#);
/// # Ok::<(), persist_core::Error>(())
/// ```
pub fn inspect(bytes: &[u8]) -> Result<Value> {
    let limits = Limits::default();
    match Protocol::recognise(bytes) {
        Protocol::Packed => open_packed(bytes, &limits, |opened, shape| {
            let context = Context::new();
            let mut reader = Reader::new(opened, &context, limits.depth);
            let value = value::value(&mut reader, shape, Shape::ROOT, 0)?;
            reader.finish()?;
            Ok(value)
        }),
        Protocol::Json => json_in::value(bytes, &limits),
        Protocol::Cbor => cbor_in::value(bytes, &limits),
    }
}

/// Opens the rows of a packed value, which checks them, for a reader that makes a [`Value`] or less of them.
pub(crate) fn open_packed<T>(
    bytes: &[u8],
    limits: &Limits,
    read: impl FnOnce(Opened<'_>, &Shape) -> Result<T>,
) -> Result<T> {
    let frame = frame::read(bytes, limits)?;
    let small = frame.chunks.is_small();
    let body = frame.chunks.body(limits)?;
    let shape = read_schema(frame.schema)?;
    let plan = Plan::to_inspect(&shape, NODE)?;
    let opened = open_rows(Packed::framed(body.input(), bytes.len(), small), &plan, limits, Scratch::default())?;
    read(opened, &shape)
}
