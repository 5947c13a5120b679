//! Taking rows from opened tables.

use super::cursor::{Child, Cursor, Data, Ints, Kind, exhausted};
use super::open::Opened;
use super::{STACK_GROWTH, STACK_LEFT};
use crate::column::Int;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::reached;
use crate::rows::BATCH;

/// Reads rows from columns that were checked when they were opened.
///
/// Each row is taken once, in the order it was written. A reader that takes other columns than the type's shape has
/// gets errors, never other memory.
pub struct Reader<'r> {
    opened: Opened<'r>,
    context: &'r Context,
    depth: usize,
    depth_limit: usize,
}

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
    pub(crate) fn new(opened: Opened<'r>, context: &'r Context, depth_limit: usize) -> Self {
        Reader { opened, context, depth: 0, depth_limit }
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

    /// Levels of recursion that are allowed.
    pub(crate) fn depth_limit(&self) -> usize {
        self.depth_limit
    }

    /// After the root was read: every row was used. Gives the scratch memory back.
    pub(crate) fn finish(self) -> Result<Vec<u8>> {
        if self.opened.cursors.iter().all(|cursor| cursor.values.is_empty()) {
            Ok(self.opened.scratch)
        } else {
            Err(Error::of(ErrorKind::Corrupt, "rows are left that nothing refers to"))
        }
    }

    #[inline(always)]
    fn cursor(&mut self, at: usize, kind: Kind) -> Result<(&mut Cursor<'r>, &[u8])> {
        match self.opened.cursors.get_mut(at) {
            Some(cursor) if cursor.kind == kind => Ok((cursor, &self.opened.scratch)),
            _ => Err(exhausted()),
        }
    }

    /// Integers of column `at`.
    #[inline(always)]
    pub(crate) fn ints<T: Int>(&mut self, at: usize, count: usize) -> Result<Ints<'_, T>> {
        let (cursor, scratch) = self.cursor(at, Kind::Int(T::KIND))?;
        cursor.values.take(count, scratch)
    }

    /// One integer of column `at`.
    #[inline(always)]
    pub fn int<T: Int>(&mut self, at: usize) -> Result<T> {
        let (cursor, scratch) = self.cursor(at, Kind::Int(T::KIND))?;
        cursor.values.one(scratch)
    }

    /// One flag of column `at`.
    #[inline(always)]
    pub fn flag(&mut self, at: usize) -> Result<bool> {
        Ok(self.int::<u8>(at)? != 0)
    }

    /// The tag of one enum in column `at`, of so many variants: below their number.
    #[inline(always)]
    pub fn tag(&mut self, at: usize, variants: usize) -> Result<usize> {
        let tag = if variants <= 1 << 8 { usize::from(self.int::<u8>(at)?) } else { usize::from(self.int::<u16>(at)?) };
        if tag < variants { Ok(tag) } else { Err(exhausted()) }
    }

    /// Bytes of floats in column `at`.
    #[inline(always)]
    pub(crate) fn run(&mut self, at: usize, bytes: usize) -> Result<&'r [u8]> {
        self.cursor(at, Kind::Run)?.0.values.bytes(bytes)
    }

    /// One text of column `at`.
    #[inline(always)]
    pub fn text(&mut self, at: usize) -> Result<&'r str> {
        let (cursor, scratch) = self.cursor(at, Kind::Text)?;
        let length = cursor.values.one::<u32>(scratch)? as usize;
        match &mut cursor.data {
            Data::Text(rest) => {
                let (text, after) = rest.split_at_checked(length).ok_or_else(exhausted)?;
                *rest = after;
                Ok(text)
            }
            Data::Equal(text) => Ok(text),
            _ => Err(exhausted()),
        }
    }

    /// One opaque item of column `at`.
    pub(crate) fn opaque(&mut self, at: usize) -> Result<&'r [u8]> {
        let (cursor, scratch) = self.cursor(at, Kind::Opaque)?;
        let length = cursor.values.one::<u32>(scratch)? as usize;
        match &mut cursor.data {
            Data::Bytes(rest) => {
                let (item, after) = rest.split_at_checked(length).ok_or_else(exhausted)?;
                *rest = after;
                Ok(item)
            }
            Data::EqualBytes(item) => Ok(item),
            _ => Err(exhausted()),
        }
    }

    /// Whether a field with a default is there, for one row; its presence stands in column `at`.
    pub fn is_present(&mut self, at: usize) -> Result<bool> {
        let (cursor, scratch) = self.cursor(at, Kind::Presence)?;
        Ok(cursor.values.one::<u8>(scratch)? != 0)
    }

    /// Whether a field with a default is there in all of the next `count` rows; these are then taken.
    pub fn is_present_in_all(&mut self, at: usize, count: usize) -> Result<bool> {
        let (cursor, scratch) = self.cursor(at, Kind::Presence)?;
        let mut ahead = cursor.values.clone();
        let all = ahead.take::<u8>(count, scratch)?.all(|flag| flag != 0);
        if all {
            cursor.values = ahead;
        }
        Ok(all)
    }

    /// The next sequence, set or map of column `at`.
    #[inline(always)]
    pub fn sequence(&mut self, at: usize) -> Result<Sequence> {
        let (cursor, scratch) = self.cursor(at, Kind::Sequence)?;
        let len = cursor.values.one::<u32>(scratch)? as usize;
        Ok(Sequence { len, child: cursor.child })
    }

    /// Visits the tables that hold a sequence's elements: `read` is given the number of rows in one, how many of them
    /// may be read together, and the table's first column.
    #[inline(always)]
    pub fn elements(
        &mut self,
        sequence: Sequence,
        mut read: impl FnMut(&mut Reader<'r>, usize, usize, usize) -> Result<()>,
    ) -> Result<()> {
        if sequence.len == 0 {
            return Ok(());
        }
        match sequence.child {
            Child::None => Err(exhausted()),
            Child::Table { first, recursive: false } => read(self, sequence.len, BATCH, first),
            Child::Table { first, recursive: true } => self.deeper(|reader| read(reader, sequence.len, 1, first)),
            Child::Groups { first, count, recursive } => {
                for i in first..first + count {
                    let group = self.opened.groups[i];
                    if recursive {
                        self.deeper(|reader| read(reader, group.rows, 1, group.first))?;
                    } else {
                        read(self, group.rows, BATCH, group.first)?;
                    }
                }
                Ok(())
            }
        }
    }

    /// Visits the row in the box of column `at`: `read` is given the first column of its table.
    #[inline(always)]
    pub fn boxed<T>(&mut self, at: usize, read: impl FnOnce(&mut Reader<'r>, usize) -> Result<T>) -> Result<T> {
        let child = self.cursor(at, Kind::Boxed)?.0.child;
        match child {
            Child::Table { first, recursive: false } => read(self, first),
            Child::Table { first, recursive: true } => self.deeper(|reader| read(reader, first)),
            _ => Err(exhausted()),
        }
    }

    /// Goes one level of recursion down.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
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
        match sequence.child {
            Child::Table { first, .. } if index == 0 && sequence.len != 0 => Some((sequence.len, first)),
            Child::Groups { first, count, .. } if index < count => {
                let group = self.opened.groups[first + index];
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
        let (cursor, scratch) = self.cursor(at, Kind::Int(crate::shape::IntKind::U8))?;
        Ok(cursor.values.clone().one::<u8>(scratch)? != 0)
    }
}
