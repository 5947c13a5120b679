//! What can be read of damaged bytes, with no Rust type at hand.
//!
//! A chunk of a packed value begins and ends where a group of rows of an outermost sequence does, and has its own
//! checksum. So where one is damaged, the others can be put together again, with another length in front of their groups:
//! what comes of it is a packed value of the same schema, of the bytes that were written. Only what is in no such
//! sequence, and was lost, is taken out of the schema.
//!
//! `items` does the same for JSON and CBOR, up to the first mistake. `bodies` are what is left of the chunks, `walk` goes
//! through them by the schema, and `search` finds out where a walk goes on behind a gap.

mod bodies;
mod items;
mod lost;
mod walk;
mod search;

use crate::error::{Error, ErrorKind, Result};
use crate::frame::{MAGIC, assemble, recover};
use crate::inspect::{inspect, open_packed};
use crate::limits::Limits;
use crate::protocol::Protocol;
use crate::protocol::packed::read_schema;
use crate::value::Value;
use bodies::Bodies;
pub use lost::{Lost, LostElements};

/// What could be read of damaged bytes; what [`salvage`] gives.
#[derive(Debug)]
#[non_exhaustive]
pub struct Salvaged {
    /// What is left, as bytes of the same protocol: what [`loads`](crate::loads) takes. A packed value has the schema that
    /// it had, without the fields that were lost as a whole.
    pub bytes: Vec<u8>,
    /// What is not in them; nothing where the bytes were not damaged.
    pub lost: Vec<Lost>,
    /// Bytes that were looked at: others may follow.
    pub len: usize,
    /// Whether checksums tell that what is left is what was written. JSON and CBOR have none.
    pub checked: bool,
}

impl Salvaged {
    /// What is left, with no Rust type at hand.
    pub fn value(&self) -> Result<Value> {
        inspect(&self.bytes)
    }
}

/// Reads what can be read of damaged bytes, and tells what is lost.
///
/// Of a packed value all chunks whose checksum is good are kept. So of the outermost sequences, maps and sets, which are
/// those that are no elements of others, the elements in other chunks than the damaged ones are left (from some ten
/// thousand bytes on, they stand in several), as are all that stand before a place where the bytes end. Fields that stand
/// in a damaged chunk, with no such sequence around them, are taken out of the schema; a type loads the value if it has
/// defaults for them. Of JSON and CBOR what stands before the first mistake is kept: whole elements of the outermost list,
/// whole entries of maps in one another.
///
/// Nothing is made up: all that is left was there. A value without checksums may have been damaged where nothing tells.
///
/// ```
/// use persist_core::{dumps, loads, salvage};
///
/// let numbers: Vec<u64> = (0..100_000).map(|i| i * i % 1_000_003).collect();
/// let mut bytes = dumps(&numbers)?;
/// let middle = bytes.len() / 2;
/// bytes[middle] ^= 0x10;
/// assert!(loads::<Vec<u64>>(&bytes).is_err());
///
/// let salvaged = salvage(&bytes)?;
/// let left: Vec<u64> = loads(&salvaged.bytes)?;
/// let lost = salvaged.lost[0].elements.as_ref().unwrap();
/// let range = lost.range.as_ref().unwrap();
/// assert_eq!(left[..range.start as usize], numbers[..range.start as usize]);
/// assert_eq!(left[range.start as usize..], numbers[range.end as usize..]);
/// # Ok::<(), persist_core::Error>(())
/// ```
///
/// # Errors
///
/// Where nothing can be read: the header with its schema is damaged, or all of the value stood in one damaged chunk. The
/// limits are those of [`inspect`](crate::inspect).
pub fn salvage(bytes: &[u8]) -> Result<Salvaged> {
    let limits = Limits::default();
    match Protocol::recognise(bytes) {
        _ if is_nearly_packed(bytes) => packed(bytes, &limits),
        Protocol::Packed => packed(bytes, &limits),
        protocol => items::salvage(bytes, protocol, &limits),
    }
}

/// Whether bytes start as a packed value does, but for one byte at most: they are not taken for anything else then.
fn is_nearly_packed(bytes: &[u8]) -> bool {
    bytes.iter().zip(MAGIC).filter(|&(&byte, expected)| byte == expected).count() + 1 >= MAGIC.len()
}

fn packed(bytes: &[u8], limits: &Limits) -> Result<Salvaged> {
    let recovered = recover(bytes, limits).map_err(|error| nothing(&error))?;
    let (len, checked, small) = (recovered.len, recovered.checked, recovered.small);
    let is_sound = |bytes: &[u8]| open_packed(bytes, limits, |_, _| Ok(()));
    if recovered.is_whole() && is_sound(&bytes[..len]).is_ok() {
        return Ok(Salvaged { bytes: bytes[..len].to_vec(), lost: Vec::new(), len, checked });
    }
    let shape = read_schema(recovered.schema)?;
    let mut bodies = Bodies::new(&recovered, limits);
    let found = search::search(&shape, &mut bodies, small, bytes.len(), limits)?;
    let mut schema = Vec::new();
    match found.root {
        None => schema.extend_from_slice(recovered.schema),
        Some(root) => shape.with_root(root, &found.nodes)?.encode(&mut schema),
    }
    let out = assemble(&schema, small, &bodies.chunks(&found.out));
    is_sound(&out).map_err(|error| nothing(&error))?;
    Ok(Salvaged { bytes: out, lost: found.lost, len, checked })
}

/// The error where nothing can be read.
#[cold]
fn nothing(why: &Error) -> Error {
    let error = Error::of(ErrorKind::Corrupt, format!("nothing of the value can be read: {why}"));
    error.with_source(Error::of(why.kind(), why.to_string()))
}

#[cfg(test)]
mod tests;
