//! zstd around any library's bytes.

use rkyv::util::AlignedVec;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::compress_bound;

use crate::Result;

/// zstd's own default.
const LEVEL: i32 = 3;

/// A compressor with its memory, all kept between calls.
pub struct Compression {
    compressor: Compressor<'static>,
    decompressor: Decompressor<'static>,
    compressed: Vec<u8>,
    decompressed: AlignedVec,
}

impl Compression {
    /// A compressor without memory yet.
    pub fn new() -> Result<Self> {
        Ok(Self {
            compressor: Compressor::new(LEVEL)?,
            decompressor: Decompressor::new()?,
            compressed: Vec::new(),
            decompressed: AlignedVec::new(),
        })
    }

    /// Compresses bytes.
    pub fn compress(&mut self, bytes: &[u8]) -> Result<&[u8]> {
        self.compressed.clear();
        self.compressed.reserve(compress_bound(bytes.len()));
        self.compressor.compress_to_buffer(bytes, &mut self.compressed)?;
        Ok(&self.compressed)
    }

    /// Decompresses what was `length` bytes.
    pub fn decompress(&mut self, compressed: &[u8], length: usize) -> Result<&[u8]> {
        self.decompressed.resize(length, 0);
        self.decompressor.decompress_to_buffer(compressed, self.decompressed.as_mut_slice())?;
        Ok(&self.decompressed)
    }
}

#[cfg(test)]
mod tests {
    use super::Compression;

    #[test]
    fn bytes_come_back() {
        let mut compression = Compression::new().unwrap();
        for bytes in [b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".as_slice(), b"short", b""] {
            let compressed = compression.compress(bytes).unwrap().to_vec();
            assert_eq!(compression.decompress(&compressed, bytes.len()).unwrap(), bytes);
        }
    }
}
