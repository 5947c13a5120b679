//! Dynamic values of the items of a source.

use super::Value;
use super::cbor::{GENERIC_OBJECT, encode};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{Budget, Limits, reached};
use crate::source::cbor::Cbor;
use crate::source::{Item, Number, Quoted, Source};
use crate::table::{STACK_GROWTH, STACK_LEFT};

/// Takes the next item as a value of at most so many levels; its memory is taken from the budget.
///
/// Where the source is JSON, an object with one key may be the spelling of what JSON has no form for: `@map`, `@bytes`,
/// `@float`, `@record`, `@variant` or `@tag`. One that is not exactly such a spelling is a map.
pub(crate) fn read<'d, S: Source<'d>>(source: &mut S, depth: usize, budget: &mut Budget) -> Result<Value> {
    let mut values = Values { source: *source, depth, budget };
    let value = values.whole()?;
    *source = values.source;
    Ok(value)
}

/// The value of one CBOR item, which has to be all of the bytes, and was loaded within limits.
pub(crate) fn decode(item: &[u8], depth: usize) -> Result<Value> {
    let mut source = Cbor::new(item);
    let value = read(&mut source, depth, &mut Limits::none().budget(item.len()))?;
    if source.is_empty() {
        return Ok(value);
    }
    Err(source.error(ErrorKind::TrailingBytes, "bytes are left after the item".to_owned()))
}

struct Values<'b, S> {
    source: S,
    /// Levels that are left.
    depth: usize,
    budget: &'b mut Budget,
}

/// A value, or a map of JSON that may be the spelling of another value.
enum Read {
    Value(Value),
    Object(Vec<(Value, Value)>),
}

impl Read {
    fn value(self) -> Result<Value> {
        match self {
            Read::Value(value) => Ok(value),
            Read::Object(entries) => spelled(entries),
        }
    }
}

impl<'d, S: Source<'d>> Values<'_, S> {
    fn whole(&mut self) -> Result<Value> {
        self.value()?.value()
    }

    fn value(&mut self) -> Result<Read> {
        let start = self.source;
        self.budget.memory(1, size_of::<Value>()).map_err(|error| error.at_offset(start.offset() as u64))?;
        if let Some(tag) = self.source.tag()? {
            let value = self.deeper(&start, Values::whole)?;
            return Ok(Read::Value(tagged(tag, value)));
        }
        Ok(Read::Value(match self.source.item()? {
            Item::Null => Value::Null,
            Item::Bool(value) => Value::Bool(value),
            Item::Number(number) => match value_of(number) {
                Some(value) => value,
                None => return Err(too_large(&start, number)),
            },
            Item::Text(text) => Value::Text(text.into_owned()),
            Item::Bytes(bytes) => Value::Bytes(bytes.into_owned()),
            Item::Numbers(numbers) => {
                let charged = self.budget.memory(numbers.len(), size_of::<Value>());
                charged.map_err(|error| error.at_offset(start.offset() as u64))?;
                Value::List(numbers.iter().filter_map(value_of).collect())
            }
            Item::List(mut open) => self.deeper(&start, |values| {
                let mut items = Vec::new();
                while values.source.more(&mut open)? {
                    items.push(values.whole().map_err(|error| in_element(error, items.len()))?);
                }
                Ok(Value::List(items))
            })?,
            Item::Map(mut open) => {
                let mut entries = self.deeper(&start, |values| {
                    let mut entries = Vec::new();
                    while values.source.more(&mut open)? {
                        let key = values.whole()?;
                        values.source.colon()?;
                        let value = match key.as_str() {
                            Some("@record") if S::TEXTUAL => values.record(),
                            _ => values.whole(),
                        };
                        match value {
                            Ok(value) => entries.push((key, value)),
                            Err(error) if error.is(ErrorKind::Limit) => return Err(error),
                            Err(error) => return Err(error.in_entry(Key(&key).to_string())),
                        }
                    }
                    Ok(entries)
                })?;
                refuse_twice(&entries).map_err(|error| error.at_offset(start.offset() as u64))?;
                if !S::TEXTUAL {
                    return Ok(Read::Value(Value::Map(entries)));
                }
                if entries.len() != 1 {
                    spell_records(&mut entries)?;
                }
                return Ok(Read::Object(entries));
            }
        }))
    }

    /// What a record is spelled as: a list of its name and an object of its fields, whatever these are named.
    fn record(&mut self) -> Result<Value> {
        let start = self.source;
        let Item::List(mut open) = self.source.item()? else {
            self.source = start;
            return self.whole();
        };
        self.deeper(&start, |values| {
            let mut items = Vec::new();
            while values.source.more(&mut open)? {
                items.push(values.value().map_err(|error| in_element(error, items.len()))?);
            }
            let named = matches!(&items[..], [Read::Value(Value::Text(_)), Read::Object(_)]);
            let items = items.into_iter().map(|item| match item {
                Read::Object(entries) if named => Ok(Value::Map(entries)),
                item => item.value(),
            });
            items.collect::<Result<_>>().map(Value::List)
        })
    }

    /// Reads what another value holds.
    fn deeper<T>(&mut self, start: &S, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let Some(depth) = self.depth.checked_sub(1) else {
            let error = reached("depth", "a dynamic value is nested more deeply than allowed");
            return Err(error.at_offset(start.offset() as u64));
        };
        self.depth = depth;
        let result = stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || read(self));
        self.depth += 1;
        result
    }
}

fn value_of(number: Number<'_>) -> Option<Value> {
    match number {
        Number::Int(value) => Some(Value::Int(value)),
        Number::Big(value) => Some(Value::Big(value)),
        Number::Float(value) => Some(Value::Float(value)),
        Number::Decimal(text) if !number.is_whole() => {
            text.parse().ok().filter(|value: &f64| value.is_finite()).map(Value::Float)
        }
        Number::Decimal(_) | Number::Huge => None,
    }
}

#[cold]
fn too_large<'d, S: Source<'d>>(start: &S, number: Number<'_>) -> Error {
    start.error(ErrorKind::Value, format!("the number {number} is too large"))
}

/// Says in which element an error happened. Where a limit was reached, that would be a long list of little help.
#[cold]
fn in_element(error: Error, index: usize) -> Error {
    if error.is(ErrorKind::Limit) { error } else { error.in_element(index) }
}

/// A key in an error.
struct Key<'k>(&'k Value);

impl std::fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Value::Text(text) => Quoted(text).fmt(f),
            Value::List(_) | Value::Map(_) | Value::Record(..) | Value::Variant(..) | Value::Tagged(..) => {
                f.write_str("..")
            }
            Value::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            key => key.fmt(f),
        }
    }
}

/// An error where a key occurs twice.
fn refuse_twice(entries: &[(Value, Value)]) -> Result<()> {
    /// Entries up to which each key is held against each other.
    const FEW: usize = 8;
    let texts: Option<Vec<&str>> = entries.iter().map(|(key, _)| key.as_str()).collect();
    let twice = match texts {
        Some(texts) if texts.len() <= FEW => (0..texts.len()).find(|&i| texts[..i].contains(&texts[i])),
        Some(texts) => twice(&texts),
        None => {
            let encoded: Vec<Vec<u8>> = entries
                .iter()
                .map(|(key, _)| {
                    let mut bytes = Vec::new();
                    encode(key, &mut bytes);
                    bytes
                })
                .collect();
            twice(&encoded)
        }
    };
    match twice {
        None => Ok(()),
        Some(i) => Err(Error::of(ErrorKind::Value, format!("the key {} occurs twice", Key(&entries[i].0)))),
    }
}

/// The index of a key that occurs twice.
fn twice<K: Ord>(keys: &[K]) -> Option<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_unstable_by(|&a, &b| keys[a].cmp(&keys[b]));
    order.windows(2).find(|pair| keys[pair[0]] == keys[pair[1]]).map(|pair| pair[0])
}

/// A value with a tag of CBOR, which may be that of a record or variant.
fn tagged(tag: u64, value: Value) -> Value {
    if tag != GENERIC_OBJECT {
        return Value::Tagged(tag, Box::new(value));
    }
    match value {
        Value::List(items) => object(items).unwrap_or_else(|items| Value::Tagged(tag, Box::new(Value::List(items)))),
        other => Value::Tagged(tag, Box::new(other)),
    }
}

/// The record or variant of such a list; else the list.
fn object(items: Vec<Value>) -> Result<Value, Vec<Value>> {
    match <[Value; 2]>::try_from(items) {
        Ok([Value::Text(name), Value::Map(entries)]) if entries.iter().all(|(key, _)| key.as_str().is_some()) => {
            Ok(Value::Record(name, fields(entries)))
        }
        Ok(items) => Err(items.into()),
        Err(items) => match <[Value; 3]>::try_from(items) {
            Ok([Value::Text(choice), Value::Text(variant), content]) => {
                Ok(Value::Variant(choice, variant, Box::new(content)))
            }
            Ok(items) => Err(items.into()),
            Err(items) => Err(items),
        },
    }
}

fn fields(entries: Vec<(Value, Value)>) -> Vec<(String, Value)> {
    let name = |key| match key {
        Value::Text(name) => name,
        _ => String::new(),
    };
    entries.into_iter().map(|(key, value)| (name(key), value)).collect()
}

/// The value that a JSON object spells.
fn spelled(mut entries: Vec<(Value, Value)>) -> Result<Value> {
    if let [(Value::Text(key), value)] = &mut entries[..]
        && key.starts_with('@')
        && let Some(value) = spelling(key, value)
    {
        if let Value::Map(entries) = &value {
            refuse_twice(entries)?;
        }
        return Ok(value);
    }
    Ok(Value::Map(entries))
}

/// Spells what [`record`](Values::record) left, where it turns out that no record is spelled.
fn spell_records(entries: &mut [(Value, Value)]) -> Result<()> {
    for (key, value) in entries {
        if let (Some("@record"), Value::List(items)) = (key.as_str(), value)
            && let [Value::Text(_), Value::Map(fields)] = &mut items[..]
        {
            items[1] = spelled(std::mem::take(fields))?;
        }
    }
    Ok(())
}

/// The value that is spelled with this key; what it is made of is taken only where it is one.
fn spelling(key: &str, value: &mut Value) -> Option<Value> {
    match (key, value) {
        ("@bytes", Value::Text(text)) => unhex(text).map(Value::Bytes),
        ("@float", Value::Text(text)) => match text.as_str() {
            "NaN" => Some(Value::Float(f64::NAN)),
            "Infinity" => Some(Value::Float(f64::INFINITY)),
            "-Infinity" => Some(Value::Float(f64::NEG_INFINITY)),
            _ => None,
        },
        ("@map", Value::List(pairs)) => {
            if !pairs.iter().all(|pair| matches!(pair, Value::List(pair) if pair.len() == 2)) {
                return None;
            }
            let pairs = std::mem::take(pairs).into_iter().filter_map(|pair| match pair {
                Value::List(pair) => <[Value; 2]>::try_from(pair).ok().map(|[key, value]| (key, value)),
                _ => None,
            });
            Some(Value::Map(pairs.collect()))
        }
        ("@record", Value::List(items)) if items.len() == 2 => take_object(items),
        ("@variant", Value::List(items)) if items.len() == 3 => take_object(items),
        ("@tag", Value::List(items)) => match &mut items[..] {
            [Value::Int(tag), value] => {
                let tag = u64::try_from(*tag).ok()?;
                Some(Value::Tagged(tag, Box::new(std::mem::take(value))))
            }
            _ => None,
        },
        _ => None,
    }
}

fn take_object(items: &mut Vec<Value>) -> Option<Value> {
    object(std::mem::take(items)).map_err(|back| *items = back).ok()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let pairs = text.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}
