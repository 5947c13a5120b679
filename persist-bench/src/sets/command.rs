//! An enum of five variants with data: alone as a small message, and a million of them.

#![allow(missing_docs, reason = "what rkyv derives for the fields of variants has no documentation")]

use fory::{ForyStruct, ForyUnion};

use super::{data, registered};
use crate::random::Random;

/// How many commands the recording has.
const COMMANDS: usize = 1_000_000;

data! {
    /// What a player tells a game's server.
    #[derive(ForyUnion)]
    #[wincode(tag_encoding = "u8")]
    pub enum Command {
        /// Goes somewhere.
        #[fory(default)]
        Move {
            /// To the east.
            x: f32,
            /// To the north.
            y: f32,
            /// How fast.
            speed: u16,
        },
        /// Talks to others.
        Say {
            /// To whom.
            channel: u32,
            /// What.
            text: String,
        },
        /// Buys things.
        Buy {
            /// What.
            item: u32,
            /// How many.
            count: u16,
            /// For how much each.
            price: u64,
        },
        /// Aims at another one.
        Attack {
            /// Whom.
            target: u64,
            /// With what.
            skill: u8,
        },
        /// Puts things into this order.
        Sort {
            /// All things, by their slots.
            order: Vec<u16>,
        },
    }

    /// A recording of commands.
    #[derive(ForyStruct)]
    pub struct Commands {
        // wincode refuses more than four megabytes in one sequence unless its length says otherwise.
        #[wincode(with = "wincode::containers::Vec<Command, wincode::len::BincodeLen<{ usize::MAX }>>")]
        commands: Vec<Command>,
    }
}

registered!(Command:);
registered!(Commands: Command);

/// The command that `random` leads to.
#[must_use]
pub fn generate(random: &mut Random) -> Command {
    match random.within(0..5) {
        0 => Command::Move {
            x: random.float(-750.0..750.0),
            y: random.float(-750.0..750.0),
            speed: random.within(0..900) as u16,
        },
        1 => Command::Say {
            channel: random.within(0..50) as u32,
            text: random.word(&["hello", "over here", "thanks", "wait for me", "gg", "follow the river", "no"]),
        },
        2 => Command::Buy {
            item: random.within(0..5000) as u32,
            count: random.within(1..100) as u16,
            price: random.within(1..1_000_000) as u64,
        },
        3 => Command::Attack { target: random.within(0..10_000_000) as u64, skill: random.within(0..40) as u8 },
        _ => Command::Sort { order: random.many(1..12, |random| random.within(0..1000) as u16) },
    }
}

/// The recording that `random` leads to.
#[must_use]
pub fn recording(random: &mut Random) -> Commands {
    Commands { commands: (0..COMMANDS).map(|_| generate(random)).collect() }
}
