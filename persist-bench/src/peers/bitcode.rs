//! bitcode: its own derive rather than serde, and one `Buffer` reused for all calls, which also owns the output.

use std::hint::black_box;

use super::Library;
use crate::{Result, sets::Data};

#[derive(Default)]
pub(super) struct Bitcode {
    buffer: bitcode::Buffer,
    encoded: Vec<u8>,
}

impl<T: Data> Library<T> for Bitcode {
    fn name(&self) -> &'static str {
        "bitcode"
    }

    fn prepare(&mut self, value: &T) -> Result<Option<usize>> {
        self.encoded = self.buffer.encode(value).to_vec();
        Ok(Some(self.encoded.len()))
    }

    fn serialize(&mut self, value: &T) -> Result<usize> {
        Ok(black_box(self.buffer.encode(black_box(value))).len())
    }

    fn deserialize(&mut self) -> Result<T> {
        Ok(self.buffer.decode(black_box(&self.encoded))?)
    }
}
