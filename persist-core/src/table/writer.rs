//! Collecting columns, and packing them.

use super::collected::{Collected, Kind};
use super::memory::{Collect, Memory, Table};
use super::workers::{Part, Workers};
use super::{STACK_GROWTH, STACK_LEFT};
use crate::column::{Int, Pieces, TOO_LONG, prefetch_on, push_values, put_varint};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Chunker, Header, Small};
use crate::limits::{Limits, reached};
use crate::rows::{BATCH, Rows};
use crate::shape::IntKind;

/// Bytes of columns after which a group of rows is packed: enough for packing to pay, little enough to stay in a
/// second-level cache.
const GROUP_BYTES: usize = 128 << 10;
/// The same at level Small: the more there is of a kind, the better it is compressed.
pub(super) const SMALL_GROUP_BYTES: usize = 1 << 20;
/// The same where columns are as wide as their types. A row more in front moves one row over each border.
const WHOLE_GROUP_BYTES: usize = 16 << 20;
/// Bytes from which a group is not handed on: more than a chunk may have could come of it.
const HANDED_ON: usize = 256 << 20;

/// Writes rows, to the columns from the given one on.
pub(super) type Write<'e, 'w> = &'e mut dyn FnMut(&mut Writer<'w>, usize) -> Result<()>;

/// Columns of all tables of a value that is being saved.
pub struct Writer<'w> {
    pub(super) memory: &'w mut Memory,
    out: &'w mut Vec<u8>,
    /// The frame that the rows are written in.
    frame: Option<Chunker<'w>>,
    /// The row at hand and all that it is part of are the only ones: leaves go straight to the output.
    pub(super) single: bool,
    /// Rows at hand belong to a recursive part, and are written one at a time.
    recursive: bool,
    /// Columns are written as wide as their types.
    whole: bool,
    depth: usize,
    depth_limit: usize,
    /// Those that groups are handed to, once there was one.
    workers: Option<Box<Workers>>,
}

impl<'w> Writer<'w> {
    /// A writer for one row of the shape's root, which is appended to `out`.
    #[inline]
    pub(crate) fn new(memory: &'w mut Memory, out: &'w mut Vec<u8>, limits: &Limits) -> Self {
        let (depth, depth_limit) = (0, limits.depth);
        Writer {
            memory,
            out,
            frame: None,
            single: true,
            recursive: false,
            whole: false,
            depth,
            depth_limit,
            workers: None,
        }
    }

    /// The same, in a frame, which is handed on to a stream where there is one.
    pub(crate) fn framed(
        memory: &'w mut Memory,
        out: &'w mut Vec<u8>,
        (header, small, whole): (&Header, Option<&'w mut Small>, bool),
        sink: Option<&'w mut dyn std::io::Write>,
        limits: &Limits,
    ) -> Self {
        let frame = Chunker::new(header, small, sink, out);
        Writer { frame: Some(frame), whole, ..Self::new(memory, out, limits) }
    }

    /// Ends the frame, after all rows were written.
    #[inline]
    pub(crate) fn finish(mut self) -> Result<()> {
        if self.workers.is_some() {
            self.settle();
        }
        match self.frame {
            Some(frame) => frame.end(self.out),
            None => Ok(()),
        }
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

    /// Whether there is only one row here, or rows are written one at a time: then collections are written one by one.
    pub(crate) fn one_by_one(&self) -> bool {
        self.single || self.recursive
    }

    /// The values that are collected for a column.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn collect(&mut self, at: usize, kind: Kind) -> &mut Collected {
        let collected = &mut self.memory.columns[at].collected;
        collected.kind = kind;
        collected
    }

    /// Writes one integer, length or tag to column `at`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn int<T: Int>(&mut self, at: usize, value: T) {
        if self.single {
            value.put(self.out);
            return;
        }
        self.collect(at, Kind::Int(T::KIND)).values.extend_from_slice(value.to_bytes().as_ref());
    }

    /// Writes one integer; compiled once for each type of them.
    #[inline(never)]
    pub(crate) fn one<T: Int>(&mut self, at: usize, value: T) {
        self.int(at, value);
    }

    /// Writes integers to column `at`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn values<T: Int>(&mut self, at: usize, values: impl ExactSizeIterator<Item = T>) {
        if self.single {
            values.for_each(|value| value.put(self.out));
            return;
        }
        push_values(&mut self.collect(at, Kind::Int(T::KIND)).values, values);
    }

    /// Writes integers to column `at` that stand in memory as they do in a column.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn plain(&mut self, at: usize, kind: IntKind, bytes: &[u8]) {
        self.collect(at, Kind::Int(kind)).values.extend_from_slice(bytes);
    }

    /// Writes pieces of integers to column `at` that stand in memory as they do in a column; or of float runs.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn pieces(&mut self, at: usize, kind: Option<IntKind>, pieces: &Pieces<'_>) {
        let kind = kind.map_or(Kind::Run, Kind::Int);
        pieces.append_to(&mut self.collect(at, kind).values);
    }

    /// Writes flags to column `at`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn flags(&mut self, at: usize, flags: impl ExactSizeIterator<Item = bool>) {
        self.values(at, flags.map(u8::from));
    }

    /// Writes the tags of enums of so many variants to column `at`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn tags(&mut self, at: usize, variants: usize, tags: impl ExactSizeIterator<Item = u16>) {
        if variants <= 1 << 8 {
            self.values(at, tags.map(|tag| tag as u8));
        } else {
            self.values(at, tags);
        }
    }

    /// Writes the tag of one enum of so many variants to column `at`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn tag(&mut self, at: usize, variants: usize, tag: u16) {
        if variants <= 1 << 8 {
            self.int(at, tag as u8);
        } else {
            self.int(at, tag);
        }
    }

    /// Writes the bytes of floats to column `at`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn run(&mut self, at: usize, bytes: &[u8]) {
        if self.single {
            self.out.extend_from_slice(bytes);
            return;
        }
        self.collect(at, Kind::Run).values.extend_from_slice(bytes);
    }

    /// Writes the bytes of floats to column `at`, which are appended by a function.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn runs(&mut self, at: usize, append: impl FnOnce(&mut Vec<u8>)) {
        if self.single { append(self.out) } else { append(&mut self.collect(at, Kind::Run).values) }
    }

    /// Writes a text, or an opaque item, to column `at`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn bytes(&mut self, at: usize, bytes: &[u8]) -> Result<()> {
        let length = length(bytes.len())?;
        if self.single {
            put_varint(self.out, u64::from(length));
            self.out.extend_from_slice(bytes);
            return Ok(());
        }
        prefetch_on(bytes);
        let column = self.collect(at, Kind::Text);
        column.values.extend_from_slice(&length.to_le_bytes());
        column.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes texts to column `at`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn texts<'t, T>(
        &mut self,
        at: usize,
        rows: Rows<'t, T>,
        text: impl Fn(&'t T) -> &'t [u8],
    ) -> Result<()> {
        if rows.len() == 1 {
            return self.bytes(at, text(rows.get(0)));
        }
        if self.single {
            let mut texts = rows.iter().map(text).enumerate();
            return texts.try_for_each(|(row, text)| self.bytes(at, text).map_err(|error| error.at_row(row)));
        }
        let column = self.collect(at, Kind::Text);
        for (i, rows) in rows.batches().enumerate() {
            let pieces = Pieces::of(rows, &text);
            if pieces.reach(TOO_LONG) {
                return Err(too_long(pieces.as_slice().iter().map(|text| text.len())).after_rows(i * BATCH));
            }
            push_values(&mut column.values, pieces.as_slice().iter().map(|text| text.len() as u32));
            pieces.append_to(&mut column.bytes);
        }
        Ok(())
    }

    /// Writes the length of one sequence to the edge in column `at`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn length(&mut self, at: usize, len: usize) -> Result<()> {
        self.one(at, length(len)?);
        Ok(())
    }

    /// Writes the lengths of at most [`BATCH`] sequences to the edge in column `at`; gives their sum.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn lengths(
        &mut self,
        at: usize,
        lengths: impl ExactSizeIterator<Item = usize> + Clone,
    ) -> Result<usize> {
        let (mut total, mut longest) = (0usize, 0);
        let values = lengths.clone().map(|length| {
            total = total.saturating_add(length);
            longest |= length;
            length as u32
        });
        push_values(&mut self.collect(at, Kind::Int(IntKind::U32)).values, values);
        if longest >= TOO_LONG { Err(too_long(lengths)) } else { Ok(total) }
    }

    /// Writes the elements of sequences whose lengths were written; so many, to the columns that `elements` is given.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn elements(
        &mut self,
        at: usize,
        total: usize,
        mut elements: impl FnMut(&mut Self, usize) -> Result<()>,
    ) -> Result<()> {
        if total == 0 {
            return Ok(());
        }
        let table = self.memory.child(at);
        self.enter(table, total, false, &mut elements)
    }

    /// Whether elements of the edge in column `at` are of a recursive part.
    pub(crate) fn leads_to_recursion(&mut self, at: usize) -> bool {
        let table = self.memory.child(at);
        self.is_recursive(table)
    }

    /// Writes the box in column `at`; `write` writes what is in it, to the columns that it is given.
    #[inline]
    pub fn boxed(&mut self, at: usize, mut write: impl FnMut(&mut Self, usize) -> Result<()>) -> Result<()> {
        self.boxed_by(at, &mut write)
    }

    fn boxed_by(&mut self, at: usize, write: Write<'_, 'w>) -> Result<()> {
        let table = self.memory.child(at);
        let single = self.single;
        let recursive = self.memory.tables[table].set.is_some();
        if !single {
            self.collect(at, Kind::Boxed);
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
        write: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        if !self.single || len == 1 {
            return write(self);
        }
        self.memory.make_root();
        self.single = false;
        let result = write(self);
        self.single = true;
        if result.is_ok() {
            (at..at + columns).for_each(|at| self.pack_column(at));
        }
        result
    }

    /// Writes `rows` rows to a child table. One function for all types, so that what writes the rows of one is compiled
    /// once.
    pub(super) fn enter(&mut self, table: usize, rows: usize, single: bool, write: Write<'_, 'w>) -> Result<()> {
        let Table { first, set, rows: all, .. } = &mut self.memory.tables[table];
        *all += rows;
        let (first, recursive) = (*first, set.is_some());
        let before = (self.single, self.recursive);
        (self.single, self.recursive) = (single, recursive);
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

    /// Appends a number to the output.
    pub(super) fn put(&mut self, value: u64) {
        put_varint(self.out, value);
    }

    /// Packs a group of rows behind the edge in column `at`, and cuts the output.
    pub(super) fn pack_group(&mut self, at: usize) -> Result<()> {
        let collected = self.memory.child_bytes(at);
        if let Some((small, len)) = self.frame.as_mut().and_then(|frame| frame.small(self.out))
            && small.threads() > 1
        {
            if collected + len < HANDED_ON {
                return self.hand_on(at);
            }
            self.settle();
        }
        self.pack_child(at);
        self.cut()
    }

    /// Hands a group on to other threads.
    #[cold]
    fn hand_on(&mut self, at: usize) -> Result<()> {
        let Writer { memory, out, frame: Some(frame), workers, .. } = self else { return Ok(()) };
        let workers = match (workers, frame.small(out)) {
            (Some(workers), _) => workers,
            (none, Some((small, _))) => none.insert(Box::new(Workers::new(small)?)),
            (None, None) => return Ok(()),
        };
        let (chunk, mut parts) = (frame.detach(workers.chunk(), out), Vec::new());
        memory.each_part(at, &mut |part| match part {
            Collect::Rows(rows) => parts.push(Part::Rows(rows)),
            Collect::Column(column, shape, node, place) => {
                let column = std::mem::replace(column, workers.memory());
                parts.push(Part::Column(column, shape.column(node, place)));
            }
        });
        workers.hand_on(chunk, parts, memory.shape, out);
        frame.open_next(out)
    }

    /// Waits for what was handed on.
    fn settle(&mut self) {
        if let (Some(frame), Some(workers)) = (&mut self.frame, &mut self.workers) {
            let chunk = frame.detach(workers.chunk(), self.out);
            workers.settle(self.out);
            frame.attach(chunk, self.out);
        }
    }

    /// A group of rows ends here: the output is cut, so that a reader can go on from here.
    pub(super) fn cut(&mut self) -> Result<()> {
        match &mut self.frame {
            Some(frame) => frame.cut(self.out),
            None => Ok(()),
        }
    }

    /// Appends bytes to the output.
    pub(super) fn put_bytes(&mut self, bytes: &[u8]) {
        match &mut self.frame {
            Some(frame) => frame.append(bytes, self.out),
            None => self.out.extend_from_slice(bytes),
        }
    }

    /// Whether the table has a set of its own, or belongs to one.
    pub(super) fn is_recursive(&self, table: usize) -> bool {
        self.memory.tables[table].set.is_some()
    }

    /// Packs what stands behind the edge in column `at`.
    pub(super) fn pack_child(&mut self, at: usize) {
        let Writer { memory, out, frame, whole, .. } = self;
        memory.each_part(at, &mut packing(out, frame, *whole));
    }

    pub(super) fn pack_table(&mut self, table: usize) {
        let Writer { memory, out, frame, whole, .. } = self;
        memory.each_part_of(table, &mut packing(out, frame, *whole));
    }

    fn pack_column(&mut self, at: usize) {
        let Writer { memory, out, frame, whole, .. } = self;
        memory.each_part_from(at, &mut packing(out, frame, *whole));
    }

    /// Bytes of columns after which a group of rows is packed.
    pub(super) fn group_bytes(&mut self) -> usize {
        match () {
            () if self.is_small() => SMALL_GROUP_BYTES,
            () if self.whole => WHOLE_GROUP_BYTES,
            () => GROUP_BYTES,
        }
    }

    /// Whether columns are packed as those of level Small.
    pub(super) fn is_small(&mut self) -> bool {
        self.frame.as_mut().is_some_and(|frame| frame.cuts().is_some())
    }
}

/// Packs to the output.
#[inline(always)]
fn packing<'o>(out: &'o mut Vec<u8>, frame: &'o mut Option<Chunker<'_>>, whole: bool) -> impl FnMut(Collect<'_>) {
    let mut cuts = frame.as_mut().and_then(Chunker::cuts);
    move |part| match part {
        Collect::Rows(rows) => put_varint(out, rows),
        Collect::Column(collected, shape, node, place) => {
            match &mut cuts {
                None if whole => collected.put_whole(out),
                None => collected.pack(out),
                Some(cuts) => collected.pack_small(shape, shape.column(node, place), out, cuts),
            }
            collected.clear();
        }
    }
}

/// The error of the first of some lengths that is too long.
#[cold]
fn too_long(lengths: impl Iterator<Item = usize>) -> Error {
    let error = lengths.enumerate().find_map(|(row, len)| length(len).err().map(|error| error.at_row(row)));
    error.unwrap_or_else(|| Error::of(ErrorKind::Unsupported, "a length is too long"))
}

/// A length as files hold it.
pub(super) fn length(len: usize) -> Result<u32> {
    u32::try_from(len).map_err(|_| {
        Error::of(ErrorKind::Unsupported, format!("{len} elements or bytes in one sequence are too many"))
            .with_help("the format counts up to 4,294,967,295; split the sequence")
    })
}
