//! A small flat message: what a weather station tells of one moment.

use fory::ForyStruct;

use super::{data, registered};
use crate::random::Random;

data! {
    /// Ten numbers of most widths, and two short strings.
    #[derive(ForyStruct)]
    pub struct Reading {
        station: String,
        unit: String,
        sequence: u32,
        time: u64,
        latitude: f64,
        longitude: f64,
        altitude: i32,
        value: f32,
        deviation: f32,
        samples: u16,
        flags: u16,
        quality: u8,
    }
}

registered!(Reading:);

/// The reading that `random` leads to.
#[must_use]
pub fn generate(random: &mut Random) -> Reading {
    Reading {
        station: format!("ST{:04}", random.within(1..10_000)),
        unit: random.word(&["K", "hPa", "m/s", "mm", "%", "W/m2"]),
        sequence: random.within(0..2_000_000) as u32,
        time: random.within(1_600_000_000_000..1_800_000_000_000) as u64,
        latitude: random.unit() * 180.0 - 90.0,
        longitude: random.unit() * 360.0 - 180.0,
        altitude: random.within(-400..4000) as i32,
        value: random.float(0.0..1000.0),
        deviation: random.unit32(),
        samples: random.within(1..600) as u16,
        flags: random.bits() as u16,
        quality: random.within(0..100) as u8,
    }
}
