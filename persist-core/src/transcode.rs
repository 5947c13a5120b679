//! From one protocol to another, with no Rust type at hand.

use std::io::Write;

use crate::dump::Dumper;
use crate::error::Result;
use crate::inspect::{inspect, open_packed};
use crate::limits::Limits;
use crate::protocol::{Protocol, cbor, json};

/// Writes a value, in bytes of any protocol, in another protocol. A JSON value is followed by a newline.
///
/// From Packed to Json or Cbor, what comes out is what [`dump`](crate::dump) writes for the type that was saved, and
/// loads as such. The way back is that of a [`Value`](crate::Value), since only Packed says what type a value has.
///
/// ```
/// use persist_core::{Protocol, dumps, transcode};
///
/// let mut text = Vec::new();
/// transcode(&dumps(&("a", Some(1.5)))?, Protocol::Json, &mut text)?;
/// assert_eq!(text, b"[\"a\",1.5]\n");
/// # Ok::<(), persist_core::Error>(())
/// ```
pub fn transcode(bytes: &[u8], protocol: Protocol, mut writer: impl Write) -> Result<()> {
    write(bytes, protocol, &mut writer)
}

fn write(bytes: &[u8], protocol: Protocol, out: &mut dyn Write) -> Result<()> {
    let limits = Limits::default();
    match (Protocol::recognise(bytes), protocol) {
        (Protocol::Packed, Protocol::Packed) => {
            inspect(bytes)?;
            Ok(out.write_all(bytes)?)
        }
        (Protocol::Packed, Protocol::Json) => {
            open_packed(bytes, &limits, |opened, shape| json::write_rows(opened, shape, &limits, out))?;
            Ok(out.write_all(b"\n")?)
        }
        (Protocol::Packed, Protocol::Cbor) => {
            open_packed(bytes, &limits, |opened, shape| cbor::write_rows(opened, shape, &limits, out))
        }
        _ => Dumper::new().protocol(protocol).dump(&inspect(bytes)?, out),
    }
}
