//! Rows as serde values: what Json and Cbor write.
//!
//! Each `Row` takes one row from the columns when it is serialized, so each is serialized once, in the order of the
//! shape. It makes the calls that serde's derive makes for a like-shaped type, but for the exceptions that
//! docs/format.md lists.

use std::cell::RefCell;

use ciborium::tag::Required;
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::json_value::{JsonValue, not_finite};
use crate::error::{Error, ErrorKind, Result};
use crate::shape::{Enum, Format, Node, NodeId, Shape, Style, VERSION, Variant};
use crate::table::{Reader, STACK_GROWTH, STACK_LEFT, Sequence};
use crate::traits::Decode;
use crate::types;
use crate::value::{self, Value};
use crate::walk::{Columns, Integer, character, current, float32, float64, integer, variant};

/// The tag that CBOR gives to a set.
const SET_TAG: u64 = 258;

/// What tells the two protocols apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavor {
    Json,
    Cbor,
}

/// Rows that are being written.
pub(super) struct Rows<'r> {
    reader: RefCell<Reader<'r>>,
    shape: &'r Shape,
    flavor: Flavor,
    /// An error of ours, which serde's error types would make text of.
    failed: RefCell<Option<Error>>,
}

impl<'r> Rows<'r> {
    pub(super) fn new(reader: Reader<'r>, shape: &'r Shape, flavor: Flavor) -> Self {
        Rows { reader: RefCell::new(reader), shape, flavor, failed: RefCell::new(None) }
    }

    /// The one row of the root.
    pub(super) fn root(&self) -> Row<'_, 'r> {
        Row { rows: self, node: Shape::ROOT, at: 0 }
    }

    /// The error underneath one of serde's.
    pub(super) fn error(self, error: impl std::error::Error + Send + Sync + 'static, io: bool) -> Error {
        self.failed.into_inner().unwrap_or_else(|| {
            let kind = if io { ErrorKind::Io } else { ErrorKind::Unsupported };
            Error::of(kind, error.to_string()).with_source(error)
        })
    }

    fn take<T, E: serde::ser::Error>(&self, take: impl FnOnce(&mut Reader<'r>) -> Result<T>) -> Result<T, E> {
        take(&mut self.reader.borrow_mut()).map_err(|error| {
            let text = E::custom(&error);
            self.failed.borrow_mut().get_or_insert(error);
            text
        })
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

    fn row(&self, node: NodeId, at: usize) -> Row<'_, 'r> {
        Row { rows: self, node, at }
    }
}

/// One row of a node, from the columns from `at` on.
pub(super) struct Row<'w, 'r> {
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
            Node::Int(kind) => write_integer(rows.take(|reader| integer(reader, *kind, at))?, serializer),
            Node::F32 => {
                let value = rows.take(|reader| float32(reader, at))?;
                match not_finite(value.into()).filter(|_| rows.flavor == Flavor::Json) {
                    Some(text) => serializer.serialize_str(text),
                    None => serializer.serialize_f32(value),
                }
            }
            Node::F64 => {
                let value = rows.take(|reader| float64(reader, at))?;
                match not_finite(value).filter(|_| rows.flavor == Flavor::Json) {
                    Some(text) => serializer.serialize_str(text),
                    None => serializer.serialize_f64(value),
                }
            }
            Node::Text => rows.take(|reader| reader.with_text(at, |text| serializer.serialize_str(text)))?,
            Node::Opaque => self.opaque(serializer),
            Node::Option(inner) | Node::Perhaps(inner) => self.option(*inner, serializer),
            Node::Seq(item) if shape.is_byte(*item) => self.bytes(serializer),
            Node::Set(item) if rows.flavor == Flavor::Cbor => {
                Required::<_, SET_TAG>(Elements { row: self, item: *item }).serialize(serializer)
            }
            Node::Seq(item) | Node::Set(item) => self.sequence(*item, serializer),
            Node::Map(pair) => self.map(*pair, serializer),
            Node::Pair(key, item) => {
                let mut seq = serializer.serialize_seq(Some(2))?;
                seq.serialize_element(&rows.row(*key, at))?;
                seq.serialize_element(&rows.row(*item, at + shape.columns(*key)))?;
                seq.end()
            }
            Node::Array(item, count) if shape.is_byte(*item) => {
                let bytes: Vec<u8> =
                    rows.take(|reader| (0..*count).map(|_| reader.int::<u8>(at)).collect::<Result<_>>())?;
                serializer.serialize_bytes(&bytes)
            }
            Node::Array(item, count) => {
                let mut seq = serializer.serialize_seq(usize::try_from(*count).ok())?;
                (0..*count).try_for_each(|_| seq.serialize_element(&rows.row(*item, at)))?;
                seq.end()
            }
            Node::Tuple(items) => {
                let mut columns = Columns::of(shape, node, at);
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for &item in items {
                    seq.serialize_element(&rows.row(item, columns.next(shape, item)))?;
                }
                seq.end()
            }
            Node::Struct(record) => self.fields(record, Columns::of(shape, node, at), None, serializer),
            Node::Enum(choice) => self.choice(choice, at, None, serializer),
            Node::Versioned(versioned) => {
                let at = rows.take(|reader| current(reader, versioned, at))?;
                let version = Some(versioned.version);
                match shape.node(versioned.current) {
                    Node::Struct(record) => {
                        self.fields(record, Columns::of(shape, versioned.current, at), version, serializer)
                    }
                    Node::Enum(choice) => self.choice(choice, at, version, serializer),
                    _ => rows.row(versioned.current, at).serialize(serializer),
                }
            }
            Node::Boxed(inner) => {
                let (first, recursive) = rows.take(|reader| reader.box_table(at))?;
                rows.deeper(recursive, || rows.row(*inner, first).serialize(serializer))
            }
            Node::Formatted(format, _) if rows.flavor == Flavor::Json => self.formatted(*format, serializer),
            Node::Formatted(_, inner) => rows.row(*inner, at).serialize(serializer),
        }
    }
}

impl Row<'_, '_> {
    fn option<S: Serializer>(&self, inner: NodeId, serializer: S) -> Result<S::Ok, S::Error> {
        let Row { rows, at, .. } = *self;
        if !rows.take(|reader| reader.flag(at))? {
            return serializer.serialize_none();
        }
        let inner_row = rows.row(inner, at + 1);
        if rows.shape.is_nullable(inner) && rows.take(|reader| rows.shape.is_told(reader, inner, at + 1))? {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry("Some", &inner_row)?;
            return map.end();
        }
        serializer.serialize_some(&inner_row)
    }

    fn bytes<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Row { rows, at, .. } = *self;
        let sequence = rows.take(|reader| reader.sequence(at))?;
        let mut bytes = Vec::with_capacity(sequence.len);
        rows.each(sequence, |first| {
            bytes.push(rows.take::<_, S::Error>(|reader| reader.int::<u8>(first))?);
            Ok(())
        })?;
        serializer.serialize_bytes(&bytes)
    }

    fn sequence<S: Serializer>(&self, item: NodeId, serializer: S) -> Result<S::Ok, S::Error> {
        let Row { rows, at, .. } = *self;
        let sequence = rows.take(|reader| reader.sequence(at))?;
        let mut seq = serializer.serialize_seq(Some(sequence.len))?;
        rows.each(sequence, |first| seq.serialize_element(&rows.row(item, first)))?;
        seq.end()
    }

    /// A map; in JSON as a list of pairs, where its keys have no text form.
    fn map<S: Serializer>(&self, pair: NodeId, serializer: S) -> Result<S::Ok, S::Error> {
        let Row { rows, at, .. } = *self;
        let Node::Pair(key, item) = *rows.shape.node(pair) else {
            return Err(S::Error::custom("a map without pairs"));
        };
        if rows.flavor == Flavor::Json && !rows.shape.is_text_key(key) {
            return self.sequence(pair, serializer);
        }
        let sequence = rows.take(|reader| reader.sequence(at))?;
        let mut map = serializer.serialize_map(Some(sequence.len))?;
        let columns = rows.shape.columns(key);
        rows.each(sequence, |first| map.serialize_entry(&rows.row(key, first), &rows.row(item, first + columns)))?;
        map.end()
    }

    /// A variant: its name, or a map with its name as the one key; with its version before, where it has one.
    fn choice<S: Serializer>(
        &self,
        choice: &Enum,
        at: usize,
        version: Option<u32>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let (tag, variant) = self.rows.take(|reader| variant(reader, choice, at))?;
        if variant.style == Style::Unit && version.is_none() {
            return serializer.serialize_str(&variant.name);
        }
        let columns = Columns::of_variant(self.rows.shape, choice, tag, at);
        let mut map = serializer.serialize_map(Some(1 + usize::from(version.is_some())))?;
        if let Some(version) = version {
            map.serialize_entry(VERSION, &version)?;
        }
        map.serialize_entry(&*variant.name, &Content { row: self, variant, columns })?;
        map.end()
    }

    /// The fields of a struct or variant; with the version before, where the type has one.
    fn fields<S: Serializer>(
        &self,
        record: &Variant,
        mut columns: Columns,
        version: Option<u32>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let rows = self.rows;
        let next = |columns: &mut Columns, index: usize| {
            let field = &record.fields[index];
            let at = rows.take(|reader| columns.field(rows.shape, field, reader))?;
            Ok::<_, S::Error>(rows.row(field.node, at))
        };
        match record.style {
            Style::Unit => serializer.serialize_unit(),
            Style::Newtype => next(&mut columns, 0)?.serialize(serializer),
            Style::Tuple => {
                let mut seq = serializer.serialize_seq(Some(record.fields.len()))?;
                for index in 0..record.fields.len() {
                    seq.serialize_element(&next(&mut columns, index)?)?;
                }
                seq.end()
            }
            Style::Named => {
                let count = record.fields.len() + usize::from(version.is_some());
                let mut map = serializer.serialize_map(record.unknown().is_none().then_some(count))?;
                if let Some(version) = version {
                    map.serialize_entry(VERSION, &version)?;
                }
                for (index, field) in record.fields.iter().enumerate() {
                    let value = next(&mut columns, index)?;
                    if field.unknown {
                        value.unknown_fields(record, &mut map)?;
                    } else {
                        map.serialize_entry(&*field.name, &value)?;
                    }
                }
                map.end()
            }
        }
    }

    /// The fields that the type did not know, beside those that it knows.
    fn unknown_fields<M: SerializeMap>(&self, record: &Variant, map: &mut M) -> Result<(), M::Error> {
        let Row { rows, node, at } = *self;
        let (Node::Map(pair), sequence) = (rows.shape.node(node), rows.take(|reader| reader.sequence(at))?) else {
            return Err(M::Error::custom("unknown fields that are no map"));
        };
        let Node::Pair(key, item) = *rows.shape.node(*pair) else {
            return Err(M::Error::custom("a map without pairs"));
        };
        let columns = rows.shape.columns(key);
        rows.each(sequence, |first| {
            let name = rows.take(|reader| reader.with_text(first, str::to_owned))?;
            if name == VERSION || record.position(&name).is_some_and(|index| !record.fields[index].unknown) {
                let message = format!("the unknown field `{name}` has the name of a field that is known");
                return rows.take(|_| Err(Error::of(ErrorKind::Value, message)));
            }
            map.serialize_entry(&name, &rows.row(item, first + columns))
        })
    }

    /// A value that was kept as a CBOR item.
    fn opaque<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Row { rows, at, .. } = *self;
        match rows.flavor {
            Flavor::Cbor => {
                // Bytes that a level may take of the stack, in ciborium's own recursion; it counts each level twice.
                const LEVEL: usize = 4 << 10;
                let (item, depth) = rows.take(|reader| Ok((reader.opaque(at)?, reader.depth_limit())))?;
                stacker::maybe_grow(
                    item.len().min(depth).saturating_mul(LEVEL),
                    STACK_GROWTH.max(item.len().min(depth) * 2 * LEVEL),
                    || {
                        ciborium::de::from_reader_with_recursion_limit::<ciborium::Value, _>(
                            item,
                            depth.saturating_mul(2) + 16,
                        )
                        .map_err(|error| S::Error::custom(format!("an opaque item is not CBOR: {error}")))?
                        .serialize(serializer)
                    },
                )
            }
            Flavor::Json => {
                let value: Value = rows.take(|reader| value::decode(reader.opaque(at)?, reader.depth_limit()))?;
                JsonValue(&value).serialize(serializer)
            }
        }
    }

    fn formatted<S: Serializer>(&self, format: Format, serializer: S) -> Result<S::Ok, S::Error> {
        use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
        match format {
            Format::Ipv4Addr => self.shown::<Ipv4Addr, S>(serializer),
            Format::Ipv6Addr => self.shown::<Ipv6Addr, S>(serializer),
            Format::IpAddr => self.shown::<IpAddr, S>(serializer),
            Format::SocketAddrV4 => self.shown::<SocketAddrV4, S>(serializer),
            Format::SocketAddrV6 => {
                let address: SocketAddrV6 = self.rows.take(|reader| reader.one(self.at))?;
                match parts(&address) {
                    Some(parts) => parts.serialize(serializer),
                    None => serializer.collect_str(&address),
                }
            }
            Format::SocketAddr => {
                let address: SocketAddr = self.rows.take(|reader| reader.one(self.at))?;
                match &address {
                    SocketAddr::V6(v6) if v6.flowinfo() != 0 => {
                        let mut map = serializer.serialize_map(Some(1))?;
                        map.serialize_entry("V6", &parts(v6))?;
                        map.end()
                    }
                    _ => serializer.collect_str(&address),
                }
            }
            Format::Uuid => self.shown::<types::Uuid, S>(serializer),
            Format::Date => self.shown::<types::Date, S>(serializer),
            Format::Time => self.shown::<types::Time, S>(serializer),
            Format::DateTime => self.shown::<types::DateTime, S>(serializer),
            Format::UtcDateTime => self.shown::<types::UtcDateTime, S>(serializer),
            Format::OffsetDateTime => self.shown::<types::OffsetDateTime, S>(serializer),
            Format::UtcOffset => self.shown::<types::UtcOffset, S>(serializer),
        }
    }

    fn shown<T: Decode + std::fmt::Display, S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value: T = self.rows.take(|reader| reader.one(self.at))?;
        serializer.collect_str(&value)
    }
}

/// What a variant holds.
struct Content<'c, 'w, 'r> {
    row: &'c Row<'w, 'r>,
    variant: &'c Variant,
    columns: Columns,
}

impl Serialize for Content<'_, '_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.row.fields(self.variant, self.columns, None, serializer)
    }
}

/// The elements of a set.
struct Elements<'c, 'w, 'r> {
    row: &'c Row<'w, 'r>,
    item: NodeId,
}

impl Serialize for Elements<'_, '_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.row.sequence(self.item, serializer)
    }
}

fn write_integer<S: Serializer>(value: Integer, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Integer::Unsigned(value) => match u64::try_from(value) {
            Ok(value) => serializer.serialize_u64(value),
            Err(_) => serializer.serialize_u128(value),
        },
        Integer::Signed(value) => match i64::try_from(value) {
            Ok(value) => serializer.serialize_i64(value),
            Err(_) => serializer.serialize_i128(value),
        },
    }
}

/// The parts of an address that its text form does not hold all of: it leaves the flow information out.
fn parts(address: &std::net::SocketAddrV6) -> Option<(String, u16, u32, u32)> {
    (address.flowinfo() != 0)
        .then(|| (address.ip().to_string(), address.port(), address.flowinfo(), address.scope_id()))
}
