//! Taking rows from opened tables, or a single row straight from the bytes.

use super::cursor::{Child, Cursor, Ints, Kind, Taken, exhausted};
use super::open::Opened;
use super::single::{Edge, Single};
use super::{STACK_GROWTH, STACK_LEFT, Scratch};
use crate::column::{Int, highest};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Checksum;
use crate::limits::reached;
use crate::shape::IntKind;
use crate::slots::{BATCH, BatchTags};

/// Reads rows from columns that were checked when they were opened; or the row of a value that is the only one, with
/// those that are the only ones in it, from the bytes, which are then checked as they are taken.
///
/// Each row is taken once, in the order it was written. A reader that takes other columns than the type's shape has
/// gets errors, never other memory.
pub struct Reader<'r> {
    pub(super) place: Place<'r>,
    context: &'r Context,
    depth: usize,
    depth_limit: usize,
}

/// What rows are taken from.
pub(super) enum Place<'r> {
    Tables(Opened<'r>),
    Single(&'r mut Single<'r>),
}

/// Reads elements of a sequence: so many rows, so many of them together, from the columns from the given one on.
type Read<'e> = &'e mut dyn FnMut(&mut Reader<'_>, usize, usize, usize) -> Result<()>;

/// One sequence, set or map whose elements are to be read.
#[derive(Clone, Copy, Debug)]
pub struct Sequence {
    /// The number of elements.
    pub len: usize,
    child: Child,
}

impl Sequence {
    /// Whether the elements are of a recursive part.
    pub(crate) fn is_recursive(self) -> bool {
        matches!(self.child, Child::Table { recursive: true, .. } | Child::Groups { recursive: true, .. })
    }
}

impl<'r> Reader<'r> {
    /// A reader of the root's row in opened tables.
    pub(crate) fn new(opened: Opened<'r>, context: &'r Context, depth_limit: usize) -> Self {
        Reader { place: Place::Tables(opened), context, depth: 0, depth_limit }
    }

    /// A reader of the root's row in the bytes of a value.
    pub(crate) fn single(single: &'r mut Single<'r>, context: &'r Context, depth_limit: usize) -> Self {
        Reader { place: Place::Single(single), context, depth: 0, depth_limit }
    }

    /// What hooks are given.
    #[must_use]
    pub fn context(&self) -> &'r Context {
        self.context
    }

    /// Whether rows of a recursive part are being read, which are taken one at a time.
    pub(crate) fn is_recursive(&self) -> bool {
        self.depth != 0
    }

    /// Whether the row at hand and all that it is part of are the only ones.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is_single(&self) -> bool {
        matches!(self.place, Place::Single(_))
    }

    /// Levels of recursion that are allowed.
    pub(crate) fn depth_limit(&self) -> usize {
        self.depth_limit
    }

    /// After the root was read from tables: every row was used. Gives their memory back.
    pub(crate) fn finish(self) -> Result<Scratch> {
        match self.place {
            Place::Tables(opened) => opened.finish(),
            Place::Single(_) => Ok(Scratch::default()),
        }
    }

    /// After the root was read from the bytes of a value: every byte was used.
    #[inline]
    pub(crate) fn finish_single(self) -> Result<()> {
        match self.place {
            Place::Single(single) => single.finish(),
            Place::Tables(_) => Ok(()),
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn cursor(&mut self, at: usize, kind: Kind) -> Result<(&mut Cursor<'r>, &[u8])> {
        let Place::Tables(opened) = &mut self.place else { return Err(exhausted()) };
        match opened.cursors.get_mut(at) {
            Some(cursor) if cursor.kind == kind => Ok((cursor, &opened.scratch)),
            _ => Err(exhausted()),
        }
    }

    /// Integers of column `at`; not of a single row.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn ints<T: Int>(&mut self, at: usize, count: usize) -> Result<Ints<'_, T>> {
        let (cursor, scratch) = self.cursor(at, Kind::Int(T::KIND))?;
        cursor.values.take(count, scratch)
    }

    /// The bytes of integers of column `at`, of which each has `size`; or of floats, where there is no kind. Not of a
    /// single row.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn plain(&mut self, at: usize, kind: Option<IntKind>, count: usize, size: usize) -> Result<Taken<'_>> {
        let (cursor, scratch) = self.cursor(at, kind.map_or(Kind::Run, Kind::Int))?;
        cursor.values.bytes_of(count, size, scratch)
    }

    /// One integer of column `at`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn int<T: Int>(&mut self, at: usize) -> Result<T> {
        if let Place::Single(single) = &mut self.place {
            return single.leaf(|input| T::get(input));
        }
        let (cursor, scratch) = self.cursor(at, Kind::Int(T::KIND))?;
        cursor.values.one(scratch)
    }

    /// One flag of column `at`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn flag(&mut self, at: usize) -> Result<bool> {
        match self.int::<u8>(at)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.corrupt("a flag is neither 0 nor 1")),
        }
    }

    /// Takes flags of column `at`, and counts those that are set; not of a single row.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn flags(&mut self, at: usize, flags: &mut [u8]) -> Result<usize> {
        let values = self.ints::<u8>(at, flags.len())?;
        match values {
            Ints::Slice(bytes) => flags.iter_mut().zip(bytes).for_each(|(flag, byte)| *flag = byte[0]),
            Ints::Equal(value, _) => flags.fill(value),
        }
        // They were found to be 0 or 1 when the column was opened.
        Ok(flags.iter().map(|&flag| usize::from(flag & 1)).sum())
    }

    /// The tag of one enum in column `at`, of so many variants: below their number.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn tag(&mut self, at: usize, variants: usize) -> Result<usize> {
        let tag = if variants <= 1 << 8 { usize::from(self.int::<u8>(at)?) } else { usize::from(self.int::<u16>(at)?) };
        if tag < variants { Ok(tag) } else { Err(self.corrupt("a tag is of no variant")) }
    }

    /// The tags of so many enums in column `at`, of at most 256 variants: each below their number. Not of single rows.
    #[inline(never)]
    pub(crate) fn tags(&mut self, at: usize, count: usize, variants: usize) -> Result<BatchTags> {
        let mut tags: BatchTags = [0; BATCH];
        match self.ints::<u8>(at, count)? {
            Ints::Slice(bytes) => tags.iter_mut().zip(bytes).for_each(|(tag, byte)| *tag = byte[0]),
            Ints::Equal(value, _) => tags.fill(value),
        }
        if usize::from(highest(&tags)) < variants { Ok(tags) } else { Err(self.corrupt("a tag is of no variant")) }
    }

    /// An error at the place in the bytes that a single row is taken from.
    #[cold]
    pub(crate) fn corrupt(&self, what: &'static str) -> Error {
        match &self.place {
            Place::Single(single) => single.corrupt(what),
            Place::Tables(_) => Error::of(ErrorKind::Corrupt, what),
        }
    }

    /// Takes bytes of floats in column `at`; where a check is given, it has to be made of them.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn with_run<T>(
        &mut self,
        at: usize,
        bytes: usize,
        take: impl FnOnce(&[u8], Option<&mut Checksum>) -> T,
    ) -> Result<T> {
        if let Place::Single(single) = &mut self.place {
            return single.run(bytes, take);
        }
        match self.plain(at, None, bytes, 1)? {
            Taken::Bytes(bytes) => Ok(take(bytes, None)),
            Taken::Equal(_) => Err(exhausted()),
        }
    }

    /// Whether a field with a default is there, for one row; its presence stands in column `at`.
    pub fn is_present(&mut self, at: usize) -> Result<bool> {
        if self.is_single() {
            // Packed files hold all fields that their schema has.
            return Ok(true);
        }
        let (cursor, scratch) = self.cursor(at, Kind::Presence)?;
        Ok(cursor.values.one::<u8>(scratch)? != 0)
    }

    /// Whether a row of what has a version is in the present form, not in the older one; column `at` says it.
    pub fn is_current(&mut self, at: usize) -> Result<bool> {
        self.is_present(at)
    }

    /// Whether all of the next `count` rows are in the present form; these are then taken.
    pub fn is_current_in_all(&mut self, at: usize, count: usize) -> Result<bool> {
        self.is_present_in_all(at, count)
    }

    /// Whether a field with a default is there in all of the next `count` rows; these are then taken.
    pub fn is_present_in_all(&mut self, at: usize, count: usize) -> Result<bool> {
        if self.is_single() {
            return Ok(true);
        }
        let (cursor, scratch) = self.cursor(at, Kind::Presence)?;
        let mut ahead = cursor.values.clone();
        let all = ahead.take::<u8>(count, scratch)?.all(|flag| flag != 0);
        if all {
            cursor.values = ahead;
        }
        Ok(all)
    }

    /// The next sequence, set or map of column `at`, whose elements take `size` bytes of memory each.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn sequence(&mut self, at: usize) -> Result<Sequence> {
        if let Place::Single(single) = &mut self.place {
            let (len, child) = single.sequence(at)?;
            return Ok(Sequence { len, child });
        }
        let (cursor, scratch) = self.cursor(at, Kind::Sequence)?;
        let len = cursor.values.one::<u32>(scratch)? as usize;
        Ok(Sequence { len, child: cursor.child })
    }

    /// Whether the elements of the sequences in column `at` can be taken together.
    pub(crate) fn is_batched(&mut self, at: usize) -> bool {
        let cursor = self.cursor(at, Kind::Sequence);
        cursor.is_ok_and(|(cursor, _)| matches!(cursor.child, Child::Table { recursive: false, .. } | Child::None))
    }

    /// The lengths of `count` sequences of column `at`, and the first column of their elements. Not of single rows, and
    /// not of those whose elements are of a recursive part.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn lengths(&mut self, at: usize, count: usize) -> Result<(Ints<'_, u32>, usize)> {
        let (cursor, scratch) = self.cursor(at, Kind::Sequence)?;
        let first = match cursor.child {
            Child::Table { first, recursive: false } => first,
            // All are empty.
            Child::None => usize::MAX,
            _ => return Err(exhausted()),
        };
        Ok((cursor.values.take(count, scratch)?, first))
    }

    /// For how many elements of a sequence memory may be reserved before the first one is there.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn room(&self, sequence: Sequence, size: usize) -> usize {
        match &self.place {
            Place::Single(single) => single.room(sequence.len, size),
            Place::Tables(_) => sequence.len,
        }
    }

    /// Visits the tables that hold a sequence's elements: `read` is given the number of rows in one, how many of them
    /// may be read together, and the table's first column.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn elements(
        &mut self,
        sequence: Sequence,
        mut read: impl FnMut(&mut Reader<'_>, usize, usize, usize) -> Result<()>,
    ) -> Result<()> {
        if sequence.len == 0 {
            return Ok(());
        }
        self.each_table(sequence, &mut read)
    }

    /// One function for all types, so that what reads the elements of one is compiled once.
    fn each_table(&mut self, sequence: Sequence, read: Read<'_>) -> Result<()> {
        match sequence.child {
            Child::None => Err(exhausted()),
            Child::Table { first, recursive: false } => read(self, sequence.len, BATCH, first),
            Child::Table { first, recursive: true } => self.deeper(&mut |reader| read(reader, sequence.len, 1, first)),
            Child::Groups { first, count, recursive } => {
                for i in first..first + count {
                    let Place::Tables(opened) = &self.place else { return Err(exhausted()) };
                    let group = opened.groups[i];
                    if recursive {
                        self.deeper(&mut |reader| read(reader, group.rows, 1, group.first))?;
                    } else {
                        read(self, group.rows, BATCH, group.first)?;
                    }
                }
                Ok(())
            }
            Child::Inline { table, grouped } => self.inline(sequence.len, table, grouped, read),
        }
    }

    /// Visits the elements of the outermost sequence as they come.
    fn inline(&mut self, len: usize, table: usize, grouped: bool, read: Read<'_>) -> Result<()> {
        let Place::Single(single) = &mut self.place else { return Err(exhausted()) };
        if single.stays_single(table, len, grouped) {
            return self.enter(table, |reader| read(reader, 1, 1, 0));
        }
        let mut left = len;
        while left > 0 {
            let Place::Single(single) = &mut self.place else { return Err(exhausted()) };
            let rows = if grouped { single.group(left)? } else { left };
            left -= rows;
            if single.is_float(table) {
                single.charge(table, rows)?;
                self.enter(table, |reader| read(reader, rows, BATCH, 0))?;
                continue;
            }
            let single = single.was_single(table, len, grouped);
            self.open(Edge::Rows { table, rows, single }, &mut |reader, first, recursive| {
                if recursive {
                    reader.deeper(&mut |reader| read(reader, rows, 1, first))
                } else {
                    read(reader, rows, BATCH, first)
                }
            })?;
        }
        Ok(())
    }

    /// Reads a single row of another table.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn enter<T>(&mut self, table: usize, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let Place::Single(single) = &mut self.place else { return Err(exhausted()) };
        let outer = single.enter(table);
        let result = read(self);
        if let Place::Single(single) = &mut self.place {
            single.enter(outer);
        }
        result
    }

    /// Opens the rows that come next, which are several, and reads them.
    fn open(&mut self, edge: Edge, read: &mut dyn FnMut(&mut Reader<'_>, usize, bool) -> Result<()>) -> Result<()> {
        let (context, depth, depth_limit) = (self.context, self.depth, self.depth_limit);
        let Place::Single(single) = &mut self.place else { return Err(exhausted()) };
        single.open(edge, |opened, first, recursive| {
            let mut reader = Reader { place: Place::Tables(opened), context, depth, depth_limit };
            read(&mut reader, first, recursive)?;
            Ok(((), reader.finish()?))
        })
    }

    /// Reads an array, whose elements stand in its own columns: `read` is given a reader of these.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn array<T>(
        &mut self,
        at: usize,
        len: usize,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T>,
    ) -> Result<T> {
        if len == 1 || !self.is_single() {
            return read(self);
        }
        let (mut read, mut value) = (Some(read), None);
        self.open(Edge::Array { at }, &mut |reader, _, _| {
            value = read.take().map(|read| read(reader)).transpose()?;
            Ok(())
        })?;
        value.ok_or_else(exhausted)
    }

    /// Visits the row in the box of column `at`: `read` is given the first column of its table.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn boxed<T>(&mut self, at: usize, mut read: impl FnMut(&mut Reader<'_>, usize) -> Result<T>) -> Result<T> {
        let mut value = None;
        self.in_box(at, &mut |reader, first| {
            value = Some(read(reader, first)?);
            Ok(())
        })?;
        value.ok_or_else(exhausted)
    }

    fn in_box(&mut self, at: usize, read: &mut dyn FnMut(&mut Reader<'_>, usize) -> Result<()>) -> Result<()> {
        if let Place::Single(single) = &mut self.place {
            let table = single.boxed(at)?;
            return if single.stays_single(table, 1, false) {
                self.enter(table, |reader| read(reader, 0))
            } else {
                let single = single.was_single(table, 1, false);
                self.open(Edge::Rows { table, rows: 1, single }, &mut |reader, first, recursive| {
                    if recursive { reader.deeper(&mut |reader| read(reader, first)) } else { read(reader, first) }
                })
            };
        }
        let child = self.cursor(at, Kind::Boxed)?.0.child;
        match child {
            Child::Table { first, recursive: false } => read(self, first),
            Child::Table { first, recursive: true } => self.deeper(&mut |reader| read(reader, first)),
            _ => Err(exhausted()),
        }
    }

    /// Goes one level of recursion down.
    fn deeper(&mut self, read: &mut dyn FnMut(&mut Self) -> Result<()>) -> Result<()> {
        self.descend()?;
        let result = stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || read(self));
        self.ascend();
        result
    }

    /// Counts a level of recursion.
    pub(crate) fn descend(&mut self) -> Result<()> {
        if self.depth >= self.depth_limit {
            return Err(reached("depth", "the value is nested more deeply than allowed"));
        }
        self.depth += 1;
        Ok(())
    }

    /// Leaves a level of recursion.
    pub(crate) fn ascend(&mut self) {
        self.depth -= 1;
    }

    /// One of the tables that hold a sequence's elements: its rows and its first column.
    pub(crate) fn table(&self, sequence: Sequence, index: usize) -> Option<(usize, usize)> {
        match (sequence.child, &self.place) {
            (Child::Table { first, .. }, _) if index == 0 && sequence.len != 0 => Some((sequence.len, first)),
            (Child::Groups { first, count, .. }, Place::Tables(opened)) if index < count => {
                let group = opened.groups[first + index];
                Some((group.rows, group.first))
            }
            _ => None,
        }
    }

    /// The first column of the table behind the box in column `at`, and whether it is of a recursive part.
    pub(crate) fn box_table(&mut self, at: usize) -> Result<(usize, bool)> {
        match self.cursor(at, Kind::Boxed)?.0.child {
            Child::Table { first, recursive } => Ok((first, recursive)),
            _ => Err(exhausted()),
        }
    }

    /// The next flag of column `at`, which is not taken.
    pub(crate) fn peek_flag(&mut self, at: usize) -> Result<bool> {
        let (cursor, scratch) = self.cursor(at, Kind::Int(IntKind::U8))?;
        Ok(cursor.values.clone().one::<u8>(scratch)? != 0)
    }
}
