//! borsh: into a vector that keeps its memory; into a slice, as in the public benchmark, it is slower.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Result, codec::Codec};

/// A vector for all calls.
#[derive(Default)]
pub struct Borsh {
    output: Vec<u8>,
}

impl<T: BorshSerialize + BorshDeserialize> Codec<T> for Borsh {
    type Bytes = Vec<u8>;

    #[inline(always)]
    fn encode(&mut self, value: &T) -> Result<&[u8]> {
        self.output.clear();
        value.serialize(&mut self.output)?;
        Ok(&self.output)
    }

    #[inline(always)]
    fn decode(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(borsh::from_slice(bytes)?)
    }

    #[inline(always)]
    fn encode_fresh(&mut self, value: &T) -> Result<Vec<u8>> {
        Ok(borsh::to_vec(value)?)
    }
}
