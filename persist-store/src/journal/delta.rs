//! What differs between two runs of bytes: edits, from the front to the back.
//!
//! A delta is the new length, the number of edits, then for each edit three numbers and some bytes: so many bytes of the
//! old ones stay, so many go, and these come. What is left of the old bytes stays. Numbers are varints (LEB128).

use persist_core::{Error, ErrorKind, Result};

/// Makes new bytes of old ones, in their place; gives how many bytes were moved or written.
///
/// # Errors
///
/// Where the delta is not one of these bytes; they may have changed then.
pub(crate) fn apply(delta: &mut &[u8], bytes: &mut Vec<u8>, scratch: &mut Vec<u8>) -> Result<u64> {
    let len = take(delta)?;
    let count = take(delta)?;
    if count > delta.len() as u64 {
        return Err(wrong());
    }
    // Edits that replace bytes by as many need no copy of the others.
    let mut parts = *delta;
    let mut in_place = len == bytes.len() as u64;
    for _ in 0..count {
        let edit = Edit::take(&mut parts)?;
        in_place &= edit.gone == edit.come.len();
    }
    let mut cost = 0;
    if in_place {
        let mut at = 0usize;
        for _ in 0..count {
            let edit = Edit::take(delta)?;
            let place = at.checked_add(edit.stay).ok_or_else(wrong)?;
            at = place.checked_add(edit.gone).ok_or_else(wrong)?;
            bytes.get_mut(place..at).ok_or_else(wrong)?.copy_from_slice(edit.come);
            cost += edit.gone as u64;
        }
        return Ok(cost);
    }
    scratch.clear();
    let mut rest = &bytes[..];
    for _ in 0..count {
        let edit = Edit::take(delta)?;
        scratch.extend_from_slice(rest.get(..edit.stay).ok_or_else(wrong)?);
        rest = rest[edit.stay..].get(edit.gone..).ok_or_else(wrong)?;
        scratch.extend_from_slice(edit.come);
    }
    scratch.extend_from_slice(rest);
    if scratch.len() as u64 != len {
        return Err(wrong());
    }
    std::mem::swap(bytes, scratch);
    Ok(len)
}

struct Edit<'d> {
    stay: usize,
    gone: usize,
    come: &'d [u8],
}

impl<'d> Edit<'d> {
    fn take(delta: &mut &'d [u8]) -> Result<Self> {
        let mut number = || take(delta).and_then(|number| usize::try_from(number).map_err(|_| wrong()));
        let (stay, gone, come) = (number()?, number()?, number()?);
        let (come, rest) = delta.split_at_checked(come).ok_or_else(wrong)?;
        *delta = rest;
        Ok(Edit { stay, gone, come })
    }
}

/// Takes a varint.
pub(crate) fn take(bytes: &mut &[u8]) -> Result<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or_else(wrong)?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7F);
        if bits << shift >> shift != bits {
            return Err(wrong());
        }
        number |= bits << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(wrong())
}

#[cold]
fn wrong() -> Error {
    Error::of(ErrorKind::Corrupt, "a record of the journal is not one of this value")
}
