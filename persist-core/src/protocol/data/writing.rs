//! Rows as serde data.

use std::cell::RefCell;

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::super::packed::{Packed, open_rows};
use crate::column::Input;
use crate::context::Context;
use crate::error::Result;
use crate::info::TypeInfo;
use crate::limits::Limits;
use crate::names::fixed;
use crate::shape::{Enum, Format, Node, NodeId, Shape, Struct, Style, VERSION};
use crate::table::{Reader, STACK_GROWTH, STACK_LEFT, Scratch, Sequence};
use crate::types;
use crate::value;
use crate::walk::{Columns, Integer, character, current, float32, float64, integer, variant};

/// Writes packed rows of a type's own shape to a serializer.
pub(crate) fn write<S: Serializer>(
    (info, body): (&TypeInfo, &[u8]),
    depth: usize,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    // What was written just now is not bounded by what reading it may use.
    let opened = open_rows(Packed::body(Input::new(body)), &info.plan, &Limits::none(), Scratch::default());
    let context = Context::new();
    let reader = Reader::new(opened.map_err(S::Error::custom)?, &context, depth);
    let (shape, human) = (&info.shape, serializer.is_human_readable());
    let rows = Rows { reader: RefCell::new(reader), shape, human };
    Row { rows: &rows, node: Shape::ROOT, at: 0 }.serialize(serializer)
}

/// Rows that are being written.
struct Rows<'r> {
    reader: RefCell<Reader<'r>>,
    shape: &'r Shape,
    /// Whether the format is for people.
    human: bool,
}

impl<'r> Rows<'r> {
    fn take<T, E: serde::ser::Error>(&self, take: impl FnOnce(&mut Reader<'r>) -> Result<T>) -> Result<T, E> {
        take(&mut self.reader.borrow_mut()).map_err(E::custom)
    }

    fn row(&self, node: NodeId, at: usize) -> Row<'_, 'r> {
        Row { rows: self, node, at }
    }

    /// Goes down to another table.
    fn deeper<T, E: serde::ser::Error>(&self, recursive: bool, write: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        if recursive {
            self.take(Reader::descend)?;
        }
        let result = stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, write);
        if recursive {
            self.reader.borrow_mut().ascend();
        }
        result
    }

    /// Calls `visit` with the first column of each element.
    fn each<E: serde::ser::Error>(
        &self,
        sequence: Sequence,
        mut visit: impl FnMut(usize) -> Result<(), E>,
    ) -> Result<(), E> {
        self.deeper(sequence.is_recursive(), || {
            let mut tables = 0;
            loop {
                let table = self.reader.borrow().table(sequence, tables);
                let Some((rows, first)) = table else { return Ok(()) };
                tables += 1;
                (0..rows).try_for_each(|_| visit(first))?;
            }
        })
    }
}

/// One row of a node, from the columns from `at` on; it is taken when it is serialized.
struct Row<'w, 'r> {
    rows: &'w Rows<'r>,
    node: NodeId,
    at: usize,
}

impl Serialize for Row<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Row { rows, node, at } = *self;
        let shape = rows.shape;
        match shape.node(node) {
            Node::Unit => serializer.serialize_unit(),
            Node::Bool => serializer.serialize_bool(rows.take(|reader| reader.flag(at))?),
            Node::Char => serializer.serialize_char(rows.take(|reader| character(reader, at))?),
            Node::Int(kind) => {
                use crate::shape::IntKind as Kind;
                let value = rows.take(|reader| integer(reader, *kind, at))?;
                match (kind, value) {
                    (Kind::U8, Integer::Unsigned(value)) => serializer.serialize_u8(value as u8),
                    (Kind::U16, Integer::Unsigned(value)) => serializer.serialize_u16(value as u16),
                    (Kind::U32, Integer::Unsigned(value)) => serializer.serialize_u32(value as u32),
                    (Kind::U64, Integer::Unsigned(value)) => serializer.serialize_u64(value as u64),
                    (_, Integer::Unsigned(value)) => serializer.serialize_u128(value),
                    (Kind::I8, Integer::Signed(value)) => serializer.serialize_i8(value as i8),
                    (Kind::I16, Integer::Signed(value)) => serializer.serialize_i16(value as i16),
                    (Kind::I32, Integer::Signed(value)) => serializer.serialize_i32(value as i32),
                    (Kind::I64, Integer::Signed(value)) => serializer.serialize_i64(value as i64),
                    (_, Integer::Signed(value)) => serializer.serialize_i128(value),
                }
            }
            Node::F32 => serializer.serialize_f32(rows.take(|reader| float32(reader, at))?),
            Node::F64 => serializer.serialize_f64(rows.take(|reader| float64(reader, at))?),
            Node::Text => {
                let mut reader = rows.reader.borrow_mut();
                reader.with_text(at, |text| serializer.serialize_str(text)).map_err(S::Error::custom)?
            }
            Node::Opaque => {
                let value = rows.take(|reader| value::decode(reader.opaque(at)?, reader.depth_limit()))?;
                value.serialize(serializer)
            }
            Node::Option(inner) | Node::Perhaps(inner) => {
                if rows.take(|reader| reader.flag(at))? {
                    serializer.serialize_some(&rows.row(*inner, at + 1))
                } else {
                    serializer.serialize_none()
                }
            }
            Node::Seq(item) | Node::Set(item) => {
                let sequence = rows.take(|reader| reader.sequence(at))?;
                let mut seq = serializer.serialize_seq(Some(sequence.len))?;
                rows.each(sequence, |first| seq.serialize_element(&rows.row(*item, first)))?;
                seq.end()
            }
            Node::Map(pair) => {
                let Node::Pair(key, item) = *shape.node(*pair) else {
                    return Err(S::Error::custom("a map without pairs"));
                };
                let sequence = rows.take(|reader| reader.sequence(at))?;
                let mut map = serializer.serialize_map(Some(sequence.len))?;
                let columns = shape.columns(key);
                rows.each(sequence, |first| {
                    map.serialize_entry(&rows.row(key, first), &rows.row(item, first + columns))
                })?;
                map.end()
            }
            Node::Pair(key, item) => {
                let mut tuple = serializer.serialize_tuple(2)?;
                tuple.serialize_element(&rows.row(*key, at))?;
                tuple.serialize_element(&rows.row(*item, at + shape.columns(*key)))?;
                tuple.end()
            }
            Node::Array(item, count) => {
                let count = usize::try_from(*count).map_err(S::Error::custom)?;
                let mut tuple = serializer.serialize_tuple(count)?;
                (0..count).try_for_each(|_| tuple.serialize_element(&rows.row(*item, at)))?;
                tuple.end()
            }
            Node::Tuple(items) => {
                let mut columns = Columns::of(shape, node, at);
                let mut tuple = serializer.serialize_tuple(items.len())?;
                for &item in items {
                    tuple.serialize_element(&rows.row(item, columns.next(shape, item)))?;
                }
                tuple.end()
            }
            Node::Struct(record) => self.record(record, Columns::of(shape, node, at), None, false, serializer),
            Node::Enum(choice) => self.choice(choice, at, None, serializer),
            Node::Versioned(versioned) => {
                let at = rows.take(|reader| current(reader, versioned, at))?;
                let version = Some(versioned.version);
                match shape.node(versioned.current) {
                    Node::Struct(record) => {
                        self.record(record, Columns::of(shape, versioned.current, at), version, false, serializer)
                    }
                    Node::Enum(choice) => self.choice(choice, at, version, serializer),
                    _ => rows.row(versioned.current, at).serialize(serializer),
                }
            }
            Node::Boxed(inner) => {
                let (first, recursive) = rows.take(|reader| reader.box_table(at))?;
                rows.deeper(recursive, || rows.row(*inner, first).serialize(serializer))
            }
            Node::Formatted(format, _) if rows.human => self.formatted(*format, serializer),
            Node::Formatted(_, inner) => rows.row(*inner, at).serialize(serializer),
        }
    }
}

impl<'r> Row<'_, 'r> {
    /// A struct or what a variant holds; where it has names, perhaps as a map.
    fn record<S: Serializer>(
        &self,
        record: &Struct,
        mut columns: Columns,
        version: Option<u32>,
        map: bool,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let name = fixed(&record.name);
        match record.style {
            Style::Unit => serializer.serialize_unit_struct(name),
            Style::Newtype => serializer.serialize_newtype_struct(name, &self.next(record, 0, &mut columns)?),
            Style::Tuple => {
                let mut tuple = serializer.serialize_tuple_struct(name, record.fields.len())?;
                for index in 0..record.fields.len() {
                    tuple.serialize_field(&self.next(record, index, &mut columns)?)?;
                }
                tuple.end()
            }
            // What is not known, and the version, have names that only a map can have where people read them.
            Style::Named if map || record.unknown().is_some() || (version.is_some() && self.rows.human) => {
                let mut map = serializer.serialize_map(None)?;
                if let Some(version) = version {
                    map.serialize_entry(VERSION, &version)?;
                }
                for (index, field) in record.fields.iter().enumerate() {
                    let value = self.next(record, index, &mut columns)?;
                    if field.unknown { value.unknown(&mut map)? } else { map.serialize_entry(&*field.name, &value)? }
                }
                map.end()
            }
            Style::Named => {
                let count = record.fields.len() + usize::from(version.is_some());
                let mut fields = serializer.serialize_struct(name, count)?;
                if let Some(version) = version {
                    fields.serialize_field(VERSION, &version)?;
                }
                for (index, field) in record.fields.iter().enumerate() {
                    fields.serialize_field(fixed(&field.name), &self.next(record, index, &mut columns)?)?;
                }
                fields.end()
            }
        }
    }

    /// The fields that the type did not know.
    fn unknown<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Row { rows, node, at } = *self;
        let (Node::Map(pair), sequence) = (rows.shape.node(node), rows.take(|reader| reader.sequence(at))?) else {
            return Err(M::Error::custom("unknown fields that are no map"));
        };
        let Node::Pair(key, item) = *rows.shape.node(*pair) else {
            return Err(M::Error::custom("a map without pairs"));
        };
        let columns = rows.shape.columns(key);
        rows.each(sequence, |first| map.serialize_entry(&rows.row(key, first), &rows.row(item, first + columns)))
    }

    fn next<E: serde::ser::Error>(
        &self,
        record: &Struct,
        index: usize,
        columns: &mut Columns,
    ) -> Result<Row<'_, 'r>, E> {
        let field = &record.fields[index];
        let at = self.rows.take(|reader| columns.field(self.rows.shape, field, reader))?;
        Ok(self.rows.row(field.node, at))
    }

    fn choice<S: Serializer>(
        &self,
        choice: &Enum,
        at: usize,
        version: Option<u32>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let shape = self.rows.shape;
        let (tag, variant) = self.rows.take(|reader| variant(reader, choice, at))?;
        let mut columns = Columns::of_variant(shape, choice, tag, at);
        if let Some(version) = version {
            let mut map = serializer.serialize_map(Some(2))?;
            map.serialize_entry(VERSION, &version)?;
            map.serialize_entry(&*variant.name, &Content { row: self, variant, columns })?;
            return map.end();
        }
        let (name, index, of) = (fixed(&choice.name), tag as u32, fixed(&variant.name));
        match variant.style {
            Style::Unit => serializer.serialize_unit_variant(name, index, of),
            Style::Newtype => {
                serializer.serialize_newtype_variant(name, index, of, &self.next(variant, 0, &mut columns)?)
            }
            Style::Tuple => {
                let mut tuple = serializer.serialize_tuple_variant(name, index, of, variant.fields.len())?;
                for index in 0..variant.fields.len() {
                    tuple.serialize_field(&self.next(variant, index, &mut columns)?)?;
                }
                tuple.end()
            }
            Style::Named if variant.unknown().is_some() => {
                serializer.serialize_newtype_variant(name, index, of, &Content { row: self, variant, columns })
            }
            Style::Named => {
                let mut fields = serializer.serialize_struct_variant(name, index, of, variant.fields.len())?;
                for (index, field) in variant.fields.iter().enumerate() {
                    let value = self.next(variant, index, &mut columns)?;
                    fields.serialize_field(fixed(&field.name), &value)?;
                }
                fields.end()
            }
        }
    }

    fn formatted<S: Serializer>(&self, format: Format, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.rows.take(|reader| format.text(reader, self.at))?;
        serializer.serialize_str(&text)
    }
}

/// What a variant of a type with versions holds.
struct Content<'c, 'w, 'r> {
    row: &'c Row<'w, 'r>,
    variant: &'c Struct,
    columns: Columns,
}

impl Serialize for Content<'_, '_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.variant.style == Style::Unit {
            return serializer.serialize_unit();
        }
        self.row.record(self.variant, self.columns, None, true, serializer)
    }
}

impl Format {
    /// The readable form of the row in the columns from `at` on.
    fn text(self, reader: &mut Reader<'_>, at: usize) -> Result<String> {
        use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
        fn show<T: crate::traits::Decode + ToString>(reader: &mut Reader<'_>, at: usize) -> Result<String> {
            reader.one::<T>(at).map(|value| value.to_string())
        }
        match self {
            Format::Ipv4Addr => show::<Ipv4Addr>(reader, at),
            Format::Ipv6Addr => show::<Ipv6Addr>(reader, at),
            Format::IpAddr => show::<IpAddr>(reader, at),
            Format::SocketAddrV4 => show::<SocketAddrV4>(reader, at),
            Format::SocketAddrV6 => show::<SocketAddrV6>(reader, at),
            Format::SocketAddr => show::<SocketAddr>(reader, at),
            Format::Uuid => show::<types::Uuid>(reader, at),
            Format::Date => show::<types::Date>(reader, at),
            Format::Time => show::<types::Time>(reader, at),
            Format::DateTime => show::<types::DateTime>(reader, at),
            Format::UtcDateTime => show::<types::UtcDateTime>(reader, at),
            Format::OffsetDateTime => show::<types::OffsetDateTime>(reader, at),
            Format::UtcOffset => show::<types::UtcOffset>(reader, at),
        }
    }
}
