//! Whether sort keys of one type are those of another.

use std::collections::HashSet;

use super::dynamic;
use crate::error::{Error, ErrorKind, Result};
use crate::shape::{Node, NodeId, Shape, Shown, Struct, Style};

/// An error where keys that were written by the shape `file` mean something else to `reader`, or lie elsewhere; and where
/// the type has no sort keys at all.
pub(crate) fn check(file: &Shape, reader: &Shape) -> Result<()> {
    Pairs { file, reader, seen: HashSet::new() }.node(Shape::ROOT, Shape::ROOT)
}

struct Pairs<'s> {
    file: &'s Shape,
    reader: &'s Shape,
    /// Recursive types come back to where they were.
    seen: HashSet<(NodeId, NodeId)>,
}

impl Pairs<'_> {
    fn node(&mut self, file: NodeId, reader: NodeId) -> Result<()> {
        let (file, file_version) = bare(self.file, file);
        let (reader, version) = bare(self.reader, reader);
        if !self.seen.insert((file, reader)) {
            return Ok(());
        }
        if version != file_version {
            let message = format!("the keys are of version {file_version} of their type, not of version {version}");
            return Err(Error::of(ErrorKind::Version, message));
        }
        match (self.file.node(file), self.reader.node(reader)) {
            (Node::Opaque, _) | (_, Node::Opaque) => Err(dynamic()),
            (Node::Unit, Node::Unit)
            | (Node::Bool, Node::Bool)
            | (Node::Char, Node::Char)
            | (Node::F32, Node::F32)
            | (Node::F64, Node::F64)
            | (Node::Text, Node::Text) => Ok(()),
            (Node::Int(file), Node::Int(reader)) if file == reader => Ok(()),
            (Node::Option(file), Node::Option(reader))
            | (Node::Seq(file), Node::Seq(reader))
            | (Node::Set(file), Node::Set(reader))
            | (Node::Map(file), Node::Map(reader)) => self.node(*file, *reader),
            (Node::Array(file, count), Node::Array(reader, wanted)) if count == wanted => self.node(*file, *reader),
            (Node::Pair(key, value), Node::Pair(reader_key, reader_value)) => {
                self.node(*key, *reader_key)?;
                self.node(*value, *reader_value)
            }
            (Node::Tuple(file), Node::Tuple(reader)) if file.len() == reader.len() => {
                file.iter().zip(reader).try_for_each(|(&file, &reader)| self.node(file, reader))
            }
            (Node::Struct(file), Node::Struct(reader)) => self.fields(file, reader),
            (Node::Enum(file), Node::Enum(reader)) => {
                for (place, variant) in file.variants.iter().enumerate() {
                    if reader.position(&variant.name) != Some(place) {
                        let message = format!("the variant `{}` has another place, or is none any more", variant.name);
                        return Err(Error::of(ErrorKind::Shape, message)
                            .with_help("variants of a key keep their order, and new ones come last"));
                    }
                    self.fields(variant, &reader.variants[place])?;
                }
                Ok(())
            }
            _ => {
                let file = Shown { shape: self.file, node: file };
                let reader = Shown { shape: self.reader, node: reader };
                Err(Error::of(ErrorKind::Shape, format!("the keys are `{file}`, not `{reader}`")))
            }
        }
    }

    fn fields(&mut self, file: &Struct, reader: &Struct) -> Result<()> {
        let same = file.fields.len() == reader.fields.len()
            && file.fields.iter().enumerate().all(|(place, field)| reader.position(&field.name) == Some(place));
        if !same {
            let names = |record: &Struct| {
                record.fields.iter().map(|field| format!("`{}`", field.name)).collect::<Vec<_>>().join(", ")
            };
            let message = format!("keys of `{}` have the fields {}, not {}", file.name, names(file), names(reader));
            return Err(Error::of(ErrorKind::Shape, message).with_help("the fields of a key stay as they are"));
        }
        file.fields.iter().zip(&reader.fields).try_for_each(|(file, field)| {
            self.node(file.node, field.node).map_err(|error| error.in_field(reader.name.clone(), field.name.clone()))
        })
    }
}

/// The node that the bytes of a key are of, and the version of its type.
fn bare(shape: &Shape, mut node: NodeId) -> (NodeId, u32) {
    let mut version = 1;
    // A chain of wrappers may lead back to itself.
    for _ in 0..=shape.nodes().len() {
        node = match shape.node(node) {
            Node::Formatted(_, inner) | Node::Boxed(inner) | Node::Perhaps(inner) => *inner,
            Node::Versioned(versioned) => {
                version = versioned.version;
                versioned.current
            }
            Node::Struct(record) if record.style == Style::Newtype => record.fields[0].node,
            _ => break,
        };
    }
    (node, version)
}
