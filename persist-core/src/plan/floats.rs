//! Floats: runs that lie otherwise in the file than the reader has them.

use super::maker::{Maker, Place};
use super::records::Match;
use super::{FloatPart, Floats, Lane, Op, Step};
use crate::error::Result;
use crate::shape::{Node, NodeId, Struct};

/// Where the reader has floats.
#[derive(Clone, Copy)]
enum Target {
    /// From this column on.
    Column(usize),
    /// In this run, from this place of its rows on.
    Run(usize, usize),
}

impl<'s> Maker<'s> {
    /// The steps where one of the two nodes is a float run.
    pub(super) fn floats(&mut self, file: NodeId, reader: NodeId, at: usize, steps: &mut Vec<Step>) -> Result<()> {
        let (from, to) = (self.file.floats(file), self.reader().floats(reader));
        if from == to && self.is_same_run(file, reader) {
            steps.push(Step::new(Op::Run(from), at));
            return Ok(());
        }
        self.changed = true;
        let mut floats = Floats::default();
        if from == 0 {
            floats.runs.push((at, to));
            self.gather(file, reader, 0, &mut floats.parts)?;
        } else {
            let mut lanes = Vec::new();
            self.spread((file, 0), reader, Target::Column(at), &mut floats.runs, &mut lanes, steps)?;
            floats.parts.push(FloatPart::Run(from, lanes));
        }
        steps.push(Step::new(Op::Floats(floats), at));
        Ok(())
    }

    /// Whether two runs of one size have the same floats at the same places.
    fn is_same_run(&self, file: NodeId, reader: NodeId) -> bool {
        let same = |(&a, &b): (&NodeId, &NodeId)| self.is_same_run(a, b);
        match (self.file.node(file), self.reader().node(reader)) {
            (Node::F32, Node::F32) | (Node::F64, Node::F64) => true,
            (Node::Array(a, n), Node::Array(b, m)) => n == m && self.is_same_run(*a, *b),
            (Node::Tuple(a), Node::Tuple(b)) => a.len() == b.len() && a.iter().zip(b).all(same),
            (Node::Struct(a), Node::Struct(b)) => {
                let mut fields = a.fields.iter().zip(&b.fields).enumerate();
                a.fields.len() == b.fields.len()
                    && fields.all(|(index, (from, to))| {
                        (self.is_identity() || b.position(&from.name) == Some(index)) && same((&from.node, &to.node))
                    })
            }
            _ => false,
        }
    }

    /// The lanes from a place in a run of the file to where the reader has its floats.
    fn spread(
        &mut self,
        (file, from): (NodeId, usize),
        reader: NodeId,
        target: Target,
        runs: &mut Vec<(usize, usize)>,
        lanes: &mut Vec<Lane>,
        steps: &mut Vec<Step>,
    ) -> Result<()> {
        let size = self.reader().floats(reader);
        let target = match target {
            Target::Column(at) if size != 0 => {
                runs.push((at, size));
                Target::Run(runs.len() - 1, 0)
            }
            target => target,
        };
        match (self.file.node(file), self.reader().node(reader), target) {
            _ if self.reader().is_endless(reader) => Err(self.differ(file, reader)),
            (a @ (Node::F32 | Node::F64), b @ (Node::F32 | Node::F64), Target::Run(run, to)) => {
                let bytes = |node: &Node| if matches!(node, Node::F32) { 4 } else { 8 };
                if bytes(a) > bytes(b) {
                    return Err(self.differ(file, reader));
                }
                lanes.push(Lane { from, run, to, sizes: (bytes(a), bytes(b)) });
                Ok(())
            }
            (Node::Array(a, n), Node::Array(b, m), target) if n == m => {
                let (step, width) = (self.file.floats(*a), self.reader().floats(*b));
                for item in 0..*n as usize {
                    match target {
                        Target::Run(run, to) => {
                            let target = Target::Run(run, to + item * width);
                            self.spread((*a, from + item * step), *b, target, runs, lanes, steps)?;
                        }
                        // Items of an array share columns, which a run of the file does not have.
                        Target::Column(_) => {
                            self.by_rows = true;
                            return self.spread((*a, from), *b, target, runs, lanes, steps);
                        }
                    }
                }
                Ok(())
            }
            (Node::Tuple(a), Node::Tuple(b), mut target) if a.len() == b.len() => {
                let mut from = from;
                for (&a, &b) in a.iter().zip(b) {
                    self.spread((a, from), b, target, runs, lanes, steps)?;
                    from += self.file.floats(a);
                    target = match target {
                        Target::Column(at) => Target::Column(at + self.reader().columns(b)),
                        Target::Run(run, to) => Target::Run(run, to + self.reader().floats(b)),
                    };
                }
                Ok(())
            }
            (Node::Struct(a), Node::Struct(b), target) => {
                self.check_style(a, b, file, reader)?;
                self.spread_fields((a, from), b, target, runs, lanes, steps);
                Ok(())
            }
            (Node::Array(a, _), Node::Seq(b), Target::Column(_)) => {
                self.by_rows = true;
                self.spread((*a, from), *b, Target::Column(0), &mut vec![], &mut vec![], &mut vec![])
            }
            (_, Node::Option(b), Target::Column(at)) => {
                steps.push(Step::new(Op::Something(vec![]), at));
                self.spread((file, from), *b, Target::Column(at + 1), runs, lanes, steps)
            }
            (_, Node::Boxed(b), Target::Column(_)) => {
                self.by_rows = true;
                self.spread((file, from), *b, Target::Column(0), &mut vec![], &mut vec![], &mut vec![])
            }
            (_, Node::Versioned(to), Target::Column(at)) => match to.older {
                None => self.spread((file, from), to.current, target, runs, lanes, steps),
                Some(older) => {
                    let columns = self.reader().columns(to.current);
                    self.plan.upgrades = true;
                    steps.push(Step::new(Op::Presence(false), at));
                    self.spread((file, from), older, Target::Column(at + 1 + columns), runs, lanes, steps)
                }
            },
            _ => Err(self.differ(file, reader)),
        }
    }

    fn spread_fields(
        &mut self,
        (file, from): (&'s Struct, usize),
        reader: &'s Struct,
        target: Target,
        runs: &mut Vec<(usize, usize)>,
        lanes: &mut Vec<Lane>,
        steps: &mut Vec<Step>,
    ) {
        let shape = self.reader();
        let mut next = target;
        let targets: Vec<Target> = reader
            .fields
            .iter()
            .map(|field| {
                let own = next;
                next = match own {
                    Target::Column(at) => Target::Column(at + usize::from(field.default) + shape.columns(field.node)),
                    Target::Run(run, to) => Target::Run(run, to + shape.floats(field.node)),
                };
                own
            })
            .collect();
        let matches = self.matches(file, reader, &reader.name);
        let mut found = vec![false; targets.len()];
        let mut from = from;
        for (field, matched) in file.fields.iter().zip(&matches) {
            if let Match::Field(index) = *matched {
                found[index] = true;
                let to = &reader.fields[index];
                let target = match targets[index] {
                    Target::Column(at) if to.default => {
                        steps.push(Step::new(Op::Presence(true), at));
                        Target::Column(at + 1)
                    }
                    target => target,
                };
                let place = Place::Field(reader.name.clone().into_owned(), to.name.clone().into_owned());
                self.at(place, |maker| {
                    if let Err(error) = maker.spread((field.node, from), to.node, target, runs, lanes, steps) {
                        maker.note(error);
                    }
                });
            }
            from += self.file.floats(field.node);
        }
        for (index, field) in reader.fields.iter().enumerate().filter(|&(index, _)| !found[index]) {
            let at = match targets[index] {
                Target::Column(at) => at,
                Target::Run(..) => 0,
            };
            self.absent(file, &matches, field, at, steps, &reader.name);
        }
    }

    /// What the file has by columns, for a run of the reader, from the place `to` in its rows on.
    fn gather(&mut self, file: NodeId, reader: NodeId, to: usize, parts: &mut Vec<FloatPart>) -> Result<()> {
        let run = self.file.floats(file);
        if run != 0 {
            let mut lanes = Vec::new();
            self.spread((file, 0), reader, Target::Run(0, to), &mut vec![], &mut lanes, &mut vec![])?;
            parts.push(FloatPart::Run(run, lanes));
            return Ok(());
        }
        let width = |node: &Node| match node {
            Node::F32 => Some(4),
            Node::F64 => Some(8),
            _ => None,
        };
        match (self.file.node(file), self.reader().node(reader)) {
            _ if self.file.is_endless(file) => Err(self.differ(file, reader)),
            (Node::Int(kind), b) if let Some(width) = width(b) => {
                parts.push(FloatPart::Ints(*kind, 1, Lane { from: 0, run: 0, to, sizes: (kind.size(), width) }));
                Ok(())
            }
            (Node::Array(a, n), Node::Array(b, m)) if n == m => {
                if let (Node::Int(kind), Some(width)) = (self.file.node(*a), width(self.reader().node(*b))) {
                    let lane = Lane { from: 0, run: 0, to, sizes: (kind.size(), width) };
                    parts.push(FloatPart::Ints(*kind, *n as usize, lane));
                    return Ok(());
                }
                self.by_rows = true;
                self.gather(*a, *b, to, &mut vec![])
            }
            (Node::Tuple(a), Node::Tuple(b)) if a.len() == b.len() => {
                let mut to = to;
                for (&a, &b) in a.iter().zip(b) {
                    self.gather(a, b, to, parts)?;
                    to += self.reader().floats(b);
                }
                Ok(())
            }
            (Node::Struct(a), Node::Struct(b)) => {
                self.check_style(a, b, file, reader)?;
                self.gather_fields(a, b, to, parts);
                Ok(())
            }
            (Node::Versioned(from), _) if from.version == 1 => self.gather(from.current, reader, to, parts),
            (Node::Seq(a), Node::Array(b, _)) => {
                self.by_rows = true;
                self.gather(*a, *b, to, &mut vec![])
            }
            (Node::Boxed(a) | Node::Option(a), _) => {
                self.by_rows = true;
                self.gather(*a, reader, to, &mut vec![])
            }
            _ => Err(self.differ(file, reader)),
        }
    }

    fn gather_fields(&mut self, file: &'s Struct, reader: &'s Struct, to: usize, parts: &mut Vec<FloatPart>) {
        let shape = self.reader();
        let mut next = to;
        let places: Vec<usize> = reader
            .fields
            .iter()
            .map(|field| {
                let own = next;
                next += shape.floats(field.node);
                own
            })
            .collect();
        let matches = self.matches(file, reader, &reader.name);
        let mut found = vec![false; places.len()];
        for (field, matched) in file.fields.iter().zip(&matches) {
            match *matched {
                Match::Field(index) => {
                    found[index] = true;
                    let to = &reader.fields[index];
                    let place = Place::Field(reader.name.clone().into_owned(), to.name.clone().into_owned());
                    self.at(place, |maker| {
                        if let Err(error) = maker.gather(field.node, to.node, places[index], parts) {
                            maker.note(error);
                        }
                    });
                }
                Match::Skip => {
                    let (columns, skipped) = self.skip(field.node);
                    parts.push(FloatPart::Skip(columns, skipped));
                }
            }
        }
        for (_, field) in reader.fields.iter().enumerate().filter(|&(index, _)| !found[index]) {
            self.absent(file, &matches, field, 0, &mut vec![], &reader.name);
        }
    }
}
