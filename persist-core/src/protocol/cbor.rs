//! Protocol Cbor, the way out: rows as `ciborium` writes them.

use std::io::Write;

use super::cbor_out::Cbor;
use super::serialize::Rows;
use super::write::write as write_rows;
use crate::context::Context;
use crate::error::Result;
use crate::info::TypeInfo;
use crate::limits::Limits;
use crate::program::{CborForm, Form};
use crate::shape::Shape;
use crate::table::{Opened, Reader};

/// The tag 55799 of RFC 8949, section 3.4.6: what follows is CBOR.
pub(crate) const SELF_DESCRIBED: [u8; 3] = [0xD9, 0xD9, 0xF7];

/// Appends packed rows as one CBOR item; or hands it on to a stream, where there is one.
pub(crate) fn write(
    info: &TypeInfo,
    form: CborForm,
    body: &[u8],
    limits: &Limits,
    out: &mut Vec<u8>,
    stream: Option<&mut dyn Write>,
) -> Result<()> {
    out.extend_from_slice(&SELF_DESCRIBED);
    let write = if form.deterministic { write_rows::<Cbor<true>> } else { write_rows::<Cbor<false>> };
    write(info, Form::Cbor(form), body, limits, out, stream)
}

/// Writes the row of opened tables as one CBOR item. Their shape may be of a file, and met only this once: no program is
/// made for it.
pub(super) fn write_opened(opened: Opened<'_>, shape: &Shape, depth: usize, out: &mut Vec<u8>) -> Result<()> {
    let context = Context::new();
    let rows = Rows::new(Reader::new(opened, &context, depth), shape);
    ciborium::into_writer(&rows.root(), out).map_err(|error| rows.error(error))
}
