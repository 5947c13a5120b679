//! persist: one `Dumper` and one `Loader` reused for all calls. Each call of `dumps` makes its bytes anew, as the everyday
//! call does, although the peers write into memory that they keep.

use std::hint::black_box;

use persist::{Dumper, Loader};

use super::{Library, Role};
use crate::{Result, sets::Data};

pub(super) struct Persist {
    dumper: Dumper,
    loader: Loader,
    output: Vec<u8>,
    encoded: Vec<u8>,
    checksum: bool,
}

impl Persist {
    pub(super) fn new(checksum: bool) -> Self {
        Self { dumper: Dumper::new().checksum(checksum), loader: Loader::new(), output: Vec::new(), encoded: Vec::new(), checksum }
    }
}

impl<T: Data> Library<T> for Persist {
    fn name(&self) -> &'static str {
        if self.checksum { "persist (checksum)" } else { "persist" }
    }

    fn role(&self) -> Role {
        // No peer has a checksum: without one, like is compared with like.
        if self.checksum { Role::Variant } else { Role::Ours }
    }

    fn prepare(&mut self, value: &T) -> Result<Option<usize>> {
        self.encoded = self.dumper.dumps(value)?;
        Ok(Some(self.encoded.len()))
    }

    fn serialize(&mut self, value: &T) -> Result<usize> {
        self.output.clear();
        self.dumper.dumps_into(black_box(value), &mut self.output)?;
        Ok(black_box(&self.output).len())
    }

    fn deserialize(&mut self) -> Result<T> {
        Ok(self.loader.loads(black_box(&self.encoded))?)
    }
}
