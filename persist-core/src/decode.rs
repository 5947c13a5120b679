//! Reading values of any type from tables: what types build their own reading of.
#![allow(unsafe_code, reason = "relies on the promises of `Run` and `Plain`")]

use std::mem::MaybeUninit;

use crate::encode::{Locate, is_bytes};
use crate::error::{Error, ErrorKind, Result};
use crate::message::Incoming;
use crate::slots::{BATCH, Done, Slot, Slots, no_memory, read_into, read_one, receive_vec, vec_of_bytes};
use crate::table::{Reader, Sequence, Taken};
use crate::traits::{Decode, Describe, Encode};
use crate::value::in_entry;

/// Reads a batch of elements. It is given their first column, their number, and, at the first one, for how many of all
/// elements there may be memory.
type ReadBatch<'r> = &'r mut dyn FnMut(&mut Reader<'_>, usize, usize, usize) -> Result<()>;

impl Reader<'_> {
    /// One value, from the columns from `at` on.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn one<T: Decode>(&mut self, at: usize) -> Result<T> {
        read_one(|slots| T::read(self, at, slots))
    }

    /// One field of a variant, which is in line.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn one_or<T: Decode>(&mut self, at: usize, default: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.is_present(at)? { self.one(at + 1) } else { default() }
    }

    /// The values of a field that has a default: its presence stands in column `at`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn or_default<'s, T: Decode>(
        &mut self,
        at: usize,
        slots: Slots<'s, T>,
        mut default: impl FnMut() -> Result<T>,
    ) -> Result<Done<'s>> {
        if self.is_present_in_all(at, slots.len())? {
            return T::read(self, at + 1, slots);
        }
        slots.fill().rest(|| self.one_or(at, &mut default))
    }

    /// The elements of the sequence in column `at`, as a vector.
    #[inline(never)]
    pub fn vec<T: Decode>(&mut self, at: usize) -> Result<Vec<T>> {
        let mut vec = Vec::new();
        self.element_batches(at, size_of::<T>(), <T as Describe>::COLUMNS <= 1, &mut |reader, first, count, room| {
            if room > 0 {
                vec = vec_with_room(room)?;
            }
            read_into(&mut vec, count, |slots| T::read(reader, first, slots))
        })?;
        Ok(vec)
    }

    /// Reads the elements of the sequence in column `at`, which take so many bytes of memory each, batch by batch; or, where
    /// they can be read together, all of a table. One function for all types.
    fn element_batches(&mut self, at: usize, size: usize, together: bool, read: ReadBatch<'_>) -> Result<()> {
        let sequence = self.sequence(at)?;
        let (mut before, mut room) = (0, self.room(sequence, size));
        self.elements(sequence, |reader, rows, batch, first| {
            let batch = if together && batch > 1 { rows } else { batch };
            batches(rows, batch, |count| {
                let room = std::mem::take(&mut room);
                read(reader, first, count, room).map_err(|error| in_element(error, before))?;
                before += count;
                Ok(())
            })
        })
    }

    /// Vectors, whose elements stand in memory as they do in their column.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn plain_vecs<'s, T: Decode>(&mut self, at: usize, slots: Slots<'s, Vec<T>>) -> Result<Done<'s>> {
        let plain = <T as Describe>::PLAIN;
        slots.in_batches(BATCH, |slots| {
            let mut lengths = [0u32; BATCH];
            let lengths = &mut lengths[..slots.len()];
            let (found, first) = self.lengths(at, lengths.len())?;
            lengths.iter_mut().zip(found).for_each(|(place, length)| *place = length);
            let total = lengths.iter().map(|&length| length as usize).sum();
            let elements =
                if total == 0 { Taken::Bytes(&[]) } else { self.plain(first, plain.kind(), total, size_of::<T>())? };
            let valid = match &elements {
                Taken::Bytes(bytes) => plain.kind().is_none() || plain.accepts(bytes),
                Taken::Equal(value) => plain.accepts(&value[..size_of::<T>()]),
            };
            if !valid {
                return Err(Error::of(ErrorKind::Corrupt, "a flag is neither 0 nor 1"));
            }
            Ok(match elements {
                Taken::Bytes(mut rest) => slots.fill_vecs(lengths, |length| {
                    let (bytes, after) = rest.split_at(length * size_of::<T>());
                    rest = after;
                    // SAFETY: `Run` vouches that any bytes are values, or `Plain` that these are.
                    unsafe { vec_of_bytes(bytes) }
                }),
                Taken::Equal(value) => slots.fill_vecs(lengths, |length| {
                    let bytes = value[..size_of::<T>()].repeat(length);
                    // SAFETY: as above.
                    unsafe { vec_of_bytes(&bytes) }
                }),
            })
        })
    }

    /// The vectors of the sequences in column `at`.
    #[inline(never)]
    pub(crate) fn vecs<'s, T: Decode>(&mut self, at: usize, slots: Slots<'s, Vec<T>>) -> Result<Done<'s>> {
        let plain = const { <T as Describe>::PLAIN.is_loaded() || <T as Describe>::RUN.is_some() };
        if plain && slots.len() > 1 && !self.is_single() {
            return self.plain_vecs(at, slots);
        }
        slots.fill().rest(|| self.vec(at))
    }

    /// The entries of a map, or items of a set with nothing beside them, batch by batch: `take` is given those of each.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn entries<K: Encode + Decode, V: Decode>(
        &mut self,
        sequence: Sequence,
        entries: &mut Vec<(K, V)>,
        mut take: impl FnMut(&mut Vec<(K, V)>) -> Result<()>,
    ) -> Result<()> {
        let mut before = 0;
        self.elements(sequence, |reader, rows, batch, first| {
            batches(rows, batch, |count| {
                reader.batch_of_entries(first, count, entries, &|row| (0, before + row))?;
                take(entries).map_err(|error| in_element(error, before))?;
                before += count;
                Ok(())
            })
        })
    }

    /// So many entries, whose columns begin with the first one; an error is told its row, and its index there.
    #[inline(never)]
    pub(crate) fn batch_of_entries<K: Encode + Decode, V: Decode>(
        &mut self,
        first: usize,
        count: usize,
        entries: &mut Vec<(K, V)>,
        locate: Locate<'_>,
    ) -> Result<()> {
        read_into(entries, count, |slots| {
            slots.fill_pairs(
                self,
                |reader, slots| {
                    K::read(reader, first, slots).map_err(|error| {
                        let (row, index) = locate(error.row());
                        error.in_element(index).at_row(row)
                    })
                },
                |reader, slots| V::read(reader, first + <K as Describe>::COLUMNS, slots),
                |error, keys| {
                    let (row, _) = locate(error.row());
                    in_entry(error, |row| keys.get(row)).at_row(row)
                },
            )
        })
    }
}

impl Incoming<'_> {
    /// Reads one value.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn value<T: Decode>(&mut self) -> Result<T> {
        let mut place = MaybeUninit::uninit();
        // SAFETY: the place may be written. `receive` has to work for any brand, and is given no other slot of this one:
        // so what it gives back is the proof that the place is filled.
        unsafe {
            let _: Done<'_> = T::receive(self, Slot::at(place.as_mut_ptr()))?;
            Ok(place.assume_init())
        }
    }

    /// Reads a value after which nothing may be left.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn last<'s, T: Decode>(&mut self, slot: Slot<'s, T>) -> Result<Done<'s>> {
        let place = slot.as_mut_ptr();
        let done = T::receive(self, slot)?;
        self.finish().inspect_err(|_| {
            // SAFETY: the place was filled, as `done` proves by its brand, and is given up.
            unsafe { place.drop_in_place() }
        })?;
        Ok(done)
    }

    /// Reads a sequence as a vector; each element takes so many bytes of memory.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn vec<T: Decode>(&mut self, size: usize) -> Result<Vec<T>> {
        let (len, room) = self.length(size)?;
        if const { is_bytes::<T>() } {
            let bytes = self.plain::<T>(len)?;
            // SAFETY: `Run` vouches that any bytes are values, or `Plain` that these are.
            return Ok(unsafe { vec_of_bytes(bytes) });
        }
        receive_vec(len, room, |index, slot| T::receive(self, slot).map_err(|error| error.in_element(index)))
    }

    /// Reads values that stand one after the other.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn items<'s, T: Decode>(&mut self, slots: Slots<'s, T>) -> Result<Done<'s>> {
        if const { is_bytes::<T>() } {
            let bytes = self.plain::<T>(slots.len())?;
            // SAFETY: as above.
            return Ok(unsafe { slots.fill_bytes(bytes, None) });
        }
        slots.fill().rest(|| self.value())
    }

    /// Takes the bytes of values that memory holds just so.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn plain<T: Decode>(&mut self, count: usize) -> Result<&[u8]> {
        let Some(size) = count.checked_mul(size_of::<T>()) else { return Err(self.truncated()) };
        let bytes = self.take(size)?;
        if <T as Describe>::RUN.is_some() || <T as Describe>::PLAIN.accepts(bytes) {
            Ok(bytes)
        } else {
            Err(self.corrupt("a flag is neither 0 nor 1"))
        }
    }

    /// Reads the elements of a sequence or set, one after the other.
    pub(crate) fn for_each<T: Decode>(&mut self, len: usize, mut take: impl FnMut(T) -> Result<()>) -> Result<()> {
        (0..len).try_for_each(|index| self.value().and_then(&mut take).map_err(|error| error.in_element(index)))
    }

    /// Reads the entries of a map, one after the other.
    pub(crate) fn entries<K: Encode + Decode, V: Decode>(
        &mut self,
        len: usize,
        mut take: impl FnMut(K, V) -> Result<()>,
    ) -> Result<()> {
        (0..len).try_for_each(|index| {
            let key = self.value::<K>().map_err(|error| error.in_element(index))?;
            let value = self.value().map_err(|error| in_entry(error, |_| Some(&key)))?;
            take(key, value).map_err(|error| error.in_element(index))
        })
    }
}

/// An empty vector with room for so many elements, which were charged to the budget, or may be taken for granted.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn vec_with_room<T>(room: usize) -> Result<Vec<T>> {
    let mut vec = Vec::new();
    vec.try_reserve_exact(room).map_err(no_memory)?;
    Ok(vec)
}

/// Calls `read` for batches of at most so many rows.
#[cfg_attr(not(debug_assertions), inline(always))]
fn batches(rows: usize, batch: usize, mut read: impl FnMut(usize) -> Result<()>) -> Result<()> {
    let mut left = rows;
    while left > 0 {
        let count = left.min(batch);
        read(count)?;
        left -= count;
    }
    Ok(())
}

/// The index of an element, from the row of its batch.
#[cold]
fn in_element(error: Error, before: usize) -> Error {
    let index = before + error.row();
    error.in_element(index)
}
