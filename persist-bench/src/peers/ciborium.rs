//! ciborium: the usual way to CBOR through serde, into a vector that keeps its memory, and from a slice.

use std::hint::black_box;

use super::Library;
use crate::{Result, sets::Data};

#[derive(Default)]
pub(super) struct Ciborium {
    output: Vec<u8>,
    encoded: Vec<u8>,
}

impl<T: Data> Library<T> for Ciborium {
    fn name(&self) -> &'static str {
        "ciborium"
    }

    fn prepare(&mut self, value: &T) -> Result<Option<usize>> {
        self.encoded.clear();
        ciborium::into_writer(value, &mut self.encoded)?;
        Ok(Some(self.encoded.len()))
    }

    fn serialize(&mut self, value: &T) -> Result<usize> {
        self.output.clear();
        ciborium::into_writer(black_box(value), &mut self.output)?;
        Ok(black_box(&self.output).len())
    }

    fn deserialize(&mut self) -> Result<T> {
        Ok(ciborium::from_reader(black_box(self.encoded.as_slice()))?)
    }
}
