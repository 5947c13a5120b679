//! Packed rows from sort keys.

use super::{END, ESCAPED, MORE, WIDE, damaged, dynamic, is_byte};
use crate::column::Input;
use crate::error::{Error, Result};
use crate::info::TypeInfo;
use crate::limits::Limits;
use crate::shape::{IntKind, Node, NodeId, Shape, Struct};
use crate::table::{Memory, STACK_GROWTH, STACK_LEFT, Writer};
use crate::walk::Columns;

/// Packs the row of the type whose sort key this is.
///
/// A key tells how many elements a sequence has only at its end. So where there are any, the row is filled, and not
/// written as a single one; gives whether it was.
pub(crate) fn read(info: &'static TypeInfo, key: &[u8], limits: &Limits, body: &mut Vec<u8>) -> Result<bool> {
    let shape = &info.shape;
    let single = !shape.nodes().iter().any(|node| matches!(node, Node::Seq(_) | Node::Set(_) | Node::Map(_)));
    let mut memory = Memory::new(shape);
    let mut writer =
        if single { Writer::new(&mut memory, body, limits) } else { Writer::filling(&mut memory, body, limits) };
    let mut key = Key { shape, input: Input::new(key) };
    key.node(&mut writer, Shape::ROOT, 0, true)?;
    if !key.input.is_empty() {
        return Err(damaged("bytes are left after a sort key"));
    }
    if single {
        writer.finish()?;
    } else {
        writer.finish_filled();
    }
    Ok(single)
}

struct Key<'k> {
    shape: &'k Shape,
    input: Input<'k>,
}

impl Key<'_> {
    /// Writes one row of a node, to the columns from `at` on; `last` where nothing comes after it in the key.
    fn node(&mut self, writer: &mut Writer<'_>, id: NodeId, at: usize, last: bool) -> Result<()> {
        let shape = self.shape;
        if shape.floats(id) != 0 {
            return self.floats(writer, id, at);
        }
        match shape.node(id) {
            Node::Unit => {}
            Node::Bool => {
                let flag = self.flag()?;
                writer.int(at, u8::from(flag));
            }
            Node::Char => {
                let [a, b, c] = self.take()?;
                let character = char::from_u32(u32::from_be_bytes([0, a, b, c]))
                    .ok_or_else(|| damaged("a character of a sort key is not a Unicode scalar value"))?;
                writer.int(at, u32::from(character));
            }
            Node::Int(kind) => self.integer(writer, *kind, at)?,
            Node::Text => {
                let bytes = self.bytes(last)?;
                if std::str::from_utf8(&bytes).is_err() {
                    return Err(damaged("a text of a sort key is not UTF-8"));
                }
                writer.bytes(at, &bytes)?;
            }
            Node::Opaque => return Err(dynamic()),
            Node::Formatted(_, inner) => return self.node(writer, *inner, at, last),
            // What holds others may be nested deeply.
            _ => return stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || self.parts(writer, id, at, last)),
        }
        Ok(())
    }

    /// Writes one row of a node that holds others.
    fn parts(&mut self, writer: &mut Writer<'_>, id: NodeId, at: usize, last: bool) -> Result<()> {
        let shape = self.shape;
        match shape.node(id) {
            Node::Option(inner) | Node::Perhaps(inner) => {
                let some = self.flag()?;
                writer.int(at, u8::from(some));
                if some { self.node(writer, *inner, at + 1, last) } else { Ok(()) }
            }
            Node::Seq(item) if is_byte(shape, *item) => {
                let bytes = self.bytes(last)?;
                writer.sequence(at, bytes.len(), |elements| {
                    elements.batch(bytes.len(), |writer, at| {
                        writer.values(at, bytes.iter().copied());
                        Ok(())
                    })
                })
            }
            Node::Seq(item) | Node::Set(item) | Node::Map(item) => {
                let mut pending = writer.begin(at);
                while self.more(last)? {
                    writer.element(&mut pending, |writer, first| self.node(writer, *item, first, false))?;
                }
                writer.end(pending)
            }
            Node::Pair(key, value) => {
                self.node(writer, *key, at, false)?;
                self.node(writer, *value, at + shape.columns(*key), last)
            }
            Node::Array(item, count) => {
                let count = usize::try_from(*count).map_err(Error::new)?;
                writer.array(at, shape.columns(*item), count, |writer| {
                    (0..count).try_for_each(|i| self.node(writer, *item, at, last && i + 1 == count))
                })
            }
            Node::Tuple(items) => {
                let mut columns = Columns::of(shape, id, at);
                items.iter().enumerate().try_for_each(|(i, &item)| {
                    let at = columns.next(shape, item);
                    self.node(writer, item, at, last && i + 1 == items.len())
                })
            }
            Node::Struct(record) => self.fields(writer, record, Columns::of(shape, id, at), last),
            Node::Enum(choice) => {
                let tag = match self.input.byte()? {
                    WIDE => u16::from_be_bytes(self.take()?),
                    tag => tag.into(),
                };
                let Some(variant) = choice.variants.get(usize::from(tag)) else {
                    return Err(damaged("a tag of a sort key is of no variant"));
                };
                writer.tag(at, choice.variants.len(), tag);
                self.fields(writer, variant, Columns::of_variant(shape, choice, usize::from(tag), at), last)
            }
            Node::Boxed(inner) => writer.boxed(at, |writer, first| self.node(writer, *inner, first, last)),
            Node::Versioned(versioned) => {
                let at = at + usize::from(versioned.older.is_some());
                self.node(writer, versioned.current, at, last)
            }
            _ => unreachable!("the caller reads what holds no others"),
        }
    }

    fn fields(&mut self, writer: &mut Writer<'_>, record: &Struct, mut columns: Columns, last: bool) -> Result<()> {
        let shape = self.shape;
        record.fields.iter().enumerate().try_for_each(|(i, field)| {
            let at = columns.past_presence(shape, field);
            self.node(writer, field.node, at, last && i + 1 == record.fields.len())
        })
    }

    fn integer(&mut self, writer: &mut Writer<'_>, kind: IntKind, at: usize) -> Result<()> {
        match kind {
            IntKind::U8 => writer.int(at, u8::from_be_bytes(self.take()?)),
            IntKind::U16 => writer.int(at, u16::from_be_bytes(self.take()?)),
            IntKind::U32 => writer.int(at, u32::from_be_bytes(self.take()?)),
            IntKind::U64 => writer.int(at, u64::from_be_bytes(self.take()?)),
            IntKind::U128 => writer.int(at, u128::from_be_bytes(self.take()?)),
            IntKind::I8 => writer.int(at, i8::from_be_bytes(self.take()?) ^ i8::MIN),
            IntKind::I16 => writer.int(at, i16::from_be_bytes(self.take()?) ^ i16::MIN),
            IntKind::I32 => writer.int(at, i32::from_be_bytes(self.take()?) ^ i32::MIN),
            IntKind::I64 => writer.int(at, i64::from_be_bytes(self.take()?) ^ i64::MIN),
            IntKind::I128 => writer.int(at, i128::from_be_bytes(self.take()?) ^ i128::MIN),
        }
        Ok(())
    }

    fn floats(&mut self, writer: &mut Writer<'_>, id: NodeId, at: usize) -> Result<()> {
        let (mut lanes, mut run) = (Vec::new(), Vec::new());
        self.shape.lanes(id, &mut lanes);
        for lane in lanes {
            if lane == 4 {
                let bits = u32::from_be_bytes(self.take()?);
                let bits = if bits >> 31 == 1 { bits ^ 1 << 31 } else { !bits };
                run.extend_from_slice(&bits.to_le_bytes());
            } else {
                let bits = u64::from_be_bytes(self.take()?);
                let bits = if bits >> 63 == 1 { bits ^ 1 << 63 } else { !bits };
                run.extend_from_slice(&bits.to_le_bytes());
            }
        }
        writer.run(at, &run);
        Ok(())
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.input.take(N)?);
        Ok(bytes)
    }

    fn flag(&mut self) -> Result<bool> {
        match self.input.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(damaged("a flag of a sort key is neither 0 nor 1")),
        }
    }

    /// Whether another element comes.
    fn more(&mut self, last: bool) -> Result<bool> {
        if last && self.input.is_empty() {
            return Ok(false);
        }
        match self.input.byte()? {
            MORE => Ok(true),
            END if !last => Ok(false),
            _ => Err(damaged("an element of a sort key is not marked as one")),
        }
    }

    /// Text or bytes, without their end.
    fn bytes(&mut self, last: bool) -> Result<std::borrow::Cow<'_, [u8]>> {
        let rest = self.input.rest();
        if last {
            return Ok(self.input.take(rest.len())?.into());
        }
        let zero = |bytes: &[u8]| bytes.iter().position(|&byte| byte == 0);
        let mut bytes = std::borrow::Cow::Borrowed(self.input.take(zero(rest).unwrap_or(rest.len()))?);
        loop {
            match self.take::<2>()? {
                [0, 0] => return Ok(bytes),
                [0, ESCAPED] => {
                    let rest = self.input.rest();
                    let bytes = bytes.to_mut();
                    bytes.push(0);
                    bytes.extend_from_slice(self.input.take(zero(rest).unwrap_or(rest.len()))?);
                }
                _ => return Err(damaged("a text of a sort key has no end")),
            }
        }
    }
}
