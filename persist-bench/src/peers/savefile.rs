//! savefile: without its schema, into a vector that keeps its memory, and from a slice.

use savefile::{Deserialize, Serialize};

use crate::{Result, codec::Codec};

/// No type here has had an earlier version.
const VERSION: u32 = 0;

/// A vector for all calls.
#[derive(Default)]
pub struct Savefile {
    output: Vec<u8>,
}

impl<T: Serialize + Deserialize> Codec<T> for Savefile {
    type Bytes = Vec<u8>;

    #[inline(always)]
    fn encode(&mut self, value: &T) -> Result<&[u8]> {
        self.output.clear();
        savefile::save_noschema(&mut self.output, VERSION, value)?;
        Ok(&self.output)
    }

    #[inline(always)]
    fn decode(&mut self, mut bytes: &[u8]) -> Result<T> {
        Ok(savefile::load_noschema(&mut bytes, VERSION)?)
    }

    #[inline(always)]
    fn encode_fresh(&mut self, value: &T) -> Result<Vec<u8>> {
        let mut output = Vec::new();
        savefile::save_noschema(&mut output, VERSION, value)?;
        Ok(output)
    }
}
