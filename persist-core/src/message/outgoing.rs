//! Writing a message.
#![allow(unsafe_code, reason = "one of the modules named for it: writes into the spare capacity of a vector")]

use crate::column::copy;
use crate::error::{Error, ErrorKind, Result};

/// The most bytes that a number is stored with, before those that do not count are written over.
const NUMBER: usize = 9;

/// A message that is being written, at the end of a vector.
///
/// Between calls `start <= next <= end`; these are places in the vector's memory, behind its elements; all bytes from
/// `start` to `next` are initialised, and up to `end` the memory is the vector's.
pub struct Outgoing<'o> {
    next: *mut u8,
    end: *mut u8,
    out: &'o mut Vec<u8>,
    depth: usize,
}

impl<'o> Outgoing<'o> {
    /// A message behind what the vector holds; opaque items may have so many levels.
    #[inline]
    pub(crate) fn new(out: &'o mut Vec<u8>, depth: usize) -> Self {
        let spare = out.spare_capacity_mut().as_mut_ptr_range();
        Outgoing { next: spare.start.cast(), end: spare.end.cast(), out, depth }
    }

    /// Ends the message: it belongs to the vector now. One that is dropped without leaves the vector as it was.
    #[inline]
    pub(crate) fn finish(self) {
        let len = self.next.addr() - self.out.as_ptr().addr();
        // SAFETY: the bytes up to `next` are initialised, and inside the vector's memory.
        unsafe { self.out.set_len(len) }
    }

    /// Levels that an opaque item may have.
    pub(crate) fn depth_limit(&self) -> usize {
        self.depth
    }

    /// Makes sure that there is room for so many bytes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn room(&mut self, count: usize) {
        if self.end.addr() - self.next.addr() < count {
            (self.next, self.end) = grow(self.out, self.next, count);
        }
    }

    /// Writes one byte.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn byte(&mut self, byte: u8) {
        self.room(1);
        // SAFETY: there is room for it.
        unsafe {
            self.next.write(byte);
            self.next = self.next.add(1);
        }
    }

    /// Writes bytes as they are.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.room(bytes.len());
        // SAFETY: there is room for them, where nobody else's are.
        unsafe {
            copy(bytes, self.next);
            self.next = self.next.add(bytes.len());
        }
    }

    /// Writes the bytes of an array.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn array<const N: usize>(&mut self, bytes: [u8; N]) {
        self.room(N);
        // SAFETY: there is room for them.
        unsafe {
            self.next.cast::<[u8; N]>().write_unaligned(bytes);
            self.next = self.next.add(N);
        }
    }

    /// Writes a number below 2 to the power of 49.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn short(&mut self, value: u64) {
        self.room(NUMBER);
        // A seventh of the bits, rounded up: right for up to 56 of them.
        let bytes = ((u64::BITS - (value | 1).leading_zeros()) * 37 + 219) >> 8;
        let word = (value << 1 | 1) << (bytes - 1);
        // SAFETY: there is room for the whole word, of which `bytes` bytes count: at most eight.
        unsafe {
            self.next.cast::<[u8; 8]>().write_unaligned(word.to_le_bytes());
            self.next = self.next.add(bytes as usize);
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
        let Ok(length) = u32::try_from(length) else { return Err(too_long(length)) };
        self.short(u64::from(length));
        Ok(())
    }

    /// Writes a text or an opaque item.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.length(bytes.len())?;
        self.raw(bytes);
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

/// More memory for a message, which was written up to `next`; the new `next` and `end`.
#[cold]
#[inline(never)]
fn grow(out: &mut Vec<u8>, next: *mut u8, count: usize) -> (*mut u8, *mut u8) {
    let (before, len) = (out.len(), next.addr() - out.as_ptr().addr());
    // SAFETY: the message's bytes are initialised, and inside the vector's memory.
    unsafe { out.set_len(len) }
    out.reserve(count.max(64));
    out.truncate(before);
    let all = out.as_mut_ptr();
    // SAFETY: both places are inside the vector's memory, or at its end.
    unsafe { (all.add(len), all.add(out.capacity())) }
}

#[cold]
fn too_long(length: usize) -> Error {
    Error::of(ErrorKind::Limit, format!("a length of {length} is over 4,294,967,295"))
}
