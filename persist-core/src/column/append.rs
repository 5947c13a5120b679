//! Temporary.
use super::int::Int;
#[inline]
pub(crate) fn append_all(out: &mut Vec<u8>, pieces: &[&[u8]]) {
    pieces.iter().for_each(|piece| out.extend_from_slice(piece));
}
#[inline(always)]
pub(crate) fn push_values<T: Int>(out: &mut Vec<u8>, values: impl ExactSizeIterator<Item = T>) {
    let start = out.len();
    out.resize(start + values.len() * T::SIZE, 0);
    for (place, value) in out[start..].chunks_exact_mut(T::SIZE).zip(values) {
        place.copy_from_slice(value.to_bytes().as_ref());
    }
}
