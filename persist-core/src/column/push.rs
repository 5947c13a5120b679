//! Values appended to bytes, without zeroing them first.
#![allow(unsafe_code, reason = "one of the modules named for it: writes into the spare capacity of a vector")]

use super::int::Int;

/// Appends the little-endian bytes of values, as many as the iterator says, or fewer where it has fewer.
#[inline(always)]
pub(crate) fn push_values<T: Int>(out: &mut Vec<u8>, values: impl ExactSizeIterator<Item = T>) {
    let count = values.len();
    let bytes = count.checked_mul(T::SIZE).expect("the values fit in memory");
    out.reserve(bytes);
    let mut end = Written { len: out.len(), out };
    // SAFETY: `reserve` made room for `bytes` behind `len`, in which the start is.
    let first = unsafe { end.out.as_mut_ptr().add(end.len) };
    // An iterator may have more than it says.
    values.zip(0..count).for_each(|(value, i)| {
        // SAFETY: `i` is below `count`, so that the value lies inside the room made above; nothing else refers to it.
        unsafe { first.add(i * T::SIZE).cast::<T::Bytes>().write_unaligned(value.to_bytes()) };
        end.len += T::SIZE;
    });
}

/// Gives the vector its length in the end, be it by a panic of the iterator.
struct Written<'o> {
    out: &'o mut Vec<u8>,
    len: usize,
}

impl Drop for Written<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: `len` grows only by bytes that were written, one behind the other, within the capacity.
        unsafe { self.out.set_len(self.len) };
    }
}
