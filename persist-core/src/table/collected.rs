//! A column while it is collected, and how it is packed.

use super::EQUAL_TEXTS;
use super::texts::pack_small_texts;
use crate::column::{Int, pack, pack_floats, pack_small, put_varint, put_whole};
use crate::shape::{IntKind, Node, NodeId, Shape};

/// Values of one column.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) kind: Kind,
    /// Little-endian values: of integers, lengths, tags; or the bytes of float runs.
    pub(super) values: Vec<u8>,
    /// Bytes of texts.
    pub(super) bytes: Vec<u8>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Empty,
    Int(IntKind),
    Run,
    Text,
    Boxed,
}

impl Collected {
    pub(super) fn clear(&mut self) {
        self.kind = Kind::Empty;
        self.values.clear();
        self.bytes.clear();
    }

    /// Bytes that are collected.
    pub(super) fn size(&self) -> usize {
        self.values.len() + self.bytes.len()
    }

    /// Appends the column as wide as its type: values that differ little differ in few bytes.
    pub(super) fn put_whole(&self, out: &mut Vec<u8>) {
        match self.kind {
            Kind::Int(kind) => put_whole_ints(kind, &self.values, out),
            Kind::Text => {
                put_whole::<u32>(&self.values, out);
                out.extend_from_slice(&self.bytes);
            }
            _ => self.pack(out),
        }
    }

    /// Appends the packed column.
    pub(super) fn pack(&self, out: &mut Vec<u8>) {
        match self.kind {
            Kind::Empty | Kind::Boxed => {}
            Kind::Run => out.extend_from_slice(&self.values),
            Kind::Text => self.pack_texts(out),
            Kind::Int(kind) => pack_ints(kind, &self.values, out),
        }
    }

    /// Appends the packed column of level Small, whose node of the shape is `node`; notes where bytes of another kind
    /// begin.
    pub(super) fn pack_small(&self, shape: &Shape, node: Option<NodeId>, out: &mut Vec<u8>, cuts: &mut Vec<usize>) {
        match (self.kind, node) {
            (Kind::Int(kind), _) => pack_small_ints(kind, &self.values, out, cuts),
            // One row alone is written as it is.
            (Kind::Run, Some(node)) if self.values.len() > shape.floats(node) => {
                let mut lanes = Vec::new();
                shape.lanes(node, &mut lanes);
                pack_floats(&self.values, &lanes, out, cuts);
            }
            (Kind::Text, Some(node)) => {
                pack_small_texts(&self.values, &self.bytes, *shape.node(node) == Node::Text, out, cuts);
            }
            _ => self.pack(out),
        }
    }

    fn pack_texts(&self, out: &mut Vec<u8>) {
        let count = self.values.len() / u32::SIZE;
        let first = u32::from_bytes(&self.values[..u32::SIZE]) as usize;
        let equal = count > 1
            && first * count == self.bytes.len()
            && self.values[u32::SIZE..] == self.values[..self.values.len() - u32::SIZE]
            && self.bytes[first..] == self.bytes[..self.bytes.len() - first];
        if equal {
            out.push(EQUAL_TEXTS);
            put_varint(out, first as u64);
            out.extend_from_slice(&self.bytes[..first]);
        } else {
            pack::<u32>(&self.values, out);
            out.extend_from_slice(&self.bytes);
        }
    }
}

fn pack_small_ints(kind: IntKind, values: &[u8], out: &mut Vec<u8>, cuts: &mut Vec<usize>) {
    match kind {
        IntKind::U8 => pack_small::<u8>(values, out, cuts),
        IntKind::U16 => pack_small::<u16>(values, out, cuts),
        IntKind::U32 => pack_small::<u32>(values, out, cuts),
        IntKind::U64 => pack_small::<u64>(values, out, cuts),
        IntKind::U128 => pack_small::<u128>(values, out, cuts),
        IntKind::I8 => pack_small::<i8>(values, out, cuts),
        IntKind::I16 => pack_small::<i16>(values, out, cuts),
        IntKind::I32 => pack_small::<i32>(values, out, cuts),
        IntKind::I64 => pack_small::<i64>(values, out, cuts),
        IntKind::I128 => pack_small::<i128>(values, out, cuts),
    }
}

fn pack_ints(kind: IntKind, values: &[u8], out: &mut Vec<u8>) {
    match kind {
        IntKind::U8 => pack::<u8>(values, out),
        IntKind::U16 => pack::<u16>(values, out),
        IntKind::U32 => pack::<u32>(values, out),
        IntKind::U64 => pack::<u64>(values, out),
        IntKind::U128 => pack::<u128>(values, out),
        IntKind::I8 => pack::<i8>(values, out),
        IntKind::I16 => pack::<i16>(values, out),
        IntKind::I32 => pack::<i32>(values, out),
        IntKind::I64 => pack::<i64>(values, out),
        IntKind::I128 => pack::<i128>(values, out),
    }
}

fn put_whole_ints(kind: IntKind, values: &[u8], out: &mut Vec<u8>) {
    match kind {
        IntKind::U8 => put_whole::<u8>(values, out),
        IntKind::U16 => put_whole::<u16>(values, out),
        IntKind::U32 => put_whole::<u32>(values, out),
        IntKind::U64 => put_whole::<u64>(values, out),
        IntKind::U128 => put_whole::<u128>(values, out),
        IntKind::I8 => put_whole::<i8>(values, out),
        IntKind::I16 => put_whole::<i16>(values, out),
        IntKind::I32 => put_whole::<i32>(values, out),
        IntKind::I64 => put_whole::<i64>(values, out),
        IntKind::I128 => put_whole::<i128>(values, out),
    }
}
