//! Values of rows, by their shape.

use super::Value;
use crate::error::{Error, Result};
use crate::shape::{Node, NodeId, Shape, Style, Variant};
use crate::table::Reader;
use crate::table::{STACK_GROWTH, STACK_LEFT};
use crate::walk::{Columns, Integer, character, current, float32, float64, integer, variant};

/// Takes one row of a node, from the columns from `at` on.
pub(crate) fn value(reader: &mut Reader<'_>, shape: &Shape, node: NodeId, at: usize) -> Result<Value> {
    Ok(match shape.node(node) {
        Node::Unit => Value::Null,
        Node::Bool => Value::Bool(reader.flag(at)?),
        Node::Char => Value::from(character(reader, at)?),
        Node::Int(kind) => match integer(reader, *kind, at)? {
            Integer::Unsigned(value) => Value::from(value),
            Integer::Signed(value) => Value::Int(value),
        },
        Node::F32 => Value::from(float32(reader, at)?),
        Node::F64 => Value::Float(float64(reader, at)?),
        Node::Text => reader.with_text(at, |text| Value::from(text))?,
        Node::Opaque => super::decode(reader.opaque(at)?, reader.depth_limit())?,
        Node::Option(inner) | Node::Perhaps(inner) => {
            if reader.flag(at)? {
                value(reader, shape, *inner, at + 1)?
            } else {
                Value::Null
            }
        }
        Node::Seq(item) if shape.is_byte(*item) => {
            let mut bytes = Vec::new();
            elements(reader, at, |reader, at| {
                bytes.push(reader.int::<u8>(at)?);
                Ok(())
            })?;
            Value::Bytes(bytes)
        }
        Node::Seq(item) | Node::Set(item) => {
            let mut items = Vec::new();
            elements(reader, at, |reader, at| {
                items.push(value(reader, shape, *item, at)?);
                Ok(())
            })?;
            Value::List(items)
        }
        Node::Map(pair) => {
            let Node::Pair(key, item) = *shape.node(*pair) else { return Ok(Value::Null) };
            let mut entries = Vec::new();
            elements(reader, at, |reader, at| {
                let name = value(reader, shape, key, at)?;
                entries.push((name, value(reader, shape, item, at + shape.columns(key))?));
                Ok(())
            })?;
            Value::Map(entries)
        }
        Node::Pair(key, item) => {
            Value::List(vec![value(reader, shape, *key, at)?, value(reader, shape, *item, at + shape.columns(*key))?])
        }
        Node::Array(item, count) if shape.is_byte(*item) => {
            Value::Bytes((0..*count).map(|_| reader.int::<u8>(at)).collect::<Result<_>>()?)
        }
        Node::Array(item, count) => {
            Value::List((0..*count).map(|_| value(reader, shape, *item, at)).collect::<Result<_>>()?)
        }
        Node::Tuple(items) => {
            let mut columns = Columns::of(shape, node, at);
            Value::List(
                items
                    .iter()
                    .map(|&item| value(reader, shape, item, columns.next(shape, item)))
                    .collect::<Result<_>>()?,
            )
        }
        Node::Struct(record) => Value::Record(
            record.name.clone().into_owned(),
            fields(reader, shape, record, Columns::of(shape, node, at))?,
        ),
        Node::Enum(choice) => {
            let (tag, variant) = variant(reader, choice, at)?;
            let mut fields = fields(reader, shape, variant, Columns::of_variant(shape, choice, tag, at))?;
            let content = match variant.style {
                Style::Unit => Value::Null,
                Style::Newtype => fields.pop().map_or(Value::Null, |(_, value)| value),
                Style::Tuple => fields.into_iter().map(|(_, value)| value).collect(),
                Style::Named => fields.into_iter().collect(),
            };
            Value::Variant(choice.name.clone().into_owned(), variant.name.clone().into_owned(), Box::new(content))
        }
        Node::Boxed(inner) => {
            let (first, recursive) = reader.box_table(at)?;
            deeper(reader, recursive, |reader| value(reader, shape, *inner, first))?
        }
        Node::Formatted(_, inner) => value(reader, shape, *inner, at)?,
        Node::Versioned(versioned) => {
            let at = current(reader, versioned, at)?;
            value(reader, shape, versioned.current, at)?
        }
    })
}

fn fields(
    reader: &mut Reader<'_>,
    shape: &Shape,
    record: &Variant,
    mut columns: Columns,
) -> Result<Vec<(String, Value)>> {
    record
        .fields
        .iter()
        .map(|field| {
            let at = columns.field(shape, field, reader)?;
            let value = value(reader, shape, field.node, at)
                .map_err(|error| error.in_field(record.name.clone().into_owned(), field.name.clone().into_owned()))?;
            Ok((field.name.clone().into_owned(), value))
        })
        .collect()
}

/// Visits the elements of the sequence in column `at`.
fn elements<'r>(
    reader: &mut Reader<'r>,
    at: usize,
    mut visit: impl FnMut(&mut Reader<'r>, usize) -> Result<()>,
) -> Result<()> {
    let sequence = reader.sequence(at)?;
    let mut index = 0;
    deeper(reader, sequence.is_recursive(), |reader| {
        let mut tables = 0;
        while let Some((rows, first)) = reader.table(sequence, tables) {
            tables += 1;
            for _ in 0..rows {
                visit(reader, first).map_err(|error: Error| error.in_element(index))?;
                index += 1;
            }
        }
        Ok(())
    })
}

/// Goes down to another table.
fn deeper<'r, T>(
    reader: &mut Reader<'r>,
    recursive: bool,
    read: impl FnOnce(&mut Reader<'r>) -> Result<T>,
) -> Result<T> {
    if recursive {
        reader.descend()?;
    }
    let result = stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || read(reader));
    if recursive {
        reader.ascend();
    }
    result
}
