//! What stands before the first mistake in JSON and CBOR.

use std::collections::HashSet;

use super::{Lost, LostElements, Salvaged, nothing};
use crate::dump::Dumper;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;
use crate::protocol::Protocol;
use crate::protocol::cbor::SELF_DESCRIBED;
use crate::source::cbor::Cbor;
use crate::source::json::Json;
use crate::source::{Item, Open, Source};
use crate::value::{self, Value, cbor};

/// Maps in one another that are looked into; each is read again.
const LEVELS: usize = 16;

pub(super) fn salvage(bytes: &[u8], protocol: Protocol, limits: &Limits) -> Result<Salvaged> {
    let mut items = Items { path: String::new(), size: bytes.len(), limits, lost: Vec::new() };
    let (value, len) = if protocol == Protocol::Json {
        // A text is read up to where it is none.
        let text = std::str::from_utf8(bytes).map_or_else(|error| &bytes[..error.valid_up_to()], |_| bytes);
        let mut source = Json::new(text)?;
        (items.value(&mut source, LEVELS), source.offset())
    } else {
        let at = if bytes.starts_with(&SELF_DESCRIBED) { SELF_DESCRIBED.len() } else { 0 };
        let mut source = Cbor { bytes, at };
        (items.value(&mut source, LEVELS), source.offset())
    };
    let (value, lost) = (value.map_err(|error| nothing(&error))?, items.lost);
    let is_marked = protocol == Protocol::Json || bytes.starts_with(&SELF_DESCRIBED);
    if !is_marked && len < bytes.len() && !matches!(value, Value::List(_) | Value::Map(_)) {
        // Any byte may be the start of CBOR.
        let error = Error::of(ErrorKind::Protocol, "the bytes are of no protocol that is known");
        return Err(nothing(&error.at_offset(0)));
    }
    if lost.is_empty() {
        return Ok(Salvaged { bytes: bytes[..len].to_vec(), lost, len, checked: false });
    }
    let mut out = Vec::new();
    Dumper::new().protocol(protocol).dump(&value, &mut out)?;
    Ok(Salvaged { bytes: out, lost, len: bytes.len(), checked: false })
}

struct Items<'l> {
    path: String,
    size: usize,
    limits: &'l Limits,
    lost: Vec<Lost>,
}

impl Items<'_> {
    fn read<'d, S: Source<'d>>(&self, source: &mut S) -> Result<Value> {
        value::read(source, self.limits.depth, &mut self.limits.budget(self.size))
    }

    /// The next item, or what of it stands before a mistake; an error where that is nothing.
    fn value<'d, S: Source<'d>>(&mut self, source: &mut S, levels: usize) -> Result<Value> {
        let start = *source;
        let why = match self.read(source) {
            Err(error) if levels != 0 && !error.is(ErrorKind::Limit) => error,
            result => return result,
        };
        *source = start;
        match source.item() {
            Ok(Item::List(open)) => Ok(self.list(source, open)),
            Ok(Item::Map(open)) => Ok(self.map(source, open, levels - 1)),
            _ => Err(why),
        }
    }

    /// The whole elements of a list that has a mistake.
    fn list<'d, S: Source<'d>>(&mut self, source: &mut S, mut open: Open) -> Value {
        let (of, mut left) = (open.left, Vec::new());
        let why = loop {
            match source.more(&mut open).and_then(|more| if more { self.read(source).map(Some) } else { Ok(None) }) {
                Ok(Some(value)) => left.push(value),
                Ok(None) => return Value::List(left),
                Err(error) => break error,
            }
        };
        self.ends(source, false, left.len(), of, why);
        Value::List(left)
    }

    /// The whole entries of a map that has a mistake, and what is left of the one that has it, where that is of use.
    fn map<'d, S: Source<'d>>(&mut self, source: &mut S, mut open: Open, levels: usize) -> Value {
        let (of, mut left, mut known) = (open.left, Vec::new(), HashSet::new());
        let why = loop {
            let key = source.more(&mut open).and_then(|more| {
                if !more {
                    return Ok(None);
                }
                let key = self.read(source)?;
                source.colon()?;
                Ok(Some(key))
            });
            let key = match key {
                Ok(Some(key)) if !known.insert(encoded(&key)) => {
                    break source.error(ErrorKind::Value, format!("the key {key} occurs twice"));
                }
                Ok(Some(key)) => key,
                Ok(None) => return Value::Map(left),
                Err(error) => break error,
            };
            let before = (self.lost.len(), self.path.len());
            // What is spelled, such as bytes in JSON, is of use only as a whole.
            let levels = if S::TEXTUAL && key.as_str().is_some_and(|key| key.starts_with('@')) { 0 } else { levels };
            match key.as_str() {
                Some(name) if before.1 == 0 => self.path.push_str(name),
                Some(name) => self.path.extend([".", name]),
                None => self.path.extend(["[", &key.to_string(), "]"]),
            }
            let value = self.value(source, levels);
            self.path.truncate(before.1);
            match value {
                Ok(value) => left.push((key, value)),
                Err(error) => break error,
            }
            if self.lost.len() > before.0 {
                break source.error(ErrorKind::Corrupt, "the entry before ends with a mistake".to_owned());
            }
        };
        self.ends(source, true, left.len(), of, why);
        Value::Map(left)
    }

    /// A list or map of which so many elements are left.
    fn ends<'d, S: Source<'d>>(&mut self, source: &S, entries: bool, left: usize, of: Option<u64>, why: Error) {
        let left = left as u64;
        let offset = why.offset().unwrap_or(source.offset() as u64);
        let range = of.filter(|of| *of >= left).map(|of| left..of);
        let elements = LostElements { entries, range, after: left, left, of };
        // The innermost comes first: it tells what is wrong.
        self.lost.push(Lost { path: self.path.clone(), elements: Some(elements), chunk: None, offset, why });
    }
}

/// A key as bytes, the same for equal ones.
fn encoded(key: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    cbor::encode(key, &mut bytes);
    bytes
}
