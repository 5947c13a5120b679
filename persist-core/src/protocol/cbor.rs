//! Protocol Cbor, the way out: rows as `ciborium` writes them.

use std::io::Write;

use super::cbor_out::Cbor;
use super::write::{open_own, write as write_program};
use crate::error::Result;
use crate::info::TypeInfo;
use crate::limits::Limits;
use crate::program::{CborForm, Form, Program};
use crate::shape::Shape;
use crate::table::Opened;

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
    let program = info.program(Form::Cbor(form))?;
    out.extend_from_slice(&SELF_DESCRIBED);
    let write = if form.deterministic { write_program::<Cbor<true>> } else { write_program::<Cbor<false>> };
    write(open_own(info, body)?, (program, &info.shape), limits.depth, out, stream)
}

/// Writes rows of any shape that were opened, as one CBOR item that says that it is one.
pub(crate) fn write_rows(opened: Opened<'_>, shape: &Shape, limits: &Limits, out: &mut dyn Write) -> Result<()> {
    let program = Program::new(shape, Form::Cbor(CborForm::default()))?;
    let mut chunk = SELF_DESCRIBED.to_vec();
    write_program::<Cbor<false>>(opened, (&program, shape), limits.depth, &mut chunk, Some(out))
}
