//! Structs and enums: fields by name, in any order, or as a list.

use super::source::{Quoted, Short};
use super::{Filler, Item, Source, skip};
use crate::error::{Error, ErrorKind, Result};
use crate::shape::{Enum, Node, NodeId, Struct, Style, Variant};
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

/// Names of variants that an error lists.
const LISTED: usize = 32;

impl<'d, 'f, S: Source<'d>> Filler<'f, S> {
    /// Fills the fields of a struct, or of a variant of an enum, of a style that is a map or a list.
    pub(super) fn record(
        &mut self,
        writer: &mut Writer,
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
        let result = match self.source.item()? {
            Item::Map(mut open) if record.style == Style::Named => {
                let mut expected = 0;
                let mut result = Ok(());
                while result.is_ok() && self.source.more(&mut open)? {
                    result = self.entry(writer, record, choice, first, &mut expected);
                }
                result.and_then(|()| self.finish(writer, record, choice, first, &start))
            }
            Item::List(mut open) => {
                let mut found = 0;
                while self.source.more(&mut open)? {
                    if found < record.fields.len() {
                        self.field(writer, record, choice, first, found)?;
                    } else {
                        skip(&mut self.source, self.levels)?;
                    }
                    found += 1;
                }
                if found == record.fields.len() {
                    Ok(())
                } else {
                    let message = format!(
                        "expected a list of {} for `{}`, found one of {found}",
                        record.fields.len(),
                        owner(record, choice)
                    );
                    Err(start.error(ErrorKind::Shape, message))
                }
            }
            found => {
                let form = if record.style == Style::Named { "a map with the fields" } else { "a list of the fields" };
                let message = format!("expected {form} of `{}`, found {found}", owner(record, choice));
                Err(start.error(ErrorKind::Shape, message))
            }
        };
        self.slots.truncate(first);
        result
    }

    /// Fills the field of the next entry of a map.
    fn entry(
        &mut self,
        writer: &mut Writer,
        record: &'f Struct,
        choice: Option<&'f Enum>,
        first: usize,
        expected: &mut usize,
    ) -> Result<()> {
        let start = self.source;
        let name = match self.source.item()? {
            Item::Text(name) => name,
            found => {
                let message = format!("expected the name of a field of `{}`, found {found}", owner(record, choice));
                return Err(start.error(ErrorKind::Shape, message));
            }
        };
        self.source.colon()?;
        // Fields mostly come in their order.
        let index = match record.fields.get(*expected) {
            Some(field) if field.name == name => *expected,
            _ => match record.position(&name) {
                Some(index) => index,
                None => return skip(&mut self.source, self.levels),
            },
        };
        *expected = index + 1;
        if !matches!(self.slots[first + index].state, State::Missing) {
            let error = start.error(ErrorKind::Value, format!("the field `{}` occurs twice", Short(&name)));
            return Err(error.in_field(owner(record, choice), record.fields[index].name.clone()));
        }
        if self.is_early(record, first, index) {
            self.slots[first + index].state = State::Later(self.source);
            return self.ends.pass(&mut self.source, self.levels);
        }
        self.field(writer, record, choice, first, index)
    }

    /// Whether the field's rows have to wait for those of an earlier field: the rows of a recursive type are read in the
    /// order in which they are written.
    fn is_early(&self, record: &Struct, first: usize, index: usize) -> bool {
        let recursive = |index: usize| self.shape.part_of(record.fields[index].node).is_some();
        recursive(index) && (0..index).any(|i| !matches!(self.slots[first + i].state, State::Filled) && recursive(i))
    }

    /// Fills the field whose value is next.
    fn field(
        &mut self,
        writer: &mut Writer,
        record: &'f Struct,
        choice: Option<&'f Enum>,
        first: usize,
        index: usize,
    ) -> Result<()> {
        let field = &record.fields[index];
        let slot = &mut self.slots[first + index];
        slot.state = State::Filled;
        let at = slot.at;
        self.node(writer, field.node, at).map_err(|error| error.in_field(owner(record, choice), field.name.clone()))
    }

    /// Fills the fields that were left.
    fn finish(
        &mut self,
        writer: &mut Writer,
        record: &'f Struct,
        choice: Option<&'f Enum>,
        first: usize,
        start: &S,
    ) -> Result<()> {
        for (index, field) in record.fields.iter().enumerate() {
            let slot = &self.slots[first + index];
            match slot.state {
                State::Filled => {}
                State::Later(place) => {
                    let after = std::mem::replace(&mut self.source, place);
                    self.field(writer, record, choice, first, index)?;
                    self.source = after;
                }
                State::Missing => match self.shape.node(field.node) {
                    Node::Option(_) | Node::Perhaps(_) => writer.int(slot.at, 0u8),
                    _ => return Err(missing(start, record, choice, index)),
                },
            }
        }
        Ok(())
    }

    /// Fills one row of an enum: its variant's name, or a map with the name as the one key.
    pub(super) fn choice(&mut self, writer: &mut Writer, id: NodeId, choice: &'f Enum, at: usize) -> Result<()> {
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
        writer: &mut Writer,
        choice: &'f Enum,
        tag: usize,
        variant: &'f Variant,
        at: usize,
    ) -> Result<()> {
        let before = choice.variants[..tag].iter().flat_map(|variant| &variant.fields);
        let at = at + before.map(|field| self.shape.columns(field.node)).sum::<usize>();
        match variant.style {
            Style::Named | Style::Tuple => self.record(writer, variant, Some(choice), at),
            Style::Newtype => {
                let field = &variant.fields[0];
                self.node(writer, field.node, at)
                    .map_err(|error| error.in_field(owner(variant, Some(choice)), field.name.clone()))
            }
            Style::Unit => {
                let start = self.source;
                match self.source.item()? {
                    Item::Null => Ok(()),
                    found => {
                        let message = format!("expected null for `{}`, found {found}", owner(variant, Some(choice)));
                        Err(start.error(ErrorKind::Shape, message))
                    }
                }
            }
        }
    }
}

/// What a field belongs to, as paths call it.
#[cold]
fn owner(record: &Struct, choice: Option<&Enum>) -> String {
    match choice {
        None => record.name.clone().into_owned(),
        Some(choice) => format!("{}::{}", choice.name, record.name),
    }
}

#[cold]
fn missing<'d, S: Source<'d>>(start: &S, record: &Struct, choice: Option<&Enum>, index: usize) -> Error {
    let (owner, name) = (owner(record, choice), record.fields[index].name.clone());
    start
        .error(ErrorKind::Shape, format!("the field `{name}` is missing"))
        .with_help("add `#[persist(default)]` to the field, if it may be")
        .in_field(owner, name)
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
