//! Protocol Json, the way in.

use std::io::Read;

use super::packed::Filled;
use crate::error::{Error, ErrorKind, Result};
use crate::fill;
use crate::frame::read_up_to;
use crate::info::TypeInfo;
use crate::limits::{Limits, reached};
use crate::source::json::Json;
use crate::value::{self, Value};

/// Fills tables from the text of one value.
pub(crate) fn fill(info: &'static TypeInfo, bytes: &[u8], limits: &Limits) -> Result<Filled> {
    let mut source = Json::new(bytes)?;
    let body = fill::fill(info, &mut source, bytes.len(), limits)?;
    source.end()?;
    Ok(Filled { body, size: bytes.len() })
}

/// Fills tables from the next value of a stream, and takes the byte after it, which has to be white space.
pub(crate) fn fill_from(info: &'static TypeInfo, reader: impl Read, limits: &Limits) -> Result<Filled> {
    fill(info, &take_text(reader, limits)?, limits)
}

/// The one value in a text, with no type at hand.
pub(crate) fn value(bytes: &[u8], limits: &Limits) -> Result<Value> {
    let mut source = Json::new(bytes)?;
    let value = value::read(&mut source, limits.depth, &mut limits.budget(bytes.len()))?;
    source.end()?;
    Ok(value)
}

/// Takes the text of one value, and the byte after it.
pub(crate) fn take_text(mut reader: impl Read, limits: &Limits) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut depth = 0u64;
    // Inside a text; after a backslash in it.
    let (mut quoted, mut escaped) = (false, false);
    // Inside a number or a word, whose end only the next byte tells.
    let mut bare = false;
    let mut done = false;
    loop {
        let mut byte = [0];
        if read_up_to(&mut reader, &mut byte)? == 0 {
            return if text.is_empty() {
                Err(Error::of(ErrorKind::EndOfStream, "the stream has no further value"))
            } else {
                // Where the value is cut short, reading it says so.
                Ok(text)
            };
        }
        let [byte] = byte;
        let space = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        if done || bare && depth == 0 && matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'[' | b'{' | b'"') {
            return if space { Ok(text) } else { Err(not_separated(text.len())) };
        }
        if text.is_empty() && space {
            continue;
        }
        if text.len() as u64 >= limits.input {
            return Err(reached("input", "the value has more bytes than allowed"));
        }
        text.push(byte);
        if quoted {
            quoted = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            done = !quoted && depth == 0;
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                done = depth == 0;
            }
            _ => bare = depth == 0,
        }
    }
}

#[cold]
fn not_separated(offset: usize) -> Error {
    Error::of(ErrorKind::TrailingBytes, "a value of the stream is not followed by white space")
        .at_offset(offset as u64)
        .with_help("separate the JSON values of a stream by newlines, as `dump` does")
}
