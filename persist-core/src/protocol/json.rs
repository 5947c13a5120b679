//! Protocol Json, the way out: rows as `serde_json` writes them.

use std::io::{BufWriter, Write};

use super::packed::{Packed, open_rows};
use super::serialize::{Flavor, Rows};
use crate::column::Input;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::info::TypeInfo;
use crate::limits::Limits;
use crate::shape::Shape;
use crate::table::{Opened, Reader, Scratch};
use serde::Serialize as _;

/// Writes packed rows as JSON text.
pub(crate) fn write(info: &TypeInfo, body: &[u8], limits: &Limits, out: &mut dyn Write) -> Result<()> {
    let packed = Packed::body(Input::new(body));
    // What was written just now is not bounded by what reading it may use.
    let opened = open_rows(packed, &info.plan, &Limits::none(), Scratch::default())?;
    write_rows(opened, &info.shape, limits, out)
}

/// The same for rows of any shape that were opened.
pub(crate) fn write_rows(opened: Opened<'_>, shape: &Shape, limits: &Limits, out: &mut dyn Write) -> Result<()> {
    let context = Context::new();
    let rows = Rows::new(Reader::new(opened, &context, limits.depth), shape, Flavor::Json);
    let mut out = BufWriter::new(out);
    let result = rows.root().serialize(&mut serde_json::Serializer::new(&mut out));
    result.map_err(|error| {
        let io = error.is_io();
        rows.error(error, io)
    })?;
    out.flush().map_err(|error| Error::of(ErrorKind::Io, error.to_string()).with_source(error))
}
