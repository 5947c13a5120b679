//! persist: one `Dumper` and one `Loader` reused for all calls, into a vector that keeps its memory.

use persist::{Dumper, Level, Loader};

use crate::{Result, codec::Codec};

/// What stands around the packed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Mark, version, schema and checksums: what a caller gets by default.
    Checked,
    /// The same without checksums, which no peer has.
    Unchecked,
    /// Level Small, which compresses by itself, without checksums.
    Small,
}

/// A dumper, a loader and a vector for all calls.
pub struct Persist {
    frame: Frame,
    dumper: Dumper,
    loader: Loader,
    output: Vec<u8>,
}

impl Persist {
    /// Writes and reads with this frame.
    #[must_use]
    pub fn new(frame: Frame) -> Self {
        Self { frame, dumper: frame.dumper(), loader: Loader::new(), output: Vec::new() }
    }
}

impl Frame {
    fn dumper(self) -> Dumper {
        match self {
            Frame::Checked => Dumper::new(),
            Frame::Unchecked => Dumper::new().checksum(false),
            Frame::Small => Dumper::new().checksum(false).level(Level::Small),
        }
    }
}

impl<T: persist::Persist> Codec<T> for Persist {
    type Bytes = Vec<u8>;

    #[inline(always)]
    fn encode(&mut self, value: &T) -> Result<&[u8]> {
        self.output.clear();
        self.dumper.dumps_into(value, &mut self.output)?;
        Ok(&self.output)
    }

    #[inline(always)]
    fn decode(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(self.loader.loads(bytes)?)
    }

    #[inline(always)]
    fn encode_fresh(&mut self, value: &T) -> Result<Vec<u8>> {
        Ok(self.frame.dumper().dumps(value)?)
    }

    #[inline(always)]
    fn decode_fresh(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(Loader::new().loads(bytes)?)
    }
}

/// Nothing around the value, not even columns: for small messages, whose schema both sides know, as they do with all peers.
#[derive(Default)]
pub struct Messages {
    dumper: Dumper,
    loader: Loader,
    output: Vec<u8>,
}

impl<T: persist::Persist> Codec<T> for Messages {
    type Bytes = Vec<u8>;

    #[inline(always)]
    fn encode(&mut self, value: &T) -> Result<&[u8]> {
        self.output.clear();
        Ok(self.dumper.message_into(value, &mut self.output)?)
    }

    #[inline(always)]
    fn decode(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(self.loader.message(bytes)?)
    }

    #[inline(always)]
    fn encode_fresh(&mut self, value: &T) -> Result<Vec<u8>> {
        Ok(Dumper::new().message(value)?)
    }

    #[inline(always)]
    fn decode_fresh(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(Loader::new().message(bytes)?)
    }
}
