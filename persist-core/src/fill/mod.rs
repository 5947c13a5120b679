//! Filling tables from a self-describing format, by a shape: the way in of the protocols that have no schema.
//!
//! A [`Source`] gives items; what they become follows from the shape. The tables are then packed, and opened and read
//! like those of a file, so that whatever is checked there is checked here, too.

mod leaf;
mod record;
mod choice;

use crate::error::{Error, ErrorKind, Result};
use crate::info::TypeInfo;
use crate::limits::{Budget, Limits};
use crate::shape::{IntKind, Node, NodeId, Shape, Style};
use crate::source::{Ends, Item, Number, Quoted, Source, skip};
use crate::table::{Memory, STACK_GROWTH, STACK_LEFT, Writer};
use crate::value::{self, Value};
use record::Slot;

/// Packed tables of the shape that [`TypeInfo::fill`] gives, filled from the next item, of `size` bytes at most.
pub(crate) fn fill<'d, S: Source<'d>>(
    info: &'static TypeInfo,
    source: &mut S,
    size: usize,
    limits: &Limits,
) -> Result<Vec<u8>> {
    let shape = &info.fill()?.shape;
    let (mut memory, mut body) = (Memory::new(shape), Vec::new());
    let mut writer = Writer::filling(&mut memory, &mut body, limits);
    let mut filler = Filler {
        source: *source,
        shape,
        budget: limits.budget(size),
        depth: limits.depth,
        levels: levels(limits),
        ends: Ends::default(),
        slots: Vec::new(),
        unknown: Vec::new(),
        run: None,
        bytes: Vec::new(),
    };
    filler.node(&mut writer, Shape::ROOT, 0)?;
    *source = filler.source;
    writer.finish_filled();
    Ok(body)
}

/// Levels of lists and maps in what is passed over: a level of a recursive type may take several of them.
pub(crate) fn levels(limits: &Limits) -> usize {
    limits.depth.saturating_mul(16)
}

/// Fills one row after the other.
struct Filler<'f, S> {
    source: S,
    shape: &'f Shape,
    budget: Budget,
    /// Levels of dynamic values.
    depth: usize,
    levels: usize,
    ends: Ends,
    /// Of each struct and variant that is being filled, its fields.
    slots: Vec<Slot<S>>,
    /// Of each struct and variant that is being filled, the names and values that its type does not know.
    unknown: Vec<(S, S)>,
    /// The float run that is being filled; columns are then places in it.
    run: Option<Vec<u8>>,
    /// Memory for one item or run.
    bytes: Vec<u8>,
}

/// Bytes that a column's part of a row takes at least while it is filled.
const CELL: usize = 4;

impl<'d, S: Source<'d>> Filler<'_, S> {
    /// Fills one row of a node, in the columns from `at` on.
    fn node(&mut self, writer: &mut Writer<'_>, id: NodeId, at: usize) -> Result<()> {
        let shape = self.shape;
        let floats = shape.floats(id);
        if floats != 0 && self.run.is_none() {
            // Fields may come in any order, but a run has one.
            let mut run = std::mem::take(&mut self.bytes);
            run.clear();
            run.resize(floats, 0);
            self.run = Some(run);
            let result = self.node(writer, id, 0);
            self.bytes = self.run.take().unwrap_or_default();
            result?;
            writer.run(at, &self.bytes);
            return Ok(());
        }
        match shape.node(id) {
            Node::Unit | Node::Bool | Node::Char | Node::Int(_) | Node::F32 | Node::F64 | Node::Text => {
                self.leaf(writer, id, at)
            }
            Node::Opaque => self.opaque(writer, at),
            Node::Formatted(format, inner) => self.formatted(writer, *format, *inner, at),
            // Types may be nested deeply without being recursive.
            _ => stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || self.part(writer, id, at)),
        }
    }

    /// Fills one row of a node that holds others.
    fn part(&mut self, writer: &mut Writer<'_>, id: NodeId, at: usize) -> Result<()> {
        match self.shape.node(id) {
            Node::Option(inner) => self.option(writer, *inner, at),
            Node::Perhaps(inner) => {
                // What was an option may be null: the default stands for that, as for what is absent.
                if !self.shape.is_nullable(*inner) && self.source.null()? {
                    writer.int(at, 0u8);
                    return Ok(());
                }
                writer.int(at, 1u8);
                self.node(writer, *inner, at + 1)
            }
            Node::Boxed(inner) => writer.boxed(at, |writer, first| self.node(writer, *inner, first)),
            Node::Seq(item) | Node::Set(item) => self.sequence(writer, id, *item, at),
            Node::Map(pair) => self.map(writer, id, *pair, at),
            Node::Pair(key, item) => self.items(writer, id, &[*key, *item], at),
            Node::Tuple(items) => self.items(writer, id, items, at),
            Node::Array(item, count) => self.array(writer, id, *item, *count, at),
            Node::Struct(record) => match record.style {
                Style::Unit => self.unit(writer, id, record, at),
                Style::Newtype => {
                    let field = &record.fields[0];
                    self.node(writer, field.node, at)
                        .map_err(|error| error.in_field(record.name.clone(), field.name.clone()))
                }
                Style::Named | Style::Tuple => self.record(writer, record, None, false, at),
            },
            Node::Enum(choice) => self.choice(writer, id, choice, false, at),
            Node::Versioned(versioned) => self.versioned(writer, versioned, at),
            _ => unreachable!("the caller fills what holds no others"),
        }
    }

    /// Columns, or bytes of a float run, between a node and what follows it.
    fn width(&self, id: NodeId) -> usize {
        if self.run.is_some() { self.shape.floats(id) } else { self.shape.columns(id) }
    }

    fn option(&mut self, writer: &mut Writer<'_>, inner: NodeId, at: usize) -> Result<()> {
        if self.source.null()? {
            writer.int(at, 0u8);
            return Ok(());
        }
        writer.int(at, 1u8);
        if self.shape.is_nullable(inner)
            && let Some((told, after)) = self.told()?
        {
            self.source = told;
            self.node(writer, inner, at + 1)?;
            self.source = after;
            return Ok(());
        }
        self.node(writer, inner, at + 1)
    }

    /// Where the next item is a map with the one key `Some`, the places of its value and after it.
    fn told(&mut self) -> Result<Option<(S, S)>> {
        let mut ahead = self.source;
        let Item::Map(mut open) = ahead.item()? else { return Ok(None) };
        if !ahead.more(&mut open)? || !matches!(ahead.item()?, Item::Text(key) if key == "Some") {
            return Ok(None);
        }
        ahead.colon()?;
        let value = ahead;
        self.ends.pass(&mut ahead, self.levels)?;
        Ok(if ahead.more(&mut open)? { None } else { Some((value, ahead)) })
    }

    fn sequence(&mut self, writer: &mut Writer<'_>, id: NodeId, item: NodeId, at: usize) -> Result<()> {
        let start = self.source;
        match self.source.item()? {
            Item::List(mut open) => {
                let mut pending = writer.begin(at);
                let mut index = 0;
                while self.source.more(&mut open)? {
                    self.charge(item)?;
                    writer
                        .element(&mut pending, |writer, first| self.node(writer, item, first))
                        .map_err(|error| error.in_element(index))?;
                    index += 1;
                }
                writer.end(pending)
            }
            Item::Numbers(numbers) if self.takes_numbers(item) => self.numbers(writer, &start, item, &numbers, at),
            Item::Bytes(bytes) if !self.is_byte(item) && self.takes_numbers(item) => {
                let mut pending = writer.begin(at);
                for (index, &byte) in bytes.iter().enumerate() {
                    self.charge(item)?;
                    let number = Number::Int(byte.into());
                    writer
                        .element(&mut pending, |writer, first| self.number(writer, &start, item, number, first))
                        .map_err(|error| error.in_element(index))?;
                }
                writer.end(pending)
            }
            Item::Bytes(bytes) if self.is_byte(item) => writer.sequence(at, bytes.len(), |elements| {
                elements.batch(bytes.len(), |writer, at| {
                    writer.values(at, bytes.iter().copied());
                    Ok(())
                })
            }),
            found => Err(self.unexpected(&start, id, &found)),
        }
    }

    fn map(&mut self, writer: &mut Writer<'_>, id: NodeId, pair: NodeId, at: usize) -> Result<()> {
        let start = self.source;
        let Node::Pair(key, item) = *self.shape.node(pair) else {
            return Err(self.source.error(ErrorKind::Shape, "a map without pairs".to_owned()));
        };
        let columns = self.shape.columns(key);
        match self.source.item()? {
            Item::Map(mut open) => {
                let mut pending = writer.begin(at);
                while self.source.more(&mut open)? {
                    self.charge(pair)?;
                    let place = self.source;
                    writer
                        .element(&mut pending, |writer, first| {
                            if S::TEXTUAL {
                                self.key(writer, key, first)?;
                            } else {
                                self.node(writer, key, first)?;
                            }
                            self.source.colon()?;
                            self.node(writer, item, first + columns)
                        })
                        .map_err(|error| in_entry(error, place))?;
                }
                writer.end(pending)
            }
            // How maps are spelled whose keys are no texts.
            Item::List(mut open) => {
                let mut pending = writer.begin(at);
                let mut index = 0;
                while self.source.more(&mut open)? {
                    self.charge(pair)?;
                    writer
                        .element(&mut pending, |writer, first| self.node(writer, pair, first))
                        .map_err(|error| error.in_element(index))?;
                    index += 1;
                }
                writer.end(pending)
            }
            found => Err(self.unexpected(&start, id, &found)),
        }
    }

    fn array(&mut self, writer: &mut Writer<'_>, id: NodeId, item: NodeId, count: u64, at: usize) -> Result<()> {
        let start = self.source;
        // Elements of a run stand behind one another, others in the same columns.
        let step = if self.run.is_some() { self.shape.floats(item) } else { 0 };
        let found = match self.source.item()? {
            Item::List(mut open) => {
                let mut found = 0;
                while self.source.more(&mut open)? {
                    if found < count {
                        self.charge(item)?;
                        self.node(writer, item, at + found as usize * step)
                            .map_err(|error| error.in_element(found as usize))?;
                    } else {
                        skip(&mut self.source, self.levels)?;
                    }
                    found += 1;
                }
                found
            }
            Item::Bytes(bytes) if self.is_byte(item) => {
                if bytes.len() as u64 == count {
                    writer.values(at, bytes.iter().copied());
                }
                bytes.len() as u64
            }
            Item::Bytes(bytes) if self.takes_numbers(item) => {
                if bytes.len() as u64 == count {
                    for (index, &byte) in bytes.iter().enumerate() {
                        self.number(writer, &start, item, Number::Int(byte.into()), at + index * step)
                            .map_err(|error| error.in_element(index))?;
                    }
                }
                bytes.len() as u64
            }
            Item::Numbers(numbers) if self.takes_numbers(item) => {
                if numbers.len() as u64 == count {
                    self.budget.elements(numbers.len(), self.shape.columns(item) * CELL)?;
                    for (index, number) in numbers.iter().enumerate() {
                        self.number(writer, &start, item, number, at + index * step)
                            .map_err(|error| error.in_element(index))?;
                    }
                }
                numbers.len() as u64
            }
            found => return Err(self.unexpected(&start, id, &found)),
        };
        if found == count { Ok(()) } else { Err(self.miscounted(&start, id, found)) }
    }

    /// A list of values of these nodes, whose columns stand side by side.
    fn items(&mut self, writer: &mut Writer<'_>, id: NodeId, items: &[NodeId], at: usize) -> Result<()> {
        let start = self.source;
        let (mut at, mut found) = (at, 0);
        let mut open = match self.source.item()? {
            Item::List(open) => open,
            Item::Numbers(numbers)
                if numbers.len() == items.len() && items.iter().all(|&item| self.takes_numbers(item)) =>
            {
                for (index, (&item, number)) in items.iter().zip(numbers.iter()).enumerate() {
                    self.number(writer, &start, item, number, at).map_err(|error| error.in_element(index))?;
                    at += self.width(item);
                }
                return Ok(());
            }
            found => return Err(self.unexpected(&start, id, &found)),
        };
        while self.source.more(&mut open)? {
            match items.get(found) {
                Some(&item) => {
                    self.node(writer, item, at).map_err(|error| error.in_element(found))?;
                    at += self.width(item);
                }
                None => drop(skip(&mut self.source, self.levels)?),
            }
            found += 1;
        }
        if found == items.len() { Ok(()) } else { Err(self.miscounted(&start, id, found as u64)) }
    }

    /// A value of no fixed shape, as one CBOR item.
    fn opaque(&mut self, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        if !S::TEXTUAL {
            let start = self.source;
            let items = skip(&mut self.source, self.levels)?;
            self.budget.memory(items, size_of::<Value>())?;
            return writer.bytes(at, start.bytes_to(&self.source));
        }
        let value = value::read(&mut self.source, self.depth, &mut self.budget)?;
        self.bytes.clear();
        value::cbor::encode(&value, &mut self.bytes);
        writer.bytes(at, &self.bytes)
    }

    fn is_byte(&self, id: NodeId) -> bool {
        matches!(self.shape.node(id), Node::Int(IntKind::U8))
    }

    /// Takes a row of a table from the budget.
    fn charge(&mut self, id: NodeId) -> Result<()> {
        self.budget.elements(1, self.shape.columns(id) * CELL)
    }

    #[cold]
    fn unexpected(&self, start: &S, id: NodeId, found: &Item<'_>) -> Error {
        start.error(ErrorKind::Shape, format!("expected {}, found {found}", self.wanted(id)))
    }

    #[cold]
    fn miscounted(&self, start: &S, id: NodeId, found: u64) -> Error {
        start.error(ErrorKind::Shape, format!("expected {}, found one of {found}", self.wanted(id)))
    }

    /// What a node is filled from, as errors call it.
    fn wanted(&self, id: NodeId) -> String {
        match self.shape.node(id) {
            Node::Unit => "null".to_owned(),
            Node::Bool => "true or false".to_owned(),
            Node::Char => "a text of one character".to_owned(),
            Node::Int(kind) => format!("an integer for `{}`", kind.name()),
            Node::F32 => "a number for `f32`".to_owned(),
            Node::F64 => "a number for `f64`".to_owned(),
            Node::Text => "a text".to_owned(),
            Node::Seq(item) if self.is_byte(*item) => "bytes, or a list of them".to_owned(),
            Node::Seq(_) | Node::Set(_) => "a list".to_owned(),
            Node::Map(_) => "a map, or a list of pairs".to_owned(),
            Node::Pair(..) => "a list of 2, a key and its value".to_owned(),
            Node::Array(_, count) => format!("a list of {count}"),
            Node::Tuple(items) => format!("a list of {}", items.len()),
            Node::Struct(record) => match record.style {
                Style::Unit => format!("null for `{}`", record.name),
                Style::Tuple => format!("a list of {} for `{}`", record.fields.len(), record.name),
                Style::Named | Style::Newtype => format!("a map with the fields of `{}`", record.name),
            },
            Node::Enum(choice) => {
                format!("a variant of `{}`: its name, or a map with its name as the one key", choice.name)
            }
            Node::Formatted(format, _) => format!("a text for `{format:?}`"),
            Node::Option(inner) | Node::Perhaps(inner) | Node::Boxed(inner) => match self.shape.node(*inner) {
                Node::Option(_) | Node::Boxed(_) => "another value".to_owned(),
                _ => self.wanted(*inner),
            },
            Node::Opaque => "a value".to_owned(),
            Node::Versioned(versioned) => self.wanted(versioned.current),
        }
    }
}

/// Says that an error happened at the map's key that stands here.
#[cold]
fn in_entry<'d, S: Source<'d>>(error: Error, mut place: S) -> Error {
    let key = match place.item() {
        Ok(Item::Text(text)) => Quoted(&text).to_string(),
        Ok(Item::Number(number)) => number.to_string(),
        Ok(Item::Bool(flag)) => flag.to_string(),
        _ => "..".to_owned(),
    };
    error.in_entry(key)
}
