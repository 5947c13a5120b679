//! serde data as CBOR items, by a shape: what tables are then filled from.

use std::fmt::{self, Formatter};

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IgnoredAny, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::key::{Keys, Name};
use crate::info::TypeInfo;
use crate::names::{Names, fixed};
use crate::shape::{IntKind, Node, NodeId, Shape, Struct, Style, VERSION, Versioned};
use crate::table::{STACK_GROWTH, STACK_LEFT};
use crate::value::{Value, cbor};

/// Heads of CBOR items that go on to a break.
const LIST: u8 = 0x9F;
const MAP: u8 = 0xBF;
const BREAK: u8 = 0xFF;

/// Takes a value of a node, and appends it as an item.
pub(crate) struct Seed<'o> {
    shape: &'static Shape,
    names: &'static Names,
    node: NodeId,
    out: &'o mut Vec<u8>,
    /// Levels of recursion that are left.
    depth: usize,
    human: bool,
}

impl<'o> Seed<'o> {
    /// For a value of a whole type, of at most so many levels.
    pub(crate) fn new(info: &'static TypeInfo, out: &'o mut Vec<u8>, depth: usize) -> Self {
        let names = info.names();
        Seed { shape: &info.shape, names, node: Shape::ROOT, out, depth, human: false }
    }

    /// The same for another node.
    fn of(&mut self, node: NodeId) -> Seed<'_> {
        let Seed { shape, names, depth, human, .. } = *self;
        Seed { shape, names, node, out: self.out, depth, human }
    }

    fn put(self, value: impl Into<Value>) {
        cbor::encode(&value.into(), self.out);
    }

    fn name(&mut self, name: &str) {
        cbor::encode(&Value::from(name), self.out);
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, from: D) -> Result<(), D::Error> {
        self.human = from.is_human_readable();
        let (shape, names, node) = (self.shape, self.names, self.node);
        match shape.node(node) {
            Node::Unit => from.deserialize_unit(self),
            Node::Bool => from.deserialize_bool(self),
            Node::Char => from.deserialize_char(self),
            Node::Int(kind) => match kind {
                IntKind::U8 => from.deserialize_u8(self),
                IntKind::U16 => from.deserialize_u16(self),
                IntKind::U32 => from.deserialize_u32(self),
                IntKind::U64 => from.deserialize_u64(self),
                IntKind::U128 => from.deserialize_u128(self),
                IntKind::I8 => from.deserialize_i8(self),
                IntKind::I16 => from.deserialize_i16(self),
                IntKind::I32 => from.deserialize_i32(self),
                IntKind::I64 => from.deserialize_i64(self),
                IntKind::I128 => from.deserialize_i128(self),
            },
            Node::F32 => from.deserialize_f32(self),
            Node::F64 => from.deserialize_f64(self),
            Node::Text => from.deserialize_str(self),
            Node::Opaque => Value::deserialize(from).map(|value| self.put(value)),
            Node::Formatted(..) if self.human => from.deserialize_str(self),
            Node::Formatted(_, inner) => self.of(*inner).deserialize(from),
            // What holds other values may be nested deeply.
            _ => {
                let recursive = shape.part_of(node).is_some() && shape.node(node).edge().is_some();
                self.depth = match self.depth.checked_sub(usize::from(recursive)) {
                    Some(depth) => depth,
                    None => {
                        return Err(D::Error::custom("the value is nested more deeply than `Limits::depth` allows"));
                    }
                };
                stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || self.parts(names, from))
            }
        }
    }
}

impl Seed<'_> {
    /// Takes a value that holds others.
    fn parts<'de, D: Deserializer<'de>>(mut self, names: &'static Names, from: D) -> Result<(), D::Error> {
        let (shape, node) = (self.shape, self.node);
        match shape.node(node) {
            Node::Option(_) | Node::Perhaps(_) => from.deserialize_option(self),
            Node::Seq(_) | Node::Set(_) => from.deserialize_seq(self),
            Node::Map(_) => from.deserialize_map(self),
            Node::Pair(..) => from.deserialize_tuple(2, self),
            Node::Tuple(items) => from.deserialize_tuple(items.len(), self),
            Node::Array(_, count) => {
                let count = usize::try_from(*count).map_err(D::Error::custom)?;
                from.deserialize_tuple(count, self)
            }
            Node::Boxed(inner) => self.of(*inner).deserialize(from),
            Node::Struct(record) => {
                let name = fixed(&record.name);
                match record.style {
                    Style::Unit => from.deserialize_unit_struct(name, self),
                    Style::Newtype => from.deserialize_newtype_struct(name, self),
                    Style::Tuple => from.deserialize_tuple_struct(name, record.fields.len(), self),
                    Style::Named if record.unknown().is_some() => from.deserialize_map(self),
                    Style::Named => from.deserialize_struct(name, names.fields(node, 0, false), self),
                }
            }
            Node::Enum(choice) => from.deserialize_enum(fixed(&choice.name), names.variants(node), self),
            Node::Versioned(versioned) => match shape.node(versioned.current) {
                Node::Struct(record) if record.unknown().is_none() && !self.human => {
                    from.deserialize_struct(fixed(&record.name), names.fields(versioned.current, 0, true), self)
                }
                // A map, or whatever an older form is.
                _ => from.deserialize_any(self),
            },
            _ => Err(D::Error::custom("this is no value that holds others")),
        }
    }

    /// The struct or enum of a version: the present one, or that of an older type.
    fn of_version(&self, versioned: &Versioned, version: u32) -> NodeId {
        let mut versioned = versioned;
        loop {
            match versioned.older {
                Some(older) if version != versioned.version => match self.shape.node(older) {
                    Node::Versioned(next) => versioned = next,
                    _ => return older,
                },
                _ => return versioned.current,
            }
        }
    }

    /// The fields of a struct or variant from a list.
    fn listed<'de, A: SeqAccess<'de>>(mut self, record: &Struct, mut elements: A) -> Result<(), A::Error> {
        for field in &record.fields {
            if record.style == Style::Named {
                self.name(&field.name);
            }
            if elements.next_element_seed(self.of(field.node))?.is_none() {
                if record.style == Style::Named {
                    // What is missing is said by whoever fills the tables.
                    let name = self.out.len() - name_length(&field.name);
                    self.out.truncate(name);
                }
                break;
            }
        }
        Ok(())
    }

    /// The fields of a struct or variant from a map, of which the first name was taken.
    fn named<'de, A: MapAccess<'de>>(
        mut self,
        record: &Struct,
        keys: Keys,
        first: Option<Name>,
        mut entries: A,
    ) -> Result<(), A::Error> {
        let mut next = first;
        loop {
            let name = match next.take() {
                Some(name) => name,
                None => match entries.next_key_seed(keys)? {
                    Some(name) => name,
                    None => return Ok(()),
                },
            };
            let text = match &name {
                Name::Text(text) => text.as_str(),
                Name::Index(index) => match usize::try_from(*index).ok().and_then(|index| record.fields.get(index)) {
                    Some(field) => &field.name,
                    None => return Err(A::Error::custom(format!("a struct has no field {index}"))),
                },
            };
            match record.position(text).filter(|&index| !record.fields[index].unknown) {
                Some(index) => {
                    self.name(text);
                    entries.next_value_seed(self.of(record.fields[index].node))?;
                }
                None if record.unknown().is_some() && text != VERSION => {
                    self.name(text);
                    let value: Value = entries.next_value()?;
                    cbor::encode(&value, self.out);
                }
                None if text == VERSION => {
                    self.name(VERSION);
                    let version: u32 = entries.next_value()?;
                    cbor::encode(&version.into(), self.out);
                }
                None => {
                    entries.next_value::<IgnoredAny>()?;
                    if record.rules.deny_unknown {
                        self.name(text);
                        cbor::encode(&Value::Null, self.out);
                    }
                }
            }
        }
    }

    /// One variant with what it holds, from an entry of a map.
    fn entry<'de, A: MapAccess<'de>>(mut self, node: NodeId, name: &Name, entries: &mut A) -> Result<(), A::Error> {
        let shape = self.shape;
        let Node::Enum(choice) = shape.node(node) else { return Err(A::Error::custom("a variant of no enum")) };
        let index = match name {
            Name::Text(text) => choice.position(text).ok_or(text.as_str()),
            Name::Index(index) => usize::try_from(*index).map_err(|_| ""),
        };
        match index.map(|index| (index, choice.variants.get(index))) {
            Ok((index, Some(variant))) => {
                self.name(&variant.name);
                entries.next_value_seed(Content { seed: self.of(node), index, keys: Keys::Names })
            }
            other => {
                self.name(other.err().unwrap_or_default());
                entries.next_value::<IgnoredAny>()?;
                self.put(Value::Null);
                Ok(())
            }
        }
    }
}

/// Bytes that the name of a field takes as an item.
fn name_length(name: &str) -> usize {
    let mut item = Vec::new();
    cbor::encode(&Value::from(name), &mut item);
    item.len()
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let shown = crate::shape::Shown { shape: self.shape, node: self.node };
        write!(f, "`{shown}`")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.put(value);
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.put(value);
        Ok(())
    }

    fn visit_i128<E>(self, value: i128) -> Result<(), E> {
        self.put(value);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.put(value);
        Ok(())
    }

    fn visit_u128<E>(self, value: u128) -> Result<(), E> {
        self.put(value);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.put(value);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.put(text);
        Ok(())
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<(), E> {
        cbor::encode(&Value::Bytes(bytes.to_vec()), self.out);
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        self.put(Value::Null);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.put(Value::Null);
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(mut self, from: D) -> Result<(), D::Error> {
        match self.shape.node(self.node) {
            Node::Option(inner) | Node::Perhaps(inner) => {
                // What would be taken for none is told apart, as CBOR does it.
                if !self.shape.is_nullable(*inner) {
                    return self.of(*inner).deserialize(from);
                }
                self.out.push(MAP);
                self.name("Some");
                self.of(*inner).deserialize(from)?;
                self.out.push(BREAK);
                Ok(())
            }
            _ => self.deserialize(from),
        }
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(mut self, from: D) -> Result<(), D::Error> {
        match self.shape.node(self.node) {
            Node::Struct(record) if record.style == Style::Newtype => self.of(record.fields[0].node).deserialize(from),
            _ => self.deserialize(from),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        let shape = self.shape;
        let record = match shape.node(self.node) {
            Node::Struct(record) => Some((record, None)),
            Node::Versioned(versioned) => {
                let version = elements.next_element::<u32>()?.unwrap_or(1);
                match shape.node(self.of_version(versioned, version)) {
                    Node::Struct(record) => Some((record, Some(version))),
                    _ => return Err(A::Error::custom("a version of this type is no list")),
                }
            }
            _ => None,
        };
        if let Some((record, version)) = record {
            let named = record.style == Style::Named;
            self.out.push(if named { MAP } else { LIST });
            if let Some(version) = version {
                self.name(VERSION);
                cbor::encode(&version.into(), self.out);
            }
            let node = self.node;
            self.of(node).listed(record, elements)?;
            self.out.push(BREAK);
            return Ok(());
        }
        self.out.push(LIST);
        for index in 0.. {
            let node = match shape.node(self.node) {
                Node::Seq(item) | Node::Set(item) | Node::Array(item, _) => *item,
                Node::Map(pair) => *pair,
                Node::Pair(key, item) => [*key, *item][index.min(1)],
                Node::Tuple(items) => items[index.min(items.len().saturating_sub(1))],
                _ => return Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self)),
            };
            if elements.next_element_seed(self.of(node))?.is_none() {
                break;
            }
        }
        self.out.push(BREAK);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        let (shape, node) = (self.shape, self.node);
        self.out.push(MAP);
        match shape.node(node) {
            Node::Map(pair) => {
                let Node::Pair(key, item) = *shape.node(*pair) else {
                    return Err(A::Error::custom("a map without pairs"));
                };
                while entries.next_key_seed(self.of(key))?.is_some() {
                    entries.next_value_seed(self.of(item))?;
                }
            }
            Node::Struct(record) => self.of(node).named(record, Keys::of(record), None, entries)?,
            Node::Enum(_) => {
                while let Some(name) = entries.next_key_seed(Keys::Texts)? {
                    self.of(node).entry(node, &name, &mut entries)?;
                }
            }
            Node::Versioned(versioned) => {
                let keys = match shape.node(versioned.current) {
                    Node::Struct(record) if !self.human => Keys::of(record),
                    _ => Keys::Texts,
                };
                let mut first = entries.next_key_seed(keys)?;
                let mut version = 1;
                if first.as_ref().is_some_and(Name::is_version) {
                    first = None;
                    version = entries.next_value()?;
                    self.name(VERSION);
                    cbor::encode(&version.into(), self.out);
                }
                let node = self.of_version(versioned, version);
                if let Node::Struct(record) = shape.node(node) {
                    self.of(node).named(record, keys, first, entries)?;
                } else {
                    while let Some(name) = match first.take() {
                        Some(name) => Some(name),
                        None => entries.next_key_seed(keys)?,
                    } {
                        self.of(node).entry(node, &name, &mut entries)?;
                    }
                }
            }
            _ => return Err(A::Error::invalid_type(serde::de::Unexpected::Map, &self)),
        }
        self.out.push(BREAK);
        Ok(())
    }

    fn visit_enum<A: EnumAccess<'de>>(mut self, access: A) -> Result<(), A::Error> {
        let (shape, node) = (self.shape, self.node);
        let Node::Enum(choice) = shape.node(node) else {
            return Err(A::Error::invalid_type(serde::de::Unexpected::Enum, &self));
        };
        let (name, content) = access.variant::<Name>()?;
        let index = match &name {
            Name::Text(text) => choice.position(text),
            Name::Index(index) => usize::try_from(*index).ok().filter(|&index| index < choice.variants.len()),
        };
        let Some(index) = index else {
            let Some(other) = choice.other() else {
                let known = self.names.variants(node);
                return Err(match name {
                    Name::Text(text) => A::Error::unknown_variant(&text, known),
                    Name::Index(index) => A::Error::custom(format!("`{}` has no variant {index}", choice.name)),
                });
            };
            // What it holds is passed over; a unit variant holds nothing, which is no error.
            let _ = content.newtype_variant::<IgnoredAny>();
            self.name(&choice.variants[other].name);
            return Ok(());
        };
        let variant = &choice.variants[index];
        self.out.push(MAP);
        self.name(&variant.name);
        match variant.style {
            Style::Unit => {
                content.unit_variant()?;
                cbor::encode(&Value::Null, self.out);
            }
            Style::Newtype => content.newtype_variant_seed(self.of(variant.fields[0].node))?,
            Style::Tuple => content
                .tuple_variant(variant.fields.len(), Content { seed: self.of(node), index, keys: Keys::Names })?,
            Style::Named if variant.unknown().is_some() => {
                content.newtype_variant_seed(Content { seed: self.of(node), index, keys: Keys::Names })?;
            }
            Style::Named => {
                let fields = self.names.fields(node, index, false);
                content.struct_variant(fields, Content { seed: self.of(node), index, keys: Keys::Names })?;
            }
        }
        self.out.push(BREAK);
        Ok(())
    }
}

/// What a variant of an enum holds.
struct Content<'o> {
    seed: Seed<'o>,
    index: usize,
    keys: Keys,
}

impl Content<'_> {
    fn variant(&self) -> &'static Struct {
        match self.seed.shape.node(self.seed.node) {
            Node::Enum(choice) => &choice.variants[self.index],
            _ => unreachable!("it is made for an enum"),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Content<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, from: D) -> Result<(), D::Error> {
        let variant = self.variant();
        match variant.style {
            Style::Unit => IgnoredAny::deserialize(from).map(|_| self.seed.put(Value::Null)),
            Style::Newtype => self.seed.of(variant.fields[0].node).deserialize(from),
            Style::Tuple => from.deserialize_tuple(variant.fields.len(), self),
            Style::Named => {
                self.keys = Keys::Texts;
                from.deserialize_map(self)
            }
        }
    }
}

impl<'de> Visitor<'de> for Content<'_> {
    type Value = ();

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "what the variant `{}` holds", self.variant().name)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, elements: A) -> Result<(), A::Error> {
        let (variant, node) = (self.variant(), self.seed.node);
        self.seed.out.push(if variant.style == Style::Named { MAP } else { LIST });
        self.seed.of(node).listed(variant, elements)?;
        self.seed.out.push(BREAK);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, entries: A) -> Result<(), A::Error> {
        let (variant, node) = (self.variant(), self.seed.node);
        self.seed.out.push(MAP);
        let keys = self.keys;
        self.seed.of(node).named(variant, keys, None, entries)?;
        self.seed.out.push(BREAK);
        Ok(())
    }
}
