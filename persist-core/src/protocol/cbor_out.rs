//! Protocol Cbor: how values are spelled.

use ciborium_ll::{Encoder, Header, tag};

use super::write::Notation;
use crate::error::{Error, ErrorKind, Result};
use crate::program::{SET_TAG, Typed};
use crate::shape::Format;
use crate::table::{Reader, STACK_GROWTH, STACK_LEFT};
use crate::value::{self, Value};

/// CBOR as `ciborium` writes it; or the core deterministic encoding of it, which only differs where a value has several
/// spellings of one length: NaN, and whatever is kept as an item. (The order of entries is the program's affair.)
pub(super) struct Cbor<const DETERMINISTIC: bool>;

/// The major types.
const POSITIVE: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const LIST: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

impl<const DETERMINISTIC: bool> Notation for Cbor<DETERMINISTIC> {
    fn null(out: &mut Vec<u8>) {
        out.push(0xF6);
    }

    fn flag(out: &mut Vec<u8>, value: bool) {
        out.push(0xF4 | u8::from(value));
    }

    #[inline]
    fn unsigned(out: &mut Vec<u8>, value: u64) {
        head(out, POSITIVE, value);
    }

    #[inline]
    fn signed(out: &mut Vec<u8>, value: i64) {
        // The bits of a negative number are those of what is one below its magnitude, inverted.
        let sign = value >> 63;
        head(out, if sign == 0 { POSITIVE } else { NEGATIVE }, (value ^ sign) as u64);
    }

    fn wide_unsigned(out: &mut Vec<u8>, value: u128) {
        large(out, (POSITIVE, tag::BIGPOS), value);
    }

    fn wide_signed(out: &mut Vec<u8>, value: i128) {
        if value < 0 {
            large(out, (NEGATIVE, tag::BIGNEG), !value as u128);
        } else {
            large(out, (POSITIVE, tag::BIGPOS), value as u128);
        }
    }

    #[inline]
    fn float32(out: &mut Vec<u8>, value: f32) {
        // Widening makes a signalling NaN a quiet one, or not, as it is compiled: here it always does.
        const QUIET: u32 = 1 << 22;
        let value = if value.is_nan() { f32::from_bits(value.to_bits() | QUIET) } else { value };
        Self::float64(out, value.into());
    }

    #[inline]
    fn float64(out: &mut Vec<u8>, value: f64) {
        // Bits of a 64-bit float that one of 16 bits does not have.
        const NOT_HALF: u64 = (1 << 42) - 1;
        let narrow = value as f32;
        let value = if DETERMINISTIC && value.is_nan() { f64::NAN } else { value };
        if value.to_bits() & NOT_HALF == 0 {
            Encoder::from(out).push(Header::Float(value)).expect("a vector takes all bytes");
        } else if f64::from(narrow).to_bits() == value.to_bits() {
            let [a, b, c, d] = narrow.to_be_bytes();
            out.extend_from_slice(&[0xFA, a, b, c, d]);
        } else {
            let [a, b, c, d, e, f, g, h] = value.to_be_bytes();
            out.extend_from_slice(&[0xFB, a, b, c, d, e, f, g, h]);
        }
    }

    #[inline]
    fn text(out: &mut Vec<u8>, text: &str) {
        head(out, TEXT, text.len() as u64);
        out.extend_from_slice(text.as_bytes());
    }

    fn octets(out: &mut Vec<u8>, len: usize) {
        head(out, BYTES, len as u64);
    }

    fn some_octets(out: &mut Vec<u8>, octets: &[u8], _begun: &mut bool) {
        out.extend_from_slice(octets);
    }

    fn end_octets(_out: &mut Vec<u8>) {}

    fn list(out: &mut Vec<u8>, len: u64) {
        head(out, LIST, len);
    }

    fn map(out: &mut Vec<u8>, len: u64) {
        head(out, MAP, len);
    }

    fn comma(_out: &mut Vec<u8>) {}

    fn colon(_out: &mut Vec<u8>) {}

    fn end_list(_out: &mut Vec<u8>) {}

    fn end_map(_out: &mut Vec<u8>) {}

    fn opaque(out: &mut Vec<u8>, item: &[u8], depth: usize) -> Result<()> {
        // Bytes that a level may take of the stack, in ciborium's own recursion; it counts each level twice.
        const LEVEL: usize = 4 << 10;
        if DETERMINISTIC {
            let mut value = value::decode(item, depth)?;
            sort(&mut value);
            value::cbor::encode(&value, out);
            return Ok(());
        }
        let levels = item.len().min(depth);
        stacker::maybe_grow(levels.saturating_mul(LEVEL), STACK_GROWTH.max(levels * 2 * LEVEL), || {
            let most = depth.saturating_mul(2) + 16;
            let item: ciborium::Value = ciborium::de::from_reader_with_recursion_limit(item, most)
                .map_err(|error| unsupported(format!("an opaque item is not CBOR: {error}")))?;
            ciborium::into_writer(&item, out).map_err(|error| unsupported(error.to_string()))
        })
    }

    fn formatted(_out: &mut Vec<u8>, _format: Format, _reader: &mut Reader<'_>, _at: usize, _key: bool) -> Result<()> {
        Err(Error::of(ErrorKind::Shape, "CBOR has no other form of a value than its data"))
    }

    fn numbers(out: &mut Vec<u8>, typed: Typed, bytes: usize) {
        head(out, TAG, typed.tag());
        head(out, BYTES, bytes as u64);
    }

    fn some_numbers(out: &mut Vec<u8>, typed: Typed, numbers: &[u8]) {
        let start = out.len();
        out.extend_from_slice(numbers);
        if DETERMINISTIC {
            match typed {
                Typed::F32 => out[start..].as_chunks_mut().0.iter_mut().for_each(|bytes| {
                    if f32::from_le_bytes(*bytes).is_nan() {
                        *bytes = f32::NAN.to_le_bytes();
                    }
                }),
                Typed::F64 => out[start..].as_chunks_mut().0.iter_mut().for_each(|bytes| {
                    if f64::from_le_bytes(*bytes).is_nan() {
                        *bytes = f64::NAN.to_le_bytes();
                    }
                }),
                Typed::Int(_) => {}
            }
        }
    }
}

/// Sorts the entries of all maps in a value, and the elements of sets, and makes each NaN the same one.
fn sort(value: &mut Value) {
    let deeper = |value: &mut Value| stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || sort(value));
    match value {
        Value::Float(float) if float.is_nan() => *float = f64::NAN,
        Value::List(items) => items.iter_mut().for_each(deeper),
        Value::Map(entries) => {
            entries.iter_mut().for_each(|(key, value)| {
                deeper(key);
                deeper(value);
            });
            entries.sort_by_cached_key(|(key, _)| encoded(key));
        }
        Value::Record(_, fields) => {
            fields.iter_mut().for_each(|(_, value)| deeper(value));
            // A text's bytes stand behind their number.
            fields.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
        }
        Value::Variant(_, _, content) => deeper(content),
        Value::Tagged(tag, inner) => {
            deeper(inner);
            if let (SET_TAG, Value::List(items)) = (*tag, &mut **inner) {
                items.sort_by_cached_key(encoded);
            }
        }
        _ => {}
    }
}

fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    value::cbor::encode(value, &mut bytes);
    bytes
}

#[cold]
fn unsupported(message: String) -> Error {
    Error::of(ErrorKind::Unsupported, message)
}

/// The head of an item, in its shortest form.
#[inline]
fn head(out: &mut Vec<u8>, major: u8, value: u64) {
    let major = major << 5;
    if value < 24 {
        out.push(major | value as u8);
        return;
    }
    // One, two, four or eight bytes.
    let size = (8 - value.leading_zeros() as usize / 8).next_power_of_two();
    let [a, b, c, d, e, f, g, h] = (value << (64 - 8 * size)).to_be_bytes();
    let end = out.len() + 1 + size;
    out.extend_from_slice(&[major | (24 + size.trailing_zeros() as u8), a, b, c, d, e, f, g, h]);
    out.truncate(end);
}

/// An integer that may have more than 64 bits; its magnitude is then a byte string.
fn large(out: &mut Vec<u8>, (major, tag): (u8, u64), value: u128) {
    if let Ok(value) = u64::try_from(value) {
        return head(out, major, value);
    }
    let bytes = &value.to_be_bytes()[value.leading_zeros() as usize / 8..];
    head(out, TAG, tag);
    head(out, BYTES, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
