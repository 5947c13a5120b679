//! Enums, and versions.

use super::Filler;
use super::record::{Fields, listed};
use crate::error::{Error, ErrorKind, Result};
use crate::shape::{Enum, Node, NodeId, Style, VERSION, Variant, Versioned};
use crate::source::{Item, Number, Quoted, Source, skip};
use crate::table::Writer;

impl<'d, 'f, S: Source<'d>> Filler<'f, S> {
    /// Fills one row of an enum: its variant's name, or a map with the name as the one key; with the version beside it,
    /// which a versioned type has seen to.
    pub(super) fn choice(
        &mut self,
        writer: &mut Writer<'_>,
        id: NodeId,
        choice: &'f Enum,
        versioned: bool,
        at: usize,
    ) -> Result<()> {
        let start = self.source;
        match self.source.item()? {
            Item::Text(name) => {
                let (tag, variant, _) = find(&start, choice, &name)?;
                writer.tags(at, choice.variants.len(), std::iter::once(tag as u16));
                // What a unit variant gained may be absent.
                self.nothing(writer, variant, Some(choice), self.variant_at(choice, tag, at)).map_err(|error| {
                    let message = format!("the variant `{}::{}` is missing what it holds", choice.name, variant.name);
                    start.error(ErrorKind::Shape, message).with_source(error)
                })
            }
            Item::Map(mut open) => {
                let mut filled = false;
                while self.source.more(&mut open)? {
                    let key = self.source;
                    let name = match self.source.item()? {
                        Item::Text(name) => name,
                        found => return Err(self.unexpected(&key, id, &found)),
                    };
                    self.source.colon()?;
                    if name == VERSION && choice.position(VERSION).is_none() {
                        self.told_version(&key, versioned, &choice.name)?;
                        continue;
                    }
                    if std::mem::replace(&mut filled, true) {
                        let message = format!("a variant of `{}` is a map with one key, found more", choice.name);
                        return Err(start.error(ErrorKind::Shape, message));
                    }
                    let (tag, variant, known) = find(&key, choice, &name)?;
                    writer.tags(at, choice.variants.len(), std::iter::once(tag as u16));
                    if known {
                        self.content(writer, choice, tag, variant, at)?;
                    } else {
                        skip(&mut self.source, self.levels)?;
                    }
                }
                if filled { Ok(()) } else { Err(self.unexpected(&start, id, &Item::Map(open))) }
            }
            found => Err(self.unexpected(&start, id, &found)),
        }
    }

    /// The first column of what a variant holds, of an enum whose own is `at`.
    fn variant_at(&self, choice: &Enum, tag: usize, at: usize) -> usize {
        let before = choice.variants[..tag].iter().flat_map(|variant| &variant.fields);
        at + 1 + before.map(|field| self.shape.columns(field.node)).sum::<usize>()
    }

    /// Fills what a variant holds.
    fn content(
        &mut self,
        writer: &mut Writer<'_>,
        choice: &'f Enum,
        tag: usize,
        variant: &'f Variant,
        at: usize,
    ) -> Result<()> {
        let at = self.variant_at(choice, tag, at);
        match variant.style {
            Style::Named | Style::Tuple => self.record(writer, variant, Some(choice), false, at),
            Style::Newtype => self
                .node(writer, variant.fields[0].node, at)
                .map_err(|error| Fields::of_variant(choice, variant).in_field(error, 0)),
            Style::Unit => {
                let start = self.source;
                match self.source.item()? {
                    Item::Null => Ok(()),
                    // What the variant held before.
                    _ if !variant.rules.deny_unknown => {
                        self.source = start;
                        skip(&mut self.source, self.levels).map(drop)
                    }
                    found => Err(Fields::of_variant(choice, variant).unexpected(
                        &start,
                        "null, the content",
                        &found.to_string(),
                    )),
                }
            }
        }
    }

    /// Fills one row of a type with versions: which one it is, the value says.
    pub(super) fn versioned(&mut self, writer: &mut Writer<'_>, versioned: &'f Versioned, at: usize) -> Result<()> {
        let start = self.source;
        let found = self.version()?;
        if found > versioned.version {
            return Err(too_new(&start, found, versioned.version, &self.wanted(versioned.current)));
        }
        let at = match versioned.older {
            None => at,
            Some(older) => {
                writer.int(at, u8::from(found == versioned.version));
                if found != versioned.version {
                    return self.node(writer, older, at + 1 + self.shape.columns(versioned.current));
                }
                at + 1
            }
        };
        match self.shape.node(versioned.current) {
            Node::Struct(record) => self.record(writer, record, None, true, at),
            Node::Enum(choice) => self.choice(writer, versioned.current, choice, true, at),
            _ => self.node(writer, versioned.current, at),
        }
    }

    /// The version of the next item, which is not taken; the first where it says none.
    fn version(&mut self) -> Result<u32> {
        let mut ahead = self.source;
        let Item::Map(mut open) = ahead.item()? else { return Ok(1) };
        while ahead.more(&mut open)? {
            let is_version = match ahead.item()? {
                Item::Text(name) => name == VERSION,
                // No name of a field: whoever fills the map will say so.
                _ => return Ok(1),
            };
            ahead.colon()?;
            if is_version {
                return version_number(&mut ahead);
            }
            self.ends.pass(&mut ahead, self.levels)?;
        }
        Ok(1)
    }

    /// Takes the version that stands where fields and variants do; only a type with versions knows others than the first.
    pub(super) fn told_version(&mut self, start: &S, versioned: bool, owner: &str) -> Result<()> {
        let found = version_number(&mut self.source)?;
        if versioned || found == 1 { Ok(()) } else { Err(too_new(start, found, 1, owner)) }
    }
}

fn version_number<'d, S: Source<'d>>(source: &mut S) -> Result<u32> {
    let start = *source;
    let number = match source.item()? {
        Item::Number(Number::Int(number)) => u32::try_from(number).ok().filter(|&number| number != 0),
        _ => None,
    };
    number.ok_or_else(|| start.error(ErrorKind::Shape, format!("expected the number of a version in `{VERSION}`")))
}

#[cold]
fn too_new<'d, S: Source<'d>>(start: &S, found: u32, known: u32, what: &str) -> Error {
    let message = format!("the value has version {found}, and the type reads versions up to {known}: {what}");
    start.error(ErrorKind::Version, message).with_help("load it with a newer version of the program")
}

/// The variant of a name, and whether the enum knows it.
fn find<'d, 'f, S: Source<'d>>(start: &S, choice: &'f Enum, name: &str) -> Result<(usize, &'f Variant, bool)> {
    let known = choice.position(name);
    match known.or_else(|| choice.other()) {
        Some(tag) => Ok((tag, &choice.variants[tag], known.is_some())),
        None => Err(unknown(start, choice, name)),
    }
}

#[cold]
fn unknown<'d, S: Source<'d>>(start: &S, choice: &Enum, name: &str) -> Error {
    let known = listed(choice.variants.iter().map(|variant| &*variant.name));
    let message = format!("{} is no variant of `{}`", Quoted(name), choice.name);
    start.error(ErrorKind::Shape, message).with_help(format!("its variants are {known}"))
}
