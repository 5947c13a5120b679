//! wincode: into a slice that is exactly as long as the longest output, measured once before, and with tags of one byte for
//! enums, as in its authors' entry to the public benchmark.

use wincode::config::DefaultConfig;
use wincode::{SchemaRead, SchemaWrite};

use crate::{Result, codec::Codec};

/// A slice for all calls.
#[derive(Default)]
pub struct Wincode {
    output: Vec<u8>,
}

impl<T> Codec<T> for Wincode
where
    T: SchemaWrite<DefaultConfig, Src = T> + for<'de> SchemaRead<'de, DefaultConfig, Dst = T>,
{
    type Bytes = Vec<u8>;

    fn reserve(&mut self, longest: usize) {
        self.output.resize(longest, 0);
    }

    #[inline(always)]
    fn encode(&mut self, value: &T) -> Result<&[u8]> {
        let mut left = self.output.as_mut_slice();
        wincode::serialize_into(&mut left, value)?;
        let left = left.len();
        Ok(&self.output[..self.output.len() - left])
    }

    #[inline(always)]
    fn decode(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(wincode::deserialize(bytes)?)
    }

    #[inline(always)]
    fn encode_fresh(&mut self, value: &T) -> Result<Vec<u8>> {
        Ok(wincode::serialize(value)?)
    }
}
