//! Where values come in from: the items of a self-describing format, one at a time.

mod typed;
pub(crate) mod cbor;
pub(crate) mod json;

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

use crate::error::{Error, ErrorKind, Result};
use crate::limits::reached;
pub(crate) use typed::Numbers;

/// A place in the bytes of a self-describing format, from which items are taken one by one.
///
/// It is a cursor: a copy of it stays where it is, so that an item can be passed over and read later. No method goes
/// down into an item, so that nothing that the bytes say can exhaust the stack.
pub(crate) trait Source<'d>: Copy {
    /// Whether keys of maps are texts, and what has no form of its own is spelled in text: JSON.
    const TEXTUAL: bool;

    /// Takes the next item, whatever tags it has. What a list or map holds follows; see [`more`](Source::more).
    fn item(&mut self) -> Result<Item<'d>>;

    /// Takes a tag that stands before the next item, where it has one and the tag is not part of a number or a typed
    /// array.
    fn tag(&mut self) -> Result<Option<u64>>;

    /// Takes the next item where it is null, whatever tags it has.
    fn null(&mut self) -> Result<bool>;

    /// Whether another element or key follows in what was opened; takes the end of it where none does.
    fn more(&mut self, open: &mut Open) -> Result<bool>;

    /// Takes a key and goes to its value, where it is this one and spelled as keys mostly are; what is not taken may
    /// still be it.
    fn key(&mut self, name: &str) -> bool;

    /// Goes from a key to its value.
    fn colon(&mut self) -> Result<()>;

    /// This source at another offset, where an item ended.
    fn at(&self, offset: usize) -> Self;

    /// The bytes from here to a later place.
    fn bytes_to(&self, end: &Self) -> &'d [u8];

    /// The offset of the next item's first byte.
    fn offset(&self) -> usize;

    /// An error that names this place.
    fn error(&self, kind: ErrorKind, message: String) -> Error;
}

/// One item.
pub(crate) enum Item<'d> {
    Null,
    Bool(bool),
    Number(Number<'d>),
    Text(Cow<'d, str>),
    Bytes(Cow<'d, [u8]>),
    /// A list of numbers.
    Numbers(Numbers<'d>),
    List(Open),
    /// Key and value take turns.
    Map(Open),
}

/// A number, as exact as the source has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number<'d> {
    Int(i128),
    /// An integer above the largest `i128`.
    Big(u128),
    Float(f64),
    /// A number of JSON with a fraction or an exponent, or one of more than 128 bits.
    Decimal(&'d str),
    /// An integer of more than 128 bits.
    Huge,
}

impl Number<'_> {
    /// Whether it is an integer, of any size. Minus zero is not, as for `serde_json`.
    pub(crate) fn is_whole(self) -> bool {
        match self {
            Number::Int(_) | Number::Big(_) | Number::Huge => true,
            Number::Float(_) => false,
            Number::Decimal(text) => text != "-0" && !text.contains(['.', 'e', 'E']),
        }
    }
}

/// How far a list or map was taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    /// Elements or entries that are left, where the source says so.
    pub(crate) left: Option<u64>,
    pub(crate) map: bool,
    pub(crate) started: bool,
}

impl Open {
    pub(crate) fn new(map: bool, left: Option<u64>) -> Self {
        Open { left, map, started: false }
    }
}

impl Display for Item<'_> {
    /// What errors say was found.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Item::Null => f.write_str("null"),
            Item::Bool(value) => write!(f, "{value}"),
            Item::Number(number) => write!(f, "the number {number}"),
            Item::Text(text) => write!(f, "the text {}", Quoted(text)),
            Item::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Item::Numbers(numbers) => write!(f, "a typed array of {} numbers", numbers.len()),
            Item::List(_) => f.write_str("a list"),
            Item::Map(_) => f.write_str("a map"),
        }
    }
}

impl Display for Number<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(value) => write!(f, "{value}"),
            Number::Big(value) => write!(f, "{value}"),
            Number::Float(value) => write!(f, "{value:?}"),
            Number::Decimal(text) => Short(text).fmt(f),
            Number::Huge => f.write_str("of more than 128 bits"),
        }
    }
}

/// Characters of a text that errors repeat.
const SHOWN: usize = 40;

/// A text in an error, cut where it is long.
pub(crate) struct Short<'t>(pub(crate) &'t str);

impl Display for Short<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(SHOWN) {
            None => f.write_str(self.0),
            Some((end, _)) => write!(f, "{}..", &self.0[..end]),
        }
    }
}

/// A text in an error, in quotes, cut where it is long.
pub(crate) struct Quoted<'t>(pub(crate) &'t str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(SHOWN) {
            None => write!(f, "{:?}", self.0),
            Some((end, _)) => write!(f, "{:?}..", &self.0[..end]),
        }
    }
}

/// Takes the next item where nobody is to read it: it may be marked as what no type reads.
pub(crate) fn any_item<'d, S: Source<'d>>(source: &mut S) -> Result<Item<'d>> {
    while source.tag()?.is_some() {}
    source.item()
}

/// Passes over an item that is not needed, of at most so many levels; gives how many items it is made of.
pub(crate) fn skip<'d, S: Source<'d>>(source: &mut S, levels: usize) -> Result<usize> {
    pass(source, levels, None)
}

/// Bytes from which on the end of a list or map is worth remembering.
const LONG: usize = 4 << 10;
/// Levels to which it is remembered: what is remembered then takes only a few times the bytes themselves.
const LEVELS: usize = 1 << 10;

/// Where lists and maps end that were passed over, to be read later, when parts of them may be passed over again.
///
/// Without it, a part that stands in many others would be passed over once for each of them.
#[derive(Default)]
pub(crate) struct Ends {
    /// Start and end, by start: what lies between places that were passed over is passed over from front to back.
    known: Vec<(usize, usize)>,
    /// All that will be passed over again stands before this.
    until: usize,
}

impl Ends {
    /// Passes over an item that will be read later, of at most so many levels.
    pub(crate) fn pass<'d, S: Source<'d>>(&mut self, source: &mut S, levels: usize) -> Result<()> {
        let start = source.offset();
        if start < self.until {
            return match self.known.binary_search_by_key(&start, |&(start, _)| start) {
                Ok(index) => {
                    *source = source.at(self.known[index].1);
                    Ok(())
                }
                Err(_) => pass(source, levels, None).map(drop),
            };
        }
        pass(source, levels, Some(&mut self.known))?;
        self.until = source.offset();
        Ok(())
    }
}

/// A list or map inside which an item is passed over.
struct Level {
    open: Open,
    /// Whether a key was passed over, so that its value is next.
    value: bool,
    start: usize,
    /// Where its end is remembered.
    place: Option<usize>,
}

fn pass<'d, S: Source<'d>>(source: &mut S, limit: usize, mut known: Option<&mut Vec<(usize, usize)>>) -> Result<usize> {
    let mut levels: Vec<Level> = Vec::new();
    let mut items = 0;
    loop {
        let start = source.offset();
        items += 1;
        let item = any_item(source)?;
        if let Item::Numbers(numbers) = &item {
            items += numbers.len();
        }
        if let Item::List(open) | Item::Map(open) = item {
            if levels.len() >= limit {
                return Err(reached("depth", "the value is nested more deeply than allowed").at_offset(start as u64));
            }
            let place = known.as_mut().filter(|_| levels.len() < LEVELS).map(|known| {
                known.push((start, start));
                known.len() - 1
            });
            levels.push(Level { open, value: false, start, place });
        }
        while let Some(level) = levels.last_mut() {
            if level.value {
                level.value = false;
                source.colon()?;
                break;
            }
            if source.more(&mut level.open)? {
                level.value = level.open.map;
                break;
            }
            if let (Some(place), Some(known)) = (level.place, &mut known) {
                let end = source.offset();
                if end - level.start < LONG {
                    // What stands in it is shorter still.
                    known.truncate(place);
                } else {
                    known[place].1 = end;
                }
            }
            levels.pop();
        }
        if levels.is_empty() {
            return Ok(items);
        }
    }
}
