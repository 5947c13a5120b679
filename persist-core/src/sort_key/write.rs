//! The sort key of a packed row.

use super::{END, ESCAPED, MORE, WIDE, dynamic, is_byte};
use crate::column::Input;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::frame::Restorer;
use crate::info::TypeInfo;
use crate::limits::Limits;
use crate::shape::{Node, NodeId, Shape, Struct};
use crate::table::{Body, Reader, STACK_GROWTH, STACK_LEFT, Scratch, Single};
use crate::walk::{Columns, Integer, character, current, integer, variant};

/// Appends the sort key of a row that was packed just now, of at most so many levels.
pub(crate) fn write(info: &TypeInfo, body: &[u8], depth: usize, out: &mut Vec<u8>) -> Result<()> {
    // What was written just now is not bounded by what reading it may use.
    let budget = Limits::none().budget(body.len());
    let (mut scratch, mut restorer, context) = (Scratch::default(), Restorer::default(), Context::new());
    let mut single =
        Single::new(Input::new(body), Body::Whole, &info.plan, budget, depth, (&mut scratch, &mut restorer));
    single.begin()?;
    let mut reader = Reader::single(&mut single, &context, depth);
    let from = out.len();
    let result = Key { shape: &info.shape, out }.node(&mut reader, Shape::ROOT, 0, true);
    if let Err(error) = result {
        out.truncate(from);
        return Err(error);
    }
    reader.finish_single()
}

struct Key<'k> {
    shape: &'k Shape,
    out: &'k mut Vec<u8>,
}

impl Key<'_> {
    /// Appends one row of a node, from the columns from `at` on; `last` where nothing comes after it in the key.
    fn node(&mut self, reader: &mut Reader<'_>, id: NodeId, at: usize, last: bool) -> Result<()> {
        let shape = self.shape;
        let floats = shape.floats(id);
        if floats != 0 {
            return self.floats(reader, id, floats, at);
        }
        match shape.node(id) {
            Node::Unit => {}
            Node::Bool => {
                let flag = reader.flag(at)?;
                self.out.push(u8::from(flag));
            }
            Node::Char => {
                let character = u32::from(character(reader, at)?);
                self.out.extend_from_slice(&character.to_be_bytes()[1..]);
            }
            Node::Int(kind) => {
                let bits = match integer(reader, *kind, at)? {
                    Integer::Unsigned(value) => value,
                    Integer::Signed(value) => value as u128 ^ 1 << (8 * kind.size() - 1),
                };
                self.out.extend_from_slice(&bits.to_be_bytes()[16 - kind.size()..]);
            }
            Node::Text => {
                let out = &mut *self.out;
                reader.with_text(at, |text| put_bytes(text.as_bytes(), last, out))?;
            }
            Node::Opaque => return Err(dynamic()),
            Node::Formatted(_, inner) => return self.node(reader, *inner, at, last),
            // What holds others may be nested deeply.
            _ => return stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || self.parts(reader, id, at, last)),
        }
        Ok(())
    }

    /// Appends one row of a node that holds others.
    fn parts(&mut self, reader: &mut Reader<'_>, id: NodeId, at: usize, last: bool) -> Result<()> {
        let shape = self.shape;
        match shape.node(id) {
            Node::Option(inner) | Node::Perhaps(inner) => {
                let some = reader.flag(at)?;
                self.out.push(u8::from(some));
                if some { self.node(reader, *inner, at + 1, last) } else { Ok(()) }
            }
            Node::Seq(item) if is_byte(shape, *item) => {
                let sequence = reader.sequence(at)?;
                let mut bytes = Vec::new();
                reader.elements(sequence, |reader, rows, _, first| {
                    (0..rows).try_for_each(|_| {
                        bytes.push(reader.int::<u8>(first)?);
                        Ok(())
                    })
                })?;
                put_bytes(&bytes, last, self.out);
                Ok(())
            }
            Node::Seq(item) => {
                let sequence = reader.sequence(at)?;
                let mut index = 0;
                reader.elements(sequence, |reader, rows, _, first| {
                    (0..rows).try_for_each(|_| {
                        self.out.push(MORE);
                        self.node(reader, *item, first, false).map_err(|error| error.in_element(index))?;
                        index += 1;
                        Ok(())
                    })
                })?;
                self.end(last);
                Ok(())
            }
            Node::Set(item) => self.sorted(reader, *item, at, last),
            Node::Map(pair) => self.sorted(reader, *pair, at, last),
            Node::Pair(key, value) => {
                self.node(reader, *key, at, false)?;
                self.node(reader, *value, at + shape.columns(*key), last)
            }
            Node::Array(item, count) => {
                let count = usize::try_from(*count).map_err(Error::new)?;
                reader.array(at, count, |reader| {
                    (0..count).try_for_each(|i| {
                        self.node(reader, *item, at, last && i + 1 == count).map_err(|error| error.in_element(i))
                    })
                })
            }
            Node::Tuple(items) => {
                let mut columns = Columns::of(shape, id, at);
                items.iter().enumerate().try_for_each(|(i, &item)| {
                    let at = columns.next(shape, item);
                    self.node(reader, item, at, last && i + 1 == items.len())
                })
            }
            Node::Struct(record) => self.fields(reader, record, Columns::of(shape, id, at), last),
            Node::Enum(choice) => {
                let (tag, variant) = variant(reader, choice, at)?;
                match u8::try_from(tag) {
                    Ok(tag) if tag != WIDE => self.out.push(tag),
                    _ => {
                        self.out.push(WIDE);
                        self.out.extend_from_slice(&(tag as u16).to_be_bytes());
                    }
                }
                self.fields(reader, variant, Columns::of_variant(shape, choice, tag, at), last)
            }
            Node::Boxed(inner) => reader.boxed(at, |reader, first| self.node(reader, *inner, first, last)),
            Node::Versioned(versioned) => {
                let at = current(reader, versioned, at)?;
                self.node(reader, versioned.current, at, last)
            }
            _ => unreachable!("the caller writes what holds no others"),
        }
    }

    fn fields(&mut self, reader: &mut Reader<'_>, record: &Struct, mut columns: Columns, last: bool) -> Result<()> {
        let shape = self.shape;
        for (i, field) in record.fields.iter().enumerate() {
            let at = columns.field(shape, field, reader)?;
            self.node(reader, field.node, at, last && i + 1 == record.fields.len())
                .map_err(|error| error.in_field(record.name.clone(), field.name.clone()))?;
        }
        Ok(())
    }

    /// Appends the elements of a set or map in the order of their bytes: the memory of a hash map has none.
    fn sorted(&mut self, reader: &mut Reader<'_>, item: NodeId, at: usize, last: bool) -> Result<()> {
        let sequence = reader.sequence(at)?;
        let start = self.out.len();
        let mut ends = Vec::new();
        reader.elements(sequence, |reader, rows, _, first| {
            (0..rows).try_for_each(|_| {
                self.out.push(MORE);
                self.node(reader, item, first, false)?;
                ends.push(self.out.len());
                Ok(())
            })
        })?;
        let starts = std::iter::once(start).chain(ends.iter().copied());
        let mut elements: Vec<&[u8]> = starts.zip(&ends).map(|(start, &end)| &self.out[start..end]).collect();
        if !elements.is_sorted() {
            elements.sort_unstable();
            let sorted = elements.concat();
            self.out[start..].copy_from_slice(&sorted);
        }
        self.end(last);
        Ok(())
    }

    /// Appends a row of floats: each of them, in the order of its bits.
    fn floats(&mut self, reader: &mut Reader<'_>, id: NodeId, floats: usize, at: usize) -> Result<()> {
        let mut lanes = Vec::new();
        self.shape.lanes(id, &mut lanes);
        let out = &mut *self.out;
        reader.with_run(at, floats, |mut run, check| {
            if let Some(check) = check {
                check.update(run);
            }
            for lane in lanes {
                let (float, rest) = run.split_at(usize::from(lane));
                run = rest;
                match *float {
                    [a, b, c, d] => {
                        let bits = u32::from_le_bytes([a, b, c, d]);
                        let flipped = if bits >> 31 == 0 { bits ^ 1 << 31 } else { !bits };
                        out.extend_from_slice(&flipped.to_be_bytes());
                    }
                    [a, b, c, d, e, f, g, h] => {
                        let bits = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
                        let flipped = if bits >> 63 == 0 { bits ^ 1 << 63 } else { !bits };
                        out.extend_from_slice(&flipped.to_be_bytes());
                    }
                    _ => unreachable!("a float has 4 or 8 bytes"),
                }
            }
        })
    }

    fn end(&mut self, last: bool) {
        if !last {
            self.out.push(END);
        }
    }
}

/// Appends text or bytes, with an end unless nothing comes after them.
fn put_bytes(bytes: &[u8], last: bool, out: &mut Vec<u8>) {
    if last {
        out.extend_from_slice(bytes);
        return;
    }
    for (i, part) in bytes.split(|&byte| byte == 0).enumerate() {
        if i != 0 {
            out.extend_from_slice(&[0, ESCAPED]);
        }
        out.extend_from_slice(part);
    }
    out.extend_from_slice(&[0, 0]);
}
