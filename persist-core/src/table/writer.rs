//! Collecting columns, and packing them.

use std::sync::Arc;

use super::{EQUAL_TEXTS, STACK_GROWTH, STACK_LEFT};
use crate::column::{Int, pack, put_varint};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{Limits, reached};
use crate::rows::{BATCH, Rows};
use crate::shape::{IntKind, NodeId, Shape};

/// Columns of all tables of a value that is being saved.
pub struct Writer {
    shape: Arc<Shape>,
    columns: Vec<Column>,
    tables: Vec<Table>,
    sets: Vec<Set>,
    out: Vec<u8>,
    /// Where groups of rows may end; see [`Writer::mark`].
    marks: Vec<usize>,
    /// The row at hand and all that it is part of are the only ones: leaves go straight to the output.
    single: bool,
    /// Rows at hand belong to a recursive part, and are written one at a time.
    recursive: bool,
    depth: usize,
    depth_limit: usize,
}

/// A sequence whose length is not known yet.
pub(crate) struct Pending {
    at: usize,
    /// Where in the column's bytes the length belongs.
    place: usize,
    table: usize,
    len: usize,
}

/// Rows of one node: a range of columns.
struct Table {
    node: NodeId,
    first: usize,
    columns: usize,
    /// The set that it belongs to, where its node is in a recursive part.
    set: Option<usize>,
    rows: usize,
}

/// The tables that an edge into a recursive part owns; their columns stand in the order of the part's entries.
struct Set {
    part: u32,
    tables: Vec<usize>,
}

#[derive(Default)]
struct Column {
    kind: Kind,
    /// Little-endian values: of integers, lengths, tags; or the bytes of float runs.
    values: Vec<u8>,
    /// Bytes of texts.
    bytes: Vec<u8>,
    table: usize,
    child: Option<usize>,
    owned: Option<Owned>,
}

/// What is packed after an edge's column.
#[derive(Clone, Copy)]
enum Owned {
    Table(usize),
    Set(usize),
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Empty,
    Int(IntKind),
    Run,
    Text,
    Boxed,
}

impl Writer {
    /// A writer for one row of the shape's root.
    pub(crate) fn new(shape: Arc<Shape>, limits: &Limits) -> Self {
        let mut writer = Writer {
            shape,
            columns: Vec::new(),
            tables: Vec::new(),
            sets: Vec::new(),
            out: Vec::new(),
            marks: Vec::new(),
            single: true,
            recursive: false,
            depth: 0,
            depth_limit: limits.depth,
        };
        writer.add_table(Shape::ROOT, None);
        writer
    }

    /// A writer for one row of the shape's root whose sequences tell their lengths only at their ends; it has no
    /// single rows and no groups. See [`begin`](Writer::begin) and [`pack_filled`](Writer::pack_filled).
    pub(crate) fn filling(shape: Arc<Shape>, limits: &Limits) -> Self {
        Writer { single: false, ..Self::new(shape, limits) }
    }

    /// Packs the root's row, after it was filled.
    pub(crate) fn pack_filled(mut self) -> Vec<u8> {
        self.pack_table(0);
        self.out
    }

    /// Begins a sequence, set or map of unknown length at the edge in column `at`; then come its elements, each by
    /// [`element`](Writer::element), then [`end`](Writer::end).
    pub(crate) fn begin(&mut self, at: usize) -> Pending {
        let place = self.columns[at].values.len();
        self.int(at, 0u32);
        Pending { at, place, table: self.child(at), len: 0 }
    }

    /// Writes an element of a sequence that was begun, to the columns that `write` is given.
    pub(crate) fn element<T>(
        &mut self,
        pending: &mut Pending,
        write: impl FnOnce(&mut Writer, usize) -> Result<T>,
    ) -> Result<T> {
        pending.len += 1;
        let mut written = None;
        self.enter(pending.table, 1, false, |writer, at| {
            written = Some(write(writer, at)?);
            Ok(())
        })?;
        Ok(written.expect("`enter` calls its function, or fails"))
    }

    /// Ends a sequence: its length takes the place that was kept for it.
    pub(crate) fn end(&mut self, Pending { at, place, len, .. }: Pending) -> Result<()> {
        let length = length(len)?.to_le_bytes();
        self.columns[at].values[place..place + length.len()].copy_from_slice(&length);
        Ok(())
    }

    /// The packed rows, after all were written; and where in them groups of rows end.
    pub(crate) fn finish(&mut self) -> (&mut Vec<u8>, &[usize]) {
        (&mut self.out, &self.marks)
    }

    /// Forgets all rows, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        for column in &mut self.columns {
            column.clear();
        }
        for table in &mut self.tables {
            table.rows = 0;
        }
        self.out.clear();
        self.marks.clear();
        (self.single, self.recursive, self.depth) = (true, false, 0);
    }

    /// Levels of nesting that are allowed.
    pub(crate) fn depth_limit(&self) -> usize {
        self.depth_limit
    }

    /// How many rows may be written together here.
    pub(crate) fn batch(&self) -> usize {
        if self.recursive { 1 } else { BATCH }
    }

    /// Whether there is only one row here, and only one of all that it is part of.
    pub(crate) fn is_single(&self) -> bool {
        self.single
    }

    /// Writes integers to column `at`.
    #[inline(always)]
    pub fn ints<T: Int>(&mut self, at: usize, rows: Rows<'_, T>) {
        self.values(at, rows.iter().copied());
    }

    /// Writes one integer, length or tag to column `at`.
    #[inline(always)]
    pub fn int<T: Int>(&mut self, at: usize, value: T) {
        if self.single {
            value.put(&mut self.out);
            return;
        }
        let column = &mut self.columns[at];
        column.kind = Kind::Int(T::KIND);
        column.values.extend_from_slice(value.to_bytes().as_ref());
    }

    /// Writes integers to column `at`.
    #[inline(always)]
    pub fn values<T: Int>(&mut self, at: usize, values: impl ExactSizeIterator<Item = T>) {
        if self.single {
            values.for_each(|value| value.put(&mut self.out));
            return;
        }
        let column = &mut self.columns[at];
        column.kind = Kind::Int(T::KIND);
        let start = column.values.len();
        column.values.resize(start + values.len() * T::SIZE, 0);
        for (place, value) in column.values[start..].chunks_exact_mut(T::SIZE).zip(values) {
            place.copy_from_slice(value.to_bytes().as_ref());
        }
    }

    /// Writes flags to column `at`.
    #[inline(always)]
    pub fn flags(&mut self, at: usize, flags: impl ExactSizeIterator<Item = bool>) {
        self.values(at, flags.map(u8::from));
    }

    /// Writes the tags of enums of so many variants to column `at`.
    #[inline(always)]
    pub fn tags(&mut self, at: usize, variants: usize, tags: impl ExactSizeIterator<Item = u16>) {
        if variants <= 1 << 8 {
            self.values(at, tags.map(|tag| tag as u8));
        } else {
            self.values(at, tags);
        }
    }

    /// Writes the bytes of floats to column `at`.
    #[inline(always)]
    pub(crate) fn run(&mut self, at: usize, bytes: &[u8]) {
        if self.single {
            self.out.extend_from_slice(bytes);
            return;
        }
        let column = &mut self.columns[at];
        column.kind = Kind::Run;
        column.values.extend_from_slice(bytes);
    }

    /// Writes a text, or an opaque item, to column `at`.
    #[inline(always)]
    pub fn bytes(&mut self, at: usize, bytes: &[u8]) -> Result<()> {
        let length = length(bytes.len())?;
        if self.single {
            put_varint(&mut self.out, u64::from(length));
            self.out.extend_from_slice(bytes);
            return Ok(());
        }
        let column = &mut self.columns[at];
        column.kind = Kind::Text;
        column.values.extend_from_slice(&length.to_le_bytes());
        column.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes the box in column `at`; `write` writes what is in it, to the columns that it is given.
    pub fn boxed(&mut self, at: usize, write: impl FnOnce(&mut Writer, usize) -> Result<()>) -> Result<()> {
        let table = self.child(at);
        let single = self.single;
        let recursive = self.tables[table].set.is_some();
        if !single {
            self.columns[at].kind = Kind::Boxed;
        }
        self.enter(table, 1, single && !recursive, write)?;
        if single && recursive {
            self.pack_child(at);
        }
        Ok(())
    }

    /// Writes rows of an array's elements, which stand in the array's own columns.
    pub fn array(
        &mut self,
        at: usize,
        columns: usize,
        len: usize,
        write: impl FnOnce(&mut Writer) -> Result<()>,
    ) -> Result<()> {
        if !self.single || len == 1 {
            return write(self);
        }
        self.single = false;
        let result = write(self);
        self.single = true;
        if result.is_ok() {
            (at..at + columns).for_each(|at| self.pack_column(at));
        }
        result
    }

    /// Writes `rows` rows to a child table.
    pub(super) fn enter(
        &mut self,
        table: usize,
        rows: usize,
        single: bool,
        write: impl FnOnce(&mut Writer, usize) -> Result<()>,
    ) -> Result<()> {
        let Table { first, set, .. } = self.tables[table];
        let recursive = set.is_some();
        let before = (self.single, self.recursive);
        (self.single, self.recursive) = (single, recursive);
        self.tables[table].rows += rows;
        let result = if recursive {
            if self.depth >= self.depth_limit {
                Err(reached("depth", "the value is nested more deeply than allowed"))
            } else {
                self.depth += 1;
                let result = stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || write(self, first));
                self.depth -= 1;
                result
            }
        } else {
            write(self, first)
        };
        (self.single, self.recursive) = before;
        result
    }

    /// The table behind the edge in column `at`, made at first use.
    #[inline]
    pub(super) fn child(&mut self, at: usize) -> usize {
        match self.columns[at].child {
            Some(table) => table,
            None => self.make_child(at),
        }
    }

    #[cold]
    fn make_child(&mut self, at: usize) -> usize {
        let table = &self.tables[self.columns[at].table];
        let (node, set, place) = (table.node, table.set, at - table.first);
        let shape = self.shape.clone();
        let target = shape.edge(node, place).expect("an edge is written where the shape has one");
        let entry = shape.part_of(target).and_then(|part| Some((part, shape.part(part).position(target)?)));
        let (child, owned) = match entry {
            None => {
                let child = self.add_table(target, None);
                (child, Some(Owned::Table(child)))
            }
            Some((part, position)) => {
                let shared = set.filter(|&set| self.sets[set].part == part);
                let set = shared.unwrap_or_else(|| self.add_set(part));
                let owned = if shared.is_some() { None } else { Some(Owned::Set(set)) };
                (self.sets[set].tables[position], owned)
            }
        };
        let column = &mut self.columns[at];
        (column.child, column.owned) = (Some(child), owned);
        child
    }

    fn add_table(&mut self, node: NodeId, set: Option<usize>) -> usize {
        let (table, first, columns) = (self.tables.len(), self.columns.len(), self.shape.columns(node));
        self.columns.extend((0..columns).map(|_| Column { table, ..Column::default() }));
        self.tables.push(Table { node, first, columns, set, rows: 0 });
        table
    }

    fn add_set(&mut self, part: u32) -> usize {
        let set = self.sets.len();
        let shape = self.shape.clone();
        let tables = shape.part(part).entries().iter().map(|&node| self.add_table(node, Some(set))).collect();
        self.sets.push(Set { part, tables });
        set
    }

    /// Appends a number to the output.
    pub(super) fn put(&mut self, value: u64) {
        put_varint(&mut self.out, value);
    }

    /// Notes that a group of rows ends here: the output may be cut, so that a reader can go on from here.
    pub(super) fn mark(&mut self) {
        self.marks.push(self.out.len());
    }

    /// Whether the table has a set of its own, or belongs to one.
    pub(super) fn is_recursive(&self, table: usize) -> bool {
        self.tables[table].set.is_some()
    }

    /// Bytes in the columns behind the edge in column `at`.
    pub(super) fn child_bytes(&self, at: usize) -> usize {
        match self.columns[at].owned {
            Some(Owned::Table(table)) => self.table_bytes(table),
            Some(Owned::Set(set)) => self.sets[set].tables.iter().map(|&table| self.table_bytes(table)).sum(),
            None => 0,
        }
    }

    fn table_bytes(&self, table: usize) -> usize {
        let Table { first, columns, .. } = self.tables[table];
        (first..first + columns)
            .map(|at| self.columns[at].values.len() + self.columns[at].bytes.len() + self.child_bytes(at))
            .sum()
    }

    /// Packs what stands behind the edge in column `at`.
    pub(super) fn pack_child(&mut self, at: usize) {
        match self.columns[at].owned {
            Some(Owned::Table(table)) if self.tables[table].rows != 0 => self.pack_table(table),
            Some(Owned::Set(set)) if self.sets[set].tables.iter().any(|&table| self.tables[table].rows != 0) => {
                for i in 0..self.sets[set].tables.len() {
                    let table = self.sets[set].tables[i];
                    put_varint(&mut self.out, self.tables[table].rows as u64);
                    self.pack_table(table);
                }
            }
            _ => {}
        }
    }

    fn pack_table(&mut self, table: usize) {
        let Table { first, columns, .. } = self.tables[table];
        self.tables[table].rows = 0;
        (first..first + columns).for_each(|at| self.pack_column(at));
    }

    fn pack_column(&mut self, at: usize) {
        let column = &mut self.columns[at];
        if column.kind == Kind::Empty {
            return;
        }
        column.pack(&mut self.out);
        column.clear();
        self.pack_child(at);
    }
}

impl Column {
    fn clear(&mut self) {
        self.kind = Kind::Empty;
        self.values.clear();
        self.bytes.clear();
    }

    fn pack(&self, out: &mut Vec<u8>) {
        match self.kind {
            Kind::Empty | Kind::Boxed => {}
            Kind::Run => out.extend_from_slice(&self.values),
            Kind::Text => self.pack_texts(out),
            Kind::Int(kind) => pack_ints(kind, &self.values, out),
        }
    }

    fn pack_texts(&self, out: &mut Vec<u8>) {
        let count = self.values.len() / u32::SIZE;
        let first = u32::from_bytes(&self.values[..u32::SIZE]) as usize;
        let equal = count > 1
            && first * count == self.bytes.len()
            && self.values[u32::SIZE..] == self.values[..self.values.len() - u32::SIZE]
            && self.bytes[first..] == self.bytes[..self.bytes.len() - first];
        if equal {
            out.push(EQUAL_TEXTS);
            put_varint(out, first as u64);
            out.extend_from_slice(&self.bytes[..first]);
        } else {
            pack::<u32>(&self.values, out);
            out.extend_from_slice(&self.bytes);
        }
    }
}

fn pack_ints(kind: IntKind, values: &[u8], out: &mut Vec<u8>) {
    match kind {
        IntKind::U8 => pack::<u8>(values, out),
        IntKind::U16 => pack::<u16>(values, out),
        IntKind::U32 => pack::<u32>(values, out),
        IntKind::U64 => pack::<u64>(values, out),
        IntKind::U128 => pack::<u128>(values, out),
        IntKind::I8 => pack::<i8>(values, out),
        IntKind::I16 => pack::<i16>(values, out),
        IntKind::I32 => pack::<i32>(values, out),
        IntKind::I64 => pack::<i64>(values, out),
        IntKind::I128 => pack::<i128>(values, out),
    }
}

/// A length as files hold it.
pub(super) fn length(len: usize) -> Result<u32> {
    u32::try_from(len).map_err(|_| {
        Error::of(ErrorKind::Unsupported, format!("{len} elements or bytes in one sequence are too many"))
            .with_help("the format counts up to 4,294,967,295; split the sequence")
    })
}
