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
    /// Nothing, not even columns: for small messages, whose schema both sides know, as they do with all peers.
    Message,
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
            Frame::Checked | Frame::Message => Dumper::new(),
            Frame::Unchecked => Dumper::new().checksum(false),
            Frame::Small => Dumper::new().checksum(false).level(Level::Small),
        }
    }
}

impl<T: persist::Persist> Codec<T> for Persist {
    type Bytes = Vec<u8>;

    fn encode(&mut self, value: &T) -> Result<&[u8]> {
        self.output.clear();
        match self.frame {
            Frame::Message => return Ok(self.dumper.message_into(value, &mut self.output)?),
            _ => self.dumper.dumps_into(value, &mut self.output)?,
        }
        Ok(&self.output)
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(match self.frame {
            Frame::Message => self.loader.message(bytes)?,
            _ => self.loader.loads(bytes)?,
        })
    }

    fn encode_fresh(&mut self, value: &T) -> Result<Vec<u8>> {
        let mut dumper = self.frame.dumper();
        Ok(match self.frame {
            Frame::Message => dumper.message(value)?,
            _ => dumper.dumps(value)?,
        })
    }

    fn decode_fresh(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(match self.frame {
            Frame::Message => Loader::new().message(bytes)?,
            _ => Loader::new().loads(bytes)?,
        })
    }
}
