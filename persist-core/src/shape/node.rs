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
}

impl Format {
    pub(crate) const ALL: [Format; 6] = [
        Format::Ipv4Addr,
        Format::Ipv6Addr,
        Format::IpAddr,
        Format::SocketAddrV4,
        Format::SocketAddrV6,
        Format::SocketAddr,
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
}

/// A variant of an enum.
pub type Variant = Struct;

/// An enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enum {
    /// A label.
    pub name: Cow<'static, str>,
    /// The variants, in the order of their tags.
    pub variants: Vec<Variant>,
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
            Node::Struct(record) => record.check(),
            Node::Enum(choice) if choice.variants.is_empty() || choice.variants.len() > 1 << 16 => {
                Err(bad_schema("an enum without variants, or with too many"))
            }
            Node::Enum(choice) => choice.variants.iter().try_for_each(Struct::check),
            _ => Ok(()),
        }
    }
}

impl Struct {
    /// The position of the field with this saved name.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    fn check(&self) -> Result<()> {
        let fits = match self.style {
            Style::Named | Style::Tuple => true,
            Style::Newtype => self.fields.len() == 1,
            Style::Unit => self.fields.is_empty(),
        };
        if fits { Ok(()) } else { Err(bad_schema("a struct whose fields contradict its style")) }
    }
}
