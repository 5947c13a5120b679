//! Structs and enums: fields by name, in any order, or as a list.

use super::Filler;
use crate::error::{Error, ErrorKind, Result};
use crate::shape::{Enum, Field, Node, NodeId, Struct, Style, Variant};
use crate::source::{Item, Quoted, Short, Source, skip};
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
struct Fields<'f> {
    record: &'f Struct,
    /// The enum that it is a variant of.
    choice: Option<&'f Enum>,
    /// Its first slot.
    first: usize,
    /// Whether some of its fields are in a recursive part.
    recursive: bool,
}

/// Names of variants that an error lists.
const LISTED: usize = 32;

impl<'d, 'f, S: Source<'d>> Filler<'f, S> {
    /// Fills the fields of a struct, or of a variant of an enum, of a style that is a map or a list.
    pub(super) fn record(
        &mut self,
        writer: &mut Writer<'_>,
        record: &'f Struct,
        choice: Option<&'f Enum>,
        at: usize,
    ) -> Result<()> {
        let start = self.source;
        let first = self.slots.len();
        let mut next = at;
        for field in &record.fields {
            self.slots.push(Slot { at: next, state: State::Missing });
            next += self.width(field.node);
        }
        let recursive = record.fields.iter().any(|field| self.is_recursive(field));
        let fields = Fields { record, choice, first, recursive };
        match self.source.item()? {
            Item::Map(mut open) if record.style == Style::Named => {
                let mut expected = 0;
                while self.source.more(&mut open)? {
                    self.entry(writer, fields, &mut expected)?;
                }
                self.finish(writer, fields, &start)?;
            }
            Item::List(mut open) => {
                let mut found = 0;
                while self.source.more(&mut open)? {
                    if found < record.fields.len() {
                        self.field(writer, fields, found)?;
                    } else {
                        skip(&mut self.source, self.levels)?;
                    }
                    found += 1;
                }
                // Like serde, but no field of a list is absent that has no default.
                let rest = record.fields.get(found..).unwrap_or_default();
                if !rest.is_empty() && rest.iter().all(|field| matches!(self.shape.node(field.node), Node::Perhaps(_)))
                {
                    self.finish(writer, fields, &start)?;
                } else if found != record.fields.len() {
                    let form = format!("a list of {} fields", record.fields.len());
                    return Err(fields.unexpected(&start, &form, &format!("one of {found}")));
                }
            }
            found => {
                let form = if record.style == Style::Named { "a map with the fields" } else { "a list of the fields" };
                return Err(fields.unexpected(&start, form, &found.to_string()));
            }
        }
        self.slots.truncate(first);
        Ok(())
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
            Some(field) if field.name == name => *expected,
            _ => match fields.record.position(&name) {
                Some(index) => index,
                None => return skip(&mut self.source, self.levels).map(drop),
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
        self.node(writer, fields.record.fields[index].node, at).map_err(|error| fields.in_field(error, index))
    }

    /// Fills the fields that were left.
    fn finish(&mut self, writer: &mut Writer<'_>, fields: Fields<'f>, start: &S) -> Result<()> {
        for (index, field) in fields.record.fields.iter().enumerate() {
            let slot = &self.slots[fields.first + index];
            match slot.state {
                State::Filled => {}
                State::Later(place) => {
                    let after = std::mem::replace(&mut self.source, place);
                    self.field(writer, fields, index)?;
                    self.source = after;
                }
                State::Missing => match self.shape.node(field.node) {
                    Node::Option(_) | Node::Perhaps(_) => writer.int(slot.at, 0u8),
                    _ => return Err(fields.missing(start, index)),
                },
            }
        }
        Ok(())
    }

    /// Fills one row of an enum: its variant's name, or a map with the name as the one key.
    pub(super) fn choice(&mut self, writer: &mut Writer<'_>, id: NodeId, choice: &'f Enum, at: usize) -> Result<()> {
        let start = self.source;
        match self.source.item()? {
            Item::Text(name) => {
                let (tag, variant) = find(&start, choice, &name)?;
                if variant.style != Style::Unit {
                    let message = format!("the variant `{}::{}` is missing what it holds", choice.name, variant.name);
                    return Err(start.error(ErrorKind::Shape, message));
                }
                writer.tags(at, choice.variants.len(), std::iter::once(tag as u16));
                Ok(())
            }
            Item::Map(mut open) => {
                if !self.source.more(&mut open)? {
                    return Err(self.unexpected(&start, id, &Item::Map(open)));
                }
                let key = self.source;
                let name = match self.source.item()? {
                    Item::Text(name) => name,
                    found => return Err(self.unexpected(&key, id, &found)),
                };
                let (tag, variant) = find(&key, choice, &name)?;
                self.source.colon()?;
                writer.tags(at, choice.variants.len(), std::iter::once(tag as u16));
                self.content(writer, choice, tag, variant, at + 1)?;
                if self.source.more(&mut open)? {
                    let message = format!("a variant of `{}` is a map with one key, found more", choice.name);
                    return Err(start.error(ErrorKind::Shape, message));
                }
                Ok(())
            }
            found => Err(self.unexpected(&start, id, &found)),
        }
    }

    /// Fills what a variant holds, where those of the enum's first variant stand in the columns from `at` on.
    fn content(
        &mut self,
        writer: &mut Writer<'_>,
        choice: &'f Enum,
        tag: usize,
        variant: &'f Variant,
        at: usize,
    ) -> Result<()> {
        let before = choice.variants[..tag].iter().flat_map(|variant| &variant.fields);
        let at = at + before.map(|field| self.shape.columns(field.node)).sum::<usize>();
        match variant.style {
            Style::Named | Style::Tuple => self.record(writer, variant, Some(choice), at),
            Style::Newtype => self
                .node(writer, variant.fields[0].node, at)
                .map_err(|error| Fields::of_variant(choice, variant).in_field(error, 0)),
            Style::Unit => {
                let start = self.source;
                match self.source.item()? {
                    Item::Null => Ok(()),
                    found => Err(Fields::of_variant(choice, variant).unexpected(
                        &start,
                        "null, the content",
                        &found.to_string(),
                    )),
                }
            }
        }
    }
}

impl<'f> Fields<'f> {
    fn of_variant(choice: &'f Enum, variant: &'f Variant) -> Self {
        Fields { record: variant, choice: Some(choice), first: 0, recursive: false }
    }

    /// What the fields belong to, as errors call it.
    fn owner(self) -> String {
        match self.choice {
            None => self.record.name.clone().into_owned(),
            Some(choice) => format!("{}::{}", choice.name, self.record.name),
        }
    }

    #[cold]
    fn in_field(self, error: Error, index: usize) -> Error {
        error.in_field(self.owner(), self.record.fields[index].name.clone())
    }

    #[cold]
    fn unexpected<'d, S: Source<'d>>(self, start: &S, wanted: &str, found: &str) -> Error {
        start.error(ErrorKind::Shape, format!("expected {wanted} of `{}`, found {found}", self.owner()))
    }

    #[cold]
    fn missing<'d, S: Source<'d>>(self, start: &S, index: usize) -> Error {
        let message = format!("the field `{}` is missing", self.record.fields[index].name);
        let error =
            start.error(ErrorKind::Shape, message).with_help("add `#[persist(default)]` to the field, if it may be");
        self.in_field(error, index)
    }
}

fn find<'d, 'f, S: Source<'d>>(start: &S, choice: &'f Enum, name: &str) -> Result<(usize, &'f Variant)> {
    match choice.variants.iter().position(|variant| variant.name == name) {
        Some(tag) => Ok((tag, &choice.variants[tag])),
        None => Err(unknown(start, choice, name)),
    }
}

#[cold]
fn unknown<'d, S: Source<'d>>(start: &S, choice: &Enum, name: &str) -> Error {
    let mut known: Vec<String> =
        choice.variants.iter().take(LISTED).map(|variant| format!("`{}`", variant.name)).collect();
    if choice.variants.len() > LISTED {
        known.push("..".to_owned());
    }
    let message = format!("{} is no variant of `{}`", Quoted(name), choice.name);
    start.error(ErrorKind::Shape, message).with_help(format!("its variants are {}", known.join(", ")))
}
