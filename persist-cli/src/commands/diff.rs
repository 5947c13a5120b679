//! `persist diff`: what differs between two files.

use std::borrow::Cow;
use std::path::PathBuf;

use clap::Args;
use persist_core::{Protocol, Value, inspect, transcode};
use serde::Serialize;

use super::Outcome;
use crate::changes::{Change, Comparison};
use crate::exact::Exact;
use crate::failure::{Result, Stop};
use crate::input::{DASH, Format, Item, Values};
use crate::line::line;
use crate::output::{Output, Paint};
use crate::plain::{Json, for_json, plain};
use crate::sets::mark;

/// Compare two files, value by value, field by field
///
/// A line for each difference: `-` is only in A, `+` only in B, `~` differs. Elements of lists are found again where others
/// were added or removed before them; the index is that of A, and of B for what was added. Maps go by key, records by field. Files
/// of two protocols are compared by what both can say.
#[derive(Args, Debug)]
#[command(
    after_help = "The exit status is 0 if the files hold the same, 1 if they differ, and 2 if something went wrong."
)]
pub(crate) struct Diff {
    /// The one file; `-` is the standard input
    #[arg(value_name = "A")]
    old: PathBuf,
    /// The other file
    #[arg(value_name = "B")]
    new: PathBuf,
    /// Write a line of JSON for each difference
    #[arg(long)]
    json: bool,
    /// Lists that hold the same in another order are the same: in JSON and pickles, sets are such lists
    #[arg(long)]
    unordered: bool,
    /// Say nothing, but by the exit status
    #[arg(short, long, conflicts_with = "json")]
    quiet: bool,
    /// Characters of a value to show
    #[arg(long, value_name = "N", default_value_t = WIDTH)]
    width: usize,
}

impl Diff {
    pub(crate) fn run(&self, out: &mut Output) -> Result<Outcome> {
        if self.old.as_os_str() == DASH && self.new.as_os_str() == DASH {
            return Err(Stop::new("standard input", "cannot be both files; name one of them"));
        }
        let mut old = Values::open(&self.old, None)?;
        let mut new = Values::open(&self.new, None)?;
        let mut outcome = Outcome::Good;
        loop {
            let pair = (old.next()?, new.next()?);
            let (number, several) = match &pair {
                (Some(item), _) | (_, Some(item)) => (item.number, item.number > 1),
                (None, None) => return Ok(outcome),
            };
            let mut tell = |path: &str, change: Change<'_>| {
                outcome = Outcome::Different;
                let number = several.then_some(number);
                match () {
                    () if self.quiet => Ok(()),
                    () if self.json => out.json(&Entry::new(number, path, &change), false),
                    () => {
                        let (paint, line) = line_of(number, path, &change, self.width);
                        out.put(paint, line)?;
                        out.end()
                    }
                }
            };
            match &pair {
                (Some(a), Some(b)) => compare(a, b, self.unordered, &mut tell)?,
                (Some(a), None) => tell("", Change::Removed(&a.value()?))?,
                (None, Some(b)) => tell("", Change::Added(&b.value()?))?,
                (None, None) => {}
            }
        }
    }
}

/// Characters of a value to show.
const WIDTH: usize = 80;

/// Tells each difference of two values.
pub(super) fn compare(
    old: &Item,
    new: &Item,
    unordered: bool,
    tell: &mut dyn FnMut(&str, Change<'_>) -> Result<()>,
) -> Result<()> {
    let (old, new) = both(old, new)?;
    Comparison::new(unordered, tell).values(&old, &new)
}

/// The line of a difference.
fn line_of(number: Option<u64>, path: &str, change: &Change<'_>, width: usize) -> (Paint, String) {
    let (sign, paint) = match change {
        Change::Added(_) => ("+", Paint::Added),
        Change::Removed(_) => ("-", Paint::Removed),
        _ => ("~", Paint::Changed),
    };
    let show = |value| line(value, width);
    let what = match change {
        Change::Added(value) | Change::Removed(value) => show(value),
        Change::Changed(old, new) => format!("{} -> {}", show(old), show(new)),
        Change::Renamed(old, new) => format!("type {} -> {}", crate::line::name(old), crate::line::name(new)),
        Change::Moved(count) => format!("the same {count} in another order"),
    };
    let value = number.map_or_else(String::new, |number| format!("value {number} "));
    let path = if path.is_empty() { "(whole)".to_owned() } else { crate::line::name(path) };
    (paint, format!("{sign} {value}{path}: {what}"))
}

/// The differences of two values, as lines or for machines.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) lines: Vec<(Paint, String)>,
    pub(super) entries: Vec<Entry<'static>>,
}

impl Changes {
    pub(super) fn note(&mut self, path: &str, change: &Change<'_>, json: bool) {
        if json {
            self.entries.push(Entry::new(None, path.to_owned(), change));
        } else {
            self.lines.push(line_of(None, path, change, WIDTH));
        }
    }
}

/// The values of two files in what both can say.
fn both(a: &Item, b: &Item) -> Result<(Value, Value)> {
    let (x, y) = (a.format, b.format);
    if x == y {
        let (mut old, mut new) = (a.value()?, b.value()?);
        if x == Format::Packed && Exact(&old) != Exact(&new) {
            mark(&mut old, &as_cbor(a)?);
            mark(&mut new, &as_cbor(b)?);
        }
        return Ok((old, new));
    }
    let has_json = x == Format::Json || y == Format::Json;
    let has_pickle = x == Format::Pickle || y == Format::Pickle;
    let say = |item: &Item, other: Format| {
        // What a type's own values are in the other protocol only the packed bytes tell.
        let value = match (item.bytes(), other.protocol()) {
            (Some(bytes), Some(protocol)) if item.format == Format::Packed => said_in(item, bytes, protocol)?,
            _ => item.value()?,
        };
        // CBOR says of a packed value all that it can, which sets are marked included.
        Ok(if has_json {
            for_json(plain(value))
        } else if has_pickle {
            plain(value)
        } else {
            value
        })
    };
    Ok((say(a, y)?, say(b, x)?))
}

/// A packed value as another protocol has it.
fn said_in(item: &Item, bytes: &[u8], protocol: Protocol) -> Result<Value> {
    let mut out = Vec::new();
    transcode(bytes, protocol, &mut out).map_err(|error| item.refuse(&error))?;
    inspect(&out).map_err(|error| item.refuse(&error))
}

fn as_cbor(item: &Item) -> Result<Value> {
    said_in(item, item.bytes().unwrap_or_default(), Protocol::Cbor)
}

/// A difference for machines.
#[derive(Serialize)]
pub(super) struct Entry<'c> {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<u64>,
    path: Cow<'c, str>,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<Shown>,
}

/// A plain value.
struct Shown(Value);

impl Serialize for Shown {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Json(&self.0).serialize(serializer)
    }
}

impl<'c> Entry<'c> {
    pub(super) fn new(number: Option<u64>, path: impl Into<Cow<'c, str>>, change: &Change<'_>) -> Self {
        let json = |value: &Value| Some(Shown(for_json(plain(value.clone()))));
        let (change, old, new) = match change {
            Change::Added(value) => ("added", None, json(value)),
            Change::Removed(value) => ("removed", json(value), None),
            Change::Changed(old, new) => ("changed", json(old), json(new)),
            Change::Renamed(old, new) => ("renamed", json(&(*old).into()), json(&(*new).into())),
            Change::Moved(_) => ("moved", None, None),
        };
        Entry { value: number, path: path.into(), change, old, new }
    }
}
