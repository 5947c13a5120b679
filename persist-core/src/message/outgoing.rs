//! Writing a message.
#![allow(unsafe_code, reason = "one of the modules named for it: writes into the spare capacity of a vector")]

use crate::column::copy_short;
use crate::error::{Error, ErrorKind, Result};

/// The most bytes that a number is stored with, before those that do not count are written over.
const NUMBER: usize = 9;

/// Lengths below it take one byte.
const SHORT: usize = 1 << 7;

/// The least room that is made at a time.
const FIRST: usize = 64;

/// A message that is being written, at the end of a vector.
///
/// `next` and `limit + NUMBER` are places in the vector's memory, behind its elements, or at its end, and `next` is not
/// behind the other. All bytes from the vector's elements to `next` are initialised. What a leaf takes at most is
/// compared with `limit` alone.
pub struct Outgoing<'o> {
    next: *mut u8,
    limit: *mut u8,
    out: &'o mut Vec<u8>,
    depth: usize,
}

impl<'o> Outgoing<'o> {
    /// A message behind what the vector holds; opaque items may have so many levels.
    #[inline]
    pub(crate) fn new(out: &'o mut Vec<u8>, depth: usize) -> Self {
        if out.capacity() - out.len() < NUMBER {
            out.reserve(FIRST);
        }
        let spare = out.spare_capacity_mut().as_mut_ptr_range();
        Outgoing { next: spare.start.cast(), limit: spare.end.cast::<u8>().wrapping_sub(NUMBER), out, depth }
    }

    /// Ends the message: it belongs to the vector now. One that is dropped without leaves the vector as it was. Gives its length.
    #[inline]
    pub(crate) fn finish(self) -> usize {
        let (before, len) = (self.out.len(), self.next.addr() - self.out.as_ptr().addr());
        // SAFETY: the bytes up to `next` are initialised, and inside the vector's memory.
        unsafe { self.out.set_len(len) }
        len - before
    }

    /// Levels that an opaque item may have.
    pub(crate) fn depth_limit(&self) -> usize {
        self.depth
    }

    /// Makes sure that there is room for [`NUMBER`] bytes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn room(&mut self) {
        if self.next > self.limit {
            (self.next, self.limit) = grow(self.out, self.next, NUMBER);
        }
    }

    /// Bytes that there is room for.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn left(&self) -> usize {
        self.limit.addr() + NUMBER - self.next.addr()
    }

    /// Writes one byte.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn byte(&mut self, byte: u8) {
        self.room();
        // SAFETY: there is room for it.
        unsafe {
            self.next.write(byte);
            self.next = self.next.add(1);
        }
    }

    /// Writes bytes as they are.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        // Where the length is known, one of these is left; the first takes one comparison.
        if bytes.len() <= NUMBER {
            self.room();
        } else if self.left() < bytes.len() {
            (self.next, self.limit) = grow(self.out, self.next, bytes.len());
        }
        // SAFETY: there is room for them, where nobody else's are.
        unsafe {
            copy_short(bytes, self.next);
            self.next = self.next.add(bytes.len());
        }
    }

    /// Writes the bytes of an array, which is no longer than a number may be.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn array<const N: usize>(&mut self, bytes: [u8; N]) {
        const { assert!(N <= NUMBER) }
        self.room();
        // SAFETY: there is room for them.
        unsafe {
            self.next.cast::<[u8; N]>().write_unaligned(bytes);
            self.next = self.next.add(N);
        }
    }

    /// Writes a number below 2 to the power of 56.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn short(&mut self, value: u64) {
        self.room();
        // A seventh of the place of the highest bit: so many bytes more than one. Right for up to 56 bits.
        let more = ((value | 1).ilog2() * 37) >> 8;
        let word = (value << 1 | 1) << more;
        // SAFETY: there is room for the whole word, of which at most all eight bytes count.
        unsafe {
            self.next.cast::<[u8; 8]>().write_unaligned(word.to_le_bytes());
            self.next = self.next.add(more as usize + 1);
        }
    }

    /// Writes a number.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn number(&mut self, value: u64) {
        if value < 1 << 56 {
            return self.short(value);
        }
        self.byte(0);
        self.array(value.to_le_bytes());
    }

    /// Writes a length.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn length(&mut self, length: usize) -> Result<()> {
        // Most are short, which is foretold; so what follows need not wait for it.
        if length < SHORT {
            self.byte((length as u8) << 1 | 1);
            return Ok(());
        }
        let Ok(length) = u32::try_from(length) else { return Err(too_long(length)) };
        self.short(u64::from(length));
        Ok(())
    }

    /// Writes a text or an opaque item.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        // One look at the room for both parts.
        if bytes.len() < SHORT && self.left() > bytes.len() {
            // SAFETY: there is room for the length, and for the bytes behind it, where nobody else's are.
            unsafe {
                self.next.write((bytes.len() as u8) << 1 | 1);
                copy_short(bytes, self.next.add(1));
                self.next = self.next.add(1 + bytes.len());
            }
            return Ok(());
        }
        (self.next, self.limit) = far(self.out, self.next, bytes)?;
        Ok(())
    }

    /// Writes the tag of an enum of so many variants.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn tag(&mut self, variants: usize, tag: u16) {
        if variants <= 1 << 8 {
            self.byte(tag as u8);
        } else {
            self.short(u64::from(tag));
        }
    }
}

/// More memory for a message, which was written up to `next`; the new `next` and `limit`.
#[cold]
#[inline(never)]
fn grow(out: &mut Vec<u8>, next: *mut u8, count: usize) -> (*mut u8, *mut u8) {
    let (before, len) = (out.len(), next.addr() - out.as_ptr().addr());
    // SAFETY: the message's bytes are initialised, and inside the vector's memory.
    unsafe { out.set_len(len) }
    out.reserve(count.max(FIRST));
    out.truncate(before);
    let all = out.as_mut_ptr();
    // SAFETY: both places are inside the vector's memory, since there is room for more than a number.
    unsafe { (all.add(len), all.add(out.capacity() - NUMBER)) }
}

/// Writes a text or an opaque item that is long, or for which there may be no room, to a message that was written up to
/// `next`; the new `next` and `limit`.
#[inline(never)]
fn far(out: &mut Vec<u8>, next: *mut u8, bytes: &[u8]) -> Result<(*mut u8, *mut u8)> {
    let (next, limit) = grow(out, next, bytes.len().saturating_add(NUMBER));
    let mut rest = Outgoing { next, limit, out, depth: 0 };
    rest.length(bytes.len())?;
    rest.raw(bytes);
    Ok((rest.next, rest.limit))
}

#[cold]
fn too_long(length: usize) -> Error {
    Error::of(ErrorKind::Limit, format!("a length of {length} is over 4,294,967,295"))
}
