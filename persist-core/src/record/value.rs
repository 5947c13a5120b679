//! One value, built by code that does not know its type.

use std::mem::MaybeUninit;

use super::read::{DropAt, Read, drop_of, read_rows};
use crate::error::Result;
use crate::slots::Places;
use crate::table::Reader;
use crate::traits::Decode;

/// Where a value is built. One that nobody takes is dropped.
pub(crate) struct Place {
    at: Places,
    read: Read,
    drop: Option<DropAt>,
    is_filled: bool,
}

impl Place {
    /// Reads the value, from the columns from the first one on.
    ///
    /// # Panics
    ///
    /// Where it was read before.
    pub(crate) fn read(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        assert!(!self.is_filled);
        // SAFETY: by `read_value`, the place is one for a value of the type that is read, and nobody else looks at it.
        unsafe { (self.read)(reader, 0, self.at)? }
        self.is_filled = true;
        Ok(())
    }

    /// Leaves the value to the caller.
    fn leave(mut self) {
        assert!(self.is_filled);
        self.is_filled = false;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_filled
            && let Some(drop) = self.drop
        {
            // SAFETY: the place is initialised, with a value of the type that is dropped, and not looked at again.
            unsafe { drop(self.at) }
        }
    }
}

/// A value, which `fill` has to read, or fail.
///
/// # Panics
///
/// Where `fill` reads none, and does not fail; or reads it twice.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn read_value<T: Decode>(fill: impl FnOnce(&mut Place) -> Result<()>) -> Result<T> {
    let mut value = MaybeUninit::<T>::uninit();
    let at = Places::of(&raw mut value, 1);
    let mut place = Place { at, read: read_rows::<T>, drop: drop_of::<T>(), is_filled: false };
    fill(&mut place)?;
    place.leave();
    // SAFETY: the place, which is that of the value, was filled and left to us. `fill` does not replace it by another one:
    // those of this crate have no second one, and nobody else can make one.
    Ok(unsafe { value.assume_init() })
}
