//! Places: slots whose type is not known, for code that is compiled once for all types.
#![allow(unsafe_code, reason = "one of the modules named for it: writes into memory that is not yet initialised")]

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use super::{BATCH, Done, Slots, drop_rows, offset};
use crate::error::Result;

/// Places in memory, so many bytes apart.
///
/// It is two words, which are handed on in registers: three would go through memory, for each field of each batch.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    first: *mut (),
    /// The stride in the upper half, the number of places in the lower one.
    extent: u64,
}

/// A stride and a number of places, as one word.
#[cfg_attr(not(debug_assertions), inline(always))]
fn extent(stride: usize, len: usize) -> u64 {
    let (Ok(stride), Ok(len)) = (u32::try_from(stride), u32::try_from(len)) else { too_large() };
    u64::from(stride) << 32 | u64::from(len)
}

#[cold]
fn too_large() -> ! {
    panic!("values of more than 4 GiB, or more than 4,294,967,295 of them, cannot be read together")
}

impl Places {
    /// Places for so many values, one after the other.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn of<T>(first: *mut MaybeUninit<T>, len: usize) -> Self {
        Places { first: first.cast(), extent: extent(size_of::<T>(), len) }
    }

    /// The number of places.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn len(self) -> usize {
        self.extent as u32 as usize
    }

    /// The bytes from one place to the next.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn stride(self) -> usize {
        (self.extent >> 32) as usize
    }

    /// The first place.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn first(self) -> *const () {
        self.first
    }

    /// One of the places.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn at(self, index: usize) -> *mut () {
        assert!(index < self.len());
        offset(self.first, index * self.stride())
    }

    /// Some of the places.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn part(self, from: usize, len: usize) -> Self {
        assert!(from <= self.len() && len <= self.len() - from);
        Places { first: offset(self.first, from * self.stride()), extent: extent(self.stride(), len) }
    }

    /// What stands so many bytes behind each place.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn field(self, bytes: usize) -> Self {
        Places { first: offset(self.first, bytes), ..self }
    }

    /// Fills the places.
    ///
    /// # Safety
    ///
    /// They are places of a `T` each, may be written, and are not looked at but by `read` until it returns.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub unsafe fn fill<T>(self, read: impl for<'s> FnOnce(Slots<'s, T>) -> Result<Done<'s>>) -> Result<()> {
        let Done(_) =
            read(Slots { first: self.first.cast(), stride: self.stride(), len: self.len(), brand: PhantomData })?;
        Ok(())
    }

    /// Drops the values.
    ///
    /// # Safety
    ///
    /// Each place is an initialised `T`, which is given up.
    pub(crate) unsafe fn drop_all<T>(self) {
        drop_rows(self.first.cast::<T>(), self.stride(), self.len());
    }
}

impl<T> Slots<'_, T> {
    /// The slots as places.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn places(&self) -> Places {
        Places { first: self.first.cast(), extent: extent(self.stride, self.len) }
    }
}

/// Bytes of a room.
const ROOM: usize = 4096;

/// Memory on the stack for values that are moved to their places later; aligned for all but unusual values.
#[repr(align(16))]
pub(crate) struct Room([MaybeUninit<u8>; ROOM]);

/// How many values of a size and an alignment there is room for: at most [`BATCH`], and none where one is too large.
pub(crate) const fn room_for(size: usize, align: usize) -> usize {
    if align > align_of::<Room>() {
        0
    } else if size * BATCH <= ROOM {
        BATCH
    } else {
        ROOM / size
    }
}

impl Room {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn new() -> Self {
        Room([const { MaybeUninit::uninit() }; ROOM])
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn as_mut_ptr<T>(&mut self) -> *mut T {
        self.0.as_mut_ptr().cast()
    }

    /// Places for so many values of a size, one after the other.
    ///
    /// # Panics
    ///
    /// Where there is no room for them.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn places(&mut self, size: usize, len: usize) -> Places {
        assert!(size * len <= ROOM);
        Places { first: self.as_mut_ptr(), extent: extent(size, len) }
    }
}
