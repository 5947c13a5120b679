//! Protocol Json, the way out: rows as `serde_json` writes them.

use std::io::Write;

use super::json_out::Json;
use super::write::write as write_rows;
use crate::error::Result;
use crate::info::TypeInfo;
use crate::limits::Limits;
use crate::program::Form;

/// Appends packed rows as JSON text; or hands it on to a stream, where there is one.
pub(crate) fn write(
    info: &TypeInfo,
    body: &[u8],
    limits: &Limits,
    out: &mut Vec<u8>,
    stream: Option<&mut dyn Write>,
) -> Result<()> {
    write_rows::<Json>(info, Form::Json, body, limits, out, stream)
}
