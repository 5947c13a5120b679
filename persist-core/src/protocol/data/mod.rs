//! serde's data model: rows for any `Serializer`, and from any `Deserializer`.
//!
//! Writing makes the calls that serde's derive makes for a like-shaped type. Reading asks for what the shape says, so
//! that formats that do not describe themselves can be read, too, and notes what comes as CBOR, of which tables are
//! filled as ever.

mod key;
mod reading;
mod writing;

pub(crate) use reading::Seed;
pub(crate) use writing::write;
