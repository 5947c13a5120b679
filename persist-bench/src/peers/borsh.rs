//! borsh: into a slice that is long enough, as in the public benchmark; a vector it grows piece by piece.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Result, codec::Codec};

/// A slice for all calls.
#[derive(Default)]
pub struct Borsh {
    output: Vec<u8>,
}

impl<T: BorshSerialize + BorshDeserialize> Codec<T> for Borsh {
    type Bytes = Vec<u8>;

    fn reserve(&mut self, longest: usize) {
        self.output.resize(longest, 0);
    }

    fn encode(&mut self, value: &T) -> Result<&[u8]> {
        let mut left = self.output.as_mut_slice();
        value.serialize(&mut left)?;
        let left = left.len();
        Ok(&self.output[..self.output.len() - left])
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(borsh::from_slice(bytes)?)
    }

    fn encode_fresh(&mut self, value: &T) -> Result<Vec<u8>> {
        Ok(borsh::to_vec(value)?)
    }
}
