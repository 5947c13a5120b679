//! Rows: batches of references that are written together.
#![allow(unsafe_code, reason = "one of the modules named for it: walks rows by stride, and casts rows of one type")]

use std::marker::PhantomData;
use std::mem::MaybeUninit;

/// Rows of a type that are written together, field by field; longer sequences are cut into batches of so many.
pub const BATCH: usize = 128;

/// References to values of one type, `&'a T` each: the rows of a slice, or rows gathered from anywhere.
///
/// A field of all rows is again rows, at no cost: only the address of the first one moves.
pub struct Rows<'a, T> {
    place: Place,
    len: usize,
    life: PhantomData<&'a [&'a T]>,
}

#[derive(Clone, Copy)]
enum Place {
    /// Row `i` stands at `first + i * stride`.
    Strided { first: *const u8, stride: usize },
    /// Row `i` stands at `pointers[i] + offset`.
    Gathered { pointers: *const *const u8, offset: usize },
}

impl<T> Clone for Rows<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Rows<'_, T> {}

impl<'a, T> Rows<'a, T> {
    /// The values of a slice.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn of(slice: &'a [T]) -> Self {
        let first = slice.as_ptr().cast();
        Rows { place: Place::Strided { first, stride: size_of::<T>() }, len: slice.len(), life: PhantomData }
    }

    /// One value.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn one(value: &'a T) -> Self {
        Self::of(std::slice::from_ref(value))
    }

    /// One value, whose type only its address tells.
    ///
    /// # Safety
    ///
    /// A `T` stands there for `'a`, or whatever the rows are then said to be; and the pointer may be used to read all of it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn at(place: *const T) -> Self {
        let place = Place::Strided { first: place.cast(), stride: 0 };
        Rows { place, len: 1, life: PhantomData }
    }

    /// The first row alone.
    ///
    /// # Panics
    ///
    /// Where there is none.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn head(self) -> Self {
        assert!(self.len != 0);
        Rows { len: 1, ..self }
    }

    /// The number of rows.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn len(self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The row at an index below [`len`](Rows::len).
    ///
    /// # Panics
    ///
    /// Where the index is not below it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn get(self, index: usize) -> &'a T {
        assert!(index < self.len);
        // SAFETY: `index` is below `len`, so by the invariant of `Rows` the address is that of a `T` that lives for
        // `'a`: both constructors take it from references, and `field` moves it to a field of the same value.
        unsafe {
            match self.place {
                Place::Strided { first, stride } => &*first.add(index * stride).cast::<T>(),
                Place::Gathered { pointers, offset } => &*(*pointers.add(index)).add(offset).cast::<T>(),
            }
        }
    }

    /// The rows, one after the other.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn iter(self) -> Iter<'a, T> {
        Iter { rows: self }
    }

    /// What `f` makes of each row.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn map<B, F: FnMut(&'a T) -> B>(self, f: F) -> Map<'a, T, F> {
        Map { rows: self, f }
    }

    /// Folds the rows, in a loop for each kind of place, so that no turn asks for it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn fold<B>(self, init: B, mut f: impl FnMut(B, &'a T) -> B) -> B {
        let Rows { place, len, .. } = self;
        let mut folded = init;
        match place {
            Place::Strided { first, stride } => {
                for i in 0..len {
                    // SAFETY: as in `get`: `i` is below `len`.
                    folded = f(folded, unsafe { &*first.add(i * stride).cast::<T>() });
                }
            }
            Place::Gathered { pointers, offset } => {
                for i in 0..len {
                    // SAFETY: as above.
                    folded = f(folded, unsafe { &*(*pointers.add(i)).add(offset).cast::<T>() });
                }
            }
        }
        folded
    }

    /// The rows from the given one on.
    ///
    /// # Panics
    ///
    /// Where there are fewer.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn skip(self, count: usize) -> Self {
        assert!(count <= self.len);
        let place = match self.place {
            Place::Strided { first, stride } => Place::Strided { first: first.wrapping_add(count * stride), stride },
            Place::Gathered { pointers, offset } => Place::Gathered { pointers: pointers.wrapping_add(count), offset },
        };
        Rows { place, len: self.len - count, life: PhantomData }
    }

    /// The rows in batches of at most [`BATCH`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn batches(self) -> impl Iterator<Item = Rows<'a, T>> {
        (0..self.len).step_by(BATCH).map(move |start| {
            let rest = self.skip(start);
            Rows { len: rest.len.min(BATCH), ..rest }
        })
    }

    /// The rows as a slice, where they are one.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn as_slice(self) -> Option<&'a [T]> {
        match self.place {
            Place::Strided { first, stride } if stride == size_of::<T>() => {
                // SAFETY: `len` values of `T` stand one after the other from `first` on, and live for `'a`.
                Some(unsafe { std::slice::from_raw_parts(first.cast::<T>(), self.len) })
            }
            _ => None,
        }
    }

    /// A field of all rows.
    ///
    /// # Safety
    ///
    /// Every `T` holds an `F` at `offset`, initialised and aligned, as `offset_of!` gives it for a field of a struct.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub unsafe fn field<F>(self, offset: usize) -> Rows<'a, F> {
        let place = match self.place {
            // An empty slice has no first row to move within.
            Place::Strided { first, stride } => Place::Strided { first: first.wrapping_add(offset), stride },
            Place::Gathered { pointers, offset: before } => Place::Gathered { pointers, offset: before + offset },
        };
        Rows { place, len: self.len, life: PhantomData }
    }

    /// The same rows as rows of `U`.
    ///
    /// # Safety
    ///
    /// `U` is `T`, lifetimes in it apart, and code that is given the result relies on none of them but `'a`. Or it is `()`,
    /// which says nothing of the rows, and from which they are cast back.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub unsafe fn cast<U>(self) -> Rows<'a, U> {
        Rows { place: self.place, len: self.len, life: PhantomData }
    }
}

impl<T> Rows<'_, T> {
    /// Appends the bytes of all rows.
    ///
    /// # Safety
    ///
    /// No byte of a `T` is padding or otherwise uninitialised.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn append_bytes(self, out: &mut Vec<u8>) {
        if let Some(slice) = self.as_slice() {
            // SAFETY: as promised.
            return out.extend_from_slice(unsafe { bytes_of(slice) });
        }
        out.reserve(self.len * size_of::<T>());
        let first = out.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        let written = self.fold(0, |place, row| {
            // SAFETY: there is room for as many values as there are rows, and as many as `place` tells were written;
            // no row lies in the spare room of a vector that is borrowed.
            unsafe {
                first
                    .add(place)
                    .cast::<MaybeUninit<T>>()
                    .write_unaligned(std::ptr::from_ref(row).cast::<MaybeUninit<T>>().read());
            };
            place + size_of::<T>()
        });
        // SAFETY: so many bytes were written, all of them initialised, as promised.
        unsafe { out.set_len(out.len() + written) };
    }
}

/// The bytes of values.
///
/// # Safety
///
/// No byte of a `T` is padding or otherwise uninitialised.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn bytes_of<T>(slice: &[T]) -> &[u8] {
    // SAFETY: the caller vouches that all bytes of the values are initialised.
    unsafe { std::slice::from_raw_parts(slice.as_ptr().cast(), size_of_val(slice)) }
}

/// Rows, one after the other.
pub struct Iter<'a, T> {
    rows: Rows<'a, T>,
}

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Iter { rows: self.rows }
    }
}

impl<'a, T> Iterator for Iter<'a, T> {
    type Item = &'a T;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self) -> Option<&'a T> {
        if self.rows.is_empty() {
            return None;
        }
        let row = self.rows.get(0);
        self.rows = self.rows.skip(1);
        Some(row)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rows.len, Some(self.rows.len))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn fold<B, F: FnMut(B, &'a T) -> B>(self, init: B, f: F) -> B {
        self.rows.fold(init, f)
    }
}

/// What a function makes of rows: as [`std::iter::Map`], but its loop is always that of the caller.
pub struct Map<'a, T, F> {
    rows: Rows<'a, T>,
    f: F,
}

impl<'a, T, B, F: FnMut(&'a T) -> B> Iterator for Map<'a, T, F> {
    type Item = B;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self) -> Option<B> {
        if self.rows.is_empty() {
            return None;
        }
        let row = self.rows.get(0);
        self.rows = self.rows.skip(1);
        Some((self.f)(row))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rows.len, Some(self.rows.len))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn fold<C, G: FnMut(C, B) -> C>(mut self, init: C, mut g: G) -> C {
        self.rows.fold(init, |folded, row| g(folded, (self.f)(row)))
    }
}

impl<'a, T, B, F: FnMut(&'a T) -> B> ExactSizeIterator for Map<'a, T, F> {}

impl<T> ExactSizeIterator for Iter<'_, T> {}

/// Up to [`BATCH`] values, in a place that is not cleared first.
pub(crate) struct Batch<X> {
    values: [MaybeUninit<X>; BATCH],
    len: usize,
}

impl<X: Copy> Batch<X> {
    /// None yet.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn new() -> Self {
        Batch { values: [const { MaybeUninit::uninit() }; BATCH], len: 0 }
    }

    /// What `f` makes of rows, with what it folds beside.
    ///
    /// # Panics
    ///
    /// Where there are more than [`BATCH`] rows.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn of<'a, T, A>(rows: Rows<'a, T>, init: A, mut f: impl FnMut(A, &'a T) -> (A, X)) -> (Self, A) {
        assert!(rows.len() <= BATCH);
        let mut batch = Self::new();
        let values = batch.values.as_mut_ptr();
        // The length is kept in a register: beside the values it would be in memory.
        let (len, folded) = rows.fold((0, init), |(len, folded), row| {
            let (folded, value) = f(folded, row);
            // SAFETY: `len` rows came before, and there are at most as many as places.
            unsafe { values.add(len).write(MaybeUninit::new(value)) };
            (len + 1, folded)
        });
        batch.len = len;
        (batch, folded)
    }

    /// Adds a value.
    ///
    /// # Panics
    ///
    /// Where there are [`BATCH`] already.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn push(&mut self, value: X) {
        self.values[self.len].write(value);
        self.len += 1;
    }

    /// The values.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn as_slice(&self) -> &[X] {
        // SAFETY: the first `len` values are initialised.
        unsafe { std::slice::from_raw_parts(self.values.as_ptr().cast(), self.len) }
    }

    /// The number of values.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Forgets the values.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }
}

/// The addresses of the rows that have this tag; the same for rows of any type.
///
/// # Safety
///
/// There are as many rows as tags.
///
/// # Panics
///
/// Where there are more than [`BATCH`].
unsafe fn pick(pointers: &mut Batch<*const u8>, place: Place, tags: &[u16], tag: u16) {
    assert!(tags.len() <= BATCH);
    let values = pointers.values.as_mut_ptr();
    let mut len = 0;
    for (row, &found) in tags.iter().enumerate() {
        // SAFETY: the row is one of them; `len` is at most the number of rows before, and there are at most as many as
        // places. Written in any case, and kept or not, without a branch.
        unsafe {
            let pointer = match place {
                Place::Strided { first, stride } => first.add(row * stride),
                Place::Gathered { pointers, offset } => (*pointers.add(row)).add(offset),
            };
            values.add(len).write(MaybeUninit::new(pointer));
        }
        len += usize::from(found == tag);
    }
    pointers.len = len;
}

/// Up to [`BATCH`] references, gathered to be written together.
pub struct Gather<'a, T> {
    pointers: Batch<*const u8>,
    life: PhantomData<&'a T>,
}

impl<T> Default for Gather<'_, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a, T> Gather<'a, T> {
    /// No rows yet.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn new() -> Self {
        Gather { pointers: Batch::new(), life: PhantomData }
    }

    /// Those parts of rows that are there.
    ///
    /// # Panics
    ///
    /// Where there are more than [`BATCH`] rows.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn of<R>(rows: Rows<'a, R>, part: impl Fn(&'a R) -> Option<&'a T>) -> Self {
        assert!(rows.len() <= BATCH);
        let mut pointers = Batch::<*const u8>::new();
        let values = pointers.values.as_mut_ptr();
        pointers.len = rows.fold(0, |len, row| {
            // Written in any case, and kept or not, without a branch.
            let part = part(row);
            let pointer = part.map_or(std::ptr::null(), |part| std::ptr::from_ref(part).cast());
            // SAFETY: `len` is at most the number of rows before, and there are at most as many as places.
            unsafe { values.add(len).write(MaybeUninit::new(pointer)) };
            len + usize::from(part.is_some())
        });
        Gather { pointers, life: PhantomData }
    }

    /// Gathers the rows that have this tag, and forgets others.
    ///
    /// # Panics
    ///
    /// Where there are not as many tags as rows.
    #[inline]
    pub(crate) fn pick(&mut self, rows: Rows<'a, T>, tags: &[u16], tag: u16) {
        assert!(rows.len() == tags.len());
        // SAFETY: there are as many rows.
        unsafe { pick(&mut self.pointers, rows.place, tags, tag) }
    }

    /// Adds a row.
    ///
    /// # Panics
    ///
    /// Where there are [`BATCH`] already.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn push(&mut self, row: &'a T) {
        self.pointers.push(std::ptr::from_ref(row).cast());
    }

    /// The number of rows.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn len(&self) -> usize {
        self.pointers.len()
    }

    /// Whether there are none.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The address of the first row.
    ///
    /// # Panics
    ///
    /// Where there is none.
    pub(crate) fn first(&self) -> *const u8 {
        self.pointers.as_slice()[0]
    }

    /// Forgets the rows.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn clear(&mut self) {
        self.pointers.clear();
    }

    /// What was gathered.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn rows<'b>(&'b self) -> Rows<'b, T>
    where
        'a: 'b,
    {
        // Each pointer was taken from a `&'a T`, and they stay where they are for `'b`.
        let place = Place::Gathered { pointers: self.pointers.as_slice().as_ptr(), offset: 0 };
        Rows { place, len: self.len(), life: PhantomData }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_slices_and_of_gathered_rows() {
        struct Row {
            a: u8,
            b: (u16, String),
        }
        let slice: Vec<Row> = (0..70).map(|i| Row { a: i, b: (1000 + u16::from(i), i.to_string()) }).collect();
        // SAFETY: the offsets are those of fields of these types.
        let (a, text) = unsafe {
            let offset = std::mem::offset_of!(Row, b) + std::mem::offset_of!((u16, String), 1);
            (Rows::of(&slice).field::<u8>(std::mem::offset_of!(Row, a)), Rows::of(&slice).field::<String>(offset))
        };
        assert!(a.iter().enumerate().all(|(i, &a)| i == usize::from(a)));
        assert_eq!(text.get(69), "69");
        assert!(text.as_slice().is_none());

        let mut gather = Gather::new();
        slice.iter().filter(|row| row.a % 2 == 0).for_each(|row| gather.push(row));
        // SAFETY: as above.
        let numbers = unsafe { gather.rows().field::<(u16, String)>(std::mem::offset_of!(Row, b)) };
        assert!(numbers.iter().enumerate().all(|(i, row)| usize::from(row.0) == 1000 + 2 * i));
        assert_eq!(slice[3].b.1, "3");
    }

    #[test]
    fn rows_of_no_size_and_no_rows() {
        assert_eq!(Rows::of(&[(); 5]).iter().count(), 5);
        assert_eq!(Rows::<String>::of(&[]).iter().count(), 0);
        // SAFETY: there is no row.
        assert!(unsafe { Rows::<(u8, u8)>::of(&[]).field::<u8>(1) }.is_empty());
    }
}
