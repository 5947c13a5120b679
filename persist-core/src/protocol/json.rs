//! Protocol Json, the way out: rows as `serde_json` writes them.

use std::io::Write;

use super::json_out::Json;
use super::write::{open_own, write as write_program};
use crate::error::Result;
use crate::info::TypeInfo;
use crate::limits::Limits;
use crate::program::{Form, Program};
use crate::shape::Shape;
use crate::table::Opened;

/// Appends packed rows as JSON text; or hands it on to a stream, where there is one.
pub(crate) fn write(
    info: &TypeInfo,
    body: &[u8],
    limits: &Limits,
    out: &mut Vec<u8>,
    stream: Option<&mut dyn Write>,
) -> Result<()> {
    let program = info.program(Form::Json)?;
    write_program::<Json>(open_own(info, body)?, (program, &info.shape), limits.depth, out, stream)
}

/// Writes rows of any shape that were opened.
pub(crate) fn write_rows(opened: Opened<'_>, shape: &Shape, limits: &Limits, out: &mut dyn Write) -> Result<()> {
    let program = Program::new(shape, Form::Json)?;
    write_program::<Json>(opened, (&program, shape), limits.depth, &mut Vec::new(), Some(out))
}
