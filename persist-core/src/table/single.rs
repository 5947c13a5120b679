//! Reading rows that are the only ones, as they were written: leaf by leaf, with neither cursors nor a table.
//!
//! Only rows that come in numbers are opened, group by group, so that a long sequence needs the memory of one group.
//! It is the way to read a value whose shape is that of the file.

use super::Scratch;
use super::cursor::Child;
use super::open::{Opened, Opener};
use crate::column::Input;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Checksum, Chunks, Pending, Restorer};
use crate::limits::Budget;
use crate::plan::{Op, Plan, Step, TablePlan};
use crate::source::cbor::check_item;

/// Where the bytes of a body come from, chunk by chunk. A chunk ends where a group of rows does.
pub(crate) enum Body<'r> {
    /// All of them are there.
    Whole,
    /// The chunks of a frame in memory.
    Frame(Chunks<'r>),
    /// The chunks of a stream: each is appended to a vector, which gives its offset and the
    /// bytes that are stored. And whether the frame is of level Small.
    Stream(&'r mut NextChunk<'r>, bool),
}

type NextChunk<'r> = dyn FnMut(&mut Vec<u8>) -> Result<Option<(u64, usize)>> + 'r;

impl<'r> Body<'r> {
    /// The same for a shorter time, which a reference to a function does not become by itself.
    #[inline]
    pub(crate) fn shorten<'x>(self) -> Body<'x>
    where
        'r: 'x,
    {
        match self {
            Body::Whole => Body::Whole,
            Body::Frame(chunks) => Body::Frame(chunks),
            Body::Stream(next, small) => Body::Stream(next, small),
        }
    }

    /// Whether it is of level Small.
    #[inline]
    fn is_small(&self) -> bool {
        match self {
            Body::Whole => false,
            Body::Frame(chunks) => chunks.is_small(),
            Body::Stream(_, small) => *small,
        }
    }
}

/// The bytes at hand.
enum Chunk<'r> {
    Borrowed(Input<'r>),
    /// Of a frame, and not checked yet; with all bytes of the chunk.
    Unchecked(Input<'r>, &'r [u8], Pending),
    /// From `from` on; the first byte stands at an offset.
    Owned {
        bytes: Vec<u8>,
        from: usize,
        offset: u64,
    },
}

/// What is opened.
#[derive(Clone, Copy)]
pub(super) enum Edge {
    /// Rows of a table of the plan; whether the one row that there is was written as a single one.
    Rows { table: usize, rows: usize, single: bool },
    /// The elements of the array in column `at` of the table at hand.
    Array { at: usize },
}

/// A row that is the only one, in the bytes of a value.
pub(crate) struct Single<'r> {
    chunk: Chunk<'r>,
    body: Body<'r>,
    plan: &'r Plan,
    /// The table of the plan that the row belongs to.
    table: usize,
    budget: Budget,
    /// Levels that an opaque item may have.
    depth: usize,
    scratch: &'r mut Scratch,
    restorer: &'r mut Restorer,
    /// Whether float runs have the form of level Small.
    lanes: bool,
}

#[allow(clippy::redundant_closure_for_method_calls, reason = "a method is of one lifetime, a closure of all")]
impl<'r> Single<'r> {
    /// The root's row in bytes, with more of them where the body has more.
    pub(crate) fn new(
        bytes: Input<'r>,
        body: Body<'r>,
        plan: &'r Plan,
        budget: Budget,
        depth: usize,
        (scratch, restorer): (&'r mut Scratch, &'r mut Restorer),
    ) -> Self {
        let lanes = body.is_small();
        Single { chunk: Chunk::Borrowed(bytes), body, plan, table: 0, budget, depth, scratch, restorer, lanes }
    }

    /// Charges the root's row to the budget.
    #[inline]
    pub(crate) fn begin(&mut self) -> Result<()> {
        self.budget.memory(1, self.plan.tables[0].size.unwrap_or(0))
    }

    /// After the root was read: every byte was used.
    #[inline]
    pub(super) fn finish(&mut self) -> Result<()> {
        if !matches!(self.body, Body::Whole) {
            self.refill()?;
        }
        self.check()?;
        if self.with(|input| input.is_empty()) {
            Ok(())
        } else {
            Err(self.corrupt("bytes are left after the last column"))
        }
    }

    /// Lends the bytes at hand.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn with<T>(&mut self, take: impl FnOnce(&mut Input<'_>) -> T) -> T {
        match &mut self.chunk {
            Chunk::Borrowed(input) | Chunk::Unchecked(input, ..) => take(input),
            Chunk::Owned { bytes, from, offset } => {
                let mut input = Input::with_offset(&bytes[*from..], *offset + *from as u64);
                let taken = take(&mut input);
                *from = bytes.len() - input.len();
                taken
            }
        }
    }

    /// Takes a leaf, which stands in one chunk.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn leaf<T>(&mut self, take: impl FnOnce(&mut Input<'_>) -> Result<T>) -> Result<T> {
        match &mut self.chunk {
            Chunk::Borrowed(input) | Chunk::Unchecked(input, ..) if !input.is_empty() => take(input),
            _ => {
                self.refill()?;
                self.with(take)
            }
        }
    }

    /// Goes on to the next chunk where this one was used up.
    #[cold]
    fn refill(&mut self) -> Result<()> {
        while self.with(|input| input.is_empty()) {
            self.check()?;
            let mut bytes = match &mut self.chunk {
                Chunk::Owned { bytes, from, offset } => {
                    // Whatever comes of it, an empty chunk stands where this one ended.
                    *offset += std::mem::take(from) as u64;
                    std::mem::take(bytes)
                }
                _ => self.restorer.memory(),
            };
            bytes.clear();
            let found = match &mut self.body {
                Body::Whole => return Ok(()),
                Body::Stream(next, _) => next(&mut bytes)?,
                Body::Frame(chunks) => match chunks.next_unchecked()? {
                    Some((mut chunk, pending)) => {
                        if let Some(input) = chunk.as_it_is().filter(|_| !chunk.continued) {
                            self.chunk = match pending {
                                None => Chunk::Borrowed(input),
                                Some(pending) => Chunk::Unchecked(input, chunk.stored(), pending),
                            };
                            continue;
                        }
                        pending.map_or(Ok(()), |pending| pending.finish(chunk.stored()))?;
                        let offset = chunk.offset();
                        loop {
                            let room = self.budget.left().saturating_sub(bytes.len() as u64);
                            chunk.append_to(&mut bytes, room, self.restorer)?;
                            if !chunk.continued {
                                break;
                            }
                            let Some(next) = chunks.next()? else { break };
                            chunk = next;
                        }
                        Some((offset, 0))
                    }
                    None => None,
                },
            };
            let Some((offset, stored)) = found else {
                self.restorer.keep(bytes);
                self.body = Body::Whole;
                return Ok(());
            };
            self.budget.grow(stored);
            self.chunk = Chunk::Owned { bytes, from: 0, offset };
        }
        Ok(())
    }

    /// Brings all chunks that are left to the bytes at hand.
    #[cold]
    fn gather(&mut self) -> Result<()> {
        if matches!(self.body, Body::Whole) {
            return Ok(());
        }
        let (mut all, start) = self.with(|input| (input.rest().to_vec(), input.offset()));
        loop {
            self.chunk = Chunk::Borrowed(Input::with_offset(&[], start + all.len() as u64));
            self.refill()?;
            self.check()?;
            if self.with(|input| input.is_empty()) {
                break;
            }
            self.with(|input| all.extend_from_slice(input.rest()));
        }
        self.chunk = Chunk::Owned { bytes: all, from: 0, offset: start };
        Ok(())
    }

    /// Makes a check that is still to be made.
    fn check(&mut self) -> Result<()> {
        if !matches!(self.chunk, Chunk::Unchecked(..)) {
            return Ok(());
        }
        match std::mem::replace(&mut self.chunk, Chunk::Borrowed(Input::new(&[]))) {
            Chunk::Unchecked(input, chunk, pending) => {
                self.chunk = Chunk::Borrowed(input);
                pending.finish(chunk)
            }
            _ => Ok(()),
        }
    }

    /// Takes the bytes of floats: with a check that has to be made while they are copied, where there is one.
    #[inline]
    pub(super) fn run<T>(&mut self, count: usize, take: impl FnOnce(&[u8], Option<&mut Checksum>) -> T) -> Result<T> {
        match &mut self.chunk {
            Chunk::Unchecked(input, chunk, pending) if !input.is_empty() => {
                let place = chunk.len() - input.len();
                let bytes = input.take(count)?;
                Ok(take(bytes, Some(pending.up_to(chunk, place, count))))
            }
            _ => self.leaf(|input| Ok(take(input.take(count)?, None))),
        }
    }

    #[cold]
    pub(super) fn corrupt(&self, what: &'static str) -> Error {
        let offset = match &self.chunk {
            Chunk::Borrowed(input) | Chunk::Unchecked(input, ..) => input.offset(),
            Chunk::Owned { from, offset, .. } => *offset + *from as u64,
        };
        Error::of(ErrorKind::Corrupt, what).at_offset(offset)
    }

    /// Takes a text.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn text<T>(&mut self, take: impl FnOnce(&str) -> T) -> Result<T> {
        let length = self.leaf(|input| input.length())?;
        self.budget.memory(length, 1)?;
        self.leaf(|input| match std::str::from_utf8(input.take(length)?) {
            Ok(text) => Ok(take(text)),
            Err(_) => Err(input.corrupt("a text is not UTF-8")),
        })
    }

    /// Takes an opaque item.
    pub(super) fn opaque<T>(&mut self, take: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
        let depth = self.depth;
        let length = self.leaf(|input| input.length())?;
        self.budget.memory(length, 1)?;
        self.leaf(|input| {
            let item = input.take(length)?;
            check_item(item, depth).map_err(|error| error.at_offset(input.offset()))?;
            take(item)
        })
    }

    /// The length of the outermost sequence, and how its elements stand.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn sequence(&mut self, at: usize) -> Result<(usize, Child)> {
        let header = self.leaf(|input| input.varint())?;
        let len = u32::try_from(header >> 1).map_err(|_| self.corrupt("a length is over 4,294,967,295"))? as usize;
        let (table, grouped) = (self.edge(at)?, header & 1 == 1);
        let TablePlan { size, set, .. } = &self.plan.tables[table];
        // Those of a recursive part are charged when its tables are opened, and those of a stream as they come.
        if set.is_none() && (!self.is_streamed() || self.stays_single(table, len, grouped)) {
            self.budget.elements(len, size.unwrap_or(0))?;
        }
        Ok((len, Child::Inline { table, grouped }))
    }

    fn is_streamed(&self) -> bool {
        matches!(self.body, Body::Stream(..))
    }

    /// For how many elements of `size` bytes memory may be reserved: what a stream holds is not known before it is there.
    pub(super) fn room(&self, len: usize, size: usize) -> usize {
        if self.is_streamed() { len.min(self.budget.room(size)) } else { len }
    }

    /// The table behind the edge in a column.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn edge(&self, at: usize) -> Result<usize> {
        match self.plan.tables[self.table].edges.get(at) {
            Some(&Some(table)) => Ok(table),
            _ => Err(super::cursor::exhausted()),
        }
    }

    /// The table behind the box in a column.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn boxed(&mut self, at: usize) -> Result<usize> {
        let table = self.edge(at)?;
        let TablePlan { size, set, .. } = &self.plan.tables[table];
        if set.is_none() {
            self.budget.elements(1, size.unwrap_or(0))?;
        }
        Ok(table)
    }

    /// Whether the elements of a sequence are again a single row that is read as it was written.
    pub(super) fn stays_single(&self, table: usize, len: usize, grouped: bool) -> bool {
        self.was_single(table, len, grouped) && !self.plan.tables[table].changed
    }

    /// Whether the elements of a sequence were written as a single row.
    pub(super) fn was_single(&self, table: usize, len: usize, grouped: bool) -> bool {
        len == 1 && !grouped && self.plan.tables[table].set.is_none()
    }

    /// Whether rows of a table are floats only that stand as they are, which need no opening.
    pub(super) fn is_float(&self, table: usize) -> bool {
        !self.lanes && matches!(self.plan.tables[table].steps[..], [Step { op: Op::Run(_), .. }])
    }

    /// Charges rows of a stream to the budget.
    pub(super) fn charge(&mut self, table: usize, rows: usize) -> Result<()> {
        if self.is_streamed() { self.budget.elements(rows, self.plan.tables[table].size.unwrap_or(0)) } else { Ok(()) }
    }

    /// Goes to another table; gives the one at hand.
    pub(super) fn enter(&mut self, table: usize) -> usize {
        std::mem::replace(&mut self.table, table)
    }

    /// The rows of the next group of a sequence.
    pub(super) fn group(&mut self, left: usize) -> Result<usize> {
        let rows = self.leaf(|input| input.length())?;
        if rows == 0 || rows > left {
            return Err(self.corrupt("a group has more rows than are left, or none"));
        }
        Ok(rows)
    }

    /// Opens rows, and lends them to `read` with their first column, and whether they are of a recursive part.
    pub(super) fn open<T>(
        &mut self,
        edge: Edge,
        read: impl FnOnce(Opened<'_>, usize, bool) -> Result<(T, Scratch)>,
    ) -> Result<T> {
        self.refill()?;
        self.check()?;
        let charged = !self.is_streamed();
        if matches!(edge, Edge::Rows { single: true, .. }) {
            // There may be an outermost sequence in it, whose groups are in other chunks.
            self.gather()?;
        }
        let (plan, table, depth, lanes) = (self.plan, self.table, self.depth, self.lanes);
        let (scratch, budget) = (std::mem::take(&mut *self.scratch), &mut self.budget);
        let open = |input: &mut Input<'_>| {
            let mut opener = Opener::new(input.clone(), plan, budget, depth, scratch, lanes);
            let (first, recursive) = match edge {
                Edge::Rows { table, rows, single } => opener.rows(table, rows, charged, single)?,
                Edge::Array { at } => (opener.array(table, at)?, false),
            };
            let (opened, rest) = opener.finish();
            let value = read(opened, first, recursive)?;
            *input = rest;
            Ok::<_, Error>(value)
        };
        let (value, scratch) = match &mut self.chunk {
            Chunk::Borrowed(input) | Chunk::Unchecked(input, ..) => open(input)?,
            Chunk::Owned { bytes, from, offset } => {
                let mut input = Input::with_offset(&bytes[*from..], *offset + *from as u64);
                let found = open(&mut input)?;
                *from = bytes.len() - input.len();
                found
            }
        };
        *self.scratch = scratch;
        Ok(value)
    }
}
