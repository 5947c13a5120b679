//! Values that hold no others, and those that texts stand for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::str::FromStr;

use super::{CELL, Filler};
use crate::column::Int;
use crate::error::{Error, ErrorKind, Result};
use crate::rows::Rows;
use crate::shape::{Format, IntKind, Node, NodeId, Style};
use crate::source::{Item, Number, Numbers, Quoted, Source};
use crate::table::Writer;
use crate::traits::Encode;
use crate::types;

impl<'d, S: Source<'d>> Filler<'_, S> {
    /// Fills one row of a node that holds no others.
    pub(super) fn leaf(&mut self, writer: &mut Writer<'_>, id: NodeId, at: usize) -> Result<()> {
        let start = self.source;
        match (self.shape.node(id), self.source.item()?) {
            (Node::Unit, Item::Null) => {}
            (Node::Bool, Item::Bool(value)) => writer.int(at, u8::from(value)),
            (Node::Char, Item::Text(text)) => match one_character(&text) {
                Some(character) => writer.int(at, u32::from(character)),
                None => return Err(self.unexpected(&start, id, &Item::Text(text))),
            },
            (Node::Int(kind), Item::Number(number)) => put_integer(writer, &start, *kind, number, at)?,
            (Node::F32 | Node::F64, Item::Number(number)) => self.float(&start, id, number, at)?,
            (Node::F32 | Node::F64, Item::Text(text)) => match not_finite(&text) {
                Some(value) => self.put_float(id, value, at),
                None => return Err(self.unexpected(&start, id, &Item::Text(text))),
            },
            (Node::Text, Item::Text(text)) => writer.bytes(at, text.as_bytes())?,
            (_, found) => return Err(self.unexpected(&start, id, &found)),
        }
        Ok(())
    }

    /// Whether the elements of a sequence may come as bytes, which they were before, or as a typed array.
    pub(super) fn takes_numbers(&self, id: NodeId) -> bool {
        match self.shape.node(id) {
            Node::Int(_) | Node::F32 | Node::F64 => true,
            _ if self.shape.is_endless(id) => false,
            Node::Option(inner) | Node::Boxed(inner) => self.takes_numbers(*inner),
            Node::Struct(record) if record.style == Style::Newtype => self.takes_numbers(record.fields[0].node),
            _ => false,
        }
    }

    /// Fills one row of a node that [takes numbers](Filler::takes_numbers).
    pub(super) fn number(
        &mut self,
        writer: &mut Writer<'_>,
        start: &S,
        id: NodeId,
        number: Number<'_>,
        at: usize,
    ) -> Result<()> {
        match self.shape.node(id) {
            Node::Int(kind) => put_integer(writer, start, *kind, number, at),
            Node::Option(inner) => {
                writer.int(at, 1u8);
                self.number(writer, start, *inner, number, at + 1)
            }
            Node::Boxed(inner) => writer.boxed(at, |writer, first| self.number(writer, start, *inner, number, first)),
            Node::F32 if is_inexact(number) => {
                Err(start.error(ErrorKind::Value, format!("the number {number} is no `f32`")))
            }
            _ if self.run.is_some() => match self.shape.node(id) {
                Node::Struct(record) => self.number(writer, start, record.fields[0].node, number, at),
                _ => self.float(start, id, number, at),
            },
            _ if self.shape.floats(id) != 0 => {
                let mut run = std::mem::take(&mut self.bytes);
                run.clear();
                run.resize(self.shape.floats(id), 0);
                self.run = Some(run);
                let result = self.number(writer, start, id, number, 0);
                self.bytes = self.run.take().unwrap_or_default();
                result?;
                writer.run(at, &self.bytes);
                Ok(())
            }
            Node::Struct(record) => {
                let field = &record.fields[0];
                self.number(writer, start, field.node, number, at)
            }
            _ => Err(start.error(ErrorKind::Shape, format!("expected {}, found the number {number}", self.wanted(id)))),
        }
    }

    /// Fills a sequence or set from a typed array.
    pub(super) fn numbers(
        &mut self,
        writer: &mut Writer<'_>,
        start: &S,
        item: NodeId,
        numbers: &Numbers<'_>,
        at: usize,
    ) -> Result<()> {
        let len = numbers.len();
        self.budget.elements(len, self.shape.columns(item) * CELL)?;
        if let Some((kind, bytes)) = numbers.as_column(self.shape.node(item)) {
            return writer.sequence(at, len, |elements| {
                elements.batch(len, |writer, at| {
                    match kind {
                        Some(kind) => writer.plain(at, kind, bytes),
                        None => writer.run(at, bytes),
                    }
                    Ok(())
                })
            });
        }
        let mut pending = writer.begin(at);
        for (index, number) in numbers.iter().enumerate() {
            writer
                .element(&mut pending, |writer, first| self.number(writer, start, item, number, first))
                .map_err(|error| error.in_element(index))?;
        }
        writer.end(pending)
    }

    fn float(&mut self, start: &S, id: NodeId, number: Number<'_>, at: usize) -> Result<()> {
        let double = matches!(self.shape.node(id), Node::F64);
        // Each is rounded once.
        let (value, finite) = match number {
            Number::Int(value) if double => (value as f64, true),
            Number::Int(value) => (f64::from(value as f32), true),
            Number::Big(value) if double => (value as f64, true),
            Number::Big(value) => (f64::from(value as f32), true),
            Number::Float(value) if double => (value, value.is_finite()),
            Number::Float(value) => (f64::from(value as f32), value.is_finite()),
            Number::Decimal(text) if double => (parse(text), true),
            Number::Decimal(text) => (f64::from(parse::<f32>(text)), true),
            Number::Huge => (f64::INFINITY, true),
        };
        if finite && !value.is_finite() {
            let name = if double { "f64" } else { "f32" };
            return Err(start.error(ErrorKind::Value, format!("the number {number} is too large for `{name}`")));
        }
        // JSON's numbers are decimal, and rounded; an integer that CBOR gives for a float is one.
        if let (false, Number::Int(whole)) = (S::TEXTUAL, number)
            && value as i128 != whole
        {
            let name = if double { "f64" } else { "f32" };
            return Err(start.error(ErrorKind::Value, format!("the integer {number} is no `{name}`")));
        }
        self.put_float(id, value, at);
        Ok(())
    }

    /// Puts a float into the run at hand.
    fn put_float(&mut self, id: NodeId, value: f64, at: usize) {
        let Some(run) = &mut self.run else { return };
        if matches!(self.shape.node(id), Node::F64) {
            run[at..at + 8].copy_from_slice(&value.to_le_bytes());
        } else {
            run[at..at + 4].copy_from_slice(&(value as f32).to_le_bytes());
        }
    }

    /// A value with a readable form, which is a text in JSON; the inner node's own form is understood everywhere.
    pub(super) fn formatted(
        &mut self,
        writer: &mut Writer<'_>,
        format: Format,
        inner: NodeId,
        at: usize,
    ) -> Result<()> {
        let start = self.source;
        let Item::Text(text) = self.source.item()? else {
            self.source = start;
            if format == Format::SocketAddrV6 {
                return self.short_address(writer, inner, at);
            }
            return self.node(writer, inner, at);
        };
        put_formatted(writer, format, &text, at)
            .unwrap_or_else(|| Err(start.error(ErrorKind::Value, unreadable(format, &text))))
    }

    /// An address that serde wrote: it leaves out the last two parts.
    fn short_address(&mut self, writer: &mut Writer<'_>, inner: NodeId, at: usize) -> Result<()> {
        let start = self.source;
        let Item::List(mut open) = self.source.item()? else {
            self.source = start;
            return self.node(writer, inner, at);
        };
        let mut parts = 0;
        while self.source.more(&mut open)? {
            super::skip(&mut self.source, self.levels)?;
            parts += 1;
        }
        let (after, shape) = (self.source, self.shape);
        self.source = start;
        match shape.node(inner) {
            Node::Tuple(items) if parts == 2 && items.len() == 4 => {
                if let Item::List(mut open) = self.source.item()? {
                    let mut at = at;
                    for &item in &items[..2] {
                        self.source.more(&mut open)?;
                        self.node(writer, item, at)?;
                        at += shape.columns(item);
                    }
                    writer.int(at, 0u32);
                    writer.int(at + 1, 0u32);
                }
                self.source = after;
                Ok(())
            }
            _ => self.node(writer, inner, at),
        }
    }

    /// Fills a map's key from a text.
    pub(super) fn key(&mut self, writer: &mut Writer<'_>, id: NodeId, at: usize) -> Result<()> {
        let shape = self.shape;
        let mut id = id;
        // A newtype is written like what is in it; a chain of them ends, since they stand in line.
        while let Node::Struct(record) = shape.node(id)
            && record.style == Style::Newtype
        {
            id = record.fields[0].node;
        }
        let start = self.source;
        let Item::Text(text) = self.source.item()? else { return Err(self.no_key(&start, id)) };
        match shape.node(id) {
            Node::Text => return writer.bytes(at, text.as_bytes()),
            Node::Int(kind) => match key_integer(&text) {
                Some(number) => return put_integer(writer, &start, *kind, number, at),
                None => return Err(self.unexpected(&start, id, &Item::Text(text))),
            },
            Node::Bool => match &*text {
                "true" | "false" => writer.int(at, u8::from(text == "true")),
                _ => return Err(self.unexpected(&start, id, &Item::Text(text))),
            },
            Node::F32 | Node::F64 => match key_float(&text) {
                Some(number) => {
                    self.run = Some(vec![0; shape.floats(id)]);
                    self.float(&start, id, number, 0)?;
                    writer.run(at, &self.run.take().unwrap_or_default());
                }
                None => return Err(self.unexpected(&start, id, &Item::Text(text))),
            },
            Node::Char | Node::Opaque | Node::Formatted(..) | Node::Enum(_) => {
                self.source = start;
                return self.node(writer, id, at);
            }
            Node::Option(inner) => {
                // Only what is there can be a key.
                self.source = start;
                writer.int(at, 1u8);
                return self.key(writer, *inner, at + 1);
            }
            Node::Perhaps(inner) => {
                self.source = start;
                writer.int(at, 1u8);
                return self.key(writer, *inner, at + 1);
            }
            Node::Boxed(inner) => {
                self.source = start;
                return writer.boxed(at, |writer, first| self.key(writer, *inner, first));
            }
            _ => return Err(self.no_key(&start, id)),
        }
        Ok(())
    }

    #[cold]
    fn no_key(&self, start: &S, id: NodeId) -> Error {
        let message = format!("a key has to be {}, which a text is not", self.wanted(id));
        start.error(ErrorKind::Shape, message).with_help("write the map as a list of pairs, `[[key, value], ..]`")
    }
}

fn put_integer<'d, S: Source<'d>>(
    writer: &mut Writer<'_>,
    start: &S,
    kind: IntKind,
    number: Number<'_>,
    at: usize,
) -> Result<()> {
    let number = match number {
        Number::Float(value) if !S::TEXTUAL => whole(value).map_or(number, Number::Int),
        number => number,
    };
    let fits = match kind {
        IntKind::U8 => put::<u8>(writer, number, at),
        IntKind::U16 => put::<u16>(writer, number, at),
        IntKind::U32 => put::<u32>(writer, number, at),
        IntKind::U64 => put::<u64>(writer, number, at),
        IntKind::U128 => put::<u128>(writer, number, at),
        IntKind::I8 => put::<i8>(writer, number, at),
        IntKind::I16 => put::<i16>(writer, number, at),
        IntKind::I32 => put::<i32>(writer, number, at),
        IntKind::I64 => put::<i64>(writer, number, at),
        IntKind::I128 => put::<i128>(writer, number, at),
    };
    if fits { Ok(()) } else { Err(misfit(start, kind, number)) }
}

/// The integer that a float stands for: JavaScript has no others, and writes those of more than 32 bits so.
fn whole(value: f64) -> Option<i128> {
    const EXACT: f64 = (1u64 << 53) as f64;
    (value.abs() <= EXACT && value.fract() == 0.0 && !(value == 0.0 && value.is_sign_negative()))
        .then_some(value as i128)
}

/// Whether a float of 32 bits would be another number.
fn is_inexact(number: Number<'_>) -> bool {
    matches!(number, Number::Float(value) if f64::from(value as f32).to_bits() != value.to_bits() && !value.is_nan())
}

fn one_character(text: &str) -> Option<char> {
    let mut characters = text.chars();
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}

fn parse<T: FromStr + Default>(digits: &str) -> T {
    digits.parse().unwrap_or_default()
}

/// The spelling of floats for which JSON has no number.
fn not_finite(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// Writes an integer where it fits.
fn put<T: Int + TryFrom<i128> + TryFrom<u128>>(writer: &mut Writer<'_>, number: Number<'_>, at: usize) -> bool {
    let value = match number {
        Number::Int(value) => T::try_from(value).ok(),
        Number::Big(value) => T::try_from(value).ok(),
        Number::Float(_) | Number::Decimal(_) | Number::Huge => None,
    };
    value.map(|value| writer.int(at, value)).is_some()
}

#[cold]
fn misfit<'d, S: Source<'d>>(start: &S, kind: IntKind, number: Number<'_>) -> Error {
    let name = kind.name();
    if number.is_whole() {
        start.error(ErrorKind::Value, format!("the number {number} does not fit `{name}`"))
    } else {
        start.error(ErrorKind::Shape, format!("expected an integer for `{name}`, found the number {number}"))
    }
}

/// The integer that a key stands for, where the key is how it is written.
fn key_integer(text: &str) -> Option<Number<'_>> {
    let number = match (text.parse(), text.parse()) {
        (Ok(value), _) => Number::Int(value),
        (_, Ok(value)) => Number::Big(value),
        _ => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let whole =
                !digits.is_empty() && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
            return whole.then_some(Number::Decimal(text));
        }
    };
    // Nothing else stands for it, or two keys could be one.
    (number.to_string() == text).then_some(number)
}

/// The float that a key stands for.
fn key_float(text: &str) -> Option<Number<'_>> {
    if let Some(value) = not_finite(text) {
        return Some(Number::Float(value));
    }
    let number = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    (number && text.parse::<f64>().is_ok()).then_some(Number::Decimal(text))
}

/// Writes what a text stands for; nothing where it stands for nothing.
fn put_formatted(writer: &mut Writer<'_>, format: Format, text: &str, at: usize) -> Option<Result<()>> {
    fn put<T: Encode + FromStr>(writer: &mut Writer<'_>, text: &str, at: usize) -> Option<Result<()>> {
        let value: T = text.parse().ok()?;
        Some(T::write(Rows::one(&value), writer, at))
    }
    match format {
        Format::Ipv4Addr => put::<Ipv4Addr>(writer, text, at),
        Format::Ipv6Addr => put::<Ipv6Addr>(writer, text, at),
        Format::IpAddr => put::<IpAddr>(writer, text, at),
        Format::SocketAddrV4 => put::<SocketAddrV4>(writer, text, at),
        Format::SocketAddrV6 => put::<SocketAddrV6>(writer, text, at),
        Format::SocketAddr => put::<SocketAddr>(writer, text, at),
        Format::Uuid => put::<types::Uuid>(writer, text, at),
        Format::Date => put::<types::Date>(writer, text, at),
        Format::Time => put::<types::Time>(writer, text, at),
        Format::DateTime => put::<types::DateTime>(writer, text, at),
        Format::UtcDateTime => put::<types::UtcDateTime>(writer, text, at),
        Format::OffsetDateTime => put::<types::OffsetDateTime>(writer, text, at),
        Format::UtcOffset => put::<types::UtcOffset>(writer, text, at),
    }
}

#[cold]
fn unreadable(format: Format, text: &str) -> String {
    format!("the text {} is no `{format:?}`", Quoted(text))
}
