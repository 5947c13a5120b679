//! What each library is asked to do.

use crate::Result;

/// One library, ready to write and read a `T`, with whatever memory it reuses between calls.
///
/// All functions of all libraries are inlined where they are timed, so that nothing of ours stands between: a result that
/// comes through memory once more takes as long as a small message.
pub trait Codec<T> {
    /// What a call that reuses nothing gives.
    type Bytes: AsRef<[u8]>;

    /// Makes room for the longest output, for libraries that write into memory of a fixed length.
    fn reserve(&mut self, _longest: usize) {}

    /// Writes `value` into memory that is kept between calls.
    fn encode(&mut self, value: &T) -> Result<&[u8]>;

    /// Reads a value, with what is kept between calls. The bytes are aligned to sixteen.
    fn decode(&mut self, bytes: &[u8]) -> Result<T>;

    /// Writes `value` the way a user does who keeps nothing: new bytes for each call.
    fn encode_fresh(&mut self, value: &T) -> Result<Self::Bytes>;

    /// The same for reading. Most libraries keep nothing to read with anyway.
    fn decode_fresh(&mut self, bytes: &[u8]) -> Result<T> {
        self.decode(bytes)
    }
}
