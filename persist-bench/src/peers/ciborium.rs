//! ciborium: the usual way to CBOR through serde, into a vector that keeps its memory, and from a slice.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Result, codec::Codec};

/// A vector for all calls.
#[derive(Default)]
pub struct Ciborium {
    output: Vec<u8>,
}

impl<T: Serialize + DeserializeOwned> Codec<T> for Ciborium {
    type Bytes = Vec<u8>;

    #[inline(always)]
    fn encode(&mut self, value: &T) -> Result<&[u8]> {
        self.output.clear();
        ciborium::into_writer(value, &mut self.output)?;
        Ok(&self.output)
    }

    #[inline(always)]
    fn decode(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(ciborium::from_reader(bytes)?)
    }

    #[inline(always)]
    fn encode_fresh(&mut self, value: &T) -> Result<Vec<u8>> {
        let mut output = Vec::new();
        ciborium::into_writer(value, &mut output)?;
        Ok(output)
    }
}
