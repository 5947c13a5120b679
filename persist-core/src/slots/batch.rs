//! Values that some rows of a batch have: those of options, and the fields of an enum's variant.
//!
//! They are read together, dense as they lie in their columns, to a queue on the stack, from which they are then moved to
//! their rows.
#![allow(unsafe_code, reason = "one of the modules named for it: writes into memory that is not yet initialised")]

use std::marker::PhantomData;
use std::mem::{MaybeUninit, needs_drop};

use super::{Done, Slots, offset, read_one};
use crate::error::{Error, Result};
use crate::rows::BATCH;

/// Bytes of a queue.
const ROOM: usize = 4096;

/// Aligned for all but unusual values.
#[repr(align(16))]
struct Room([MaybeUninit<u8>; ROOM]);

/// How many values of a size and an alignment there is room for: at most [`BATCH`], and none where one is too large.
const fn capacity(size: usize, align: usize) -> usize {
    if align > align_of::<Room>() {
        0
    } else if size * BATCH <= ROOM {
        BATCH
    } else {
        ROOM / size
    }
}

/// Values on the stack, from which they are taken from the first on.
pub(crate) struct Queue<T> {
    room: Room,
    next: usize,
    len: usize,
    life: PhantomData<T>,
}

impl<T> Queue<T> {
    /// How many values there may be.
    pub(crate) const CAPACITY: usize = capacity(size_of::<T>(), align_of::<T>());

    /// An empty one.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn new() -> Self {
        Queue { room: Room([const { MaybeUninit::uninit() }; ROOM]), next: 0, len: 0, life: PhantomData }
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
        self.room.0.as_mut_ptr().cast()
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
fn rows_of(tags: &BatchTags, tag: u8) -> u64 {
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

/// Reads the fields of rows of one variant.
type ReadFields<'r, Fields> = &'r mut dyn for<'e> FnMut(Slots<'e, Fields>) -> Result<Done<'e>>;

/// The slots of a batch of enums, of which those of one variant are filled at a time.
pub struct Picked<'p, T> {
    first: *mut T,
    stride: usize,
    /// The rows to fill now.
    rows: u64,
    /// The rows that are filled.
    filled: u64,
    life: PhantomData<&'p mut T>,
}

impl<'s, T> Slots<'s, T> {
    /// Fills the slots row by row, each as if it were picked from a batch of one.
    ///
    /// # Panics
    ///
    /// Where one is not filled.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn fill_one_by_one(self, mut read: impl FnMut(&mut Picked<'_, T>) -> Result<()>) -> Result<Done<'s>> {
        let mut fill = self.fill();
        while fill.filled < fill.slots.len {
            let first = offset(fill.slots.first, fill.filled * fill.slots.stride);
            let mut picked = Picked { first, stride: fill.slots.stride, rows: 1, filled: 0, life: PhantomData };
            read(&mut picked).map_err(|error| error.at_row(fill.filled))?;
            assert!(picked.rows == 0);
            // It was the one row to fill, and was.
            std::mem::forget(picked);
            fill.filled += 1;
        }
        Ok(fill.done())
    }

    /// Fills enums with these tags: `read` is asked once for each tag there is, and has to fill the rows that have it.
    ///
    /// # Panics
    ///
    /// Where there are more than [`BATCH`], or some are not filled.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn fill_by_tag(
        self,
        tags: &BatchTags,
        mut read: impl FnMut(u8, &mut Picked<'_, T>) -> Result<()>,
    ) -> Result<Done<'s>> {
        assert!(self.len <= BATCH);
        let mut left = if self.len == 0 { 0 } else { u64::MAX >> (BATCH - self.len) };
        let mut picked = Picked { first: self.first, stride: self.stride, rows: 0, filled: 0, life: PhantomData };
        while left != 0 {
            let tag = tags[left.trailing_zeros() as usize];
            let rows = rows_of(tags, tag) & left;
            left &= !rows;
            picked.rows = rows;
            read(tag, &mut picked)?;
            assert!(picked.rows == 0);
        }
        // Each row was among those to fill, and these were.
        std::mem::forget(picked);
        Ok(Done(PhantomData))
    }
}

impl<T> Picked<'_, T> {
    /// Fills the rows at hand with what is made of fields that are read together.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn fill<Fields>(
        &mut self,
        mut read: impl for<'e> FnMut(Slots<'e, Fields>) -> Result<Done<'e>>,
        make: impl Fn(Fields) -> T,
    ) -> Result<()> {
        // So that what reads the fields is compiled once.
        let read: ReadFields<'_, Fields> = &mut read;
        while self.rows != 0 {
            if self.rows != 1 && Queue::<Fields>::CAPACITY != 0 {
                return self.fill_many(read, make);
            }
            match read_one(&mut *read) {
                Ok(fields) => self.push(make(fields)),
                Err(error) => return Err(in_picked(error, self.rows)),
            }
        }
        Ok(())
    }

    /// A function of its own for each variant, so that what is on the stack is that of one; and nothing where a row is
    /// by itself.
    #[inline(never)]
    fn fill_many<Fields>(&mut self, read: ReadFields<'_, Fields>, make: impl Fn(Fields) -> T) -> Result<()> {
        let mut queue = Queue::new();
        while self.rows != 0 {
            let count = (self.rows.count_ones() as usize).min(Queue::<Fields>::CAPACITY);
            if let Err(error) = queue.read(count, &mut *read) {
                return Err(in_picked(error, self.rows));
            }
            while let Some(fields) = queue.pop() {
                self.push(make(fields));
            }
        }
        Ok(())
    }

    /// Fills the next row of those at hand.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn push(&mut self, value: T) {
        assert!(self.rows != 0);
        let row = self.rows.trailing_zeros() as usize;
        // SAFETY: by `fill_by_tag` or `fill_one_by_one` the row is a slot, and not filled yet.
        unsafe { offset(self.first, row * self.stride).write(value) };
        self.filled |= 1 << row;
        self.rows &= self.rows - 1;
    }
}

impl<T> Drop for Picked<'_, T> {
    fn drop(&mut self) {
        if needs_drop::<T>() {
            while self.filled != 0 {
                let row = self.filled.trailing_zeros() as usize;
                self.filled &= self.filled - 1;
                // SAFETY: the row is initialised, and given up.
                unsafe { offset(self.first, row * self.stride).drop_in_place() }
            }
        }
    }
}

/// The row of an error that knows only which of these rows it happened in.
#[cold]
fn in_picked(error: Error, mut rows: u64) -> Error {
    for _ in 0..error.row() {
        rows &= rows.wrapping_sub(1);
    }
    let row = rows.trailing_zeros() as usize;
    error.at_row(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    use crate::slots::read_into;

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

    /// Fills rows with these tags; the variant `bad` fails, or panics, in its second row.
    fn fill(vec: &mut Vec<(u8, Rc<()>)>, tags: &[u8], witness: &Rc<()>, bad: Option<(u8, bool)>) -> Result<()> {
        let mut batch: BatchTags = [7; BATCH];
        batch[..tags.len()].copy_from_slice(tags);
        read_into(vec, tags.len(), |slots| {
            slots.fill_by_tag(&batch, |tag, picked| {
                picked.fill(
                    |slots| {
                        let rows = slots.len();
                        let mut fill = slots.fill();
                        for row in 0..rows {
                            match bad {
                                Some((bad, panics)) if bad == tag && row == 1 => {
                                    assert!(!panics, "in a hook");
                                    return Err(Error::new("no").at_row(1));
                                }
                                _ => fill.push(witness.clone()),
                            }
                        }
                        Ok(fill.done())
                    },
                    |witness| (tag, witness),
                )
            })
        })
    }

    #[test]
    fn each_row_gets_its_variant() {
        let (witness, mut vec) = (Rc::new(()), Vec::new());
        for len in [0, 1, 2, 63, 64] {
            let tags: Vec<u8> = (0..len).map(|i: u8| i % 5 * (i % 3)).collect();
            fill(&mut vec, &tags, &witness, None).unwrap();
            assert_eq!(vec.iter().map(|(tag, _)| *tag).collect::<Vec<_>>(), tags);
            assert_eq!(Rc::strong_count(&witness), 1 + usize::from(len));
            vec.clear();
        }
    }

    #[test]
    fn what_was_built_of_a_batch_is_dropped() {
        let (witness, mut vec) = (Rc::new(()), Vec::new());
        let error = fill(&mut vec, &[0, 1, 0, 2, 1, 0], &witness, Some((1, false))).unwrap_err();
        assert_eq!((error.row(), Rc::strong_count(&witness)), (4, 1));
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            fill(&mut vec, &[0, 1, 0, 2, 1, 0], &witness, Some((1, true)))
        }));
        assert!(panic.is_err());
        assert_eq!((vec.len(), Rc::strong_count(&witness)), (0, 1));
    }

    #[test]
    #[should_panic(expected = "picked.rows == 0")]
    fn rows_that_are_left_empty_are_no_batch() {
        let _ = read_into(&mut Vec::<u8>::new(), 3, |slots| slots.fill_by_tag(&[0; BATCH], |_, _| Ok(())));
    }
}
