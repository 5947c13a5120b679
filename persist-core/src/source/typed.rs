//! Typed arrays of CBOR (RFC 8746): numbers of one kind in one byte string, whose tag says how they stand there.

use std::borrow::Cow;

use super::Number;
use crate::shape::{IntKind, Node};

/// The tags of typed arrays, of which some are reserved.
pub(crate) const TAGS: std::ops::RangeInclusive<u64> = 64..=87;

/// The tags of arrays of several dimensions, row by row and column by column.
pub(crate) const DIMENSIONS: [u64; 2] = [40, 1040];

/// How a number of a typed array stands in its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    kind: Kind,
    size: usize,
    little: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Unsigned,
    Signed,
    Float,
}

impl Element {
    /// What a tag says; nothing for tags that are reserved, and for floats of 128 bits.
    pub(crate) fn of(tag: u64) -> Option<Element> {
        let (kind, little, log) = (tag >> 3 & 3, tag & 4 != 0, tag & 3);
        let element = match kind {
            0 => Element { kind: Kind::Unsigned, size: 1 << log, little },
            1 => Element { kind: Kind::Signed, size: 1 << log, little },
            _ => Element { kind: Kind::Float, size: 2 << log, little },
        };
        // Little-endian, one byte is what is to be clamped where it is unsigned, which changes nothing for who reads it.
        let reserved = element == Element { kind: Kind::Signed, size: 1, little: true };
        (TAGS.contains(&tag) && element.size <= 8 && !reserved).then_some(element)
    }

    /// Bytes of a number.
    pub(crate) fn size(self) -> usize {
        self.size
    }

    fn number(self, bytes: &[u8]) -> Number<'static> {
        let mut all = [0; 8];
        if self.little {
            all[..self.size].copy_from_slice(bytes);
        } else {
            all[..self.size].iter_mut().zip(bytes.iter().rev()).for_each(|(to, from)| *to = *from);
        }
        let bits = u64::from_le_bytes(all);
        let above = 64 - 8 * self.size as u32;
        match (self.kind, self.size) {
            (Kind::Unsigned, _) => Number::Int(bits.into()),
            (Kind::Signed, _) => Number::Int(((bits << above) as i64 >> above).into()),
            (Kind::Float, 2) => Number::Float(half(bits as u16)),
            (Kind::Float, 4) => Number::Float(f32::from_bits(bits as u32).into()),
            (Kind::Float, _) => Number::Float(f64::from_bits(bits)),
        }
    }
}

/// The numbers of a typed array.
pub(crate) struct Numbers<'d> {
    pub(super) element: Element,
    pub(super) bytes: Cow<'d, [u8]>,
}

impl Numbers<'_> {
    /// How many they are.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len() / self.element.size
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Number<'static>> {
        let element = self.element;
        self.bytes.chunks_exact(element.size).map(move |bytes| element.number(bytes))
    }

    /// The bytes, where they stand as a column of this node has them, which is of integers of a kind or of floats.
    pub(crate) fn as_column(&self, node: &Node) -> Option<(Option<IntKind>, &[u8])> {
        let kind = match *node {
            Node::Int(kind) => Some(kind),
            Node::F32 | Node::F64 => None,
            _ => return None,
        };
        let own = match *node {
            Node::F32 => (Kind::Float, 4),
            Node::F64 => (Kind::Float, 8),
            _ if kind?.is_signed() => (Kind::Signed, kind?.size()),
            _ => (Kind::Unsigned, kind?.size()),
        };
        let Element { kind: found, size, little } = self.element;
        ((found, size) == own && (little || size == 1)).then_some((kind, &*self.bytes))
    }
}

/// A float of 16 bits.
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3FF);
    let magnitude = match i32::from(bits >> 10 & 0x1F) {
        0 => fraction * 2f64.powi(-24),
        0x1F if fraction == 0.0 => f64::INFINITY,
        0x1F => f64::NAN,
        exponent => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 0 { magnitude } else { -magnitude }
}
