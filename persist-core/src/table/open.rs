//! Opening packed tables: everything is checked in bulk, before any value is made.
//!
//! A plan says which column follows which; opening takes each from the input, checks lengths, tags, flags, characters
//! and UTF-8, charges the budget, and leaves cursors. It knows no type.

use super::EQUAL_TEXTS;
use super::cursor::{Cursor, Data, Group, Kind, Taken, Texts, Values};
use crate::column::{Input, Int, Rows, Unpacked, all_chars, count_set, highest, sum_u32, unpack, unpack_floats};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Budget;
use crate::plan::{Op, Plan, Step, TablePlan, inner_steps};
use crate::shape::IntKind;
use crate::source::cbor::check_item;

/// Bytes of a column of texts, and columns, whose memory is used again.
const KEPT: usize = 1 << 20;
const COLUMNS: usize = 8;

/// Memory that opening and reading use again.
#[derive(Default)]
pub(crate) struct Scratch {
    values: Vec<u8>,
    /// Empty: only its memory is of use.
    cursors: Vec<Cursor<'static>>,
    entries: Vec<&'static str>,
    /// Memory of texts that were put together.
    texts: Vec<Vec<u8>>,
}

/// Opened tables: the cursors, the root's first.
pub(crate) struct Opened<'d> {
    pub(super) cursors: Vec<Cursor<'d>>,
    pub(super) groups: Vec<Group>,
    pub(super) scratch: Vec<u8>,
    pub(super) texts: Texts<'d>,
    /// Memory for such texts.
    pub(super) kept: Vec<Vec<u8>>,
}

impl Opened<'_> {
    fn new(scratch: Scratch) -> Self {
        let Scratch { mut values, cursors, entries, texts: kept } = scratch;
        values.clear();
        Opened { cursors, groups: vec![], scratch: values, texts: Texts { entries, built: vec![] }, kept }
    }

    /// After all rows were read: each was used. Gives the memory back.
    pub(super) fn finish(mut self) -> Result<Scratch> {
        if !self.cursors.iter().all(|cursor| cursor.values.is_empty()) {
            return Err(Error::of(ErrorKind::Corrupt, "rows are left that nothing refers to"));
        }
        self.cursors.clear();
        // Nothing is in it, so that this is the same memory under another lifetime.
        let cursors = self.cursors.into_iter().map(|_| Cursor::default()).collect();
        self.texts.entries.clear();
        let entries = self.texts.entries.into_iter().map(|_| "").collect();
        let memory = self.texts.built.into_iter().map(String::into_bytes).filter(|texts| texts.capacity() <= KEPT);
        self.kept.extend(memory.take(COLUMNS.saturating_sub(self.kept.len())));
        Ok(Scratch { values: self.scratch, cursors, entries, texts: self.kept })
    }
}

/// Opens one row of the plan's root, which has to be all of the input; `single` where it was written as such,
/// `small` where it is of level Small.
/// Opaque items in it may have `depth` levels.
pub(crate) fn open<'d>(
    input: Input<'d>,
    (single, small): (bool, bool),
    plan: &Plan,
    budget: &mut Budget,
    depth: usize,
    scratch: Scratch,
) -> Result<Opened<'d>> {
    let mut opener = Opener::new(input, plan, budget, depth, scratch, small);
    opener.single = single;
    let root = opener.table(0);
    opener.budget.memory(1, plan.tables[0].size.unwrap_or(0))?;
    opener.steps(&plan.tables[0].steps, root, 1)?;
    let (opened, rest) = opener.finish();
    if !rest.is_empty() {
        return Err(Error::of(ErrorKind::Corrupt, "bytes are left after the last column").at_offset(rest.offset()));
    }
    Ok(opened)
}

pub(super) struct Opener<'d, 'p> {
    pub(super) input: Input<'d>,
    pub(super) plan: &'p Plan,
    pub(super) budget: &'p mut Budget,
    /// Levels that an opaque item may have.
    depth: usize,
    pub(super) opened: Opened<'d>,
    pub(super) single: bool,
    /// Whether float runs have the form of level Small.
    lanes: bool,
    /// The set that is being opened.
    pub(super) set: Option<Set>,
}

/// The tables of a recursive part, while they are opened.
pub(super) struct Set {
    /// Which of the plan.
    pub(super) index: usize,
    /// First cursor of each table.
    pub(super) first: Vec<usize>,
    /// Rows that edges lead to so far.
    pub(super) expected: Vec<u64>,
}

impl<'d, 'p> Opener<'d, 'p> {
    pub(super) fn new(
        input: Input<'d>,
        plan: &'p Plan,
        budget: &'p mut Budget,
        depth: usize,
        scratch: Scratch,
        lanes: bool,
    ) -> Self {
        Opener { input, plan, budget, depth, opened: Opened::new(scratch), single: false, lanes, set: None }
    }

    /// What was opened, and what is left of the input.
    pub(super) fn finish(self) -> (Opened<'d>, Input<'d>) {
        (self.opened, self.input)
    }

    /// Opens rows that come next; gives their first column, and whether they are of a recursive part. They may be
    /// charged to the budget already, and the one row that there is may have been written as a single one.
    pub(super) fn rows(&mut self, table: usize, rows: usize, charged: bool, single: bool) -> Result<(usize, bool)> {
        let plan = self.plan;
        let TablePlan { steps, size, set, .. } = &plan.tables[table];
        if let Some((set, place)) = *set {
            return Ok((self.recursive(set, place, rows)?, true));
        }
        if let (false, Some(size)) = (charged, *size) {
            self.budget.elements(rows, size)?;
        }
        let first = self.table(table);
        self.single = single;
        self.steps(steps, first, rows)?;
        Ok((first, false))
    }

    /// Opens the elements of a single row's array; gives the first column of the row's table.
    pub(super) fn array(&mut self, table: usize, at: usize) -> Result<usize> {
        let plan = self.plan;
        let first = self.table(table);
        // An array of what takes no columns has no step of its own to look for: there is nothing to open.
        if let Some(step) = find_array(&plan.tables[table].steps, at) {
            self.steps(std::slice::from_ref(step), first, 1)?;
        }
        Ok(first)
    }

    /// Cursors for a table.
    pub(super) fn table(&mut self, table: usize) -> usize {
        let first = self.opened.cursors.len();
        self.opened.cursors.resize_with(first + self.plan.tables[table].columns, Cursor::default);
        first
    }

    pub(super) fn cursor(&mut self, at: usize) -> &mut Cursor<'d> {
        &mut self.opened.cursors[at]
    }

    pub(super) fn steps(&mut self, steps: &'p [Step], first: usize, rows: usize) -> Result<()> {
        if rows == 0 {
            return Ok(());
        }
        for step in steps {
            self.step(&step.op, first, first + step.at, rows).map_err(|error| match &step.field {
                Some((owner, name)) => error.at_offset(self.input.offset()).in_field(owner.clone(), name.clone()),
                None => error.at_offset(self.input.offset()),
            })?;
        }
        Ok(())
    }

    fn step(&mut self, op: &'p Op, first: usize, at: usize, rows: usize) -> Result<()> {
        match op {
            Op::Int(kind) => {
                let values = self.kind(*kind, rows)?;
                self.place(at, Kind::Int(*kind), values);
            }
            Op::Bool => {
                let values = self.bounded(rows, 2, "a flag is neither 0 nor 1")?;
                self.place(at, Kind::Int(IntKind::U8), values);
            }
            Op::Char => self.chars(at, rows)?,
            Op::Run(size) => {
                let values = self.run(*size, rows)?;
                self.place(at, Kind::Run, values);
            }
            Op::Text => self.texts(at, rows)?,
            Op::Opaque => self.opaque(at, rows)?,
            Op::Convert(from, to) => self.convert(*from, *to, at, rows)?,
            Op::Floats(floats) => self.floats(floats, first, rows)?,
            Op::Presence(there) => self.place(at, Kind::Presence, equal(u8::from(*there), rows)),
            Op::Nothing => self.place(at, Kind::Int(IntKind::U8), equal(0u8, rows)),
            Op::Something(inner) => {
                self.place(at, Kind::Int(IntKind::U8), equal(1u8, rows));
                self.steps(inner, first, rows)?;
            }
            Op::Unwrap(inner) => self.unwrap(inner, first, rows)?,
            Op::Forms(current, older) => {
                let there = self.presence(at, Kind::Presence, rows)?;
                self.steps(current, first, there)?;
                self.steps(older, first, rows - there)?;
            }
            Op::Perhaps(inner) => {
                let there = self.presence(at, Kind::Presence, rows)?;
                self.steps(inner, first, there)?;
            }
            Op::Option(inner) => {
                let there = self.presence(at, Kind::Int(IntKind::U8), rows)?;
                self.steps(inner, first, there)?;
            }
            Op::Array(len, size, inner) => {
                let len = usize::try_from(*len).map_err(|_| self.input.truncated())?;
                let items = rows.checked_mul(len).ok_or_else(|| self.input.truncated())?;
                if let Some(size) = size {
                    self.budget.elements(items, *size)?;
                }
                let single = self.single;
                self.single &= len == 1;
                self.steps(inner, first, items)?;
                self.single = single;
            }
            Op::Enum(variants) => {
                let (counts, tags) = self.tags(variants.len(), rows)?;
                self.place(at, tag_kind(variants.len()), tags);
                variants.iter().zip(counts).try_for_each(|(steps, count)| self.steps(steps, first, count))?;
            }
            Op::Variants(variants, wide) => self.variants(variants, *wide, first, at, rows)?,
            Op::NoElements => self.place(at, Kind::Sequence, equal(0u32, rows)),
            Op::OneElement(table) => {
                self.place(at, Kind::Sequence, equal(1u32, rows));
                let child = self.child(*table, rows)?;
                self.cursor(at).child = child;
            }
            Op::Skip(columns, inner) => self.skip(*columns, inner, rows)?,
            Op::Sequence(table) if self.single => self.groups(at, *table)?,
            Op::Sequence(table) => {
                let lengths = self.ints::<u32>(rows)?;
                let total = self.sum(&lengths, rows)?;
                self.place(at, Kind::Sequence, lengths);
                let child = self.child(*table, total)?;
                self.cursor(at).child = child;
            }
            Op::Boxed(table) => {
                self.cursor(at).kind = Kind::Boxed;
                let child = self.child(*table, rows)?;
                self.cursor(at).child = child;
            }
        }
        Ok(())
    }

    /// The bytes of float runs.
    pub(super) fn run(&mut self, size: usize, rows: usize) -> Result<Values<'d>> {
        if !self.lanes || rows == 1 {
            let bytes = rows.checked_mul(size).ok_or_else(|| self.input.truncated())?;
            return self.input.take(bytes).map(Values::Input);
        }
        let from = self.opened.scratch.len();
        let budget = &mut *self.budget;
        let reserve = |bytes| budget.memory(bytes, 1);
        Ok(match unpack_floats(&mut self.input, rows, size, &mut self.opened.scratch, reserve)? {
            Rows::InPlace(bytes) => Values::Input(bytes),
            Rows::Scratch => Values::Scratch(from, self.opened.scratch.len()),
        })
    }

    pub(super) fn place(&mut self, at: usize, kind: Kind, values: Values<'d>) {
        let cursor = self.cursor(at);
        (cursor.kind, cursor.values) = (kind, values);
    }

    pub(super) fn kind(&mut self, kind: IntKind, rows: usize) -> Result<Values<'d>> {
        match kind {
            IntKind::U8 => self.ints::<u8>(rows),
            IntKind::U16 => self.ints::<u16>(rows),
            IntKind::U32 => self.ints::<u32>(rows),
            IntKind::U64 => self.ints::<u64>(rows),
            IntKind::U128 => self.ints::<u128>(rows),
            IntKind::I8 => self.ints::<i8>(rows),
            IntKind::I16 => self.ints::<i16>(rows),
            IntKind::I32 => self.ints::<i32>(rows),
            IntKind::I64 => self.ints::<i64>(rows),
            IntKind::I128 => self.ints::<i128>(rows),
        }
    }

    /// A column of integers, `rows` at least 1.
    #[inline(never)]
    pub(super) fn ints<T: Int>(&mut self, rows: usize) -> Result<Values<'d>> {
        if rows == 1 {
            return Ok(equal(T::get(&mut self.input)?, 1));
        }
        let from = self.opened.scratch.len();
        let budget = &mut *self.budget;
        let (found, base) =
            unpack::<T>(&mut self.input, rows, &mut self.opened.scratch, |bytes| budget.memory(bytes, 1))?;
        Ok(match found {
            Unpacked::Equal => equal(base, rows),
            Unpacked::InPlace(bytes) => Values::Input(bytes),
            Unpacked::Scratch => Values::Scratch(from, self.opened.scratch.len()),
        })
    }

    /// The bytes of a column that was just read, or its one value.
    fn seen<T: Int>(&self, values: &Values<'d>, rows: usize) -> Result<Taken<'_>> {
        values.clone().bytes_of(rows, T::SIZE, &self.opened.scratch)
    }

    /// Visits the values of a column that was just read.
    pub(super) fn visit<T: Int>(&self, values: &Values<'d>, rows: usize, visit: impl FnMut(T)) -> Result<()> {
        values.clone().take::<T>(rows, &self.opened.scratch)?.for_each(visit);
        Ok(())
    }

    pub(super) fn bounded(&mut self, rows: usize, bound: u8, what: &'static str) -> Result<Values<'d>> {
        let values = self.ints::<u8>(rows)?;
        let highest = match self.seen::<u8>(&values, rows)? {
            Taken::Bytes(bytes) => highest(bytes),
            Taken::Equal(value) => value[0],
        };
        if highest >= bound { Err(self.input.corrupt(what)) } else { Ok(values) }
    }

    /// Flags; gives how many are set.
    pub(super) fn presence(&mut self, at: usize, kind: Kind, rows: usize) -> Result<usize> {
        let values = self.bounded(rows, 2, "a flag is neither 0 nor 1")?;
        let there = match self.seen::<u8>(&values, rows)? {
            Taken::Bytes(flags) => count_set(flags),
            Taken::Equal(value) => rows * usize::from(value[0]),
        };
        self.place(at, kind, values);
        Ok(there)
    }

    fn chars(&mut self, at: usize, rows: usize) -> Result<()> {
        let values = self.ints::<u32>(rows)?;
        let valid = match self.seen::<u32>(&values, rows)? {
            Taken::Bytes(values) => all_chars(values),
            Taken::Equal(value) => all_chars(&value[..u32::SIZE]),
        };
        if !valid {
            return Err(self.input.corrupt("a character is not a Unicode scalar value"));
        }
        self.place(at, Kind::Int(IntKind::U32), values);
        Ok(())
    }

    fn sum(&mut self, lengths: &Values<'d>, rows: usize) -> Result<usize> {
        let total = match self.seen::<u32>(lengths, rows)? {
            Taken::Bytes(values) => Some(sum_u32(values)),
            Taken::Equal(value) => u64::from(u32::from_bytes(&value[..u32::SIZE])).checked_mul(rows as u64),
        };
        total.and_then(|total| usize::try_from(total).ok()).ok_or_else(|| self.input.truncated())
    }

    fn texts(&mut self, at: usize, rows: usize) -> Result<()> {
        if let Some(length) = self.equal_length(rows)? {
            let text = self.text(length)?;
            self.budget.memory(rows, length)?;
            self.place(at, Kind::Text, equal(length as u32, rows));
            self.cursor(at).data = Data::Equal(text);
            return Ok(());
        }
        if let Some((values, data)) = self.form_of_texts(rows)? {
            self.place(at, Kind::Text, values);
            self.cursor(at).data = data;
            return Ok(());
        }
        let lengths = self.ints::<u32>(rows)?;
        let (lengths, text) = self.plain_texts(lengths, rows)?;
        self.place(at, Kind::Text, lengths);
        self.cursor(at).data = Data::Text(text);
        Ok(())
    }

    /// The texts of a column whose lengths were read.
    pub(super) fn plain_texts(&mut self, lengths: Values<'d>, rows: usize) -> Result<(Values<'d>, &'d str)> {
        let total = self.sum(&lengths, rows)?;
        let text = self.text(total)?;
        self.budget.memory(total, 1)?;
        if !text.is_ascii() {
            let (mut end, mut valid) = (0, true);
            self.visit::<u32>(&lengths, rows, |length| {
                end += length as usize;
                valid &= text.is_char_boundary(end);
            })?;
            if !valid {
                return Err(self.input.corrupt("a text ends inside a character"));
            }
        }
        Ok((lengths, text))
    }

    /// The length of the one text or item that all rows have, where the column says that they have one.
    pub(super) fn equal_length(&mut self, rows: usize) -> Result<Option<usize>> {
        if rows > 1 && self.input.peek() == Some(EQUAL_TEXTS) {
            self.input.byte()?;
            return self.input.length().map(Some);
        }
        Ok(None)
    }

    pub(super) fn text(&mut self, length: usize) -> Result<&'d str> {
        let bytes = self.input.take(length)?;
        std::str::from_utf8(bytes).map_err(|_| self.input.corrupt("a text is not UTF-8"))
    }

    fn opaque(&mut self, at: usize, rows: usize) -> Result<()> {
        if let Some(length) = self.equal_length(rows)? {
            let item = self.input.take(length)?;
            check_item(item, self.depth)?;
            self.budget.memory(rows, length)?;
            self.place(at, Kind::Opaque, equal(length as u32, rows));
            self.cursor(at).data = Data::EqualBytes(item);
            return Ok(());
        }
        let lengths = self.ints::<u32>(rows)?;
        let total = self.sum(&lengths, rows)?;
        let bytes = self.input.take(total)?;
        let (mut rest, mut found) = (bytes, Ok(()));
        self.visit::<u32>(&lengths, rows, |length| {
            let (item, after) = rest.split_at(length as usize);
            rest = after;
            if found.is_ok() {
                found = check_item(item, self.depth);
            }
        })?;
        found?;
        self.budget.memory(total, 1)?;
        self.place(at, Kind::Opaque, lengths);
        self.cursor(at).data = Data::Bytes(bytes);
        Ok(())
    }

    /// The tags of an enum of so many variants, and how many rows each has.
    pub(super) fn tags(&mut self, variants: usize, rows: usize) -> Result<(Vec<usize>, Values<'d>)> {
        let mut counts = vec![0usize; variants];
        let mut known = true;
        let mut count = |tag: usize| match counts.get_mut(tag) {
            Some(count) => *count += 1,
            None => known = false,
        };
        let tags = if variants <= 1 << 8 {
            let tags = self.ints::<u8>(rows)?;
            self.visit::<u8>(&tags, rows, |tag| count(usize::from(tag)))?;
            tags
        } else {
            let tags = self.ints::<u16>(rows)?;
            self.visit::<u16>(&tags, rows, |tag| count(usize::from(tag)))?;
            tags
        };
        if known { Ok((counts, tags)) } else { Err(self.input.corrupt("a tag is of no variant")) }
    }
}

/// The step of the outermost array in a column.
fn find_array(steps: &[Step], at: usize) -> Option<&Step> {
    steps.iter().find_map(|step| match &step.op {
        Op::Array(..) if step.at == at => Some(step),
        op => {
            let mut found = None;
            inner_steps(op, |steps| found = found.or_else(|| find_array(steps, at)));
            found
        }
    })
}

/// How tags of so many variants stand.
pub(super) fn tag_kind(variants: usize) -> Kind {
    Kind::Int(if variants <= 1 << 8 { IntKind::U8 } else { IntKind::U16 })
}

pub(super) fn equal<'d, T: Int>(value: T, rows: usize) -> Values<'d> {
    let mut bytes = [0; 16];
    bytes[..T::SIZE].copy_from_slice(value.to_bytes().as_ref());
    Values::Equal(bytes, rows)
}
