//! Integer columns of level Small: in the form whose bytes compress best.
//!
//! The first byte of a form is no width. Columns inside a form are of widths or planes.

use super::cpu::Cpu;
use super::estimate::{SAMPLE, bits_of_bytes, differences, entropy, sample};
use super::input::Input;
use super::int::Int;
use super::pack::{self, Unpacked, pack, put_whole};
use super::planes;
use super::room::push_values;
use super::span::span;
use super::varint::put_varint;
use crate::error::Result;

/// A base, a number of bits, and planes of them.
const PLANES: u8 = 0x41;
/// The first value, and a column of differences.
const DIFFERENCES: u8 = 0x42;
/// A number of values, a column of them, and a column of places in it.
const DICTIONARY: u8 = 0x43;

/// Values below which a column is packed as at any level.
pub(crate) const FEW: usize = 32;
/// Values of a dictionary at most: a place takes a byte.
const ENTRIES: usize = 256;
/// What another form than planes has to save, in bits for each value, for what else it takes.
const WORTH: f64 = 0.1;

/// Values that are looked at first, to see whether their differences are worth looking at.
const PAIRS: usize = 256;

/// The forms of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Planes,
    Differences,
    Dictionary,
}

/// Appends a column in the form that compresses best; notes where bytes of another kind begin.
pub(crate) fn pack_small<T: Int>(values: &[u8], out: &mut Vec<u8>, cuts: &mut Vec<usize>) {
    if values.len() / T::SIZE < FEW || T::SIZE > 8 {
        return pack::<T>(values, out);
    }
    pack_as::<T>(best::<T>(sample::<T>(values, SAMPLE).as_ref()).0, values, out, cuts);
}

/// Appends a column in a form.
pub(super) fn pack_as<T: Int>(form: Form, values: &[u8], out: &mut Vec<u8>, cuts: &mut Vec<usize>) {
    cuts.push(out.len());
    match form {
        Form::Dictionary if put_dictionary::<T>(values, out, cuts) => {}
        Form::Planes | Form::Dictionary => put_planes::<T>(values, out, cuts),
        Form::Differences => {
            out.push(DIFFERENCES);
            T::from_bytes(&values[..T::SIZE]).put(out);
            put_planes::<T>(&differences::<T>(values), out, cuts);
        }
    }
}

/// The best form of a column of which this is a part, and how many bits a value takes in it.
pub(super) fn estimate<T: Int>(values: &[u8]) -> (Form, f64) {
    let (form, bits) = best::<T>(values);
    let planes = || {
        let (bits, above) = offsets::<T>(values);
        bits_of_bytes(&above, bits)
    };
    (form, bits.unwrap_or_else(planes))
}

/// The best form of a column of which this is a part, and how many bits a value takes in it, where there was a choice.
pub(super) fn best<T: Int>(values: &[u8]) -> (Form, Option<f64>) {
    let (bits, above) = offsets::<T>(values);
    let places = if bits > 8 { bits_of_places(&above, bits) } else { None };
    let near = are_near::<T>(values, &above);
    if places.is_none() && !near {
        return (Form::Planes, None);
    }
    let mut best = (Form::Planes, bits_of_bytes(&above, bits));
    if let Some(places) = places.filter(|places| places + WORTH < best.1) {
        best = (Form::Dictionary, places);
    }
    if near {
        let (bits, above) = offsets::<T>(&differences::<T>(values));
        let steps = bits_of_bytes(&above, bits);
        if steps + WORTH < best.1 {
            best = (Form::Differences, steps);
        }
    }
    (best.0, Some(best.1))
}

/// Bits that a place in a dictionary takes, with a share of the entry; none where the values are too many.
fn bits_of_places(values: &[u64], bits: u32) -> Option<f64> {
    let (mut known, mut counts) = (Known::new(), [0u16; ENTRIES]);
    for &value in values {
        let place = known.place(value).filter(|_| known.entries.len() <= values.len() / 8)?;
        counts[place] += 1;
    }
    let share = known.entries.len() as f64 * f64::from(bits) / values.len() as f64;
    Some(entropy(&counts, values.len()) + share)
}

/// Whether neighbours seem to differ by less than values do from the base.
fn are_near<T: Int>(values: &[u8], above: &[u64]) -> bool {
    let few = &values[..values.len().min(PAIRS * T::SIZE)];
    let steps = differences::<T>(few);
    let half = T::SIZE as u32 * 8;
    let near = T::arrays(&steps).iter().map(|step| {
        let step = T::from_bytes(step.as_ref()).bits() as u64;
        let back = T::ZERO.above(T::raised(T::ZERO, step)) as u64;
        half - (step.min(back).leading_zeros() - (64 - half))
    });
    let far = above.iter().take(PAIRS).map(|value| 64 - value.leading_zeros());
    // A difference takes a bit more for its sign.
    near.sum::<u32>() + (few.len() / T::SIZE * 5 / 4) as u32 <= far.sum()
}

/// What a part of a column's values are above a base, and in how many bits.
fn offsets<T: Int>(values: &[u8]) -> (u32, Vec<u64>) {
    let (base, bits) = base::<T>(values);
    (bits, T::arrays(values).iter().map(|value| T::from_bytes(value.as_ref()).above(base) as u64).collect())
}

/// The base that values are best stored above, and the bits of the highest one then.
pub(super) fn base<T: Int>(values: &[u8]) -> (T, u32) {
    if values.is_empty() {
        return (T::ZERO, 0);
    }
    let (mut low, mut high) = span::<T>(Cpu::at_hand(), values);
    let natural = if low < T::ZERO { T::SIZE as u32 * 8 } else { 128 - high.bits().leading_zeros() };
    if natural == T::SIZE as u32 * 8 && !T::SIGNED {
        // Differences below zero have wrapped: seen as signed, the values may span less.
        let (under, over) = span_signed::<T>(values);
        if over.above(under) < high.above(low) {
            (low, high) = (under, over);
        }
    }
    let above = 128 - high.above(low).leading_zeros();
    // A base that saves nothing only spoils what the bytes have in common.
    if natural <= planes::rounded(above) { (T::ZERO, natural) } else { (low, above) }
}

/// The lowest and the highest of unsigned values, where they are taken for signed ones.
fn span_signed<T: Int>(values: &[u8]) -> (T, T) {
    let top = T::raised(T::ZERO, 1 << (T::SIZE * 8 - 1));
    let turned = |value: T| T::raised(top, value.bits() as u64);
    let first = turned(T::from_bytes(&values[..T::SIZE]));
    let (mut low, mut high) = (first, first);
    for value in T::arrays(values) {
        let value = turned(T::from_bytes(value.as_ref()));
        (low, high) = (low.min(value), high.max(value));
    }
    (turned(low), turned(high))
}

fn put_planes<T: Int>(values: &[u8], out: &mut Vec<u8>, cuts: &mut Vec<usize>) {
    let (base, bits) = base::<T>(values);
    if bits == 0 {
        // All are equal.
        return pack::<T>(values, out);
    }
    let bits = planes::rounded(bits);
    if T::SIZE == 1 && bits == 8 {
        // The one plane is the values as they are.
        put_whole::<T>(values, out);
        return cuts.push(out.len());
    }
    out.push(PLANES);
    base.put(out);
    out.push(bits as u8);
    planes::put(values, base, bits, out, cuts);
}

/// Values that were met, few enough for a dictionary.
struct Known {
    entries: Vec<u64>,
    /// By hash: a place, plus 1.
    slots: [u16; Known::SLOTS],
}

impl Known {
    const SLOTS: usize = ENTRIES * 4;

    fn new() -> Self {
        Known { entries: Vec::with_capacity(ENTRIES), slots: [0; Known::SLOTS] }
    }

    /// The place of a value, which may be new; none where there are too many.
    #[inline]
    fn place(&mut self, value: u64) -> Option<usize> {
        let mut slot = (value.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54) as usize;
        loop {
            match usize::from(self.slots[slot]) {
                0 if self.entries.len() == ENTRIES => return None,
                0 => {
                    self.entries.push(value);
                    self.slots[slot] = self.entries.len() as u16;
                    return Some(self.entries.len() - 1);
                }
                place if self.entries[place - 1] == value => return Some(place - 1),
                _ => slot = (slot + 1) % Known::SLOTS,
            }
        }
    }
}

/// Appends a dictionary, where there are few values.
fn put_dictionary<T: Int>(values: &[u8], out: &mut Vec<u8>, cuts: &mut Vec<usize>) -> bool {
    let (mut known, mut places) = (Known::new(), Vec::with_capacity(values.len() / T::SIZE));
    for value in T::arrays(values) {
        match known.place(T::from_bytes(value.as_ref()).bits() as u64) {
            Some(place) => places.push(place as u8),
            None => return false,
        }
    }
    out.push(DICTIONARY);
    put_varint(out, known.entries.len() as u64);
    let mut entries = Vec::new();
    push_values(&mut entries, known.entries.iter().map(|&entry| T::raised(T::ZERO, entry)));
    pack::<T>(&entries, out);
    put_planes::<u8>(&places, out, cuts);
    true
}

/// Reads a column of at least two values. `reserve` is asked before the scratch grows by so many bytes.
pub(crate) fn unpack<'d, T: Int>(
    input: &mut Input<'d>,
    count: usize,
    scratch: &mut Vec<u8>,
    mut reserve: impl FnMut(usize) -> Result<()>,
) -> Result<(Unpacked<'d>, T)> {
    match input.peek() {
        Some(mark) if is_form(mark) => {
            unpack_form::<T>(false, input, count, scratch, &mut reserve)?;
            Ok((Unpacked::Scratch, T::ZERO))
        }
        _ => pack::unpack(input, count, scratch, reserve),
    }
}

/// Whether a column's first byte is that of a form.
fn is_form(mark: u8) -> bool {
    (PLANES..=DICTIONARY).contains(&mark)
}

/// Reads a column in a form. `inside` a form there are planes only.
#[inline(never)]
fn unpack_form<T: Int>(
    inside: bool,
    input: &mut Input<'_>,
    count: usize,
    scratch: &mut Vec<u8>,
    reserve: &mut dyn FnMut(usize) -> Result<()>,
) -> Result<()> {
    let form = input.byte()?;
    if T::SIZE > 8 || (inside && form != PLANES) {
        return Err(input.corrupt("a column has a form that it cannot have"));
    }
    let bytes = count.checked_mul(T::SIZE).ok_or_else(|| input.truncated())?;
    match form {
        PLANES => {
            let base = T::get(input)?;
            let bits = u32::from(input.byte()?);
            if bits == 0 || bits > T::SIZE as u32 * 8 || planes::rounded(bits) != bits {
                return Err(input.corrupt(format!("a column of {} cannot have {bits} bits", T::KIND.name())));
            }
            if planes_len(bits, count).is_none_or(|bytes| bytes > input.len()) {
                return Err(input.truncated());
            }
            reserve(bytes)?;
            planes::get::<T>(input, bits, base, count, scratch)
        }
        DIFFERENCES => {
            let mut value = T::get(input)?;
            let from = scratch.len();
            scratch.extend_from_slice(value.to_bytes().as_ref());
            column::<T>(input, count - 1, scratch, reserve)?;
            for step in scratch[from + T::SIZE..].chunks_exact_mut(T::SIZE) {
                value = T::raised(value, T::from_bytes(step).bits() as u64);
                step.copy_from_slice(value.to_bytes().as_ref());
            }
            Ok(())
        }
        _ => {
            let known = input.length()?;
            if known == 0 || known > count {
                return Err(input.corrupt("a dictionary has more entries than rows, or none"));
            }
            let (mut entries, mut places) = (Vec::new(), Vec::new());
            column::<T>(input, known, &mut entries, reserve)?;
            column::<u8>(input, count, &mut places, reserve)?;
            if usize::from(places.iter().copied().max().unwrap_or(0)) >= known {
                return Err(input.corrupt("a place in a dictionary is of no entry"));
            }
            reserve(bytes)?;
            let entries = T::arrays(&entries);
            push_values(scratch, places.iter().map(|&place| T::from_bytes(entries[usize::from(place)].as_ref())));
            Ok(())
        }
    }
}

fn planes_len(bits: u32, count: usize) -> Option<usize> {
    let rest = count.checked_mul((bits % 8) as usize)?.div_ceil(8);
    count.checked_mul((bits / 8) as usize)?.checked_add(rest)
}

/// Appends the values of a column inside a form.
fn column<T: Int>(
    input: &mut Input<'_>,
    count: usize,
    out: &mut Vec<u8>,
    reserve: &mut dyn FnMut(usize) -> Result<()>,
) -> Result<()> {
    if count == 0 {
        return Ok(());
    }
    if count == 1 {
        out.extend_from_slice(T::get(input)?.to_bytes().as_ref());
        return Ok(());
    }
    if input.peek().is_some_and(is_form) {
        return unpack_form::<T>(true, input, count, out, reserve);
    }
    let (found, base) = pack::unpack::<T>(input, count, out, &mut *reserve)?;
    match found {
        Unpacked::Scratch => {}
        Unpacked::InPlace(bytes) => {
            reserve(bytes.len())?;
            out.extend_from_slice(bytes);
        }
        Unpacked::Equal => {
            reserve(count.saturating_mul(T::SIZE))?;
            push_values(out, std::iter::repeat_n(base, count));
        }
    }
    Ok(())
}
