//! Writing rows by their program.

use std::io::Write;
use std::marker::PhantomData;

use super::packed::{Packed, open_rows};
use crate::column::Input;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::info::TypeInfo;
use crate::limits::Limits;
use crate::program::{Block, Callee, Comma, Program, Step, Text, Typed};
use crate::shape::{Format, IntKind, Node, NodeId, Shape, VERSION, Variant};
use crate::table::{Opened, Reader, STACK_GROWTH, STACK_LEFT, Scratch, Sequence, Taken};
use crate::walk::{character, float32, float64};

/// How values of each kind are spelled.
pub(super) trait Notation {
    fn null(out: &mut Vec<u8>);
    fn flag(out: &mut Vec<u8>, value: bool);
    fn unsigned(out: &mut Vec<u8>, value: u64);
    fn signed(out: &mut Vec<u8>, value: i64);
    fn wide_unsigned(out: &mut Vec<u8>, value: u128);
    fn wide_signed(out: &mut Vec<u8>, value: i128);
    fn float32(out: &mut Vec<u8>, value: f32);
    fn float64(out: &mut Vec<u8>, value: f64);
    fn text(out: &mut Vec<u8>, text: &str);
    /// Begins so many bytes.
    fn octets(out: &mut Vec<u8>, len: usize);
    /// Some of the bytes that were begun; and whether others were before.
    fn some_octets(out: &mut Vec<u8>, octets: &[u8], begun: &mut bool);
    fn end_octets(out: &mut Vec<u8>);
    /// Begins a list of so many values, or a map.
    fn list(out: &mut Vec<u8>, len: u64);
    fn map(out: &mut Vec<u8>, len: u64);
    /// Stands between two values, or entries.
    fn comma(out: &mut Vec<u8>);
    fn colon(out: &mut Vec<u8>);
    fn end_list(out: &mut Vec<u8>);
    fn end_map(out: &mut Vec<u8>);
    /// A value that was kept as a CBOR item, of at most so many levels.
    fn opaque(out: &mut Vec<u8>, item: &[u8], depth: usize) -> Result<()>;
    /// A value with a readable form, as one.
    fn formatted(out: &mut Vec<u8>, format: Format, reader: &mut Reader<'_>, at: usize, key: bool) -> Result<()>;
    /// Begins a typed array of so many bytes of numbers, little-endian.
    fn numbers(out: &mut Vec<u8>, typed: Typed, bytes: usize);
    /// Some of its numbers.
    fn some_numbers(out: &mut Vec<u8>, typed: Typed, numbers: &[u8]);
}

/// Bytes after which a stream is handed what was written.
const CHUNK: usize = 64 << 10;

/// Opens rows of a type's own shape that were packed just now: not bounded by what reading them may use.
pub(super) fn open_own<'d>(info: &TypeInfo, body: &'d [u8]) -> Result<Opened<'d>> {
    open_rows(Packed::body(Input::new(body)), &info.plan, &Limits::none(), Scratch::default())
}

/// Writes the root's row by the program of its shape; what of it fills a chunk goes to the stream, where there is one.
pub(super) fn write<N: Notation>(
    opened: Opened<'_>,
    (program, shape): (&Program, &Shape),
    depth: usize,
    out: &mut Vec<u8>,
    stream: Option<&mut dyn Write>,
) -> Result<()> {
    let context = Context::new();
    let mut rows = Rows {
        program,
        shape,
        reader: Reader::new(opened, &context, depth),
        out,
        stream,
        sorted: 0,
        entries: Vec::new(),
        moved: Vec::new(),
        notation: PhantomData::<N>,
    };
    rows.block(program.root(), 0)?;
    match rows.stream {
        Some(stream) => Ok(stream.write_all(rows.out)?),
        None => Ok(()),
    }
}

/// Rows that are being written.
struct Rows<'r, 's, N> {
    program: &'r Program,
    shape: &'r Shape,
    reader: Reader<'r>,
    out: &'r mut Vec<u8>,
    stream: Option<&'s mut dyn Write>,
    /// Maps and sets at hand whose entries will be sorted, so that they have to stay.
    sorted: usize,
    /// Where their entries begin.
    entries: Vec<usize>,
    /// Memory for entries that are sorted.
    moved: Vec<u8>,
    notation: PhantomData<N>,
}

impl<N: Notation> Rows<'_, '_, N> {
    /// Writes the steps of a block, whose columns are those from `first` on.
    fn block(&mut self, block: Block, first: usize) -> Result<()> {
        let program = self.program;
        for (before, step) in program.steps(block) {
            self.bytes(*before);
            self.step(step, first)?;
        }
        Ok(())
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn step(&mut self, step: &Step, first: usize) -> Result<()> {
        let column = |at: u32| first + at as usize;
        match *step {
            Step::Nothing => {}
            Step::Bool(at) => N::flag(self.out, self.reader.flag(column(at))?),
            Step::Char(at) => {
                let value = character(&mut self.reader, column(at))?;
                N::text(self.out, value.encode_utf8(&mut [0; 4]));
            }
            Step::Int(kind, at) => self.int(kind, column(at))?,
            Step::F32(at) => N::float32(self.out, float32(&mut self.reader, column(at))?),
            Step::F64(at) => N::float64(self.out, float64(&mut self.reader, column(at))?),
            Step::Text(at) => self.reader.with_text(column(at), |text| N::text(self.out, text))?,
            Step::Opaque(at) => {
                let item = self.reader.opaque(column(at))?;
                N::opaque(self.out, item, self.reader.depth_limit())?;
            }
            Step::Formatted(format, at) => N::formatted(self.out, format, &mut self.reader, column(at), false)?,
            Step::FormattedKey(format, at) => N::formatted(self.out, format, &mut self.reader, column(at), true)?,
            Step::Option(at, some) => {
                if self.reader.flag(column(at))? {
                    self.block(some, first)?;
                } else {
                    N::null(self.out);
                }
            }
            Step::Told(at, inner, told, plain) => {
                if self.reader.flag(column(at))? {
                    let told = if self.shape.is_told(&mut self.reader, inner, column(at) + 1)? { told } else { plain };
                    self.block(told, first)?;
                } else {
                    N::null(self.out);
                }
            }
            Step::Octets(at) => self.octets(column(at))?,
            Step::OctetArray(at, count) => self.octet_array(column(at), count)?,
            Step::Numbers(at, typed) => self.numbers(column(at), typed)?,
            Step::NumberArray(at, typed, count) => self.number_array(column(at), typed, count)?,
            Step::List(at, item) => self.list(column(at), item)?,
            Step::Map(at, entry) => self.map(column(at), entry)?,
            Step::SortedList(at, item) => self.sorted_rows(column(at), item, false)?,
            Step::SortedMap(at, entry) => self.sorted_rows(column(at), entry, true)?,
            Step::Array(count, item) => {
                N::list(self.out, count);
                for index in 0..count {
                    if index != 0 {
                        N::comma(self.out);
                    }
                    self.block(item, first)?;
                }
                N::end_list(self.out);
            }
            Step::Enum(at, variants, count) => {
                let tag = self.reader.tag(column(at), count as usize)?;
                self.block(self.program.variants(variants, count)[tag], first)?;
            }
            Step::Boxed(at, inner) => {
                let (first, recursive) = self.reader.box_table(column(at))?;
                self.deeper(recursive, |rows| rows.block(rows.program.callee(inner), first))?;
            }
            Step::Call(at, node) => {
                // Types may be nested deeply without being recursive.
                self.deeper(false, |rows| rows.block(rows.program.callee(node), column(at)))?;
            }
            Step::Unknown(at, owner, variant, comma) => self.unknown_fields(column(at), owner, variant, comma)?,
            Step::SortedFields(entries) => {
                self.sort(true, |rows| rows.block(entries, first))?;
            }
            Step::Entry => self.entries.push(self.out.len()),
        }
        Ok(())
    }

    /// Appends bytes of the program.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn bytes(&mut self, text: Text) {
        let (bytes, len) = self.program.text(text);
        match bytes.first_chunk::<16>() {
            // A copy of a fixed size is a few instructions, and what is too much of it is taken back.
            Some(few) if len <= few.len() => {
                let end = self.out.len() + len;
                self.out.extend_from_slice(few);
                self.out.truncate(end);
            }
            _ => self.out.extend_from_slice(&bytes[..len]),
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn int(&mut self, kind: IntKind, at: usize) -> Result<()> {
        let (reader, out) = (&mut self.reader, &mut *self.out);
        match kind {
            IntKind::U8 => N::unsigned(out, reader.int::<u8>(at)?.into()),
            IntKind::U16 => N::unsigned(out, reader.int::<u16>(at)?.into()),
            IntKind::U32 => N::unsigned(out, reader.int::<u32>(at)?.into()),
            IntKind::U64 => N::unsigned(out, reader.int::<u64>(at)?),
            IntKind::U128 => N::wide_unsigned(out, reader.int::<u128>(at)?),
            IntKind::I8 => N::signed(out, reader.int::<i8>(at)?.into()),
            IntKind::I16 => N::signed(out, reader.int::<i16>(at)?.into()),
            IntKind::I32 => N::signed(out, reader.int::<i32>(at)?.into()),
            IntKind::I64 => N::signed(out, reader.int::<i64>(at)?),
            IntKind::I128 => N::wide_signed(out, reader.int::<i128>(at)?),
        }
        Ok(())
    }

    /// Goes down to another table.
    fn deeper(&mut self, recursive: bool, write: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        if recursive {
            self.reader.descend()?;
        }
        let result = stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || write(self));
        if recursive {
            self.reader.ascend();
        }
        result
    }

    /// Calls `visit` with the rows of each table of a sequence, and their first column.
    fn tables(
        &mut self,
        sequence: Sequence,
        mut visit: impl FnMut(&mut Self, usize, usize) -> Result<()>,
    ) -> Result<()> {
        self.deeper(sequence.is_recursive(), |rows| {
            let mut index = 0;
            while let Some((count, first)) = rows.reader.table(sequence, index) {
                visit(rows, count, first)?;
                index += 1;
            }
            Ok(())
        })
    }

    /// Writes the rows of a sequence, with commas between them.
    fn rows(&mut self, sequence: Sequence, node: Callee) -> Result<()> {
        let block = self.program.callee(node);
        let mut comma = false;
        self.tables(sequence, |rows, count, first| {
            for _ in 0..count {
                if std::mem::replace(&mut comma, true) {
                    N::comma(rows.out);
                }
                rows.block(block, first)?;
                rows.hand_on()?;
            }
            Ok(())
        })
    }

    /// Gives the stream what was written, where it is much.
    #[inline]
    fn hand_on(&mut self) -> Result<()> {
        if self.out.len() >= CHUNK
            && self.sorted == 0
            && let Some(stream) = &mut self.stream
        {
            stream.write_all(self.out)?;
            self.out.clear();
        }
        Ok(())
    }

    fn list(&mut self, at: usize, item: Callee) -> Result<()> {
        let sequence = self.reader.sequence(at)?;
        N::list(self.out, sequence.len as u64);
        self.rows(sequence, item)?;
        N::end_list(self.out);
        Ok(())
    }

    fn map(&mut self, at: usize, entry: Callee) -> Result<()> {
        let sequence = self.reader.sequence(at)?;
        N::map(self.out, sequence.len as u64);
        self.rows(sequence, entry)?;
        N::end_map(self.out);
        Ok(())
    }

    /// Calls `visit` with the bytes of the integers, or floats, of a sequence, so many at once.
    fn plain(&mut self, sequence: Sequence, typed: Typed, mut visit: impl FnMut(&mut Vec<u8>, &[u8])) -> Result<()> {
        self.tables(sequence, |rows, count, first| {
            rows.plain_rows(first, typed, count, &mut visit)?;
            rows.hand_on()
        })
    }

    fn plain_rows(
        &mut self,
        at: usize,
        typed: Typed,
        count: usize,
        visit: &mut impl FnMut(&mut Vec<u8>, &[u8]),
    ) -> Result<()> {
        if count == 0 {
            return Ok(());
        }
        let kind = match typed {
            Typed::Int(kind) => Some(kind),
            Typed::F32 | Typed::F64 => None,
        };
        match self.reader.plain(at, kind, count, typed.size())? {
            Taken::Bytes(bytes) => visit(self.out, bytes),
            Taken::Equal(value) => (0..count).for_each(|_| visit(self.out, &value[..typed.size()])),
        }
        Ok(())
    }

    fn octets(&mut self, at: usize) -> Result<()> {
        let sequence = self.reader.sequence(at)?;
        N::octets(self.out, sequence.len);
        let mut begun = false;
        self.plain(sequence, Typed::Int(IntKind::U8), |out, octets| N::some_octets(out, octets, &mut begun))?;
        N::end_octets(self.out);
        Ok(())
    }

    fn octet_array(&mut self, at: usize, count: u64) -> Result<()> {
        let count = usize::try_from(count).map_err(|_| too_long())?;
        N::octets(self.out, count);
        let (kind, mut begun) = (Typed::Int(IntKind::U8), false);
        self.plain_rows(at, kind, count, &mut |out, octets| N::some_octets(out, octets, &mut begun))?;
        N::end_octets(self.out);
        Ok(())
    }

    fn numbers(&mut self, at: usize, typed: Typed) -> Result<()> {
        let sequence = self.reader.sequence(at)?;
        N::numbers(self.out, typed, sequence.len * typed.size());
        self.plain(sequence, typed, |out, numbers| N::some_numbers(out, typed, numbers))
    }

    fn number_array(&mut self, at: usize, typed: Typed, count: u64) -> Result<()> {
        let bytes = usize::try_from(count).ok().and_then(|count| count.checked_mul(typed.size()));
        let bytes = bytes.ok_or_else(too_long)?;
        N::numbers(self.out, typed, bytes);
        self.plain_rows(at, typed, count as usize, &mut |out, numbers| N::some_numbers(out, typed, numbers))
    }

    /// The fields that the type did not know, beside those that it knows.
    fn unknown_fields(&mut self, at: usize, owner: NodeId, variant: Option<u16>, comma: Comma) -> Result<()> {
        let record: &Variant = match (self.shape.node(owner), variant) {
            (Node::Struct(record), _) => record,
            (Node::Enum(choice), Some(tag)) => &choice.variants[usize::from(tag)],
            _ => return Err(Error::of(ErrorKind::Shape, "unknown fields of what has none")),
        };
        let sequence = self.reader.sequence(at)?;
        let mut before = comma == Comma::Before;
        self.tables(sequence, |rows, count, first| {
            for _ in 0..count {
                let name = rows.reader.with_text(first, str::to_owned)?;
                if name == VERSION || record.position(&name).is_some_and(|index| !record.fields[index].unknown) {
                    let message = format!("the unknown field `{name}` has the name of a field that is known");
                    return Err(Error::of(ErrorKind::Value, message));
                }
                if std::mem::replace(&mut before, comma != Comma::After) {
                    N::comma(rows.out);
                }
                if rows.sorted != 0 {
                    rows.entries.push(rows.out.len());
                }
                N::text(rows.out, &name);
                N::colon(rows.out);
                let item = rows.reader.opaque(first + 1)?;
                N::opaque(rows.out, item, rows.reader.depth_limit())?;
                if comma == Comma::After {
                    N::comma(rows.out);
                }
                rows.hand_on()?;
            }
            Ok(())
        })
    }

    /// A set or map of which the elements are sorted.
    fn sorted_rows(&mut self, at: usize, node: Callee, map: bool) -> Result<()> {
        let sequence = self.reader.sequence(at)?;
        let block = self.program.callee(node);
        self.sort(map, |rows| {
            rows.tables(sequence, |rows, count, first| {
                (0..count).try_for_each(|_| {
                    rows.entries.push(rows.out.len());
                    rows.block(block, first)
                })
            })
        })
    }

    /// Sorts the entries that a function writes, and writes the head before them.
    ///
    /// The bytes of no key begin those of another, so that entries are in the order of their keys.
    fn sort(&mut self, map: bool, write: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let (start, first) = (self.out.len(), self.entries.len());
        self.sorted += 1;
        write(self)?;
        self.sorted -= 1;
        let Rows { out, entries, moved, .. } = self;
        let ends = entries[first..].iter().skip(1).copied().chain([out.len()]);
        let mut own: Vec<&[u8]> = entries[first..].iter().zip(ends).map(|(&start, end)| &out[start..end]).collect();
        own.sort_unstable();
        moved.clear();
        if map {
            N::map(moved, own.len() as u64);
        } else {
            N::list(moved, own.len() as u64);
        }
        own.iter().for_each(|entry| moved.extend_from_slice(entry));
        out.truncate(start);
        out.extend_from_slice(moved);
        entries.truncate(first);
        self.hand_on()
    }
}

#[cold]
fn too_long() -> Error {
    Error::of(ErrorKind::Unsupported, "an array is too long for this machine")
}
