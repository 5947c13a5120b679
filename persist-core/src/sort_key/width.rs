//! How many bytes sort keys of a type have, where all have the same number.

use crate::shape::{Node, NodeId, Shape};

/// The number; nothing where it depends on the value, or may in a later version of the type.
pub(crate) fn width(shape: &Shape) -> Option<usize> {
    Widths { shape, left: NODES }.node(Shape::ROOT)
}

/// Nodes that are looked at. Those of a recursive type have no end, and a schema may have been made by anybody.
const NODES: usize = 1000;

struct Widths<'s> {
    shape: &'s Shape,
    left: usize,
}

impl Widths<'_> {
    fn node(&mut self, id: NodeId) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        match self.shape.node(id) {
            Node::Unit => Some(0),
            Node::Bool => Some(1),
            Node::Char => Some(3),
            Node::F32 => Some(4),
            Node::F64 => Some(8),
            Node::Int(kind) => Some(kind.size()),
            Node::Formatted(_, inner) | Node::Boxed(inner) => self.node(*inner),
            Node::Versioned(versioned) => self.node(versioned.current),
            Node::Array(item, count) => self.node(*item)?.checked_mul(usize::try_from(*count).ok()?),
            Node::Pair(first, second) => self.sum([*first, *second]),
            Node::Tuple(items) => self.sum(items.iter().copied()),
            Node::Struct(record) => self.sum(record.fields.iter().map(|field| field.node)),
            _ => None,
        }
    }

    fn sum(&mut self, nodes: impl IntoIterator<Item = NodeId>) -> Option<usize> {
        nodes.into_iter().try_fold(0usize, |sum, id| sum.checked_add(self.node(id)?))
    }
}
