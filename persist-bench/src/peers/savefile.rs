//! savefile: without its schema, into a vector that keeps its memory, and from a slice.

use std::hint::black_box;

use super::Library;
use crate::{Result, sets::Data};

/// No type here has had an earlier version.
const VERSION: u32 = 0;

#[derive(Default)]
pub(super) struct Savefile {
    output: Vec<u8>,
    encoded: Vec<u8>,
}

impl<T: Data> Library<T> for Savefile {
    fn name(&self) -> &'static str {
        "savefile"
    }

    fn prepare(&mut self, value: &T) -> Result<Option<usize>> {
        self.encoded.clear();
        savefile::save_noschema(&mut self.encoded, VERSION, value)?;
        Ok(Some(self.encoded.len()))
    }

    fn serialize(&mut self, value: &T) -> Result<usize> {
        self.output.clear();
        savefile::save_noschema(&mut self.output, VERSION, black_box(value))?;
        Ok(black_box(&self.output).len())
    }

    fn deserialize(&mut self) -> Result<T> {
        Ok(savefile::load_noschema(&mut black_box(self.encoded.as_slice()), VERSION)?)
    }
}
