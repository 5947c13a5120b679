//! Finding out where a walk goes on behind each gap: there, where all that follows makes sense, and nowhere else.

use super::bodies::{Bodies, Part, copy};
use super::nothing;
use super::walk::{Choice, Stop, Walked, walk};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;
use crate::shape::Shape;

/// Later sequences that are tried behind a gap.
const SEQUENCES: usize = 32;
/// Parts that are given up, since they are not what should stand where they do.
const GIVEN_UP: usize = 256;

/// Walks a body as far as it can be told what it is.
pub(super) fn search(
    shape: &Shape,
    bodies: &mut Bodies<'_>,
    small: bool,
    size: usize,
    limits: &Limits,
) -> Result<Walked> {
    let mut choices = Vec::new();
    let mut given_up = 0;
    loop {
        let (part, why) = match try_walk(shape, (bodies, small), &choices, (size, limits)) {
            Ok(walked) => return Ok(walked),
            Err(Stop::Undecided { current, met, part }) => {
                match choose(shape, (bodies, small), &choices, (current, met), (size, limits))? {
                    Ok(choice) => {
                        choices.push(choice);
                        continue;
                    }
                    Err(why) => (part, why),
                }
            }
            Err(Stop::Failed(part, why)) => (part, why),
            Err(Stop::Nothing | Stop::NotFound) => return Err(nothing(&first_damage(bodies))),
        };
        given_up += 1;
        if why.is(ErrorKind::Limit) || given_up > GIVEN_UP || !matches!(bodies.parts.get(part), Some(Part::Good(_))) {
            return Err(nothing(&why));
        }
        bodies.give_up(part, why);
        choices.clear();
    }
}

fn first_damage(bodies: &Bodies<'_>) -> Error {
    match bodies.first_damage() {
        Some(damage) => copy(&damage.why),
        None => Error::of(ErrorKind::Corrupt, "it is not what its schema says"),
    }
}

/// Walks once, and notes what was found out about parts.
fn try_walk(
    shape: &Shape,
    (bodies, small): (&mut Bodies<'_>, bool),
    choices: &[Choice],
    bounds: (usize, &Limits),
) -> Result<Walked, Stop> {
    let mut groups = Vec::new();
    let walked = walk(shape, (bodies, small), choices, bounds, &mut groups);
    for (part, node, rows) in groups {
        if let Some(Part::Good(body)) = bodies.parts.get_mut(part) {
            body.group = Some((node, rows));
        }
    }
    walked
}

/// The one place where a walk can go on behind a gap; an error where there is none.
///
/// What follows is read up to the next gap, or the end, which it has to meet. Where it could be read as part of more than
/// one sequence, it is taken for none.
fn choose(
    shape: &Shape,
    (bodies, small): (&mut Bodies<'_>, bool),
    before: &[Choice],
    (current, met): (bool, usize),
    bounds: (usize, &Limits),
) -> Result<Result<Choice, Error>> {
    let mut found = Vec::new();
    let mut wrong = None;
    let later = (met + 1..=met + SEQUENCES).map(Choice::Seek);
    for choice in current.then_some(Choice::Continue).into_iter().chain(later) {
        match try_walk(shape, (bodies, small), &[before, &[choice]].concat(), bounds) {
            Ok(_) | Err(Stop::Undecided { .. } | Stop::Nothing) => found.push(choice),
            Err(Stop::Failed(_, error)) if error.is(ErrorKind::Limit) => return Err(error),
            Err(Stop::Failed(_, error)) => _ = wrong.get_or_insert(error),
            Err(Stop::NotFound) => break,
        }
    }
    Ok(match (&found[..], wrong) {
        (&[choice], _) => Ok(choice),
        ([], Some(wrong)) => Err(wrong),
        _ => Ok(Choice::Stop),
    })
}
