//! Walking rows by their shape alone: what the way out of the tables is built on.

use crate::error::{Error, ErrorKind, Result};
use crate::shape::{Enum, Field, IntKind, Node, NodeId, Shape, Style, Variant, Versioned};
use crate::table::Reader;

/// An integer of any kind.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Integer {
    Unsigned(u128),
    Signed(i128),
}

/// Takes an integer of a kind from column `at`.
pub(crate) fn integer(reader: &mut Reader<'_>, kind: IntKind, at: usize) -> Result<Integer> {
    Ok(match kind {
        IntKind::U8 => Integer::Unsigned(reader.int::<u8>(at)?.into()),
        IntKind::U16 => Integer::Unsigned(reader.int::<u16>(at)?.into()),
        IntKind::U32 => Integer::Unsigned(reader.int::<u32>(at)?.into()),
        IntKind::U64 => Integer::Unsigned(reader.int::<u64>(at)?.into()),
        IntKind::U128 => Integer::Unsigned(reader.int::<u128>(at)?),
        IntKind::I8 => Integer::Signed(reader.int::<i8>(at)?.into()),
        IntKind::I16 => Integer::Signed(reader.int::<i16>(at)?.into()),
        IntKind::I32 => Integer::Signed(reader.int::<i32>(at)?.into()),
        IntKind::I64 => Integer::Signed(reader.int::<i64>(at)?.into()),
        IntKind::I128 => Integer::Signed(reader.int::<i128>(at)?),
    })
}

/// Takes a character from column `at`.
#[inline]
pub(crate) fn character(reader: &mut Reader<'_>, at: usize) -> Result<char> {
    char::from_u32(reader.int::<u32>(at)?)
        .ok_or_else(|| Error::of(ErrorKind::Corrupt, "a character is not a Unicode scalar value"))
}

/// Takes a float of 32 bits from a run.
#[inline]
pub(crate) fn float32(reader: &mut Reader<'_>, at: usize) -> Result<f32> {
    let mut bytes = [0; 4];
    reader.with_run(at, 4, |run, _| bytes.copy_from_slice(run))?;
    Ok(f32::from_le_bytes(bytes))
}

/// Takes a float of 64 bits from a run.
#[inline]
pub(crate) fn float64(reader: &mut Reader<'_>, at: usize) -> Result<f64> {
    let mut bytes = [0; 8];
    reader.with_run(at, 8, |run, _| bytes.copy_from_slice(run))?;
    Ok(f64::from_le_bytes(bytes))
}

/// The columns of fields, one after the other.
#[derive(Clone, Copy)]
pub(crate) struct Columns {
    next: usize,
    /// All in one column.
    run: bool,
}

impl Columns {
    /// Those of a node's parts, whose first column is `at`.
    pub(crate) fn of(shape: &Shape, node: NodeId, at: usize) -> Self {
        Columns { next: at, run: shape.floats(node) != 0 }
    }

    /// Those of the fields of the enum's variant `tag`, where the enum's own first column is `at`.
    pub(crate) fn of_variant(shape: &Shape, choice: &Enum, tag: usize, at: usize) -> Self {
        let before = choice.variants[..tag].iter().flat_map(|variant| &variant.fields);
        let width = |field: &Field| usize::from(field.default) + shape.columns(field.node);
        Columns { next: at + 1 + before.map(width).sum::<usize>(), run: false }
    }

    /// The first column of the next part.
    pub(crate) fn next(&mut self, shape: &Shape, node: NodeId) -> usize {
        let at = self.next;
        if !self.run {
            self.next += shape.columns(node);
        }
        at
    }

    /// The first column of the next field; its presence is taken, which every row has that was saved.
    pub(crate) fn field(&mut self, shape: &Shape, field: &Field, reader: &mut Reader<'_>) -> Result<usize> {
        if field.default && !reader.is_present(self.next)? {
            return Err(Error::of(ErrorKind::Corrupt, "a field that was saved is absent"));
        }
        Ok(self.past_presence(shape, field))
    }

    /// The first column of the next field, past the one of its presence.
    pub(crate) fn past_presence(&mut self, shape: &Shape, field: &Field) -> usize {
        self.next += usize::from(field.default);
        self.next(shape, field.node)
    }

    /// Whether all are in one column.
    pub(crate) fn are_run(&self) -> bool {
        self.run
    }
}

/// Takes the tag of an enum in column `at`, and gives the variant.
pub(crate) fn variant<'s>(reader: &mut Reader<'_>, choice: &'s Enum, at: usize) -> Result<(usize, &'s Variant)> {
    let tag = reader.tag(at, choice.variants.len())?;
    Ok((tag, &choice.variants[tag]))
}

/// The first column of what has a version, of which only the present form is ever written.
pub(crate) fn current(reader: &mut Reader<'_>, versioned: &Versioned, at: usize) -> Result<usize> {
    if versioned.older.is_none() {
        return Ok(at);
    }
    if !reader.is_current(at)? {
        return Err(Error::of(ErrorKind::Corrupt, "a value that was saved is of an older version"));
    }
    Ok(at + 1)
}

impl Shape {
    /// Whether elements of this node are bytes.
    pub(crate) fn is_byte(&self, node: NodeId) -> bool {
        matches!(self.node(node), Node::Int(IntKind::U8))
    }

    /// Whether a value of the node can be written as the key of a JSON object.
    pub(crate) fn is_text_key(&self, node: NodeId) -> bool {
        match self.node(node) {
            Node::Text | Node::Char | Node::Bool | Node::Int(_) | Node::Formatted(..) => true,
            Node::Enum(choice) => choice.variants.iter().all(|variant| variant.style == Style::Unit),
            Node::Struct(record) if record.style == Style::Newtype => self.is_text_key(record.fields[0].node),
            _ => false,
        }
    }

    /// Whether a value of the node may be written as a map; see [`is_nullable`](Shape::is_nullable).
    pub(crate) fn is_map_like(&self, node: NodeId) -> bool {
        let mut node = node;
        for _ in 0..=self.nodes().len() {
            node = match self.node(node) {
                Node::Map(_) | Node::Opaque | Node::Enum(_) => return true,
                Node::Struct(record) if record.style == Style::Named => return true,
                Node::Struct(record) if record.style == Style::Newtype => record.fields[0].node,
                Node::Boxed(inner) => *inner,
                Node::Versioned(versioned) => versioned.current,
                _ => return false,
            };
        }
        false
    }

    /// Whether the next `Some` of an option of this nullable node, from the columns from `at` on, has to be told from
    /// `None`: it is null itself, or could be taken for the telling, which is a map with the one key `Some`.
    pub(crate) fn is_told(&self, reader: &mut Reader<'_>, node: NodeId, at: usize) -> Result<bool> {
        let (mut node, mut at) = (node, at);
        for _ in 0..=self.nodes().len() {
            match self.node(node) {
                Node::Unit | Node::Opaque => return Ok(true),
                Node::Struct(record) if record.style == Style::Unit => return Ok(true),
                Node::Struct(record) if record.style == Style::Newtype => {
                    at += usize::from(record.fields[0].default);
                    node = record.fields[0].node;
                }
                Node::Boxed(inner) => (node, at) = (*inner, reader.box_table(at)?.0),
                Node::Option(inner) => {
                    if !reader.peek_flag(at)? {
                        return Ok(true);
                    }
                    if !self.is_nullable(*inner) {
                        return Ok(self.is_map_like(*inner));
                    }
                    (node, at) = (*inner, at + 1);
                }
                _ => return Ok(self.is_map_like(node)),
            }
        }
        Ok(true)
    }
}
