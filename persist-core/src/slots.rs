//! Slots: uninitialised places that reading fills, each exactly once.
//!
//! A reader is given [`Slots`] and has to give back [`Done`], which only a filled set of slots gives. The lifetime `'s`
//! is a brand: every set of slots is made for a function that has to work for any `'s`, and `'s` is invariant, so the
//! `Done` of one set cannot stand in for that of another (the technique is known as generativity; see "`GhostCell`:
//! Separating Permissions from Data in Rust", 2021). What was built when a reader fails or panics is dropped by its
//! owner: a [`Fill`], a [`Filled`] or a `Vec`.
#![allow(unsafe_code, reason = "one of the modules named for it: writes into memory that is not yet initialised")]

use std::collections::TryReserveError;
use std::marker::PhantomData;
use std::mem::{MaybeUninit, needs_drop, offset_of};

use crate::column::{copy, copy_short};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Checksum;

/// Rows that are read together, field by field: as many as a word has bits.
pub(crate) const BATCH: usize = 64;

mod batch;
mod places;
mod slot;

pub(crate) use batch::{BatchTags, Queue, rows_of};
pub use places::Places;
pub(crate) use places::{Room, room_for};
pub use slot::{FieldSlot, Received, Slot};
pub(crate) use slot::{receive_boxed, receive_one, receive_vec};

/// Brands a set of slots: invariant in `'s`.
type Brand<'s> = PhantomData<fn(&'s ()) -> &'s ()>;

/// Places for `len` values of `T`, `stride` bytes apart, none of them initialised.
pub struct Slots<'s, T> {
    first: *mut T,
    stride: usize,
    len: usize,
    brand: Brand<'s>,
}

/// The proof that the slots of this brand are filled.
pub struct Done<'s>(Brand<'s>);

/// The place `bytes` after `place`.
#[cfg_attr(not(debug_assertions), inline(always))]
fn offset<T>(place: *mut T, bytes: usize) -> *mut T {
    place.wrapping_byte_add(bytes)
}

impl<'s, T> Slots<'s, T> {
    /// The number of slots.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Fills the slots value by value, from the first on.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn fill(self) -> Fill<'s, T> {
        Fill { slots: self, filled: 0 }
    }

    /// Fills the slots with values that nothing can go wrong with, from an iterator that comes to an end.
    ///
    /// # Panics
    ///
    /// Where there are fewer values than slots.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn fill_from(self, values: impl Iterator<Item = T>) -> Done<'s> {
        let mut fill = self.fill();
        // In the iterator's own loop. What it gives beyond the slots is dropped.
        values.for_each(|value| {
            if fill.filled < fill.slots.len {
                fill.push(value);
            }
        });
        fill.done()
    }

    /// The slots of a field.
    ///
    /// # Safety
    ///
    /// A `T` holds an `F` at `offset`, as `offset_of!` gives it for a field of a struct.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub unsafe fn field<F>(&self, offset: usize) -> FieldSlots<F> {
        FieldSlots { first: self.first.wrapping_byte_add(offset).cast(), stride: self.stride, len: self.len }
    }

    /// Declares the slots filled.
    ///
    /// # Safety
    ///
    /// Every part of every slot is initialised, and nothing else will drop it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub unsafe fn assume_filled(self) -> Done<'s> {
        Done(PhantomData)
    }

    /// The slots as those of the type's only part, a wrapper's inner value.
    ///
    /// # Safety
    ///
    /// `U` has the layout of `T`, and a valid `U` is a valid `T`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn cast<U>(self) -> Slots<'s, U> {
        Slots { first: self.first.cast(), stride: self.stride, len: self.len, brand: PhantomData }
    }

    /// Fills at most `batch` slots at a time.
    pub(crate) fn in_batches(
        self,
        batch: usize,
        mut read: impl for<'e> FnMut(Slots<'e, T>) -> Result<Done<'e>>,
    ) -> Result<Done<'s>> {
        let mut fill = self.fill();
        while fill.filled < fill.slots.len {
            let len = (fill.slots.len - fill.filled).min(batch);
            let first = offset(fill.slots.first, fill.filled * fill.slots.stride);
            let part = Slots { first, stride: fill.slots.stride, len, brand: PhantomData };
            let Done(_) = read(part).map_err(|error| error.after_rows(fill.filled))?;
            // These are initialised: `Done` is theirs, by its brand.
            fill.filled += len;
        }
        Ok(fill.done())
    }

    /// Fills the slots with the bytes of values, and makes a check of them where there is one.
    ///
    /// # Safety
    ///
    /// Any bytes are a valid `T`.
    ///
    /// # Panics
    ///
    /// Where there are not just as many bytes as the slots take.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn fill_bytes(self, bytes: &[u8], check: Option<&mut Checksum>) -> Done<'s> {
        assert!(bytes.len() == self.len * size_of::<T>());
        if self.stride == size_of::<T>() {
            // SAFETY: the slots are one after the other, may be written, and take just as many bytes; the caller
            // vouches that these are valid values.
            unsafe {
                match check {
                    Some(check) => check.copy(bytes, self.first.cast()),
                    None => self.first.cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()),
                }
            }
            return Done(PhantomData);
        }
        if let Some(check) = check {
            check.update(bytes);
        }
        for (i, row) in bytes.chunks_exact(size_of::<T>().max(1)).enumerate() {
            // SAFETY: there are as many rows as slots, so slot `i` may be written; `row` is as long as a `T`, and the
            // caller vouches that it is a valid one.
            unsafe {
                offset(self.first, i * self.stride).cast::<u8>().copy_from_nonoverlapping(row.as_ptr(), row.len());
            }
        }
        Done(PhantomData)
    }
}

/// A text of its own.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn string_of(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    // SAFETY: there is room for the bytes, which are those of a text.
    unsafe {
        copy(text.as_bytes(), bytes.as_mut_ptr());
        bytes.set_len(text.len());
        String::from_utf8_unchecked(bytes)
    }
}

/// A copy of the text that bytes are, if they are one: what is short is made without a call, but for its memory.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn string_of_bytes(bytes: &[u8]) -> Option<String> {
    if bytes.len() > 32 || !is_short_ascii(bytes) {
        return checked_string(bytes);
    }
    let mut copy = Vec::with_capacity(bytes.len());
    // SAFETY: there is room for the bytes, which are ASCII.
    unsafe {
        copy_short(bytes, copy.as_mut_ptr());
        copy.set_len(bytes.len());
        Some(String::from_utf8_unchecked(copy))
    }
}

/// Whether bytes are ASCII, if they are at most 32.
#[cfg_attr(not(debug_assertions), inline(always))]
fn is_short_ascii(bytes: &[u8]) -> bool {
    const NOT_ASCII: u128 = u128::from_ne_bytes([0x80; 16]);
    let bits = match bytes.len() {
        4..=16 => {
            let second = bytes.len() >> 3 << 2;
            let last = bytes.len() - 4;
            let word = |at: usize| bytes[at..].first_chunk().map_or(!0, |word| u32::from_ne_bytes(*word));
            u128::from(word(0) | word(second) | word(last - second) | word(last))
        }
        0..4 => bytes.iter().fold(0, |bits, &byte| bits | u128::from(byte)),
        17..=32 => match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(first), Some(last)) => u128::from_ne_bytes(*first) | u128::from_ne_bytes(*last),
            _ => NOT_ASCII,
        },
        _ => NOT_ASCII,
    };
    bits & NOT_ASCII == 0
}

/// A copy of the text that bytes are, if they are one.
#[inline(never)]
fn checked_string(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

/// A vector with a copy of the bytes of its elements.
///
/// # Safety
///
/// Any bytes are a valid `T`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn vec_of_bytes<T>(bytes: &[u8]) -> Vec<T> {
    let len = bytes.len() / size_of::<T>();
    let mut vec = Vec::<T>::with_capacity(len);
    // SAFETY: there is room for `len` elements, and no more bytes are copied than these take; the caller vouches that
    // they are valid.
    unsafe {
        copy(&bytes[..len * size_of::<T>()], vec.as_mut_ptr().cast());
        vec.set_len(len);
    }
    vec
}

impl<'s, A, B> Slots<'s, (A, B)> {
    /// Fills pairs from a source: the first part of each, then the second. An error of the latter is told the first parts.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn fill_pairs<From>(
        self,
        from: &mut From,
        first: impl for<'e> FnOnce(&mut From, Slots<'e, A>) -> Result<Done<'e>>,
        second: impl for<'e> FnOnce(&mut From, Slots<'e, B>) -> Result<Done<'e>>,
        locate: impl FnOnce(Error, &Filled<A>) -> Error,
    ) -> Result<Done<'s>> {
        // SAFETY: the offsets are those of the parts, which are of these types.
        let (a, b) = unsafe { (self.field::<A>(offset_of!((A, B), 0)), self.field::<B>(offset_of!((A, B), 1))) };
        let a = a.read(|slots| first(from, slots))?;
        match b.read(|slots| second(from, slots)) {
            Ok(b) => {
                a.keep();
                b.keep();
                // SAFETY: both parts of every pair were filled, and left to it.
                Ok(unsafe { self.assume_filled() })
            }
            Err(error) => Err(locate(error, &a)),
        }
    }
}

impl<'s, T, const N: usize> Slots<'s, [T; N]> {
    /// Fills arrays by filling the elements of one after the other.
    pub(crate) fn each_array(self, mut read: impl for<'e> FnMut(Slots<'e, T>) -> Result<Done<'e>>) -> Result<Done<'s>> {
        let mut fill = self.fill();
        while fill.filled < fill.slots.len {
            let first = offset(fill.slots.first, fill.filled * fill.slots.stride).cast::<T>();
            let elements = Slots { first, stride: size_of::<T>(), len: N, brand: PhantomData };
            let Done(_) = read(elements).map_err(|error| at_element(error, fill.filled))?;
            // The elements are initialised: `Done` is theirs, by its brand.
            fill.filled += 1;
        }
        Ok(fill.done())
    }
}

/// The index in an array is of more use than the row of the array.
#[cold]
fn at_element(error: Error, row: usize) -> Error {
    let index = error.row();
    error.in_element(index).at_row(row)
}

/// Slots that are filled from the first on; drops what it holds when it is given up half-way.
pub struct Fill<'s, T> {
    slots: Slots<'s, T>,
    /// The first so many slots are initialised.
    filled: usize,
}

impl<'s, T> Fill<'s, T> {
    /// Fills the next slot.
    ///
    /// # Panics
    ///
    /// Where all are filled.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn push(&mut self, value: T) {
        assert!(self.filled < self.slots.len);
        // SAFETY: the slot is below `len`, so it may be written, and it is not initialised yet.
        unsafe { offset(self.slots.first, self.filled * self.slots.stride).write(value) }
        self.filled += 1;
    }

    /// Fills all slots that are left with what `next` gives; an error is told its row.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn rest(mut self, mut next: impl FnMut() -> Result<T>) -> Result<Done<'s>> {
        while self.filled < self.slots.len {
            match next() {
                Ok(value) => self.push(value),
                Err(error) => return Err(error.at_row(self.filled)),
            }
        }
        Ok(self.done())
    }

    /// The proof that all slots are filled.
    ///
    /// # Panics
    ///
    /// Where some are not.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn done(self) -> Done<'s> {
        assert!(self.filled == self.slots.len);
        std::mem::forget(self);
        Done(PhantomData)
    }
}

impl<T> Drop for Fill<'_, T> {
    fn drop(&mut self) {
        drop_rows(self.slots.first, self.slots.stride, self.filled);
    }
}

#[cold]
fn drop_rows<T>(first: *mut T, stride: usize, len: usize) {
    if needs_drop::<T>() {
        for i in 0..len {
            // SAFETY: the caller owns the first `len` rows, which are initialised, and gives them up.
            unsafe { offset(first, i * stride).drop_in_place() }
        }
    }
}

/// The slots of one field of a struct, before they are branded; made by [`Slots::field`].
pub struct FieldSlots<F> {
    first: *mut F,
    stride: usize,
    len: usize,
}

impl<F> FieldSlots<F> {
    /// Fills them, and keeps what was read until the whole struct is done.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn read(self, read: impl for<'e> FnOnce(Slots<'e, F>) -> Result<Done<'e>>) -> Result<Filled<F>> {
        let FieldSlots { first, stride, len } = self;
        let Done(_) = read(Slots { first, stride, len, brand: PhantomData })?;
        Ok(Filled { first, stride, len })
    }
}

/// A field that is filled in all rows; drops it again, unless the struct is completed.
pub struct Filled<F> {
    first: *mut F,
    stride: usize,
    len: usize,
}

impl<F> Filled<F> {
    /// The field in one row, where there is such a row.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn get(&self, row: usize) -> Option<&F> {
        // SAFETY: the field is initialised in all `len` rows, and nothing writes to it while this is borrowed.
        (row < self.len).then(|| unsafe { &*offset(self.first, row * self.stride) })
    }

    /// Leaves the field to the struct that it is part of.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn keep(self) {
        std::mem::forget(self);
    }
}

impl<F> Drop for Filled<F> {
    fn drop(&mut self) {
        drop_rows(self.first, self.stride, self.len);
    }
}

/// Copies bytes, and makes a check of them where there is one.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn copy_checked(bytes: &[u8], to: &mut [u8], check: Option<&mut Checksum>) {
    to.copy_from_slice(bytes);
    if let Some(check) = check {
        check.update(bytes);
    }
}

/// Reads one value.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn read_one<T>(read: impl for<'s> FnOnce(Slots<'s, T>) -> Result<Done<'s>>) -> Result<T> {
    let mut place = MaybeUninit::<T>::uninit();
    let Done(_) = read(Slots { first: place.as_mut_ptr(), stride: size_of::<T>(), len: 1, brand: PhantomData })?;
    // SAFETY: `Done` is that of the one slot, by its brand.
    Ok(unsafe { place.assume_init() })
}

/// Reads one value straight into a box.
pub(crate) fn read_boxed<T>(read: impl for<'s> FnOnce(Slots<'s, T>) -> Result<Done<'s>>) -> Result<Box<T>> {
    let mut place = Box::<T>::new_uninit();
    let Done(_) = read(Slots { first: place.as_mut_ptr(), stride: size_of::<T>(), len: 1, brand: PhantomData })?;
    // SAFETY: as in `read_one`.
    Ok(unsafe { place.assume_init() })
}

/// The error of memory that cannot be had.
#[cold]
#[inline(never)]
pub(crate) fn no_memory(error: TryReserveError) -> Error {
    Error::of(ErrorKind::Limit, "there is not enough memory for the value").with_source(error)
}

/// Appends `count` values to a vector.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn read_into<T>(
    vec: &mut Vec<T>,
    count: usize,
    read: impl for<'s> FnOnce(Slots<'s, T>) -> Result<Done<'s>>,
) -> Result<()> {
    vec.try_reserve(count).map_err(no_memory)?;
    let first = vec.spare_capacity_mut().as_mut_ptr().cast::<T>();
    let Done(_) = read(Slots { first, stride: size_of::<T>(), len: count, brand: PhantomData })?;
    // SAFETY: the capacity is there, and the next `count` values are initialised: `Done` is theirs, by its brand.
    unsafe { vec.set_len(vec.len() + count) }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn what_was_built_is_dropped_when_reading_fails() {
        let witness = Rc::new(());
        let result = read_one::<[Rc<()>; 5]>(|slots| {
            slots.each_array(|elements| {
                let mut left = 3;
                elements.fill().rest(|| {
                    left -= 1;
                    if left == 0 { Err(Error::new("no more")) } else { Ok(witness.clone()) }
                })
            })
        });
        assert!(result.unwrap_err().to_string().starts_with("[2]: no more"));
        assert_eq!(Rc::strong_count(&witness), 1);
    }

    #[test]
    fn what_was_built_is_dropped_when_reading_panics() {
        let witness = Rc::new(());
        let mut vec = vec![witness.clone()];
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            read_into(&mut vec, 3, |slots| {
                let mut fill = slots.fill();
                fill.push(witness.clone());
                panic!("in a hook")
            })
        }));
        assert!(panic.is_err());
        assert_eq!((vec.len(), Rc::strong_count(&witness)), (1, 2));
    }

    #[test]
    fn fields_are_dropped_unless_the_struct_is_completed() {
        struct Pair {
            a: Rc<()>,
            b: String,
        }
        let witness = Rc::new(());
        let read = |fail: bool| {
            read_one::<Pair>(|slots| {
                // SAFETY: the offsets are those of the fields.
                unsafe {
                    let a = slots
                        .field::<Rc<()>>(std::mem::offset_of!(Pair, a))
                        .read(|slots| slots.fill().rest(|| Ok(witness.clone())))?;
                    let b = slots.field::<String>(std::mem::offset_of!(Pair, b)).read(|slots| {
                        slots.fill().rest(|| if fail { Err(Error::new("no")) } else { Ok("b".to_owned()) })
                    })?;
                    a.keep();
                    b.keep();
                    Ok(slots.assume_filled())
                }
            })
        };
        assert!(read(true).is_err());
        assert_eq!(Rc::strong_count(&witness), 1);
        let pair = read(false).unwrap();
        assert_eq!((Rc::strong_count(&pair.a), pair.b.as_str()), (2, "b"));
    }
}
