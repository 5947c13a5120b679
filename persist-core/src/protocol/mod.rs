//! The three protocols: how values become bytes.

// In dependency order.
pub(crate) mod packed;
mod json_value;
mod write;
mod json_out;
mod cbor_out;
pub(crate) mod cbor;
pub(crate) mod json;
pub(crate) mod cbor_in;
pub(crate) mod json_in;
pub(crate) mod by_name;
pub(crate) mod data;

/// A way to write values as bytes.
///
/// Reading recognises the protocol by the first bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// Protocol 0: JSON text as `serde_json` writes it for a like-shaped serde type.
    Json,
    /// Protocol 1: CBOR (RFC 8949) as ciborium writes it for a like-shaped serde type, behind the tag 55799.
    Cbor,
    /// Protocol 2: columns, fast and small, with the schema embedded.
    #[default]
    Packed,
}

impl Protocol {
    /// The newest protocol.
    pub const HIGHEST: Protocol = Protocol::Packed;
    /// The protocol that is written unless another one is asked for.
    pub const DEFAULT: Protocol = Protocol::Packed;
}

impl Protocol {
    /// The protocol of bytes, by the first of them: all of JSON's first bytes are JSON, 0xFC is packed, and anything
    /// else is tried as CBOR.
    #[must_use]
    pub fn recognise(bytes: &[u8]) -> Protocol {
        match bytes.first() {
            Some(0xFC) | None => Protocol::Packed,
            Some(b' ' | b'\t' | b'\n' | b'\r' | b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                Protocol::Json
            }
            Some(_) => Protocol::Cbor,
        }
    }
}
