//! Structs and enums: what of them is matched by name.

use std::borrow::Cow;

use super::maker::{Maker, Place};
use super::{Op, Step, VariantPlan};
use crate::error::{Error, ErrorKind, Result};
use crate::shape::{Enum, Field, Node, NodeId, Shape, Shown, Struct, Style, Variant};

/// A field of the file.
pub(super) enum Match {
    /// It is this field of the reader.
    Field(usize),
    /// The reader does not have it.
    Skip,
}

impl<'s> Maker<'s> {
    /// Whether fields can be matched: by name or by position on both sides, or there are none on one.
    pub(super) fn check_style(&self, a: &Struct, b: &Struct, file: NodeId, reader: NodeId) -> Result<()> {
        if a.fields.is_empty() || b.fields.is_empty() || (a.style == Style::Named) == (b.style == Style::Named) {
            return Ok(());
        }
        Err(self.differ(file, reader))
    }

    /// Which field of the reader each one of the file is; notes those that are a problem.
    pub(super) fn matches(&mut self, file: &Struct, reader: &Struct, owner: &str) -> Vec<Match> {
        if self.is_identity() && file.fields.len() == reader.fields.len() {
            return (0..file.fields.len()).map(Match::Field).collect();
        }
        let mut taken = vec![None; reader.fields.len()];
        let mut matches = Vec::with_capacity(file.fields.len());
        for field in &file.fields {
            let known = reader.position(&field.name).or_else(|| reader.unknown().filter(|_| field.unknown));
            let Some(index) = known else {
                if reader.unknown().is_some() || (field.unknown && reader.rules.deny_unknown) {
                    self.by_rows = true;
                } else if reader.rules.deny_unknown {
                    self.note(unknown_field(&field.name, owner));
                }
                matches.push(Match::Skip);
                continue;
            };
            let own = &reader.fields[index].name;
            if let Some(other) = taken[index].replace(&field.name) {
                let message = format!("the file has both `{other}` and `{}`, which are one field", field.name);
                let error = Error::of(ErrorKind::Shape, message).in_field(owner.to_owned(), own.clone());
                self.note(error);
                matches.push(Match::Skip);
                continue;
            }
            matches.push(Match::Field(index));
        }
        // What the writer did not know may be known by now.
        self.by_rows |= file.unknown().is_some() && taken.contains(&None);
        matches
    }

    /// The fields of a struct or variant; gives the reader's column after them.
    pub(super) fn fields(
        &mut self,
        file: &'s Struct,
        reader: &'s Struct,
        at: usize,
        steps: &mut Vec<Step>,
        owner: &str,
    ) -> usize {
        let shape = self.reader();
        let mut starts = Vec::with_capacity(reader.fields.len());
        let mut end = at;
        for field in &reader.fields {
            starts.push(end);
            end += usize::from(field.default) + shape.columns(field.node);
        }
        let matches = self.matches(file, reader, owner);
        self.check_order(file, &matches);
        let mut found = vec![false; reader.fields.len()];
        for (field, matched) in file.fields.iter().zip(&matches) {
            match *matched {
                Match::Field(index) => {
                    found[index] = true;
                    let to = &reader.fields[index];
                    let place = Place::Field(owner.to_owned(), to.name.clone().into_owned());
                    let from = steps.len();
                    self.at(place, |maker| {
                        if let Err(error) = maker.field(field, to, starts[index], steps) {
                            maker.note(error);
                        }
                    });
                    name_steps(&mut steps[from..], owner, &to.name);
                }
                Match::Skip => {
                    let (columns, skipped) = self.skip(field.node);
                    steps.push(Step::new(Op::Skip(columns, skipped), at));
                    let last = steps.len() - 1;
                    name_steps(&mut steps[last..], owner, &field.name);
                }
            }
        }
        let missing = (0..found.len()).filter(|&index| !found[index]);
        for index in missing {
            self.absent(file, &matches, &reader.fields[index], starts[index], steps, owner);
        }
        end
    }

    /// A field that the file does not have.
    pub(super) fn absent(
        &mut self,
        file: &Struct,
        matches: &[Match],
        field: &Field,
        at: usize,
        steps: &mut Vec<Step>,
        owner: &str,
    ) {
        self.changed = true;
        let op = match self.reader().node(field.node) {
            _ if field.default => Op::Presence(false),
            Node::Option(_) => Op::Nothing,
            Node::Map(_) if field.unknown => Op::NoElements,
            // Perhaps it stands among what the writer did not know.
            _ if file.unknown().is_some() => return,
            _ => {
                let error = self.missing(file, matches, field);
                self.note(error.in_field(owner.to_owned(), field.name.clone()));
                return;
            }
        };
        steps.push(Step::new(op, at));
    }

    /// One field as another.
    fn field(&mut self, file: &Field, reader: &Field, mut at: usize, steps: &mut Vec<Step>) -> Result<()> {
        if reader.default {
            match (self.file.node(file.node), self.reader().node(reader.node)) {
                (Node::Perhaps(inner), _) => {
                    let op = Op::Perhaps(self.inner(*inner, reader.node, at + 1)?);
                    steps.push(Step::new(op, at));
                    return Ok(());
                }
                // The default stands for what is not there.
                (Node::Option(inner), to) if !matches!(to, Node::Option(_) | Node::Opaque) => {
                    self.changed = true;
                    let op = Op::Perhaps(self.inner(*inner, reader.node, at + 1)?);
                    steps.push(Step::new(op, at));
                    return Ok(());
                }
                _ => {}
            }
            steps.push(Step::new(Op::Presence(true), at));
            at += 1;
        }
        if let (true, Node::Seq(item)) = (reader.one, self.reader().node(reader.node))
            && !matches!(self.file.node(file.node), Node::Seq(_) | Node::Array(..))
        {
            let table = self.beside(file.node, *item);
            steps.push(Step::new(Op::OneElement(table), at));
            return Ok(());
        }
        self.node(file.node, reader.node, at, steps)
    }

    /// Fields in another order: tables know no order among columns, but rows of a recursion are read as they were
    /// written, and share columns with the rows that they lead to.
    fn check_order(&mut self, file: &Struct, matches: &[Match]) {
        let order = || {
            matches.iter().filter_map(|matched| match matched {
                Match::Field(index) => Some(*index),
                Match::Skip => None,
            })
        };
        if order().is_sorted() {
            return;
        }
        self.changed = true;
        self.by_rows |= file.fields.iter().any(|field| self.file.part_of(field.node).is_some());
    }

    /// An enum as another; gives the operation.
    pub(super) fn variants(&mut self, file: &'s Enum, reader: &'s Enum, at: usize, nodes: (NodeId, NodeId)) -> Op {
        let shape = self.reader();
        let mut starts = Vec::with_capacity(reader.variants.len());
        let mut next = at + 1;
        for variant in &reader.variants {
            starts.push(next);
            let width = |field: &Field| usize::from(field.default) + shape.columns(field.node);
            next += variant.fields.iter().map(width).sum::<usize>();
        }
        let wide = |choice: &Enum| choice.variants.len() > 1 << 8;
        let mut same = wide(file) == wide(reader);
        let mut variants = Vec::with_capacity(file.variants.len());
        for (index, variant) in file.variants.iter().enumerate() {
            let mut steps = Vec::new();
            let known = if self.is_identity() { Some(index) } else { reader.position(&variant.name) };
            let known = known.filter(|&known| known < reader.variants.len());
            let tag = known.or_else(|| reader.other());
            same &= known == Some(index);
            if let Some(known) = known {
                self.variant(variant, (reader, known), starts[known], &mut steps, nodes);
            } else {
                for field in &variant.fields {
                    let (columns, skipped) = self.skip(field.node);
                    steps.push(Step::new(Op::Skip(columns, skipped), at));
                }
            }
            let name = format!("{}::{}", reader.name, variant.name);
            variants.push(VariantPlan { name, tag: tag.map(|tag| tag as u16), steps });
        }
        if same {
            return Op::Enum(variants.into_iter().map(|variant| variant.steps).collect());
        }
        self.changed = true;
        Op::Variants(variants, wide(reader))
    }

    fn variant(
        &mut self,
        file: &'s Variant,
        (choice, index): (&'s Enum, usize),
        at: usize,
        steps: &mut Vec<Step>,
        (file_node, node): (NodeId, NodeId),
    ) {
        let variant = &choice.variants[index];
        let owner = format!("{}::{}", choice.name, variant.name);
        match self.check_style(file, variant, file_node, node) {
            Ok(()) => drop(self.fields(file, variant, at, steps, &owner)),
            Err(error) => self.note(error),
        }
    }

    #[cold]
    fn missing(&self, file: &Struct, matches: &[Match], field: &Field) -> Error {
        let show = |shape: &Shape, node| Shown { shape, node }.to_string();
        let wanted = show(self.reader(), field.node);
        // Perhaps one of those that nothing was found for is the same field under its old name.
        let mut left = file.fields.iter().zip(matches).filter(|(_, matched)| matches!(matched, Match::Skip));
        let renamed = left.find(|(field, _)| show(self.file, field.node) == wanted).map(|(field, _)| &field.name);
        let message = format!("the file lacks the field `{}`, a `{wanted}`", field.name);
        let help = match renamed {
            Some(name) => format!(
                "if it is what the file has as `{name}`, add `#[persist(alias = \"{name}\")]` to it; if it is new, add \
                 `#[persist(default)]`"
            ),
            None => "add `#[persist(default)]` to it".to_owned(),
        };
        Error::of(ErrorKind::Shape, message).with_help(help)
    }
}

#[cold]
pub(super) fn unknown_field(name: &str, owner: &str) -> Error {
    let message = format!("the file has the field `{name}`, which `{owner}` does not have");
    Error::of(ErrorKind::Shape, message)
        .with_help("its type says `deny_unknown_fields`: without that it would be passed over")
}

/// Names the field of steps that have none of their own.
fn name_steps(steps: &mut [Step], owner: &str, name: &str) {
    for step in steps {
        step.field.get_or_insert_with(|| (Cow::Owned(owner.to_owned()), Cow::Owned(name.to_owned())));
    }
}
