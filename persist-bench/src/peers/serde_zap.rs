//! serde-zap: through serde, into a slice that is long enough, as in the public benchmark. Its modules for vectors of plain
//! numbers are not used: they are attributes that would change what all libraries with serde do.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Result, codec::Codec};

/// A slice for all calls.
#[derive(Default)]
pub struct SerdeZap {
    output: Vec<u8>,
}

impl<T: Serialize + DeserializeOwned> Codec<T> for SerdeZap {
    type Bytes = Vec<u8>;

    fn reserve(&mut self, longest: usize) {
        self.output.resize(longest, 0);
    }

    #[inline(always)]
    fn encode(&mut self, value: &T) -> Result<&[u8]> {
        Ok(serde_zap::to_slice(value, &mut self.output)?)
    }

    #[inline(always)]
    fn decode(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(serde_zap::from_bytes(bytes)?)
    }

    #[inline(always)]
    fn encode_fresh(&mut self, value: &T) -> Result<Vec<u8>> {
        Ok(serde_zap::to_vec(value)?)
    }
}
