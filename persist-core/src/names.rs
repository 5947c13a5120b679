//! The names of a type's fields and variants, as serde wants them: for the life of the program.

use std::borrow::Cow;

use crate::shape::{Node, NodeId, Shape, Struct, VERSION};

/// The names in each node of a shape.
#[derive(Debug)]
pub(crate) struct Names(Vec<OfNode>);

/// The names of one node.
#[derive(Debug, Default)]
struct OfNode {
    /// Of a struct, or of each variant: the names of its fields.
    fields: Vec<&'static [&'static str]>,
    /// The names of an enum's variants.
    variants: &'static [&'static str],
}

/// A name for the life of the program: those of types are constants.
#[allow(clippy::ptr_arg, reason = "only a constant lives that long")]
pub(crate) fn fixed(name: &Cow<'static, str>) -> &'static str {
    match name {
        Cow::Borrowed(name) => name,
        // No type has such a name, only a file.
        Cow::Owned(_) => "",
    }
}

impl Names {
    /// The names of a type's shape, to be kept for the life of the program.
    pub(crate) fn of(shape: &'static Shape) -> Names {
        let of_fields = |record: &Struct| -> &'static [&'static str] {
            // The version stands first, where the type has one.
            let fields = record.fields.iter().map(|field| fixed(&field.name));
            Vec::leak(std::iter::once(VERSION).chain(fields).collect())
        };
        let names = shape.nodes().iter().map(|node| match node {
            Node::Struct(record) => OfNode { fields: vec![of_fields(record)], variants: &[] },
            Node::Enum(choice) => OfNode {
                fields: choice.variants.iter().map(of_fields).collect(),
                variants: Vec::leak(choice.variants.iter().map(|variant| fixed(&variant.name)).collect()),
            },
            _ => OfNode::default(),
        });
        Names(names.collect())
    }

    /// The names of the fields of a struct or variant; the version's before them, where that is asked for.
    pub(crate) fn fields(&self, node: NodeId, variant: usize, versioned: bool) -> &'static [&'static str] {
        let all = self.0[node as usize].fields[variant];
        if versioned { all } else { &all[1..] }
    }

    /// The names of an enum's variants.
    pub(crate) fn variants(&self, node: NodeId) -> &'static [&'static str] {
        self.0[node as usize].variants
    }
}
