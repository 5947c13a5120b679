//! Values that some rows of a batch have: those of options.
//!
//! They are read together, dense as they lie in their columns, to a queue on the stack, from which they are then moved to
//! their rows.
#![allow(unsafe_code, reason = "one of the modules named for it: writes into memory that is not yet initialised")]

use std::marker::PhantomData;
use std::mem::needs_drop;

use super::{BATCH, Done, Room, Slots, offset, room_for};
use crate::error::Result;

/// Values on the stack, from which they are taken from the first on.
pub(crate) struct Queue<T> {
    room: Room,
    next: usize,
    len: usize,
    life: PhantomData<T>,
}

impl<T> Queue<T> {
    /// How many values there may be.
    pub(crate) const CAPACITY: usize = room_for(size_of::<T>(), align_of::<T>());

    /// An empty one.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn new() -> Self {
        Queue { room: Room::new(), next: 0, len: 0, life: PhantomData }
    }

    /// Reads `count` values, where all before were taken. In place: a queue is too large to be moved.
    ///
    /// # Panics
    ///
    /// Where there is no room for them, or values are left.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn read(
        &mut self,
        count: usize,
        read: impl for<'s> FnOnce(Slots<'s, T>) -> Result<Done<'s>>,
    ) -> Result<()> {
        assert!(count <= Self::CAPACITY && self.next == self.len);
        (self.next, self.len) = (0, 0);
        if count != 0 {
            let Done(_) = read(Slots { first: self.first(), stride: size_of::<T>(), len: count, brand: PhantomData })?;
            // The first `count` values are initialised: `Done` is theirs, by its brand.
            self.len = count;
        }
        Ok(())
    }

    /// The first of the places, of which there are `CAPACITY`: the room is aligned for them, and large enough.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn first(&mut self) -> *mut T {
        self.room.as_mut_ptr()
    }

    /// The next value.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn pop(&mut self) -> Option<T> {
        if self.next == self.len {
            return None;
        }
        // SAFETY: values from `next` to `len` are initialised, and this one is not looked at again.
        let value = unsafe { self.first().add(self.next).read() };
        self.next += 1;
        Some(value)
    }
}

impl<T> Drop for Queue<T> {
    fn drop(&mut self) {
        if needs_drop::<T>() {
            while let Some(value) = self.pop() {
                drop(value);
            }
        }
    }
}

impl<'s, T> Slots<'s, Option<T>> {
    /// Fills options with the values that are there, one after the other, by flags that are not 0 where one is.
    ///
    /// # Panics
    ///
    /// Where there are not as many flags as slots, or fewer values than flags that are set.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn fill_options(self, flags: &[u8], values: &mut Queue<T>) -> Done<'s> {
        assert!(flags.len() == self.len);
        if needs_drop::<T>() || values.len == 0 || flags.len() > Queue::<T>::CAPACITY {
            let mut fill = self.fill();
            for &flag in flags {
                fill.push(if flag == 0 {
                    None
                } else {
                    Some(values.pop().expect("there are as many values as flags"))
                });
            }
            return fill.done();
        }
        assert!(flags.iter().filter(|&&flag| flag != 0).count() <= values.len);
        let (first, mut next) = (values.first(), 0);
        if values.len < Queue::<T>::CAPACITY {
            // Stands behind the last value for options that hold none.
            // SAFETY: the first value is initialised, and it is not dropped twice, since it needs no drop.
            unsafe { first.add(values.len).write(first.read()) };
        }
        for (i, &flag) in flags.iter().enumerate() {
            let some = flag != 0;
            // SAFETY: `next` counts the flags before, so it is at most the number of values, all of which are
            // initialised, as is one more where there is a place for it; where there is none, all flags are set, and
            // `next` is `i`. Values that need no drop may be copied: of each, one copy is kept at most. Slot `i` is one.
            unsafe {
                let value = first.add(next).read();
                let option = std::hint::select_unpredictable(some, Some(value), None);
                offset(self.first, i * self.stride).write(option);
            }
            next += usize::from(some);
        }
        values.next = values.len;
        Done(PhantomData)
    }
}

impl<'s, T> Slots<'s, Vec<T>> {
    /// Fills vectors of these lengths with what `next` gives for each length that is not 0.
    ///
    /// # Panics
    ///
    /// Where there are not as many lengths as slots, or more than [`BATCH`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn fill_vecs(self, lengths: &[u32], mut next: impl FnMut(usize) -> Vec<T>) -> Done<'s> {
        assert!(lengths.len() == self.len && self.len <= BATCH);
        // Which of them are empty nobody can foretell: so none is asked in the loop that allocates.
        let (mut fill, mut rows) = (self.fill(), 0u64);
        for (row, &length) in lengths.iter().enumerate() {
            fill.push(Vec::new());
            rows |= u64::from(length != 0) << row;
        }
        while rows != 0 {
            let row = rows.trailing_zeros() as usize;
            rows &= rows - 1;
            let vec = next(lengths[row] as usize);
            // SAFETY: the row is below the number of slots. The vector that is there is empty, so that nothing is lost.
            unsafe { offset(fill.slots.first, row * fill.slots.stride).write(vec) };
        }
        fill.done()
    }
}

/// The tags of a batch; there may be more behind those of its rows.
pub(crate) type BatchTags = [u8; BATCH];

/// The rows that have this tag, as bits.
pub(crate) fn rows_of(tags: &BatchTags, tag: u8) -> u64 {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    let same = u64::from_ne_bytes([tag; 8]);
    let (chunks, _) = tags.as_chunks::<8>();
    chunks.iter().enumerate().fold(0, |rows, (i, chunk)| {
        // Bytes of 0 are those that are the same; of each, the top bit of `found` tells.
        let other = u64::from_le_bytes(*chunk) ^ same;
        let found = !(((other & LOW) + LOW) | other | LOW);
        // These bits, brought together in the top byte.
        let bits = (found >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        rows | bits << (8 * i)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_tag_are_those_that_have_it() {
        let mut tags: BatchTags = [0; BATCH];
        for round in 0..200u32 {
            for (i, tag) in tags.iter_mut().enumerate() {
                *tag = [0, 1, 127, 128, 129, 254, 255][(i * i + i * round as usize / 3 + round as usize) % 7];
            }
            for tag in 0..=255 {
                let expected = (0..BATCH).fold(0, |rows, row| rows | u64::from(tags[row] == tag) << row);
                assert_eq!(rows_of(&tags, tag), expected, "{tag} in {tags:?}");
            }
        }
    }
}
