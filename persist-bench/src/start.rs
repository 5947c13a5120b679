//! One start of the program: the figures of one data set, taken in this process.

use std::hint::black_box;
use std::time::Duration;

use crate::Result;
use crate::catalogue::{Group, Set};
use crate::figure::Row;
use crate::measure::{self, Before, Effort};
use crate::peers::{Libraries, all, recursive};
use crate::random::Random;
use crate::sets::{Data, SEED, command, log, maps, mesh, minecraft, mk48, order, reading, strings, tree};

/// How many small messages are written one after the other: so many different ones that a processor does not know them by
/// heart.
const MESSAGES: usize = 256;

/// A block of memory after which glibc's allocator keeps what it is given back, and asks the kernel no more: just below the
/// largest that still moves its thresholds. Without it a library whose vectors grow by and by may fault all pages in
/// again with each call, or not, depending on what was freed before.
const SETTLING: usize = (32 << 20) - (64 << 10);

/// Makes the data set and measures all libraries on it, in so many rounds.
pub fn figures(set: Set, rounds: usize) -> Result<Vec<Row>> {
    drop(black_box(Vec::<u8>::with_capacity(SETTLING)));
    let random = &mut Random::new(SEED);
    let run = Run { group: set.group(), rounds };
    match set {
        Set::Log => run.one(log::generate(random), all),
        Set::Mesh => run.one(mesh::generate(random), all),
        Set::Minecraft => run.one(minecraft::generate(random), all),
        Set::Mk48 => run.one(mk48::generate(random), all),
        Set::MessageFlat => run.messages(random, reading::generate, all),
        Set::MessageEnum => run.messages(random, command::generate, all),
        Set::MessageNested => run.messages(random, order::generate, all),
        Set::HashMap => run.one(maps::accounts(random), all),
        Set::BTreeMap => run.one(maps::pages(random), all),
        Set::Tree => run.one(tree::generate(random), recursive),
        Set::Strings => run.one(strings::generate(random), all),
        Set::Enums => run.one(command::recording(random), all),
    }
}

struct Run {
    group: Group,
    rounds: usize,
}

impl Run {
    fn one<T: Data>(&self, value: T, libraries: fn(Group) -> Result<Libraries<T>>) -> Result<Vec<Row>> {
        self.all(&[value], libraries(self.group)?)
    }

    fn messages<T: Data>(
        &self,
        random: &mut Random,
        generate: fn(&mut Random) -> T,
        libraries: fn(Group) -> Result<Libraries<T>>,
    ) -> Result<Vec<Row>> {
        let messages: Vec<_> = (0..MESSAGES).map(|_| generate(random)).collect();
        self.all(&messages, libraries(self.group)?)
    }

    fn all<T: Data>(&self, values: &[T], libraries: Libraries<T>) -> Result<Vec<Row>> {
        // A batch is shorter than a scheduler's turn: beside other programs most timings find their caches as they left
        // them.
        let before = if self.group == Group::Large { Before::Clone } else { Before::Call };
        let effort = Effort { rounds: self.rounds, batch: Duration::from_millis(1), before };
        measure::run(values, libraries, self.group.measures(), effort)
    }
}
