//! One slot: the place of a value that is read by itself, in a message.

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use super::{Brand, Done, Slots};
use crate::error::Result;

/// A place for one value of `T`, which is not initialised.
pub struct Slot<'s, T> {
    place: *mut T,
    brand: Brand<'s>,
}

impl<'s, T> Slot<'s, T> {
    /// The slot that a place is, of any brand.
    ///
    /// # Safety
    ///
    /// The place may be written; and what is given the slot has to work for any brand, and is given no other slot of
    /// this one.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn at(place: *mut T) -> Self {
        Slot { place, brand: PhantomData }
    }

    /// Fills the slot.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn put(self, value: T) -> Done<'s> {
        // SAFETY: the slot may be written.
        unsafe { self.place.write(value) }
        Done(PhantomData)
    }

    /// The same place, as one of a set.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn slots(self) -> Slots<'s, T> {
        Slots { first: self.place, stride: size_of::<T>(), len: 1, brand: PhantomData }
    }

    /// The place of one field, to be filled by itself.
    ///
    /// # Safety
    ///
    /// `T` has a field of type `F` at this offset.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub unsafe fn field<F>(&self, offset: usize) -> FieldSlot<F> {
        FieldSlot(self.place.wrapping_byte_add(offset).cast())
    }

    /// Says that the slot is filled, field by field.
    ///
    /// # Safety
    ///
    /// All fields were filled, and [kept](Received::keep).
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub unsafe fn assume_filled(self) -> Done<'s> {
        Done(PhantomData)
    }

    /// The slot as one of another type.
    ///
    /// # Safety
    ///
    /// A `U` in memory is a `T`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn cast<U>(self) -> Slot<'s, U> {
        Slot { place: self.place.cast(), brand: PhantomData }
    }
}

/// The slot of one field of a struct, before it is branded; made by [`Slot::field`].
pub struct FieldSlot<F>(*mut F);

impl<F> FieldSlot<F> {
    /// Fills it, and keeps what was received until the whole struct is done.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn receive(self, receive: impl for<'e> FnOnce(Slot<'e, F>) -> Result<Done<'e>>) -> Result<Received<F>> {
        let Done(_) = receive(Slot { place: self.0, brand: PhantomData })?;
        Ok(Received(self.0))
    }
}

/// A field that is filled; drops it again, unless the struct is completed.
pub struct Received<F>(*mut F);

impl<F> Received<F> {
    /// Leaves the field to the struct that it is part of.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn keep(self) {
        std::mem::forget(self);
    }
}

impl<F> Drop for Received<F> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the field is initialised, and nobody else's: the struct is not completed.
        unsafe { self.0.drop_in_place() }
    }
}

/// Receives one value.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn receive_one<T>(receive: impl for<'s> FnOnce(Slot<'s, T>) -> Result<Done<'s>>) -> Result<T> {
    let mut place = MaybeUninit::<T>::uninit();
    let Done(_) = receive(Slot { place: place.as_mut_ptr(), brand: PhantomData })?;
    // SAFETY: `Done` is that of the slot, by its brand.
    Ok(unsafe { place.assume_init() })
}

/// Receives one value straight into a box.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn receive_boxed<T>(receive: impl for<'s> FnOnce(Slot<'s, T>) -> Result<Done<'s>>) -> Result<Box<T>> {
    let mut place = Box::<T>::new_uninit();
    let Done(_) = receive(Slot { place: place.as_mut_ptr(), brand: PhantomData })?;
    // SAFETY: as in `receive_one`.
    Ok(unsafe { place.assume_init() })
}

/// Appends one value to a vector.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn receive_next<T>(
    vec: &mut Vec<T>,
    receive: impl for<'s> FnOnce(Slot<'s, T>) -> Result<Done<'s>>,
) -> Result<()> {
    vec.reserve(1);
    let place = vec.spare_capacity_mut().as_mut_ptr().cast::<T>();
    let Done(_) = receive(Slot { place, brand: PhantomData })?;
    // SAFETY: the capacity is there, and the next value is initialised: `Done` is its own, by its brand.
    unsafe { vec.set_len(vec.len() + 1) }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use std::rc::Rc;

    #[test]
    fn what_was_received_is_dropped_when_a_later_field_fails() {
        struct Pair {
            a: Rc<()>,
            b: String,
        }
        let witness = Rc::new(());
        let receive = |fail: bool| {
            receive_one::<Pair>(|slot| {
                // SAFETY: the offsets are those of the fields, which are kept once both are filled.
                unsafe {
                    let a = slot.field::<Rc<()>>(std::mem::offset_of!(Pair, a));
                    let a = a.receive(|slot| Ok(slot.put(witness.clone())))?;
                    let b = slot.field::<String>(std::mem::offset_of!(Pair, b));
                    let b = b.receive(|slot| if fail { Err(Error::new("no")) } else { Ok(slot.put("b".into())) })?;
                    a.keep();
                    b.keep();
                    Ok(slot.assume_filled())
                }
            })
        };
        assert!(receive(true).is_err());
        assert_eq!(Rc::strong_count(&witness), 1);
        let pair = receive(false).unwrap();
        assert_eq!((Rc::strong_count(&pair.a), pair.b.as_str()), (2, "b"));
    }

    #[test]
    fn a_vector_keeps_what_it_has_when_the_next_value_panics() {
        let mut vec = vec![Rc::new(1)];
        let panic =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| receive_next(&mut vec, |_| panic!("in a hook"))));
        assert!(panic.is_err());
        receive_next(&mut vec, |slot| Ok(slot.put(Rc::new(2)))).unwrap();
        assert_eq!(vec, [Rc::new(1), Rc::new(2)]);
    }
}
