//! bitcode: its own derive rather than serde, and one `Buffer` reused for all calls, which also owns the output.

use crate::{Result, codec::Codec};

/// One buffer for all calls.
#[derive(Default)]
pub struct Bitcode {
    buffer: bitcode::Buffer,
}

impl<T: bitcode::Encode + bitcode::DecodeOwned> Codec<T> for Bitcode {
    type Bytes = Vec<u8>;

    #[inline(always)]
    fn encode(&mut self, value: &T) -> Result<&[u8]> {
        Ok(self.buffer.encode(value))
    }

    #[inline(always)]
    fn decode(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(self.buffer.decode(bytes)?)
    }

    #[inline(always)]
    fn encode_fresh(&mut self, value: &T) -> Result<Vec<u8>> {
        Ok(bitcode::encode(value))
    }

    #[inline(always)]
    fn decode_fresh(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(bitcode::decode(bytes)?)
    }
}
