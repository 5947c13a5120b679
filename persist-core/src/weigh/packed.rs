//! Weighing the columns of packed values.

use super::{Found, items, push_name};
use crate::error::{Error, ErrorKind, Result};
use crate::frame;
use crate::inspect::NODE;
use crate::limits::{Budget, Limits};
use crate::plan::Op;
use crate::protocol::packed::read_schema;
use crate::shape::{Enum, IntKind, Node, NodeId, Shape, Shown, Struct, Style};
use crate::source::cbor::Cbor;
use crate::table::{Columns, Reader, STACK_GROWTH, STACK_LEFT};

/// Weighs a frame; gives how many bytes compression saved.
pub(super) fn weigh(bytes: &[u8], limits: &Limits, found: &mut Found) -> Result<i64> {
    let frame = frame::read(bytes, limits)?;
    let mut stored = 0;
    let mut chunks = frame.chunks.clone();
    while let Some(chunk) = chunks.next()? {
        stored += chunk.stored().len();
    }
    let small = frame.chunks.is_small();
    found.add("", "frame", 1, (bytes.len() - frame.schema.len() - stored) as u64);
    found.add("", "schema", 1, frame.schema.len() as u64);

    let shape = read_schema(frame.schema)?;
    let body = frame.chunks.body(limits)?;
    let input = body.input();
    let size = input.len();
    let columns = Columns::new(input, limits.depth, small);
    let budget = limits.budget(bytes.len());
    let mut walk = Walk::new(&shape, columns, budget, limits.depth, found);
    walk.charge(Shape::ROOT, 1)?;
    walk.rows(Shape::ROOT, 1, true)?;
    let rest = walk.columns.rest();
    if !rest.is_empty() {
        return Err(Error::of(ErrorKind::Corrupt, "bytes are left after the last column").at_offset(rest.offset()));
    }
    Ok(size as i64 - stored as i64)
}

/// Goes through the columns in the order in which they were written.
pub(crate) struct Walk<'s, 'd> {
    shape: &'s Shape,
    pub(crate) columns: Columns<'d>,
    budget: Budget,
    depth: usize,
    /// The recursive part whose tables are being taken.
    part: Option<u32>,
    path: String,
    found: &'s mut Found,
}

impl<'s, 'd> Walk<'s, 'd> {
    pub(crate) fn new(
        shape: &'s Shape,
        columns: Columns<'d>,
        budget: Budget,
        depth: usize,
        found: &'s mut Found,
    ) -> Self {
        Walk { shape, columns, budget, depth, part: None, path: String::new(), found }
    }

    /// Charges the budget for rows, as a reader does that makes values of them.
    fn charge(&mut self, id: NodeId, rows: usize) -> Result<()> {
        self.budget.elements(rows, self.shape.weight(id).saturating_mul(NODE))
    }

    /// Takes a column, and adds it; gives what `read` finds in it.
    fn column<T>(
        &mut self,
        op: Op,
        kind: &'static str,
        rows: usize,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T>,
    ) -> Result<T> {
        let (bytes, value) = self.columns.column(op, rows, &mut self.budget, read)?;
        self.found.add(&self.path, kind, rows as u64, bytes);
        Ok(value)
    }

    fn leaf(&mut self, op: Op, kind: &'static str, rows: usize) -> Result<()> {
        self.column(op, kind, rows, |_| Ok(()))
    }

    /// Takes a number that stands before rows.
    pub(crate) fn number(&mut self, kind: &'static str) -> Result<u64> {
        let (bytes, value) = self.columns.varint()?;
        self.found.add(&self.path, kind, 1, bytes);
        Ok(value)
    }

    /// The same for a number of rows.
    pub(crate) fn count(&mut self, kind: &'static str) -> Result<usize> {
        let count = self.number(kind)?;
        u32::try_from(count)
            .map(|count| count as usize)
            .map_err(|_| self.columns.rest().corrupt("a length is over 4,294,967,295"))
    }

    /// Does something further down.
    fn at<T>(&mut self, push: impl FnOnce(&mut String), go: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = self.path.len();
        push(&mut self.path);
        let result = go(self);
        self.path.truncate(before);
        result
    }

    fn elements<T>(&mut self, go: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.at(|path| path.push_str("[]"), go)
    }

    /// Takes the columns of rows of a node; `single` where there is one only, and it was written as such.
    pub(crate) fn rows(&mut self, id: NodeId, rows: usize, single: bool) -> Result<()> {
        if rows == 0 {
            return Ok(());
        }
        let shape = self.shape;
        let node = shape.node(id);
        if shape.floats(id) != 0 {
            let kind = match node {
                Node::F32 => "f32",
                Node::F64 => "f64",
                _ => "floats",
            };
            return self.leaf(Op::Run(shape.floats(id)), kind, rows);
        }
        match node {
            Node::Unit | Node::F32 | Node::F64 => Ok(()),
            Node::Bool => self.leaf(Op::Bool, "bool", rows),
            Node::Char => self.leaf(Op::Char, "char", rows),
            Node::Int(kind) => self.leaf(Op::Int(*kind), kind.name(), rows),
            Node::Text => self.leaf(Op::Text, "text", rows),
            Node::Opaque => self.opaque(rows),
            Node::Option(inner) | Node::Perhaps(inner) => {
                let there = self.flags(rows)?;
                self.rows(*inner, there, single)
            }
            Node::Array(item, count) => {
                let items = usize::try_from(*count).ok().and_then(|count| rows.checked_mul(count));
                let items = items.ok_or_else(|| self.columns.rest().truncated())?;
                self.charge(*item, items)?;
                self.elements(|walk| walk.rows(*item, items, single && *count == 1))
            }
            Node::Pair(key, value) => {
                self.at(|path| path.push_str("[keys]"), |walk| walk.rows(*key, rows, single))?;
                self.elements(|walk| walk.rows(*value, rows, single))
            }
            Node::Tuple(items) => items.iter().enumerate().try_for_each(|(i, &item)| {
                self.at(|path| push_name(path, &i.to_string()), |walk| walk.rows(item, rows, single))
            }),
            Node::Struct(record) => self.fields(record, rows, single),
            Node::Enum(choice) => self.variants(choice, rows, single),
            Node::Formatted(_, inner) => self.rows(*inner, rows, single),
            Node::Versioned(versioned) => self.rows(versioned.current, rows, single),
            Node::Boxed(inner) => self.behind(*inner, rows, single),
            // The row of a map says itself what is a key.
            Node::Map(pair) => self.sequence(*pair, rows, single),
            Node::Seq(item) | Node::Set(item) => self.sequence(*item, rows, single),
        }
    }

    /// Takes flags; gives how many are set.
    pub(crate) fn flags(&mut self, rows: usize) -> Result<usize> {
        self.column(Op::Bool, "flags", rows, |reader| {
            (0..rows).try_fold(0, |there, _| Ok(there + usize::from(reader.flag(0)?)))
        })
    }

    /// Takes tags; gives how many rows each variant has.
    pub(crate) fn tags(&mut self, choice: &Enum, rows: usize) -> Result<Vec<usize>> {
        let count = choice.variants.len();
        let op = Op::Int(if count <= 1 << 8 { IntKind::U8 } else { IntKind::U16 });
        self.column(op, "tags", rows, |reader| {
            let mut counts = vec![0; count];
            for _ in 0..rows {
                counts[reader.tag(0, count)?] += 1;
            }
            Ok(counts)
        })
    }

    fn fields(&mut self, record: &Struct, rows: usize, single: bool) -> Result<()> {
        record.fields.iter().try_for_each(|field| {
            self.at(|path| push_name(path, &field.name), |walk| walk.rows(field.node, rows, single))
        })
    }

    fn variants(&mut self, choice: &Enum, rows: usize, single: bool) -> Result<()> {
        let counts = self.tags(choice, rows)?;
        choice.variants.iter().zip(counts).filter(|&(_, rows)| rows != 0).try_for_each(|(variant, rows)| {
            let name = &variant.name;
            self.at(
                |path| push_name(path, name),
                |walk| match (variant.style, &variant.fields[..]) {
                    (Style::Newtype, [field]) => walk.rows(field.node, rows, single),
                    _ => walk.fields(variant, rows, single),
                },
            )
        })
    }

    /// Items of CBOR are weighed by what they hold, where each stands in the column as it is.
    fn opaque(&mut self, rows: usize) -> Result<()> {
        let mut inner = Found::default();
        let (depth, path) = (self.depth, self.path.clone());
        let (bytes, ()) = self.columns.column(Op::Opaque, rows, &mut self.budget, |reader| {
            (0..rows).try_for_each(|_| {
                let mut source = Cbor::new(reader.opaque(0)?);
                items::weigh(&mut source, 0, &path, depth, &mut inner)
            })
        })?;
        let held: u64 = inner.parts.iter().map(|part| part.bytes).sum();
        if held > bytes {
            self.found.add(&path, "opaque", rows as u64, bytes);
            return Ok(());
        }
        for part in inner.parts {
            self.found.add(&part.path, part.kind, part.rows, part.bytes);
        }
        self.found.add(&path, "lengths", rows as u64, bytes - held);
        Ok(())
    }

    fn sequence(&mut self, item: NodeId, rows: usize, single: bool) -> Result<()> {
        let down: fn(&mut String) = match self.shape.node(item) {
            Node::Pair(..) => |_| {},
            _ => |path| path.push_str("[]"),
        };
        if !single {
            let total = self.column(Op::Int(IntKind::U32), "lengths", rows, |reader| {
                (0..rows).try_fold(0u64, |total, _| Ok(total + u64::from(reader.int::<u32>(0)?)))
            })?;
            let total = usize::try_from(total).map_err(|_| self.columns.rest().truncated())?;
            return self.at(down, |walk| walk.behind(item, total, false));
        }
        let header = self.number("lengths")?;
        let length =
            u32::try_from(header >> 1).map_err(|_| self.columns.rest().corrupt("a length is over 4,294,967,295"))?;
        let mut left = length as usize;
        if header & 1 == 0 {
            let single = left == 1 && !self.is_entry(item);
            return self.at(down, |walk| walk.behind(item, left, single));
        }
        while left > 0 {
            let rows = self.count("lengths")?;
            if rows == 0 || rows > left {
                return Err(self.columns.rest().corrupt("a group has more rows than are left, or none"));
            }
            left -= rows;
            self.at(down, |walk| walk.behind(item, rows, false))?;
        }
        Ok(())
    }

    pub(crate) fn is_entry(&self, id: NodeId) -> bool {
        self.entry(id).is_some()
    }

    /// The recursive part in whose sets the node has a table.
    fn entry(&self, id: NodeId) -> Option<u32> {
        self.shape.part_of(id).filter(|&part| self.shape.part(part).position(id).is_some())
    }

    /// Takes the rows behind an edge.
    pub(crate) fn behind(&mut self, id: NodeId, rows: usize, single: bool) -> Result<()> {
        if rows == 0 {
            return Ok(());
        }
        let Some(part) = self.entry(id) else {
            self.charge(id, rows)?;
            return stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || self.rows(id, rows, single));
        };
        if self.part == Some(part) {
            // They are among the rows of the set's tables.
            return Ok(());
        }
        let shape = self.shape;
        let outer = self.part.replace(part);
        for &entry in shape.part(part).entries() {
            // A table of another type than that of the edge stands below a path of its own.
            let below = |path: &mut String| {
                if entry != id {
                    let name = Shown { shape, node: entry }.to_string();
                    path.push_str("..");
                    path.push_str(name.split(['{', '(']).next().unwrap_or_default().trim_end());
                }
            };
            self.at(below, |walk| {
                let rows = walk.count("counts")?;
                walk.charge(entry, rows)?;
                stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || walk.rows(entry, rows, false))
            })?;
        }
        self.part = outer;
        Ok(())
    }
}
