//! Dynamic values as CBOR items.
//!
//! A record is the tag 27 ("generic object") on its name and a map of its fields, a variant the same tag on the names of
//! enum and variant and what it holds.

use ciborium_ll::{Encoder, Header, simple, tag};

use super::Value;
use crate::table::{STACK_GROWTH, STACK_LEFT};

/// A type's name and what it holds: <http://cbor.schmorp.de/generic-object>.
pub(super) const GENERIC_OBJECT: u64 = 27;

/// Appends a value as one item.
pub(crate) fn encode(value: &Value, out: &mut Vec<u8>) {
    put(value, &mut Encoder::from(out));
}

pub(crate) type Out<'o> = Encoder<&'o mut Vec<u8>>;

fn put(value: &Value, out: &mut Out<'_>) {
    match value {
        Value::Null => push(out, Header::Simple(simple::NULL)),
        Value::Bool(value) => push(out, Header::Simple(if *value { simple::TRUE } else { simple::FALSE })),
        Value::Int(value) => match (u64::try_from(*value), u64::try_from(!*value)) {
            (Ok(value), _) => push(out, Header::Positive(value)),
            (_, Ok(value)) => push(out, Header::Negative(value)),
            _ if *value < 0 => put_large(out, tag::BIGNEG, !*value as u128),
            _ => put_large(out, tag::BIGPOS, *value as u128),
        },
        Value::Big(value) => match u64::try_from(*value) {
            Ok(value) => push(out, Header::Positive(value)),
            Err(_) => put_large(out, tag::BIGPOS, *value),
        },
        Value::Float(value) => push(out, Header::Float(*value)),
        Value::Text(text) => put_text(out, text),
        Value::Bytes(bytes) => put_bytes(out, bytes),
        // Values may be nested deeply.
        _ => stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || put_parts(value, out)),
    }
}

/// Writes a value that holds others.
fn put_parts(value: &Value, out: &mut Out<'_>) {
    match value {
        Value::List(items) => {
            push(out, Header::Array(Some(items.len())));
            items.iter().for_each(|item| put(item, out));
        }
        Value::Map(entries) => {
            push(out, Header::Map(Some(entries.len())));
            for (key, value) in entries {
                put(key, out);
                put(value, out);
            }
        }
        Value::Record(name, fields) => {
            push(out, Header::Tag(GENERIC_OBJECT));
            push(out, Header::Array(Some(2)));
            put_text(out, name);
            push(out, Header::Map(Some(fields.len())));
            for (name, value) in fields {
                put_text(out, name);
                put(value, out);
            }
        }
        Value::Variant(choice, variant, content) => {
            push(out, Header::Tag(GENERIC_OBJECT));
            push(out, Header::Array(Some(3)));
            put_text(out, choice);
            put_text(out, variant);
            put(content, out);
        }
        Value::Tagged(number, value) => {
            push(out, Header::Tag(*number));
            put(value, out);
        }
        _ => put(value, out),
    }
}

pub(crate) fn push(out: &mut Out<'_>, header: Header) {
    out.push(header).expect("a vector takes all bytes");
}

pub(crate) fn put_text(out: &mut Out<'_>, text: &str) {
    out.text(text, None).expect("a vector takes all bytes");
}

pub(crate) fn put_bytes(out: &mut Out<'_>, bytes: &[u8]) {
    out.bytes(bytes, None).expect("a vector takes all bytes");
}

/// An integer of more than 64 bits, in its shortest form.
pub(crate) fn put_large(out: &mut Out<'_>, tag: u64, magnitude: u128) {
    push(out, Header::Tag(tag));
    put_bytes(out, &magnitude.to_be_bytes()[magnitude.leading_zeros() as usize / 8..]);
}
