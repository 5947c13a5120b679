//! Shapes as bytes: the schema that stands in packed files.
//!
//! A count of nodes, then each node: a byte for its kind, then what the kind needs. Numbers are varints, names are a
//! length and UTF-8.

use std::borrow::Cow;

use super::{Enum, Field, Format, IntKind, Node, NodeId, Rules, Shape, Struct, Style, Versioned, bad_schema};
use crate::column::{Input, put_varint};
use crate::error::Result;

mod kind {
    pub(super) const UNIT: u8 = 0;
    pub(super) const BOOL: u8 = 1;
    pub(super) const CHAR: u8 = 2;
    pub(super) const F32: u8 = 3;
    pub(super) const F64: u8 = 4;
    pub(super) const TEXT: u8 = 5;
    pub(super) const OPAQUE: u8 = 6;
    pub(super) const OPTION: u8 = 7;
    pub(super) const SEQ: u8 = 8;
    pub(super) const SET: u8 = 9;
    pub(super) const MAP: u8 = 10;
    pub(super) const PAIR: u8 = 11;
    pub(super) const ARRAY: u8 = 12;
    pub(super) const TUPLE: u8 = 13;
    pub(super) const STRUCT: u8 = 14;
    pub(super) const ENUM: u8 = 15;
    pub(super) const BOXED: u8 = 16;
    pub(super) const FORMATTED: u8 = 17;
    pub(super) const VERSIONED: u8 = 18;
    /// Integers stand from here on, in the order of `IntKind::ALL`.
    pub(super) const INT: u8 = 32;
}

impl Shape {
    /// Appends the schema.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.nodes().len() as u64);
        for node in self.nodes() {
            put_node(out, node);
        }
    }

    /// Reads a schema from anyone; the caller has bounded its bytes, and a node takes at least one.
    pub(crate) fn decode(input: &mut Input<'_>) -> Result<Shape> {
        let count = input.length()?;
        if count > input.len() {
            return Err(bad_schema("it counts more nodes than it has bytes"));
        }
        let mut nodes = Vec::new();
        for _ in 0..count {
            nodes.push(get_node(input)?);
        }
        Shape::new(nodes)
    }
}

fn put_node(out: &mut Vec<u8>, node: &Node) {
    let mut tagged = |tag: u8, ids: &[NodeId]| {
        out.push(tag);
        ids.iter().for_each(|&id| put_varint(out, u64::from(id)));
    };
    match node {
        Node::Unit => tagged(kind::UNIT, &[]),
        Node::Bool => tagged(kind::BOOL, &[]),
        Node::Char => tagged(kind::CHAR, &[]),
        Node::Int(int) => tagged(kind::INT + *int as u8, &[]),
        Node::F32 => tagged(kind::F32, &[]),
        Node::F64 => tagged(kind::F64, &[]),
        Node::Text => tagged(kind::TEXT, &[]),
        Node::Opaque => tagged(kind::OPAQUE, &[]),
        Node::Option(item) | Node::Perhaps(item) => tagged(kind::OPTION, &[*item]),
        Node::Seq(item) => tagged(kind::SEQ, &[*item]),
        Node::Set(item) => tagged(kind::SET, &[*item]),
        Node::Map(pair) => tagged(kind::MAP, &[*pair]),
        Node::Boxed(item) => tagged(kind::BOXED, &[*item]),
        Node::Pair(key, value) => tagged(kind::PAIR, &[*key, *value]),
        Node::Array(item, count) => {
            tagged(kind::ARRAY, &[*item]);
            put_varint(out, *count);
        }
        Node::Tuple(items) => {
            out.push(kind::TUPLE);
            put_varint(out, items.len() as u64);
            items.iter().for_each(|&id| put_varint(out, u64::from(id)));
        }
        Node::Struct(record) => {
            out.push(kind::STRUCT);
            put_record(out, record);
        }
        Node::Enum(choice) => {
            out.push(kind::ENUM);
            put_name(out, &choice.name);
            put_varint(out, choice.variants.len() as u64);
            choice.variants.iter().for_each(|variant| put_record(out, variant));
        }
        Node::Formatted(format, item) => {
            out.extend_from_slice(&[kind::FORMATTED, *format as u8]);
            put_varint(out, u64::from(*item));
        }
        Node::Versioned(versioned) => {
            out.push(kind::VERSIONED);
            put_varint(out, u64::from(versioned.version));
            put_varint(out, u64::from(versioned.current));
        }
    }
}

fn put_name(out: &mut Vec<u8>, name: &str) {
    put_varint(out, name.len() as u64);
    out.extend_from_slice(name.as_bytes());
}

/// Name, style, count of fields; of each field four times its node, plus two where it keeps unknown fields, plus one
/// where it has a default; then its name, which tuple fields need not have.
fn put_record(out: &mut Vec<u8>, record: &Struct) {
    put_name(out, &record.name);
    out.push(record.style as u8);
    put_varint(out, record.fields.len() as u64);
    for field in &record.fields {
        put_varint(out, u64::from(field.node) << 2 | u64::from(field.unknown) << 1 | u64::from(field.default));
        if record.style == Style::Named {
            put_name(out, &field.name);
        }
    }
}

fn get_node(input: &mut Input<'_>) -> Result<Node> {
    let tag = input.byte()?;
    Ok(match tag {
        kind::UNIT => Node::Unit,
        kind::BOOL => Node::Bool,
        kind::CHAR => Node::Char,
        kind::F32 => Node::F32,
        kind::F64 => Node::F64,
        kind::TEXT => Node::Text,
        kind::OPAQUE => Node::Opaque,
        kind::OPTION => Node::Option(get_id(input)?),
        kind::SEQ => Node::Seq(get_id(input)?),
        kind::SET => Node::Set(get_id(input)?),
        kind::MAP => Node::Map(get_id(input)?),
        kind::BOXED => Node::Boxed(get_id(input)?),
        kind::PAIR => Node::Pair(get_id(input)?, get_id(input)?),
        kind::ARRAY => Node::Array(get_id(input)?, input.varint()?),
        kind::TUPLE => {
            let count = get_count(input)?;
            Node::Tuple((0..count).map(|_| get_id(input)).collect::<Result<_>>()?)
        }
        kind::STRUCT => Node::Struct(get_record(input)?),
        kind::ENUM => {
            let name = get_name(input)?;
            let count = get_count(input)?;
            Node::Enum(Enum { name, variants: (0..count).map(|_| get_record(input)).collect::<Result<_>>()? })
        }
        kind::VERSIONED => {
            let version = u32::try_from(input.varint()?).map_err(|_| bad_schema("a version is too large"))?;
            Node::Versioned(Versioned { version, current: get_id(input)?, older: None })
        }
        kind::FORMATTED => {
            let format = input.byte()?;
            let format = Format::ALL.get(format as usize).ok_or_else(|| unknown(input))?;
            Node::Formatted(*format, get_id(input)?)
        }
        _ => match IntKind::ALL.get(tag.wrapping_sub(kind::INT) as usize) {
            Some(&int) => Node::Int(int),
            None => return Err(unknown(input)),
        },
    })
}

#[cold]
fn unknown(input: &Input<'_>) -> crate::error::Error {
    bad_schema("a kind of node is not known").at_offset(input.offset())
}

fn get_id(input: &mut Input<'_>) -> Result<NodeId> {
    Ok(input.length()? as NodeId)
}

/// A count of things that take at least a byte each.
fn get_count(input: &mut Input<'_>) -> Result<usize> {
    let count = input.length()?;
    if count > input.len() { Err(bad_schema("a count is larger than the bytes left")) } else { Ok(count) }
}

fn get_name(input: &mut Input<'_>) -> Result<Cow<'static, str>> {
    let length = get_count(input)?;
    let bytes = input.take(length)?;
    let name = std::str::from_utf8(bytes).map_err(|_| bad_schema("a name is not UTF-8"))?;
    Ok(Cow::Owned(name.to_owned()))
}

fn get_record(input: &mut Input<'_>) -> Result<Struct> {
    let name = get_name(input)?;
    let style = input.byte()?;
    let style = *Style::ALL.get(style as usize).ok_or_else(|| unknown(input))?;
    let count = get_count(input)?;
    let mut fields = Vec::new();
    for index in 0..count {
        let node = input.varint()?;
        let id = u32::try_from(node >> 2).map_err(|_| bad_schema("a reference to a node that is not there"))?;
        let name = if style == Style::Named { get_name(input)? } else { Cow::Owned(index.to_string()) };
        fields.push(Field { name, node: id, default: node & 1 == 1, unknown: node & 2 == 2, one: false, aliases: &[] });
    }
    Ok(Struct { name, style, fields, rules: Rules::default() })
}
