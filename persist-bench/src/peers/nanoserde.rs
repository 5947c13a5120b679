//! nanoserde: its binary format, into a vector that keeps its memory.

use nanoserde::{DeBin, SerBin};

use crate::{Result, codec::Codec};

/// A vector for all calls.
#[derive(Default)]
pub struct Nanoserde {
    output: Vec<u8>,
}

impl<T: SerBin + DeBin> Codec<T> for Nanoserde {
    type Bytes = Vec<u8>;

    #[inline(always)]
    fn encode(&mut self, value: &T) -> Result<&[u8]> {
        self.output.clear();
        value.ser_bin(&mut self.output);
        Ok(&self.output)
    }

    #[inline(always)]
    fn decode(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(T::deserialize_bin(bytes)?)
    }

    #[inline(always)]
    fn encode_fresh(&mut self, value: &T) -> Result<Vec<u8>> {
        Ok(value.serialize_bin())
    }
}
