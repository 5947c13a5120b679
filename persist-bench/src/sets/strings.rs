//! Ten million short strings.

use fory::ForyStruct;

use super::{data, registered};
use crate::random::Random;

/// How many words the list has.
const WORDS: usize = 10_000_000;

data! {
    /// A list of words.
    #[derive(ForyStruct)]
    pub struct Words {
        // wincode refuses more than four megabytes in one sequence unless its length says otherwise.
        #[wincode(with = "wincode::containers::Vec<String, wincode::len::BincodeLen<{ usize::MAX }>>")]
        words: Vec<String>,
    }
}

registered!(Words:);

/// The words that `random` leads to.
#[must_use]
pub fn generate(random: &mut Random) -> Words {
    Words { words: (0..WORDS).map(|_| word(random)).collect() }
}

/// Three to sixteen letters, of which one number gives eight.
fn word(random: &mut Random) -> String {
    let length = random.count(3..17);
    let mut word = String::with_capacity(length);
    while word.len() < length {
        let letters = random.bits().to_le_bytes();
        let missing = length - word.len();
        word.extend(letters.iter().take(missing).map(|letter| char::from(b'a' + letter % 26)));
    }
    word
}
