//! Structs: fields by name, in any order, or as a list.

use super::{CELL, Filler};
use crate::error::{Error, ErrorKind, Result};
use crate::shape::{Enum, Field, Node, NodeId, Struct, Style, VERSION, Variant};
use crate::source::{Item, Open, Quoted, Short, Source, skip};
use crate::table::Writer;

/// A field of the struct or variant at hand.
pub(super) struct Slot<S> {
    /// Its first column, or place in the float run.
    at: usize,
    state: State<S>,
}

/// What became of a field.
enum State<S> {
    Missing,
    Filled,
    /// It was passed over, since an earlier one has to be filled first.
    Later(S),
}

/// The struct or variant at hand.
#[derive(Clone, Copy)]
pub(super) struct Fields<'f> {
    pub(super) record: &'f Struct,
    /// The enum that it is a variant of.
    pub(super) choice: Option<&'f Enum>,
    /// Its first slot, and the first of what its type does not know.
    first: usize,
    first_unknown: usize,
    /// Whether its version was seen to.
    versioned: bool,
    /// Whether some of its fields are in a recursive part.
    recursive: bool,
}

/// Names of fields or variants that an error lists.
const LISTED: usize = 32;

impl<'d, 'f, S: Source<'d>> Filler<'f, S> {
    /// Fills the fields of a struct, or of a variant of an enum, of a style that is a map or a list.
    pub(super) fn record(
        &mut self,
        writer: &mut Writer<'_>,
        record: &'f Struct,
        choice: Option<&'f Enum>,
        versioned: bool,
        at: usize,
    ) -> Result<()> {
        let start = self.source;
        match self.source.item()? {
            Item::Map(open) if matches!(record.style, Style::Named | Style::Unit) => {
                self.entries(writer, (record, choice, versioned), &start, open, at)
            }
            Item::List(open) => self.positions(writer, (record, choice, versioned), &start, open, at),
            found => {
                let fields = Fields { versioned, ..Fields::of(record, choice) };
                let form = if record.style == Style::Named { "a map with the fields" } else { "a list of the fields" };
                Err(fields.unexpected(&start, form, &found.to_string()))
            }
        }
    }

    /// Fills the fields of a map.
    fn entries(
        &mut self,
        writer: &mut Writer<'_>,
        (record, choice, versioned): (&'f Struct, Option<&'f Enum>, bool),
        start: &S,
        mut open: Open,
        at: usize,
    ) -> Result<()> {
        // Fields mostly come in their order: as long as they do, there is nothing to keep of them.
        let (mut place, mut found) = (at, 0);
        let mut more = self.source.more(&mut open)?;
        while more
            && let Some(field) = record.fields.get(found)
            && !field.unknown
            && self.source.key(&field.name)
        {
            self.value(writer, field, place).map_err(|error| Fields::of(record, choice).in_field(error, found))?;
            place += self.width(field.node);
            found += 1;
            more = self.source.more(&mut open)?;
        }
        if !more && found == record.fields.len() {
            return Ok(());
        }
        let fields = self.begin(record, choice, versioned, at);
        self.slots[fields.first..][..found].iter_mut().for_each(|slot| slot.state = State::Filled);
        while more {
            self.entry(writer, fields, &mut found)?;
            more = self.source.more(&mut open)?;
        }
        self.finish(writer, fields, start)?;
        self.end(fields);
        Ok(())
    }

    /// Fills the fields of a list.
    fn positions(
        &mut self,
        writer: &mut Writer<'_>,
        (record, choice, versioned): (&'f Struct, Option<&'f Enum>, bool),
        start: &S,
        mut open: Open,
        at: usize,
    ) -> Result<()> {
        let fields = self.begin(record, choice, versioned, at);
        let mut found = 0;
        while self.source.more(&mut open)? {
            if found < record.fields.len() {
                self.field(writer, fields, found)?;
            } else {
                skip(&mut self.source, self.levels)?;
            }
            found += 1;
        }
        // A list has no names to tell by what is missing, or too much: only the last fields may come and go.
        let rest = record.fields.get(found..).unwrap_or_default();
        let may_be_absent = |field: &Field| matches!(self.shape.node(field.node), Node::Perhaps(_) | Node::Option(_));
        let may_be_longer = record.style == Style::Tuple && !record.rules.deny_unknown;
        if !rest.is_empty() && rest.iter().all(may_be_absent) {
            self.finish(writer, fields, start)?;
        } else if found < record.fields.len() || (found > record.fields.len() && !may_be_longer) {
            let form = format!("a list of {} fields", record.fields.len());
            return Err(fields.unexpected(start, &form, &format!("one of {found}")));
        }
        self.end(fields);
        Ok(())
    }

    /// Fills a struct or variant of which nothing is there.
    pub(super) fn nothing(
        &mut self,
        writer: &mut Writer<'_>,
        record: &'f Struct,
        choice: Option<&'f Enum>,
        at: usize,
    ) -> Result<()> {
        let start = self.source;
        let fields = self.begin(record, choice, false, at);
        self.finish(writer, fields, &start)?;
        self.end(fields);
        Ok(())
    }

    /// A struct without fields: null, or a map of what its type does not know.
    pub(super) fn unit(&mut self, writer: &mut Writer<'_>, id: NodeId, record: &'f Struct, at: usize) -> Result<()> {
        let start = self.source;
        match self.source.item()? {
            Item::Null => Ok(()),
            Item::Map(_) => {
                self.source = start;
                self.record(writer, record, None, false, at)
            }
            found => Err(self.unexpected(&start, id, &found)),
        }
    }

    fn begin(&mut self, record: &'f Struct, choice: Option<&'f Enum>, versioned: bool, at: usize) -> Fields<'f> {
        let (first, first_unknown) = (self.slots.len(), self.unknown.len());
        let mut next = at;
        for field in &record.fields {
            self.slots.push(Slot { at: next, state: State::Missing });
            next += self.width(field.node);
        }
        let recursive = record.fields.iter().any(|field| self.is_recursive(field));
        Fields { record, choice, first, first_unknown, versioned, recursive }
    }

    fn end(&mut self, fields: Fields<'f>) {
        self.slots.truncate(fields.first);
        self.unknown.truncate(fields.first_unknown);
    }

    /// Fills the field of the next entry of a map.
    fn entry(&mut self, writer: &mut Writer<'_>, fields: Fields<'f>, expected: &mut usize) -> Result<()> {
        let start = self.source;
        let name = match self.source.item()? {
            Item::Text(name) => name,
            found => return Err(fields.unexpected(&start, "the name of a field", &found.to_string())),
        };
        self.source.colon()?;
        // Fields mostly come in their order.
        let index = match fields.record.fields.get(*expected) {
            Some(field) if field.name == name && !field.unknown => *expected,
            _ => match fields.record.position(&name) {
                Some(index) if !fields.record.fields[index].unknown => index,
                _ => return self.unknown(fields, &start, &name),
            },
        };
        *expected = index + 1;
        if !matches!(self.slots[fields.first + index].state, State::Missing) {
            let error = start.error(ErrorKind::Value, format!("the field `{}` occurs twice", Short(&name)));
            return Err(fields.in_field(error, index));
        }
        if fields.recursive && self.is_early(fields, index) {
            self.slots[fields.first + index].state = State::Later(self.source);
            return self.ends.pass(&mut self.source, self.levels);
        }
        self.field(writer, fields, index)
    }

    /// An entry that is no field.
    fn unknown(&mut self, fields: Fields<'f>, start: &S, name: &str) -> Result<()> {
        if name == VERSION {
            return self.told_version(start, fields.versioned, &fields.owner());
        }
        if fields.record.rules.deny_unknown {
            return Err(fields.denied(start, name));
        }
        if fields.record.unknown().is_some() {
            self.unknown.push((*start, self.source));
        }
        self.ends.pass(&mut self.source, self.levels)
    }

    /// Fills the field that keeps what its type does not know.
    fn keep_unknown(&mut self, writer: &mut Writer<'_>, fields: Fields<'f>, at: usize) -> Result<()> {
        let after = self.source;
        let mut pending = writer.begin(at);
        for index in fields.first_unknown..self.unknown.len() {
            let (name, value) = self.unknown[index];
            self.budget.elements(1, 2 * CELL)?;
            writer.element(&mut pending, |writer, first| {
                self.source = name;
                if let Item::Text(name) = self.source.item()? {
                    writer.bytes(first, name.as_bytes())?;
                }
                self.source = value;
                self.opaque(writer, first + 1)
            })?;
        }
        self.source = after;
        writer.end(pending)
    }

    /// Whether a field has to wait for an earlier one.
    ///
    /// The rows of a recursive type are read in the order in which they are written, and those that a field leads to
    /// have columns in common with the row that it is part of. So what stands before such a field has to be written
    /// before it, and what stands after it, after it. Other fields have columns of their own.
    fn is_early(&self, fields: Fields<'f>, index: usize) -> bool {
        let all = &fields.record.fields;
        let waits = self.is_recursive(&all[index]);
        let mut earlier = self.slots[fields.first..fields.first + index].iter().zip(all);
        earlier.any(|(slot, field)| !matches!(slot.state, State::Filled) && (waits || self.is_recursive(field)))
    }

    fn is_recursive(&self, field: &Field) -> bool {
        self.shape.part_of(field.node).is_some()
    }

    /// Fills the field whose value is next.
    fn field(&mut self, writer: &mut Writer<'_>, fields: Fields<'f>, index: usize) -> Result<()> {
        let slot = &mut self.slots[fields.first + index];
        slot.state = State::Filled;
        let at = slot.at;
        self.value(writer, &fields.record.fields[index], at).map_err(|error| fields.in_field(error, index))
    }

    #[inline]
    fn value(&mut self, writer: &mut Writer<'_>, field: &'f Field, at: usize) -> Result<()> {
        if field.one { self.one(writer, field.node, at) } else { self.node(writer, field.node, at) }
    }

    /// A sequence that was one value before.
    fn one(&mut self, writer: &mut Writer<'_>, id: NodeId, at: usize) -> Result<()> {
        let is_list = matches!({ self.source }.item()?, Item::List(_) | Item::Bytes(_) | Item::Numbers(_) | Item::Null);
        match self.shape.node(id) {
            Node::Perhaps(inner) if !is_list => {
                writer.int(at, 1u8);
                self.one(writer, *inner, at + 1)
            }
            Node::Seq(item) if !is_list => {
                self.charge(*item)?;
                let mut pending = writer.begin(at);
                writer.element(&mut pending, |writer, first| self.node(writer, *item, first))?;
                writer.end(pending)
            }
            _ => self.node(writer, id, at),
        }
    }

    /// Fills the fields that were left.
    fn finish(&mut self, writer: &mut Writer<'_>, fields: Fields<'f>, start: &S) -> Result<()> {
        let mut missing = Vec::new();
        for (index, field) in fields.record.fields.iter().enumerate() {
            let slot = &self.slots[fields.first + index];
            match slot.state {
                _ if field.unknown => self.keep_unknown(writer, fields, slot.at)?,
                State::Filled => {}
                State::Later(place) => {
                    let after = std::mem::replace(&mut self.source, place);
                    self.field(writer, fields, index)?;
                    self.source = after;
                }
                State::Missing => match self.shape.node(field.node) {
                    Node::Option(_) | Node::Perhaps(_) => writer.int(slot.at, 0u8),
                    _ => missing.push(index),
                },
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(fields.missing(start, &missing)) }
    }
}

impl<'f> Fields<'f> {
    pub(super) fn of_variant(choice: &'f Enum, variant: &'f Variant) -> Self {
        Self::of(variant, Some(choice))
    }

    fn of(record: &'f Struct, choice: Option<&'f Enum>) -> Self {
        Fields { record, choice, first: 0, first_unknown: 0, versioned: false, recursive: false }
    }

    /// What the fields belong to, as errors call it.
    pub(super) fn owner(self) -> String {
        match self.choice {
            None => self.record.name.clone().into_owned(),
            Some(choice) => format!("{}::{}", choice.name, self.record.name),
        }
    }

    #[cold]
    pub(super) fn in_field(self, error: Error, index: usize) -> Error {
        error.in_field(self.owner(), self.record.fields[index].name.clone())
    }

    #[cold]
    pub(super) fn unexpected<'d, S: Source<'d>>(self, start: &S, wanted: &str, found: &str) -> Error {
        start.error(ErrorKind::Shape, format!("expected {wanted} of `{}`, found {found}", self.owner()))
    }

    #[cold]
    fn missing<'d, S: Source<'d>>(self, start: &S, missing: &[usize]) -> Error {
        let help = "add `#[persist(default)]` to what may be missing";
        if let [index] = *missing {
            let message = format!("the field `{}` is missing", self.record.fields[index].name);
            return self.in_field(start.error(ErrorKind::Shape, message).with_help(help), index);
        }
        let names = listed(missing.iter().map(|&index| &*self.record.fields[index].name));
        let message = format!("the fields {names} of `{}` are missing", self.owner());
        start.error(ErrorKind::Shape, message).with_help(help)
    }

    #[cold]
    fn denied<'d, S: Source<'d>>(self, start: &S, name: &str) -> Error {
        let names = listed(self.record.fields.iter().map(|field| &*field.name));
        let message = format!("{} is no field of `{}`, which denies what it does not know", Quoted(name), self.owner());
        start.error(ErrorKind::Shape, message).with_help(format!("its fields are {names}"))
    }
}

/// Names as errors list them.
pub(super) fn listed<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = names.len() > LISTED;
    let mut names: Vec<String> = names.take(LISTED).map(|name| format!("`{name}`")).collect();
    if more {
        names.push("..".to_owned());
    }
    names.join(", ")
}
