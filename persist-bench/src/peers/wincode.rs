//! wincode: into a slice that is exactly as long as needed, measured once before, and with tags of one byte for C-like
//! enums, as in its authors' entry to the public benchmark.

use std::hint::black_box;

use super::Library;
use crate::{Result, sets::Data};

#[derive(Default)]
pub(super) struct Wincode {
    output: Vec<u8>,
    encoded: Vec<u8>,
}

impl<T: Data> Library<T> for Wincode {
    fn name(&self) -> &'static str {
        "wincode"
    }

    fn prepare(&mut self, value: &T) -> Result<Option<usize>> {
        self.encoded = wincode::serialize(value)?;
        self.output = vec![0; self.encoded.len()];
        Ok(Some(self.encoded.len()))
    }

    fn serialize(&mut self, value: &T) -> Result<usize> {
        wincode::serialize_into(self.output.as_mut_slice(), black_box(value))?;
        Ok(black_box(&self.output).len())
    }

    fn deserialize(&mut self) -> Result<T> {
        Ok(wincode::deserialize(black_box(&self.encoded))?)
    }
}
