//! What a ship game's server tells its players: small records of narrow numbers, options and short vectors.

use fory::{ForyEnum, ForyStruct};

use super::{data, registered};
use crate::random::Random;

/// How many updates were recorded.
const UPDATES: usize = 1000;

data! {
    /// A recording of updates.
    #[derive(ForyStruct)]
    pub struct Updates {
        updates: Vec<Update>,
    }

    /// What one player sees at one moment.
    #[derive(ForyStruct)]
    struct Update {
        contacts: Vec<Contact>,
        score: u32,
        world_radius: f32,
        terrain_updates: Vec<TerrainUpdate>,
    }

    /// Another ship, of which little is known while it is out of sight.
    #[derive(ForyStruct)]
    struct Contact {
        damage: u8,
        entity_id: u32,
        entity_type: Option<EntityType>,
        guidance: Guidance,
        player_id: Option<u16>,
        reloads: Vec<bool>,
        transform: Transform,
        turret_angles: Vec<u16>,
    }

    /// A ship's class.
    #[derive(Copy, ForyEnum)]
    #[wincode(tag_encoding = "u8")]
    #[repr(u8)]
    enum EntityType {
        ArleighBurke,
        Bismarck,
        Clemenceau,
        Fletcher,
        G5,
        Iowa,
        Kolkata,
        Osa,
        Yasen,
        Zubr,
    }

    /// Where a ship is told to go.
    #[derive(Copy, ForyStruct)]
    struct Guidance {
        angle: u16,
        submerge: bool,
        velocity: i16,
    }

    /// Where a ship is.
    #[derive(Copy, ForyStruct)]
    struct Transform {
        altitude: i8,
        angle: u16,
        position: (f32, f32),
        velocity: i16,
    }

    /// A piece of the map: a few changed bytes, or rarely a new one of about a thousand.
    #[derive(ForyStruct)]
    struct TerrainUpdate {
        chunk_id: (i8, i8),
        data: Vec<u8>,
    }
}

registered!(Updates: Update, Contact, EntityType, Guidance, Transform, TerrainUpdate);

/// Classes with how often each is met (of 4,486), its weapons and its turrets.
const CLASSES: [(EntityType, i64, usize, usize); 10] = [
    (EntityType::ArleighBurke, 214, 20, 1),
    (EntityType::Bismarck, 52, 10, 4),
    (EntityType::Clemenceau, 97, 16, 4),
    (EntityType::Fletcher, 146, 18, 4),
    (EntityType::G5, 1316, 2, 0),
    (EntityType::Iowa, 155, 28, 3),
    (EntityType::Kolkata, 83, 15, 1),
    (EntityType::Osa, 725, 6, 2),
    (EntityType::Yasen, 406, 14, 0),
    (EntityType::Zubr, 1292, 11, 3),
];

/// The updates that `random` leads to.
#[must_use]
pub fn generate(random: &mut Random) -> Updates {
    long(random, UPDATES)
}

/// The same of so many updates.
#[must_use]
pub fn long(random: &mut Random, updates: usize) -> Updates {
    Updates { updates: (0..updates).map(|_| update(random)).collect() }
}

fn update(random: &mut Random) -> Update {
    let players = random.within(200..400);
    let world_radius = (players as f32 * 15_000.0).sqrt() + random.float(-50.0..50.0);
    let chunks = (world_radius / 1600.0).ceil() as i64;
    Update {
        contacts: random.many(20..40, |random| contact(random, players)),
        score: (random.unit32().powi(4) * 5000.0) as u32 + random.within(0..50) as u32,
        world_radius,
        terrain_updates: random.many(3..10, |random| terrain_update(random, chunks)),
    }
}

fn contact(random: &mut Random, players: i64) -> Contact {
    let (class, weapons, turrets) = class(random);
    let visible = random.chance(0.7);
    let whole = visible && random.chance(0.6);
    Contact {
        damage: if whole { 0 } else { random.within(0..200) as u8 },
        entity_id: random.within(0..players * 20) as u32,
        entity_type: visible.then_some(class),
        guidance: Guidance {
            angle: random.bits() as u16,
            submerge: submerged(random, class),
            velocity: velocity(random),
        },
        player_id: visible.then(|| random.within(0..players) as u16),
        reloads: if visible { reloads(random, weapons) } else { Vec::new() },
        transform: Transform {
            altitude: if submerged(random, class) { random.within(-120..-35) as i8 } else { 0 },
            angle: random.bits() as u16,
            position: (random.float(-750.0..750.0), random.float(-750.0..750.0)),
            velocity: velocity(random),
        },
        turret_angles: if visible { turret_angles(random, turrets) } else { Vec::new() },
    }
}

fn class(random: &mut Random) -> (EntityType, usize, usize) {
    let mut left = random.within(0..CLASSES.iter().map(|class| class.1).sum());
    for (class, frequency, weapons, turrets) in CLASSES {
        if left < frequency {
            return (class, weapons, turrets);
        }
        left -= frequency;
    }
    unreachable!("the draw is below the sum of all frequencies")
}

/// Only the one submarine dives, most of the time.
fn submerged(random: &mut Random, class: EntityType) -> bool {
    class == EntityType::Yasen && random.chance(0.9)
}

/// Most ships go ahead, some stand, some go back slowly.
fn velocity(random: &mut Random) -> i16 {
    let velocity = match random.within(0..100) {
        0..80 => random.within(140..900),
        80..90 => 0,
        _ => random.within(-225..-35),
    };
    velocity as i16
}

fn reloads(random: &mut Random, weapons: usize) -> Vec<bool> {
    let ready = random.unit();
    (0..weapons).map(|_| random.chance(ready)).collect()
}

/// Most turrets of a ship point nearly the same way.
fn turret_angles(random: &mut Random, turrets: usize) -> Vec<u16> {
    let base = random.bits() as u16;
    (0..turrets)
        .map(|_| {
            let aligned = random.chance(0.75);
            if aligned { base.wrapping_add_signed(random.within(-200..200) as i16) } else { random.bits() as u16 }
        })
        .collect()
}

fn terrain_update(random: &mut Random, chunks: i64) -> TerrainUpdate {
    let lengths = if random.chance(0.02) { 900..1100 } else { 3..9 };
    TerrainUpdate {
        chunk_id: (random.within(-chunks..chunks) as i8, random.within(-chunks..chunks) as i8),
        data: random.many(lengths, |random| random.bits() as u8),
    }
}
