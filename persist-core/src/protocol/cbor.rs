//! Protocol Cbor, the way out: rows as `ciborium` writes them.

use std::io::{BufWriter, Write};

use super::packed::{Packed, open_rows};
use super::serialize::{Flavor, Rows};
use crate::column::Input;
use crate::context::Context;
use crate::error::Result;
use crate::info::TypeInfo;
use crate::limits::Limits;
use crate::shape::Shape;
use crate::table::{Opened, Reader, Scratch};

/// The tag 55799 of RFC 8949, section 3.4.6: what follows is CBOR.
pub(crate) const SELF_DESCRIBED: [u8; 3] = [0xD9, 0xD9, 0xF7];

/// Writes packed rows as one CBOR item.
pub(crate) fn write(info: &TypeInfo, body: &[u8], limits: &Limits, out: &mut dyn Write) -> Result<()> {
    let packed = Packed::body(Input::new(body));
    // What was written just now is not bounded by what reading it may use.
    let opened = open_rows(packed, &info.plan, &Limits::none(), Scratch::default())?;
    write_rows(opened, &info.shape, limits, out)
}

/// Writes the row of opened tables, which have this shape, as one CBOR item that says that it is one.
pub(crate) fn write_rows(opened: Opened<'_>, shape: &Shape, limits: &Limits, out: &mut dyn Write) -> Result<()> {
    let mut out = BufWriter::new(out);
    out.write_all(&SELF_DESCRIBED)?;
    write_opened(opened, shape, limits.depth, &mut out)?;
    Ok(out.flush()?)
}

/// Writes the row of opened tables, which have this shape, as the item alone.
pub(super) fn write_opened(opened: Opened<'_>, shape: &Shape, depth: usize, out: &mut impl Write) -> Result<()> {
    let context = Context::new();
    let rows = Rows::new(Reader::new(opened, &context, depth), shape, Flavor::Cbor);
    ciborium::into_writer(&rows.root(), out).map_err(|error| {
        let io = matches!(error, ciborium::ser::Error::Io(_));
        rows.error(error, io)
    })
}
