//! A small seeded generator, so that the data sets are the same on every machine and with every version of every
//! dependency.

use std::ops::Range;

/// `SplitMix64`: one addition and three mixing steps for each number.
pub struct Random {
    state: u64,
}

impl Random {
    /// A generator whose whole sequence follows from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// All 64 bits random. Narrower integers take its low bits with `as`.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number in `range`, which must not be empty.
    pub fn within(&mut self, range: Range<i64>) -> i64 {
        let span = range.end.abs_diff(range.start);
        // The high half of the product is uniform enough: spans here are tiny beside 2^64.
        let offset = (u128::from(self.bits()) * u128::from(span)) >> 64;
        range.start + offset as i64
    }

    /// A count in `range`, which must not be empty.
    pub fn count(&mut self, range: Range<usize>) -> usize {
        self.within(range.start as i64..range.end as i64) as usize
    }

    /// A float in `0.0..1.0`, with every bit of its mantissa random.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// The same in single precision.
    pub fn unit32(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1_u32 << 24) as f32
    }

    /// A float in `range`.
    pub fn float(&mut self, range: Range<f32>) -> f32 {
        range.start + self.unit32() * (range.end - range.start)
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// True or false, evenly.
    pub fn flip(&mut self) -> bool {
        self.bits() >> 63 == 1
    }

    /// One of `choices`, evenly.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.count(0..choices.len())]
    }

    /// One of `words`, as a new string.
    pub fn word(&mut self, words: &[&str]) -> String {
        (*self.pick(words)).to_owned()
    }

    /// What `make` gives, half of the time.
    pub fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flip().then(|| make(self))
    }

    /// As many as a count in `lengths` says, each from `make`.
    pub fn many<T>(&mut self, lengths: Range<usize>, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let length = self.count(lengths);
        (0..length).map(|_| make(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn one_seed_gives_one_sequence() {
        let mut random = Random::new(0);
        // The first outputs of SplitMix64 for the seed 0, as its author's reference gives them.
        assert_eq!(random.bits(), 0xE220_A839_7B1D_CDAF);
        assert_eq!(random.bits(), 0x6E78_9E6A_A1B9_65F4);
        assert_eq!(random.bits(), 0x06C4_5D18_8009_454F);
    }

    #[test]
    fn ranges_hold_and_are_used_up() {
        let mut random = Random::new(1);
        let mut seen = [false; 6];
        for _ in 0..1000 {
            let number = random.within(-3..3);
            assert!((-3..3).contains(&number));
            seen[(number + 3) as usize] = true;
            assert!((0.0..1.0).contains(&random.unit()));
            assert!((0.0..1.0).contains(&random.unit32()));
            assert!((-2.0..2.0).contains(&random.float(-2.0..2.0)));
        }
        assert_eq!(seen, [true; 6]);
    }
}
