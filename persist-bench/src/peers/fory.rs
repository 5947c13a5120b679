//! fory: for Rust alone and with one schema for writing and reading, its fastest mode, into a vector that keeps its
//! memory. Types are registered once; a `Fory` is what a program keeps even where it keeps nothing else.

use fory::Serializer;

use crate::{Result, codec::Codec, sets::Registered};

/// A `Fory` that knows the types, and a vector for all calls.
pub struct Fory {
    fory: fory::Fory,
    output: Vec<u8>,
}

impl Fory {
    /// Knows `T` and all types in it. `memory` raises the bytes that a value may take in memory, of which fory allows 128 MiB.
    pub fn new<T: Registered>(memory: Option<usize>) -> Result<Self> {
        let mut builder = fory::Fory::builder().xlang(false).compatible(false);
        if let Some(memory) = memory {
            builder = builder.max_graph_memory_bytes(memory);
        }
        let mut fory = builder.build();
        T::register(&mut fory)?;
        Ok(Self { fory, output: Vec::new() })
    }
}

impl<T: Serializer<Target = T>> Codec<T> for Fory {
    type Bytes = Vec<u8>;

    #[inline(always)]
    fn encode(&mut self, value: &T) -> Result<&[u8]> {
        self.output.clear();
        self.fory.serialize_to(&mut self.output, value)?;
        Ok(&self.output)
    }

    #[inline(always)]
    fn decode(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(self.fory.deserialize(bytes)?)
    }

    #[inline(always)]
    fn encode_fresh(&mut self, value: &T) -> Result<Vec<u8>> {
        Ok(self.fory.serialize(value)?)
    }
}
