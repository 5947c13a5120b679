//! The players of a block game, as its server saves them: wide records, nested and optional parts, short vectors.

use fory::{ForyEnum, ForyStruct};

use super::{data, registered};
use crate::random::Random;

/// How many players were saved.
const PLAYERS: usize = 500;

data! {
    /// All players of a server.
    #[derive(ForyStruct)]
    pub struct Players {
        players: Vec<Player>,
    }

    /// One player.
    #[derive(ForyStruct)]
    struct Player {
        game_type: GameType,
        previous_game_type: GameType,
        score: i64,
        dimension: String,
        selected_item_slot: u32,
        selected_item: Item,
        spawn_dimension: Option<String>,
        spawn_x: i64,
        spawn_y: i64,
        spawn_z: i64,
        spawn_forced: Option<bool>,
        sleep_timer: u16,
        food_exhaustion_level: f32,
        food_saturation_level: f32,
        food_tick_timer: u32,
        xp_level: u32,
        xp_p: f32,
        xp_total: i32,
        xp_seed: i32,
        inventory: Vec<Item>,
        ender_items: Vec<Item>,
        abilities: Abilities,
        entered_nether_position: Option<(f64, f64, f64)>,
        root_vehicle: Option<([u32; 4], Entity)>,
        shoulder_entity_left: Option<Entity>,
        shoulder_entity_right: Option<Entity>,
        seen_credits: bool,
        recipe_book: RecipeBook,
    }

    /// How a player plays.
    #[derive(Copy, ForyEnum)]
    #[wincode(tag_encoding = "u8")]
    #[repr(u8)]
    enum GameType {
        Survival,
        Creative,
        Adventure,
        Spectator,
    }

    /// A stack of things in an inventory.
    #[derive(ForyStruct)]
    struct Item {
        count: i8,
        slot: u8,
        id: String,
    }

    /// What a player may do.
    #[expect(clippy::struct_excessive_bools, reason = "the data set has them")]
    #[derive(Copy, ForyStruct)]
    struct Abilities {
        walk_speed: f32,
        fly_speed: f32,
        may_fly: bool,
        flying: bool,
        invulnerable: bool,
        may_build: bool,
        instabuild: bool,
    }

    /// A creature that a player rides or carries.
    #[expect(clippy::struct_excessive_bools, reason = "the data set has them")]
    #[derive(ForyStruct)]
    struct Entity {
        id: String,
        pos: (f64, f64, f64),
        motion: (f64, f64, f64),
        rotation: (f32, f32),
        fall_distance: f32,
        fire: u16,
        air: u16,
        on_ground: bool,
        no_gravity: bool,
        invulnerable: bool,
        portal_cooldown: i32,
        uuid: [u32; 4],
        custom_name: Option<String>,
        custom_name_visible: bool,
        silent: bool,
        glowing: bool,
    }

    /// What a player knows how to make.
    #[expect(clippy::struct_excessive_bools, reason = "the data set has them")]
    #[derive(ForyStruct)]
    struct RecipeBook {
        recipes: Vec<String>,
        to_be_displayed: Vec<String>,
        is_filtering_craftable: bool,
        is_gui_open: bool,
        is_furnace_filtering_craftable: bool,
        is_furnace_gui_open: bool,
        is_blasting_furnace_filtering_craftable: bool,
        is_blasting_furnace_gui_open: bool,
        is_smoker_filtering_craftable: bool,
        is_smoker_gui_open: bool,
    }
}

registered!(Players: Player, GameType, Item, Abilities, Entity, RecipeBook);

const DIMENSIONS: [&str; 3] = ["overworld", "nether", "end"];
const ITEMS: [&str; 8] = ["clay", "glass", "compass", "coal", "saddle", "bucket", "fishingrod", "bread"];
const CREATURES: [&str; 8] = ["pig", "horse", "rabbit", "villager", "donkey", "chicken", "turtle", "fox"];
const PET_NAMES: [&str; 8] = ["biscuit", "snowball", "daisy", "pepper", "buddy", "shadow", "honey", "ginger"];
const RECIPES: [&str; 8] = ["lantern", "chest", "bed", "redstone torch", "compass", "ladder", "paper", "axe"];

/// The players that `random` leads to.
#[must_use]
pub fn generate(random: &mut Random) -> Players {
    Players { players: (0..PLAYERS).map(|_| player(random)).collect() }
}

fn player(random: &mut Random) -> Player {
    Player {
        game_type: game_type(random),
        previous_game_type: game_type(random),
        score: random.bits() as i64,
        dimension: random.word(&DIMENSIONS),
        selected_item_slot: random.bits() as u32,
        selected_item: item(random),
        spawn_dimension: random.maybe(|random| random.word(&DIMENSIONS)),
        spawn_x: random.bits() as i64,
        spawn_y: random.bits() as i64,
        spawn_z: random.bits() as i64,
        spawn_forced: random.maybe(Random::flip),
        sleep_timer: random.bits() as u16,
        food_exhaustion_level: random.unit32(),
        food_saturation_level: random.unit32(),
        food_tick_timer: random.bits() as u32,
        xp_level: random.bits() as u32,
        xp_p: random.unit32(),
        xp_total: random.bits() as i32,
        xp_seed: random.bits() as i32,
        inventory: random.many(0..40, item),
        ender_items: random.many(0..27, item),
        abilities: abilities(random),
        entered_nether_position: random.maybe(position),
        root_vehicle: random.maybe(|random| (uuid(random), entity(random))),
        shoulder_entity_left: random.maybe(entity),
        shoulder_entity_right: random.maybe(entity),
        seen_credits: random.flip(),
        recipe_book: recipe_book(random),
    }
}

fn game_type(random: &mut Random) -> GameType {
    *random.pick(&[GameType::Survival, GameType::Creative, GameType::Adventure, GameType::Spectator])
}

fn item(random: &mut Random) -> Item {
    Item { count: random.bits() as i8, slot: random.bits() as u8, id: random.word(&ITEMS) }
}

fn abilities(random: &mut Random) -> Abilities {
    Abilities {
        walk_speed: random.unit32(),
        fly_speed: random.unit32(),
        may_fly: random.flip(),
        flying: random.flip(),
        invulnerable: random.flip(),
        may_build: random.flip(),
        instabuild: random.flip(),
    }
}

fn entity(random: &mut Random) -> Entity {
    Entity {
        id: random.word(&CREATURES),
        pos: position(random),
        motion: position(random),
        rotation: (random.unit32(), random.unit32()),
        fall_distance: random.unit32(),
        fire: random.bits() as u16,
        air: random.bits() as u16,
        on_ground: random.flip(),
        no_gravity: random.flip(),
        invulnerable: random.flip(),
        portal_cooldown: random.bits() as i32,
        uuid: uuid(random),
        custom_name: random.maybe(|random| random.word(&PET_NAMES)),
        custom_name_visible: random.flip(),
        silent: random.flip(),
        glowing: random.flip(),
    }
}

fn position(random: &mut Random) -> (f64, f64, f64) {
    (random.unit(), random.unit(), random.unit())
}

fn uuid(random: &mut Random) -> [u32; 4] {
    std::array::from_fn(|_| random.bits() as u32)
}

fn recipe_book(random: &mut Random) -> RecipeBook {
    RecipeBook {
        recipes: random.many(0..30, |random| random.word(&RECIPES)),
        to_be_displayed: random.many(0..10, |random| random.word(&RECIPES)),
        is_filtering_craftable: random.flip(),
        is_gui_open: random.flip(),
        is_furnace_filtering_craftable: random.flip(),
        is_furnace_gui_open: random.flip(),
        is_blasting_furnace_filtering_craftable: random.flip(),
        is_blasting_furnace_gui_open: random.flip(),
        is_smoker_filtering_craftable: random.flip(),
        is_smoker_gui_open: random.flip(),
    }
}
