//! The nodes of a shape.

use std::borrow::Cow;

use super::bad_schema;
use crate::error::Result;

/// Index of a node in its shape.
pub type NodeId = u32;

/// The integer types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "they are named like the types")]
pub enum IntKind {
    U8,
    U16,
    U32,
    U64,
    U128,
    I8,
    I16,
    I32,
    I64,
    I128,
}

impl IntKind {
    pub(crate) const ALL: [IntKind; 10] = [
        IntKind::U8,
        IntKind::U16,
        IntKind::U32,
        IntKind::U64,
        IntKind::U128,
        IntKind::I8,
        IntKind::I16,
        IntKind::I32,
        IntKind::I64,
        IntKind::I128,
    ];

    /// The name of the Rust type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            IntKind::U8 => "u8",
            IntKind::U16 => "u16",
            IntKind::U32 => "u32",
            IntKind::U64 => "u64",
            IntKind::U128 => "u128",
            IntKind::I8 => "i8",
            IntKind::I16 => "i16",
            IntKind::I32 => "i32",
            IntKind::I64 => "i64",
            IntKind::I128 => "i128",
        }
    }

    /// Whether values can be below zero.
    #[must_use]
    pub fn is_signed(self) -> bool {
        self as u8 >= IntKind::I8 as u8
    }

    /// Bytes of a value in memory.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            IntKind::U8 | IntKind::I8 => 1,
            IntKind::U16 | IntKind::I16 => 2,
            IntKind::U32 | IntKind::I32 => 4,
            IntKind::U64 | IntKind::I64 => 8,
            IntKind::U128 | IntKind::I128 => 16,
        }
    }
}

/// Values that people read in another form than machines: text in JSON, the inner node elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "they are named like the types")]
pub enum Format {
    Ipv4Addr,
    Ipv6Addr,
    IpAddr,
    SocketAddrV4,
    SocketAddrV6,
    SocketAddr,
    Uuid,
    Date,
    Time,
    DateTime,
    UtcDateTime,
    OffsetDateTime,
    UtcOffset,
}

impl Format {
    pub(crate) const ALL: [Format; 13] = [
        Format::Ipv4Addr,
        Format::Ipv6Addr,
        Format::IpAddr,
        Format::SocketAddrV4,
        Format::SocketAddrV6,
        Format::SocketAddr,
        Format::Uuid,
        Format::Date,
        Format::Time,
        Format::DateTime,
        Format::UtcDateTime,
        Format::OffsetDateTime,
        Format::UtcOffset,
    ];
}

/// How the fields of a struct or variant are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Style {
    /// `Name { a: A, b: B }`
    Named,
    /// `Name(A, B)`
    Tuple,
    /// `Name(A)`
    Newtype,
    /// `Name`
    Unit,
}

impl Style {
    pub(crate) const ALL: [Style; 4] = [Style::Named, Style::Tuple, Style::Newtype, Style::Unit];
}

/// A field of a struct or variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name it is saved under; `0`, `1` for tuple fields.
    pub name: Cow<'static, str>,
    /// Its type.
    pub node: NodeId,
    /// Whether it may be absent: the type has a default for it. Such a field owns a column of presence, which is not
    /// written to packed files.
    pub default: bool,
    /// Whether it keeps the fields that the type does not know: a map from their names to dynamic values.
    pub unknown: bool,
    /// Whether it was one value before it was a sequence; of a reader only, not in files.
    pub one: bool,
    /// Names that it was saved under before; of a reader only, not in files.
    pub aliases: &'static [&'static str],
}

/// A struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Struct {
    /// A label: types are told apart by their fields.
    pub name: Cow<'static, str>,
    /// How its fields are written down.
    pub style: Style,
    /// The fields that are saved.
    pub fields: Vec<Field>,
    /// What a reader does with what its type lacks; not in files.
    pub rules: Rules,
}

/// A variant of an enum.
pub type Variant = Struct;

/// What the type of a reader says of files that differ from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Fields that the type does not have are an error.
    pub deny_unknown: bool,
    /// It is the variant of all that the enum does not have.
    pub other: bool,
    /// Names that a variant was saved under before.
    pub aliases: &'static [&'static str],
}

/// An enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enum {
    /// A label.
    pub name: Cow<'static, str>,
    /// The variants, in the order of their tags.
    pub variants: Vec<Variant>,
}

/// A struct or enum whose type has a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// The version that is written.
    pub version: u32,
    /// The struct or enum, in line.
    pub current: NodeId,
    /// What a reader makes its values of where the version is an older one, in line; not in files.
    pub older: Option<NodeId>,
}

/// One node of a shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// No data.
    Unit,
    /// One bit.
    Bool,
    /// A Unicode scalar value.
    Char,
    /// An integer.
    Int(IntKind),
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
    /// Text.
    Text,
    /// One CBOR item: a value of a serde type, or a dynamic value.
    Opaque,
    /// Perhaps a value, in line.
    Option(NodeId),
    /// A sequence: an edge.
    Seq(NodeId),
    /// A set: an edge.
    Set(NodeId),
    /// A map: an edge to a table of [`Node::Pair`].
    Map(NodeId),
    /// Key and value: the row of a map's table.
    Pair(NodeId, NodeId),
    /// So many values, in line.
    Array(NodeId, u64),
    /// A tuple, in line.
    Tuple(Vec<NodeId>),
    /// A struct, in line.
    Struct(Struct),
    /// An enum: a tag, then every variant's fields, in line.
    Enum(Enum),
    /// A box: an edge with one row for each.
    Boxed(NodeId),
    /// A value with a readable form.
    Formatted(Format, NodeId),
    /// A struct or enum with a version. One that has an older form owns a column that says which of the two a row is;
    /// it is not written to packed files.
    Versioned(Versioned),
    /// A field that may be absent: never in a file, only in what tables are filled by from a protocol without schema.
    Perhaps(NodeId),
}

impl Node {
    /// What an edge leads to.
    #[must_use]
    pub fn edge(&self) -> Option<NodeId> {
        match self {
            Node::Seq(target) | Node::Set(target) | Node::Map(target) | Node::Boxed(target) => Some(*target),
            _ => None,
        }
    }

    /// Columns that belong to the node itself and not to nodes inside it.
    pub(crate) fn own_columns(&self) -> usize {
        match self {
            Node::Versioned(versioned) => usize::from(versioned.older.is_some()),
            Node::Unit | Node::Array(..) | Node::Tuple(_) | Node::Struct(_) | Node::Pair(..) | Node::Formatted(..) => 0,
            _ => 1,
        }
    }

    /// The nodes in line, in the order of their columns, with the field that names them.
    pub(crate) fn for_each_inline<'n>(&'n self, mut visit: impl FnMut(Option<&'n Field>, NodeId)) {
        match self {
            Node::Option(item) | Node::Array(item, _) | Node::Formatted(_, item) | Node::Perhaps(item) => {
                visit(None, *item);
            }
            Node::Pair(key, value) => {
                visit(None, *key);
                visit(None, *value);
            }
            Node::Tuple(items) => items.iter().for_each(|item| visit(None, *item)),
            Node::Struct(record) => record.fields.iter().for_each(|field| visit(Some(field), field.node)),
            Node::Enum(choice) => {
                for field in choice.variants.iter().flat_map(|variant| &variant.fields) {
                    visit(Some(field), field.node);
                }
            }
            Node::Versioned(versioned) => {
                visit(None, versioned.current);
                if let Some(older) = versioned.older {
                    visit(None, older);
                }
            }
            _ => {}
        }
    }

    /// All nodes that this one refers to, in line and by edge.
    pub(crate) fn for_each_reference(&self, mut visit: impl FnMut(NodeId)) {
        match self.edge() {
            Some(target) => visit(target),
            None => self.for_each_inline(|_, id| visit(id)),
        }
    }

    /// The same, to change them.
    pub(super) fn for_each_reference_mut(&mut self, mut visit: impl FnMut(&mut NodeId)) {
        match self {
            Node::Seq(id)
            | Node::Set(id)
            | Node::Map(id)
            | Node::Boxed(id)
            | Node::Option(id)
            | Node::Array(id, _)
            | Node::Formatted(_, id)
            | Node::Perhaps(id) => visit(id),
            Node::Pair(key, value) => [key, value].into_iter().for_each(visit),
            Node::Tuple(items) => items.iter_mut().for_each(visit),
            Node::Struct(record) => record.fields.iter_mut().for_each(|field| visit(&mut field.node)),
            Node::Enum(choice) => {
                choice
                    .variants
                    .iter_mut()
                    .flat_map(|variant| &mut variant.fields)
                    .for_each(|field| visit(&mut field.node));
            }
            Node::Versioned(versioned) => {
                visit(&mut versioned.current);
                versioned.older.iter_mut().for_each(visit);
            }
            Node::Unit | Node::Bool | Node::Char | Node::Int(_) | Node::F32 | Node::F64 | Node::Text | Node::Opaque => {
            }
        }
    }

    /// What a node from anyone has to hold on its own.
    pub(super) fn check(&self, nodes: &[Node]) -> Result<()> {
        let mut known = true;
        self.for_each_reference(|id| known &= (id as usize) < nodes.len());
        if !known {
            return Err(bad_schema("a reference to a node that is not there"));
        }
        if let Node::Map(pair) = self
            && !matches!(nodes[*pair as usize], Node::Pair(..))
        {
            return Err(bad_schema("a map without pairs"));
        }
        match self {
            Node::Struct(record) => record.check(nodes),
            Node::Enum(choice) if choice.variants.is_empty() || choice.variants.len() > 1 << 16 => {
                Err(bad_schema("an enum without variants, or with too many"))
            }
            Node::Enum(choice) => choice.variants.iter().try_for_each(|variant| variant.check(nodes)),
            Node::Versioned(versioned)
                if versioned.version == 0
                    || !matches!(nodes[versioned.current as usize], Node::Struct(_) | Node::Enum(_)) =>
            {
                Err(bad_schema("a version of what is neither a struct nor an enum"))
            }
            _ => Ok(()),
        }
    }
}

impl Enum {
    /// The position of the variant that is saved under this name, or was.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        let own = self.variants.iter().position(|variant| variant.name == name);
        own.or_else(|| self.variants.iter().position(|variant| variant.rules.aliases.contains(&name)))
    }

    /// The position of the variant that stands for all others.
    pub(crate) fn other(&self) -> Option<usize> {
        self.variants.iter().position(|variant| variant.rules.other)
    }
}

impl Struct {
    /// The position of the field that is saved under this name, or was.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        let own = self.fields.iter().position(|field| field.name == name);
        own.or_else(|| self.fields.iter().position(|field| field.aliases.contains(&name)))
    }

    /// The position of the field that keeps those which the type does not know.
    pub(crate) fn unknown(&self) -> Option<usize> {
        self.fields.iter().position(|field| field.unknown)
    }

    fn check(&self, nodes: &[Node]) -> Result<()> {
        let fits = match self.style {
            Style::Named | Style::Tuple => true,
            Style::Newtype => self.fields.len() == 1,
            Style::Unit => self.fields.is_empty(),
        };
        if !fits {
            return Err(bad_schema("a struct whose fields contradict its style"));
        }
        let mut unknown = self.fields.iter().filter(|field| field.unknown);
        let keeps = |field: &Field| match nodes[field.node as usize] {
            Node::Map(pair) => match nodes[pair as usize] {
                Node::Pair(key, value) => {
                    matches!(nodes[key as usize], Node::Text) && matches!(nodes[value as usize], Node::Opaque)
                }
                _ => false,
            },
            _ => false,
        };
        if !unknown.next().is_none_or(keeps)
            || unknown.next().is_some()
            || (self.style != Style::Named && self.unknown().is_some())
        {
            return Err(bad_schema("what keeps unknown fields is no map of texts to values, or not the only one"));
        }
        Ok(())
    }
}
