//! The bodies of the chunks that are left, and those of the chunks that are made of them.

use std::borrow::Cow;
use std::ops::Range;

use crate::column::put_varint;
use crate::error::Error;
use crate::frame::{Piece, Recovered, Restorer};
use crate::limits::Limits;
use crate::shape::NodeId;

/// What is left of a frame's body.
pub(super) struct Bodies<'d> {
    pub(super) parts: Vec<Part<'d>>,
}

/// A part of a body.
pub(super) enum Part<'d> {
    Good(Body<'d>),
    Damaged(Damage),
}

/// The body of a chunk, or of one that goes on in others.
pub(super) struct Body<'d> {
    number: u32,
    /// As it is stored, where it is one chunk.
    stored: Option<&'d [u8]>,
    pub(super) bytes: Cow<'d, [u8]>,
    pub(super) offset: u64,
    /// Whether all of it is a group of so many rows of a node, as far as it is known.
    pub(super) group: Option<(NodeId, usize)>,
}

/// One damaged chunk, or several.
pub(super) struct Damage {
    pub(super) number: u32,
    pub(super) offset: u64,
    pub(super) why: Error,
}

/// A piece of what is put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Out {
    /// Bytes of a part.
    Bytes(usize, Range<usize>),
    /// The length of an outermost sequence, and whether groups follow.
    Length(u64, bool),
}

impl<'d> Bodies<'d> {
    pub(super) fn new(recovered: &Recovered<'d>, limits: &Limits) -> Self {
        let mut bodies = Bodies { parts: Vec::new() };
        let mut room = limits.most_memory(recovered.len as u64);
        let mut restorer = Restorer::default();
        let mut pieces = recovered.pieces.iter().peekable();
        while let Some(piece) = pieces.next() {
            let (number, first) = match piece {
                Piece::Good(number, found) => (*number, found),
                Piece::Damaged { number, offset, why } => {
                    bodies.damaged(Damage { number: *number, offset: *offset, why: copy(why) });
                    continue;
                }
            };
            let mut body = Body {
                number,
                stored: (!first.continued).then(|| first.stored()),
                bytes: Cow::Borrowed(&[]),
                offset: first.offset(),
                group: None,
            };
            let mut restored = Ok(());
            match first.as_it_is().filter(|_| !first.continued) {
                Some(input) => body.bytes = Cow::Borrowed(input.rest()),
                None => restored = first.append_to(body.bytes.to_mut(), room, &mut restorer),
            }
            let mut continued = first.continued;
            while continued && restored.is_ok() {
                match pieces.peek() {
                    Some(Piece::Good(_, next)) => {
                        let left = room.saturating_sub(body.bytes.len() as u64);
                        restored = next.append_to(body.bytes.to_mut(), left, &mut restorer);
                        continued = next.continued;
                    }
                    Some(Piece::Damaged { why, .. }) => restored = Err(copy(why)),
                    None => break,
                }
                pieces.next();
            }
            room = room.saturating_sub(body.bytes.len() as u64);
            match restored {
                Ok(()) => bodies.parts.push(Part::Good(body)),
                Err(why) => bodies.damaged(Damage { number, offset: first.offset(), why }),
            }
        }
        bodies
    }

    /// Damage, which may go on from the one before.
    fn damaged(&mut self, damage: Damage) {
        if !matches!(self.parts.last(), Some(Part::Damaged(_))) {
            self.parts.push(Part::Damaged(damage));
        }
    }

    /// Takes a part for damaged.
    pub(super) fn give_up(&mut self, part: usize, why: Error) {
        if let Some(Part::Good(body)) = self.parts.get(part) {
            let damage = Damage { number: body.number, offset: body.offset, why };
            self.parts[part] = Part::Damaged(damage);
        }
        // Of several in a row the first one tells what is wrong.
        self.parts.dedup_by(|next, before| matches!((before, next), (Part::Damaged(_), Part::Damaged(_))));
    }

    /// What is damaged first.
    pub(super) fn first_damage(&self) -> Option<&Damage> {
        self.parts.iter().find_map(|part| match part {
            Part::Damaged(damage) => Some(damage),
            Part::Good(_) => None,
        })
    }

    /// The chunks that pieces make: whether each is as it was stored, and its bytes.
    pub(super) fn chunks(&self, out: &[Out]) -> Vec<(bool, Vec<u8>)> {
        let mut chunks: Vec<(bool, Vec<u8>)> = Vec::new();
        // The part that the chunk at hand is made of.
        let mut made_of = None;
        for piece in out {
            let (part, range) = match piece {
                Out::Length(length, grouped) => {
                    let header = length << 1 | u64::from(*grouped && *length != 0);
                    if !matches!(chunks.last(), Some((false, _))) {
                        chunks.push((false, Vec::new()));
                    }
                    if let Some((_, chunk)) = chunks.last_mut() {
                        put_varint(chunk, header);
                    }
                    continue;
                }
                Out::Bytes(part, range) => (*part, range.clone()),
            };
            let Part::Good(body) = &self.parts[part] else { continue };
            let bytes = &body.bytes[range.clone()];
            let whole = body.stored.filter(|_| range.len() == body.bytes.len());
            match (whole, chunks.last_mut()) {
                (Some(stored), _) => chunks.push((true, stored.to_vec())),
                (None, Some((false, chunk))) if made_of.is_none_or(|made| made == part) => {
                    chunk.extend_from_slice(bytes);
                }
                _ => chunks.push((false, bytes.to_vec())),
            }
            made_of = Some(part);
        }
        if chunks.is_empty() {
            chunks.push((false, Vec::new()));
        }
        chunks
    }
}

/// The same error once more: without what is underneath.
pub(super) fn copy(error: &Error) -> Error {
    let new = Error::of(error.kind(), error.message().to_owned());
    match error.offset() {
        Some(offset) => new.at_offset(offset),
        None => new,
    }
}
