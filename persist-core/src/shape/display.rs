//! Shapes as people read them: in errors that hold two of them against each other.

use std::fmt::{self, Display, Formatter};

use super::{Node, NodeId, Shape, Struct, Style};

/// A node written like a Rust type; the fields of a struct or enum at the top only.
pub(crate) struct Shown<'s> {
    pub(crate) shape: &'s Shape,
    pub(crate) node: NodeId,
}

/// Levels below the node that are written out.
const LEVELS: usize = 6;

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.shape.node(self.node) {
            Node::Struct(record) => {
                write!(f, "struct {}", record.name)?;
                self.fields(f, record)
            }
            Node::Enum(choice) => {
                write!(f, "enum {} {{", choice.name)?;
                for (i, variant) in choice.variants.iter().enumerate() {
                    f.write_str(if i == 0 { " " } else { ", " })?;
                    f.write_str(&variant.name)?;
                    self.fields(f, variant)?;
                }
                f.write_str(" }")
            }
            Node::Versioned(versioned) => {
                write!(f, "version {} of ", versioned.version)?;
                Shown { shape: self.shape, node: versioned.current }.fmt(f)
            }
            _ => self.name(f, self.node, LEVELS),
        }
    }
}

impl Shown<'_> {
    fn fields(&self, f: &mut Formatter<'_>, record: &Struct) -> fmt::Result {
        let (open, close) = match record.style {
            Style::Named => (" { ", " }"),
            Style::Tuple | Style::Newtype => ("(", ")"),
            Style::Unit => return Ok(()),
        };
        f.write_str(open)?;
        for (i, field) in record.fields.iter().enumerate() {
            if i != 0 {
                f.write_str(", ")?;
            }
            if record.style == Style::Named {
                write!(f, "{}: ", field.name)?;
            }
            self.name(f, field.node, LEVELS)?;
        }
        f.write_str(close)
    }

    fn name(&self, f: &mut Formatter<'_>, id: NodeId, levels: usize) -> fmt::Result {
        let Some(levels) = levels.checked_sub(1) else { return f.write_str("..") };
        let mut around = |open: &str, items: &[NodeId], close: &str| {
            f.write_str(open)?;
            for (i, &item) in items.iter().enumerate() {
                if i != 0 {
                    f.write_str(", ")?;
                }
                self.name(f, item, levels)?;
            }
            f.write_str(close)
        };
        match self.shape.node(id) {
            Node::Unit => f.write_str("()"),
            Node::Bool => f.write_str("bool"),
            Node::Char => f.write_str("char"),
            Node::Int(kind) => f.write_str(kind.name()),
            Node::F32 => f.write_str("f32"),
            Node::F64 => f.write_str("f64"),
            Node::Text => f.write_str("String"),
            Node::Opaque => f.write_str("Value"),
            Node::Option(item) | Node::Perhaps(item) => around("Option<", &[*item], ">"),
            Node::Seq(item) => around("Vec<", &[*item], ">"),
            Node::Set(item) => around("Set<", &[*item], ">"),
            Node::Boxed(item) => around("Box<", &[*item], ">"),
            Node::Map(pair) => match self.shape.node(*pair) {
                Node::Pair(key, value) => around("Map<", &[*key, *value], ">"),
                _ => f.write_str("Map<..>"),
            },
            Node::Pair(key, value) => around("(", &[*key, *value], ")"),
            Node::Tuple(items) => around("(", items, ")"),
            Node::Array(item, count) => {
                f.write_str("[")?;
                self.name(f, *item, levels)?;
                write!(f, "; {count}]")
            }
            Node::Struct(record) => f.write_str(&record.name),
            Node::Enum(choice) => f.write_str(&choice.name),
            Node::Formatted(format, _) => write!(f, "{format:?}"),
            Node::Versioned(versioned) => self.name(f, versioned.current, levels),
        }
    }
}
