//! One slot: the place of a value that is read by itself, in a message.

use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};

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

    /// The place, for one who has to drop again what was put there.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn as_mut_ptr(&self) -> *mut T {
        self.place
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
    /// Receives the field, which is kept until the whole struct is done.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn receive(self, receive: impl for<'e> FnOnce(Slot<'e, F>) -> Result<Done<'e>>) -> Result<Received<F>> {
        let FieldSlot(place) = self;
        let mut value = MaybeUninit::uninit();
        let at = if Received::<F>::IN_PLACE { place } else { value.as_mut_ptr() };
        let Done(_) = receive(Slot { place: at, brand: PhantomData })?;
        Ok(Received { place, value })
    }
}

/// A field that was received; drops it again, unless the struct is completed.
///
/// What is small is not in its place yet, but in a variable of its own, so that it can stay in registers.
pub struct Received<F> {
    place: *mut F,
    value: MaybeUninit<F>,
}

impl<F> Received<F> {
    const IN_PLACE: bool = size_of::<F>() > 256;

    /// Leaves the field to the struct that it is part of.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn keep(self) {
        let received = ManuallyDrop::new(self);
        if !Self::IN_PLACE {
            // SAFETY: the value is initialised, and given up here; its place may be written.
            unsafe { received.place.write(received.value.assume_init_read()) }
        }
    }
}

impl<F> Drop for Received<F> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the field is initialised, and nobody else's: the struct is not completed.
        unsafe {
            if Self::IN_PLACE {
                self.place.drop_in_place();
            } else {
                // A copy is dropped, so that nobody learns the place of the variable.
                drop(self.value.assume_init_read());
            }
        }
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

/// Receives `len` values as a vector, which is told how many it may have memory for before they come.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn receive_vec<T>(
    len: usize,
    mut room: usize,
    mut receive: impl for<'s> FnMut(usize, Slot<'s, T>) -> Result<Done<'s>>,
) -> Result<Vec<T>> {
    let mut vec = Vec::with_capacity(room);
    for index in 0..len {
        if index == room {
            (vec, room) = with_more(vec);
        }
        let place = vec.spare_capacity_mut().as_mut_ptr().cast::<T>();
        let Done(_) = receive(index, Slot { place, brand: PhantomData })?;
        // SAFETY: there is room for more than `index` values, and this one is initialised: `Done` is its own, by its brand.
        unsafe { vec.set_len(index + 1) }
    }
    Ok(vec)
}

/// The vector with room for more, and for how many values in all: it comes and goes by value, so that in the loop above it
/// can stay in registers.
#[cold]
#[inline(never)]
fn with_more<T>(mut vec: Vec<T>) -> (Vec<T>, usize) {
    vec.reserve(1);
    let room = vec.capacity();
    (vec, room)
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
    fn a_vector_drops_what_it_has_when_the_next_value_fails_or_panics() {
        let witness = Rc::new(());
        let receive = |room: usize, end: fn()| {
            receive_vec(5, room, |index, slot| {
                if index == 3 {
                    end();
                    return Err(Error::new("no more"));
                }
                Ok(slot.put(witness.clone()))
            })
        };
        for room in 0..6 {
            assert!(receive(room, || {}).is_err());
            let panic =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| receive(room, || panic!("in a hook"))));
            assert!(panic.is_err());
            assert_eq!(Rc::strong_count(&witness), 1);
            let all = receive_vec(5, room, |index, slot| Ok(slot.put((index, witness.clone())))).unwrap();
            assert!(all.iter().map(|(index, _)| *index).eq(0..5));
        }
    }
}
