//! Walking the outermost sequences: groups may be missing from them.

use super::super::bodies::{Out, Part};
use super::super::lost::LostElements;
use super::{Kept, Place, Stop, Turn, Walker};
use crate::column::Input;
use crate::shape::{Node, NodeId};
use crate::table::Columns;

impl Walker<'_> {
    /// Walks an outermost sequence.
    pub(super) fn sequence(&mut self, id: NodeId, item: NodeId) -> Result<Kept, Stop> {
        // A gap in front of it is none in it.
        self.is_ready()?;
        self.met += 1;
        let (own, entries) = (self.met, matches!(self.shape.node(id), Node::Map(_)));
        self.flush();
        let slot = self.found.out.len();
        let none = |of: Option<u64>| LostElements { entries, range: of.map(|of| 0..of), after: 0, left: 0, of };
        match self.place {
            Place::Reading => {}
            Place::Seeking(number) if number == own => {
                self.place = Place::Reading;
                self.found.out.push(Out::Length(0, true));
                self.groups(slot, None, item, entries)?;
                return Ok(Kept::Same);
            }
            _ => {
                self.found.out.push(Out::Length(0, true));
                self.lost(Some(none(None)), None);
                return Ok(Kept::Same);
            }
        }
        let header = self.read(|walk| walk.number("lengths"))?;
        self.flushed = self.taken();
        let len = u32::try_from(header >> 1).map_err(|_| self.failed("a length is over 4,294,967,295"))?;
        self.found.out.push(Out::Length(len.into(), header & 1 == 1));
        if header & 1 == 1 {
            self.groups(slot, Some(len.into()), item, entries)?;
            return Ok(Kept::Same);
        }
        if len != 1 || self.walk.is_entry(item) {
            self.read(|walk| walk.behind(item, len as usize, false))?;
            return Ok(Kept::Same);
        }
        let (lost, shape) = (self.found.lost.len(), self.shape);
        Ok(match self.at("[0]", |walker| walker.node(item))? {
            Kept::Gone => {
                self.found.out.truncate(slot);
                self.found.lost.truncate(lost);
                self.found.out.push(Out::Length(0, true));
                self.lost(Some(none(Some(1))), None);
                Kept::Same
            }
            kept => self.around(kept, |item| match shape.node(id) {
                Node::Set(_) => Node::Set(item),
                Node::Map(_) => Node::Map(item),
                _ => Node::Seq(item),
            }),
        })
    }

    /// Takes the groups of a sequence of so many elements, if that is known.
    fn groups(&mut self, slot: usize, of: Option<u64>, item: NodeId, entries: bool) -> Result<(), Stop> {
        let (mut kept, mut gaps) = (0, Vec::new());
        if of.is_none() {
            gaps.push((0, self.cause.clone()));
        }
        while !gaps.is_empty() || of != Some(kept) {
            if self.walk.columns.rest().is_empty() {
                match self.advance(true)? {
                    Turn::On => {}
                    Turn::Behind => gaps.push((kept, self.cause.clone())),
                    Turn::Away => {
                        gaps.push((kept, self.cause.clone()));
                        break;
                    }
                }
            }
            let rows = self.group(item)? as u64;
            kept += rows;
            if rows == 0 || of.is_some_and(|of| kept + gaps.len() as u64 > of) {
                return Err(self.failed("a group has more rows than are left, or none"));
            }
            // Only the last group has anything behind it in its chunk.
            let is_last = self.part.is_some_and(|part| part + 1 == self.bodies.parts.len());
            if !gaps.is_empty() && (is_last || !self.walk.columns.rest().is_empty()) {
                break;
            }
        }
        self.flush();
        self.found.out[slot] = Out::Length(kept, true);
        let lost = of.map(|of| of - kept);
        for (after, cause) in &gaps {
            let range = lost.filter(|_| gaps.len() == 1).map(|lost| *after..after + lost);
            let elements = LostElements { entries, range, after: *after, left: kept, of };
            self.lost(Some(elements), cause.as_ref());
        }
        Ok(())
    }

    /// Takes a group; gives its rows.
    fn group(&mut self, item: NodeId) -> Result<usize, Stop> {
        let at_start = self.part.filter(|_| self.taken() == 0);
        if let Some(part) = at_start
            && let Part::Good(body) = &self.bodies.parts[part]
            && let Some((node, rows)) = body.group
            && node == item
        {
            let (depth, small) = self.columns;
            let end = Input::with_offset(&[], body.offset + body.bytes.len() as u64);
            self.walk.columns = Columns::new(end, depth, small);
            return Ok(rows);
        }
        let rows = self.read(|walk| walk.count("lengths"))?;
        self.read(|walk| walk.behind(item, rows, false))?;
        if let Some(part) = at_start.filter(|_| self.walk.columns.rest().is_empty()) {
            self.groups.push((part, item, rows));
        }
        Ok(rows)
    }
}
