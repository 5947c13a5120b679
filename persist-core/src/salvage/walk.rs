//! Going through what is left of a body, by its schema: what of it can be kept, and what is lost.
//!
//! Only rows that are single are walked: each knows of a gap that it meets. Behind one, a walk does not know where it is,
//! and does what it was told: it goes on with the sequence at hand, or looks for a later one, whose groups then stand
//! there; meanwhile all that it passes is lost.

use super::bodies::{Bodies, Damage, Out, Part};
use super::lost::{Lost, LostElements};
use crate::column::Input;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;
use crate::shape::{Node, NodeId, Shape, Struct, Style, Versioned};
use crate::table::{Columns, STACK_GROWTH, STACK_LEFT};
use crate::weigh::{Found, Walk};

mod sequences;

/// Where a walk goes on behind a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The sequence at hand goes on.
    Continue,
    /// A sequence that comes later does; its number.
    Seek(usize),
    /// Nowhere: what follows cannot be told.
    Stop,
}

/// Why a walk ended before the body did.
pub(super) enum Stop {
    /// A gap that nothing was chosen for: the sequence at hand where there is one, those met so far, and the part behind.
    Undecided { current: bool, met: usize, part: usize },
    /// What was looked for is not there.
    NotFound,
    /// Nothing is left.
    Nothing,
    /// A part is not what should stand there.
    Failed(usize, Error),
}

/// What a walk found.
#[derive(Default)]
pub(super) struct Walked {
    pub(super) out: Vec<Out>,
    pub(super) lost: Vec<Lost>,
    /// The root, where it is not that of the shape, and what it refers to beyond the shape's nodes.
    pub(super) root: Option<Node>,
    pub(super) nodes: Vec<Node>,
}

/// A part that is a group of so many rows of a node as a whole.
pub(super) type Group = (usize, NodeId, usize);

/// What is left of a single row.
enum Kept<T = Node> {
    Same,
    Changed(T),
    Gone,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Reading,
    Seeking(usize),
    Ended,
}

/// Where a walk is, after it went on to the next part.
enum Turn {
    /// Where it was.
    On,
    /// In the same sequence, behind a gap.
    Behind,
    /// Elsewhere.
    Away,
}

/// Why something is lost.
#[derive(Clone)]
struct Cause {
    number: u32,
    offset: u64,
    kind: ErrorKind,
    message: String,
}

impl Cause {
    fn of(damage: &Damage) -> Self {
        let (kind, message) = (damage.why.kind(), damage.why.message().to_owned());
        Cause { number: damage.number, offset: damage.offset, kind, message }
    }
}

struct Walker<'w> {
    shape: &'w Shape,
    bodies: &'w Bodies<'w>,
    choices: std::slice::Iter<'w, Choice>,
    groups: &'w mut Vec<Group>,
    walk: Walk<'w, 'w>,
    /// Levels that an opaque item may have, and whether the frame is of level Small.
    columns: (usize, bool),
    /// The part at hand, and up to where it was put out.
    part: Option<usize>,
    flushed: usize,
    place: Place,
    /// Sequences that were met.
    met: usize,
    path: String,
    /// Why what is lost now is lost.
    cause: Option<Cause>,
    found: Walked,
}

/// Walks a body, choosing so at the first gaps; notes which parts were found to be groups.
pub(super) fn walk(
    shape: &Shape,
    (bodies, small): (&Bodies<'_>, bool),
    choices: &[Choice],
    (size, limits): (usize, &Limits),
    groups: &mut Vec<Group>,
) -> Result<Walked, Stop> {
    let mut weights = Found::default();
    let columns = Columns::new(Input::new(&[]), limits.depth, small);
    let walk = Walk::new(shape, columns, limits.budget(size), limits.depth, &mut weights);
    let mut walker = Walker {
        shape,
        bodies,
        choices: choices.iter(),
        groups,
        walk,
        columns: (limits.depth, small),
        part: None,
        flushed: 0,
        place: Place::Reading,
        met: 0,
        path: root_name(shape, Shape::ROOT).unwrap_or_default().to_owned(),
        cause: None,
        found: Walked::default(),
    };
    let root = walker.node(Shape::ROOT)?;
    walker.finish(root)
}

/// The name of the type at the root.
fn root_name(shape: &Shape, id: NodeId) -> Option<&str> {
    match shape.node(id) {
        Node::Struct(record) => Some(&record.name),
        Node::Enum(choice) => Some(&choice.name),
        Node::Versioned(versioned) => root_name(shape, versioned.current),
        _ => None,
    }
}

impl<'w> Walker<'w> {
    fn finish(mut self, root: Kept) -> Result<Walked, Stop> {
        match self.place {
            Place::Seeking(_) => return Err(Stop::NotFound),
            Place::Ended => {}
            Place::Reading => {
                self.flush();
                let next = self.part.map_or(0, |part| part + 1);
                if !self.walk.columns.rest().is_empty() {
                    return Err(self.failed("bytes are left after the last column"));
                }
                if let Some(Part::Good(_)) = self.bodies.parts.get(next) {
                    self.part = Some(next);
                    return Err(self.failed("bytes are left after the last column"));
                }
            }
        }
        match root {
            Kept::Same => {}
            Kept::Changed(root) => self.found.root = Some(root),
            Kept::Gone => return Err(Stop::Nothing),
        }
        if !self.found.lost.is_empty() && !self.found.out.iter().any(|out| matches!(out, Out::Bytes(..))) {
            // Empty sequences are all that is left.
            return Err(Stop::Nothing);
        }
        Ok(self.found)
    }

    #[cold]
    fn failed(&self, what: &'static str) -> Stop {
        Stop::Failed(self.part.unwrap_or(0), self.walk.columns.rest().corrupt(what))
    }

    /// Takes bytes of the part at hand.
    fn read<T>(&mut self, read: impl FnOnce(&mut Walk<'w, 'w>) -> Result<T>) -> Result<T, Stop> {
        read(&mut self.walk).map_err(|error| Stop::Failed(self.part.unwrap_or(0), error))
    }

    /// Bytes of the part at hand that were taken.
    fn taken(&self) -> usize {
        match self.part.and_then(|part| self.bodies.parts.get(part)) {
            Some(Part::Good(body)) => body.bytes.len() - self.walk.columns.rest().len(),
            _ => 0,
        }
    }

    /// Puts out what was taken.
    fn flush(&mut self) {
        let taken = self.taken();
        if let Some(part) = self.part.filter(|_| taken > self.flushed) {
            self.found.out.push(Out::Bytes(part, self.flushed..taken));
            self.flushed = taken;
        }
    }

    fn enter(&mut self, part: usize) {
        let (depth, small) = self.columns;
        let input = match &self.bodies.parts[part] {
            Part::Good(body) => Input::with_offset(&body.bytes, body.offset),
            Part::Damaged(_) => Input::new(&[]),
        };
        self.walk.columns = Columns::new(input, depth, small);
        (self.part, self.flushed) = (Some(part), 0);
    }

    /// Goes on to the next part, after the one at hand was used up; `current` where a sequence is at hand.
    fn advance(&mut self, current: bool) -> Result<Turn, Stop> {
        self.flush();
        let next = self.part.map_or(0, |part| part + 1);
        match self.bodies.parts.get(next) {
            None => return Err(self.failed("the value goes on, and its last chunk is over")),
            Some(Part::Good(_)) => {
                self.enter(next);
                return Ok(Turn::On);
            }
            Some(Part::Damaged(damage)) => self.cause = Some(Cause::of(damage)),
        }
        let behind = next + 1;
        if behind >= self.bodies.parts.len() {
            self.enter(next);
            self.place = Place::Ended;
            return Ok(Turn::Away);
        }
        let Some(choice) = self.choices.next() else {
            return Err(Stop::Undecided { current, met: self.met, part: behind });
        };
        self.enter(behind);
        match choice {
            Choice::Continue => return Ok(Turn::Behind),
            Choice::Seek(number) => self.place = Place::Seeking(*number),
            Choice::Stop => self.place = Place::Ended,
        }
        Ok(Turn::Away)
    }

    /// Whether bytes can be taken here.
    fn is_ready(&mut self) -> Result<bool, Stop> {
        let next = self.part.map_or(0, |part| part + 1);
        if self.place == Place::Reading && self.walk.columns.rest().is_empty() && next < self.bodies.parts.len() {
            self.advance(false)?;
        }
        Ok(self.place == Place::Reading)
    }

    fn lost(&mut self, elements: Option<LostElements>, cause: Option<&Cause>) {
        let Some(Cause { number, offset, kind, message }) = cause.or(self.cause.as_ref()) else { return };
        let why = Error::of(*kind, message.clone()).at_offset(*offset);
        let (path, chunk, offset) = (self.path.clone(), Some(*number), *offset);
        self.found.lost.push(Lost { path, elements, chunk, offset, why });
    }

    /// A node that is none of the shape.
    fn add(&mut self, node: Node) -> NodeId {
        self.found.nodes.push(node);
        (self.shape.nodes().len() + self.found.nodes.len() - 1) as NodeId
    }

    /// A node that holds one other.
    fn around(&mut self, kept: Kept, make: impl FnOnce(NodeId) -> Node) -> Kept {
        match kept {
            Kept::Changed(node) => {
                let id = self.add(node);
                Kept::Changed(make(id))
            }
            kept => kept,
        }
    }

    /// Walks the single row of a node.
    fn node(&mut self, id: NodeId) -> Result<Kept, Stop> {
        stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || self.node_here(id))
    }

    fn node_here(&mut self, id: NodeId) -> Result<Kept, Stop> {
        let shape = self.shape;
        if shape.floats(id) != 0 {
            return self.leaf(id);
        }
        Ok(match shape.node(id) {
            Node::Unit => Kept::Same,
            Node::Struct(record) => match self.record(record)? {
                Kept::Same => Kept::Same,
                Kept::Changed(record) => Kept::Changed(Node::Struct(record)),
                Kept::Gone => Kept::Gone,
            },
            Node::Tuple(items) => return self.tuple(items),
            Node::Versioned(versioned) => {
                let kept = self.node(versioned.current)?;
                let version = versioned.version;
                self.around(kept, |current| Node::Versioned(Versioned { version, current, older: None }))
            }
            Node::Seq(item) | Node::Set(item) | Node::Map(item) => return self.sequence(id, *item),
            Node::Option(inner) | Node::Perhaps(inner) => {
                if !self.is_ready()? {
                    return Ok(Kept::Gone);
                }
                if self.read(|walk| walk.flags(1))? == 0 {
                    return Ok(Kept::Same);
                }
                let kept = self.node(*inner)?;
                self.around(kept, Node::Option)
            }
            Node::Enum(choice) => {
                if !self.is_ready()? {
                    return Ok(Kept::Gone);
                }
                let counts = self.read(|walk| walk.tags(choice, 1))?;
                let tag = counts.iter().position(|&rows| rows != 0).unwrap_or(0);
                match self.record(&choice.variants[tag])? {
                    Kept::Same => Kept::Same,
                    Kept::Gone => Kept::Gone,
                    Kept::Changed(variant) => {
                        let mut choice = choice.clone();
                        choice.variants[tag] = variant;
                        Kept::Changed(Node::Enum(choice))
                    }
                }
            }
            Node::Array(item, 1) => {
                let kept = self.node(*item)?;
                self.around(kept, |item| Node::Array(item, 1))
            }
            Node::Pair(key, value) => {
                let mut ids = [*key, *value];
                let mut changed = false;
                for id in &mut ids {
                    match self.node(*id)? {
                        Kept::Same => {}
                        Kept::Changed(node) => (*id, changed) = (self.add(node), true),
                        Kept::Gone => return Ok(Kept::Gone),
                    }
                }
                if changed { Kept::Changed(Node::Pair(ids[0], ids[1])) } else { Kept::Same }
            }
            Node::Boxed(inner) if !self.walk.is_entry(*inner) => {
                if self.place != Place::Reading {
                    return Ok(Kept::Gone);
                }
                let kept = self.node(*inner)?;
                self.around(kept, Node::Boxed)
            }
            _ => return self.leaf(id),
        })
    }

    /// Takes a row in which there is no sequence of interest.
    fn leaf(&mut self, id: NodeId) -> Result<Kept, Stop> {
        if !self.is_ready()? {
            return Ok(Kept::Gone);
        }
        self.read(|walk| walk.rows(id, 1, true))?;
        Ok(Kept::Same)
    }

    /// Does something further down.
    fn at<T>(&mut self, name: &str, go: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.path.len();
        if !self.path.is_empty() && !name.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(name);
        let result = go(self);
        self.path.truncate(before);
        result
    }

    /// Walks a part that can be left out: nothing is put out where it is gone.
    fn part(&mut self, name: &str, id: NodeId) -> Result<Kept, Stop> {
        self.flush();
        let before = (self.found.out.len(), self.found.lost.len());
        self.at(name, |walker| {
            let kept = walker.node(id)?;
            if matches!(kept, Kept::Gone) {
                walker.found.out.truncate(before.0);
                walker.found.lost.truncate(before.1);
                walker.lost(None, None);
            }
            Ok(kept)
        })
    }

    /// The fields of a struct or variant.
    fn record(&mut self, record: &Struct) -> Result<Kept<Struct>, Stop> {
        let (mut fields, mut changed) = (Vec::new(), false);
        for (i, field) in record.fields.iter().enumerate() {
            let mut field = field.clone();
            match self.part(&field.name, field.node)? {
                Kept::Same => {}
                Kept::Changed(node) => (field.node, changed) = (self.add(node), true),
                Kept::Gone if record.style == Style::Named => {
                    changed = true;
                    continue;
                }
                Kept::Gone => {
                    // The others would have other numbers.
                    let rest = record.fields.iter().skip(i + 1);
                    rest.for_each(|field| self.at(&field.name, |walker| walker.lost(None, None)));
                    changed = true;
                    break;
                }
            }
            fields.push(field);
        }
        Ok(match () {
            () if !changed => Kept::Same,
            () if fields.is_empty() => Kept::Gone,
            () => Kept::Changed(Struct { fields, ..record.clone() }),
        })
    }

    fn tuple(&mut self, items: &[NodeId]) -> Result<Kept, Stop> {
        let (mut kept, mut changed) = (Vec::new(), false);
        for (i, &item) in items.iter().enumerate() {
            match self.part(&i.to_string(), item)? {
                Kept::Same => kept.push(item),
                Kept::Changed(node) => {
                    kept.push(self.add(node));
                    changed = true;
                }
                Kept::Gone => {
                    for i in i + 1..items.len() {
                        self.at(&i.to_string(), |walker| walker.lost(None, None));
                    }
                    changed = true;
                    break;
                }
            }
        }
        Ok(match () {
            () if !changed => Kept::Same,
            () if kept.is_empty() => Kept::Gone,
            () => Kept::Changed(Node::Tuple(kept)),
        })
    }
}
