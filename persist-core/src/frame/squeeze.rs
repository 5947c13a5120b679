//! Writing the bodies of chunks of level Small: as they are, or compressed.
//!
//! A body starts with a varint: 0 where the bytes follow as they are, else how many bytes those that follow, which are a
//! frame of zstd, stand for.

use crate::error::Result;

/// What stands before a body that is not compressed.
pub(super) const AS_IT_IS: [u8; 1] = [0];

/// What writing at level Small needs; used again from one value to the next.
pub(crate) struct Small {
    /// Where in the output bytes of another kind begin.
    cuts: Vec<usize>,
    /// None where bodies are left as they are.
    squeezer: Option<Squeezer>,
    /// How many threads pack side by side.
    threads: usize,
}

impl Small {
    /// Compresses bodies, or leaves them as they are.
    pub(crate) fn new(compress: bool, threads: usize) -> Result<Self> {
        Ok(Small { cuts: Vec::new(), squeezer: compress.then(Squeezer::new).transpose()?, threads })
    }

    /// The same for another thread.
    pub(crate) fn another(&self) -> Result<Self> {
        Self::new(self.squeezer.is_some(), self.threads)
    }

    /// How many threads pack side by side.
    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// The places where bytes of another kind begin.
    #[inline(always)]
    pub(super) fn cuts(&mut self) -> &mut Vec<usize> {
        &mut self.cuts
    }

    /// Forgets places that are none any more.
    pub(super) fn forget_cuts(&mut self) {
        self.cuts.clear();
    }

    /// Compresses the body that starts at `from`, with what tells that it is not, where that makes it smaller.
    pub(super) fn finish(&mut self, from: usize, out: &mut Vec<u8>) {
        if let Some(squeezer) = &mut self.squeezer {
            let body = from + AS_IT_IS.len();
            let cuts = self.cuts.iter().filter(|&&cut| cut > body && cut < out.len()).map(|cut| cut - body);
            if let Some(squeezed) = squeezer.squeeze(&out[body..], cuts) {
                out.truncate(from);
                out.extend_from_slice(squeezed);
            }
        }
        self.cuts.clear();
    }
}

#[cfg(feature = "zstd")]
use zstd_squeezer::Squeezer;

#[cfg(feature = "zstd")]
mod zstd_squeezer {
    use zstd::zstd_safe::{CCtx, CParameter, InBuffer, OutBuffer, ResetDirective, compress_bound};

    use crate::column::put_varint;
    use crate::error::{Error, ErrorKind, Result};

    /// How hard zstd looks for what was there before: in columns of a good form a higher level finds nothing more.
    const ZSTD_LEVEL: i32 = 1;
    /// Bytes that are not worth compressing.
    const SHORT: usize = 64;
    /// The part of the bytes that compressing has to save.
    const WORTH: usize = 128;
    /// Bytes that are coded by themselves at least.
    const BLOCK: usize = 2 << 10;

    /// Bytes of a part that are looked at, and so many that are different where all are as likely.
    const FIRST: usize = 256;
    const DIFFERENT: usize = 152;

    /// Where parts of bytes end that are coded by themselves: of those between cuts that are long enough, but for
    /// neighbours in which all bytes are as likely.
    fn parts(bytes: &[u8], cuts: impl Iterator<Item = usize>, ends: &mut Vec<usize>) {
        let (mut from, mut before) = (0, false);
        ends.clear();
        for to in cuts.chain([bytes.len()]) {
            if to < bytes.len() && to - from < BLOCK {
                continue;
            }
            let even = are_even(&bytes[from..to]);
            if before && even {
                ends.pop();
            }
            ends.push(to);
            (from, before) = (to, even);
        }
    }

    /// Whether all bytes seem to be as likely as others.
    fn are_even(bytes: &[u8]) -> bool {
        let Some(first) = bytes.first_chunk::<FIRST>() else { return false };
        let mut seen = [0u8; 256];
        first.iter().for_each(|&byte| seen[usize::from(byte)] = 1);
        seen.iter().map(|&seen| usize::from(seen)).sum::<usize>() >= DIFFERENT
    }

    /// Compresses bodies.
    pub(super) struct Squeezer {
        context: CCtx<'static>,
        out: Vec<u8>,
        /// Where blocks end.
        ends: Vec<usize>,
    }

    impl Squeezer {
        pub(super) fn new() -> Result<Self> {
            let context = || {
                let mut context = CCtx::try_create()?;
                context.set_parameter(CParameter::CompressionLevel(ZSTD_LEVEL)).ok()?;
                // The body has it already.
                context.set_parameter(CParameter::ContentSizeFlag(false)).ok()?;
                Some(context)
            };
            context()
                .map(|context| Squeezer { context, out: Vec::new(), ends: Vec::new() })
                .ok_or_else(|| Error::of(ErrorKind::Unsupported, "there is no memory to compress with"))
        }

        /// The compressed bytes, if they are fewer by what it costs to read them. Those between two cuts are of one kind.
        pub(super) fn squeeze(&mut self, bytes: &[u8], cuts: impl Iterator<Item = usize>) -> Option<&[u8]> {
            if bytes.len() < SHORT {
                return None;
            }
            self.out.clear();
            self.out.reserve(compress_bound(bytes.len()) + 16);
            put_varint(&mut self.out, bytes.len() as u64);
            self.blocks(bytes, cuts).ok()?;
            (self.out.len() <= bytes.len() - bytes.len() / WORTH).then_some(&self.out)
        }

        fn blocks(&mut self, bytes: &[u8], cuts: impl Iterator<Item = usize>) -> std::result::Result<(), usize> {
            let Squeezer { context, out, ends } = self;
            context.reset(ResetDirective::SessionOnly)?;
            context.set_pledged_src_size(Some(bytes.len() as u64))?;
            let mut from = 0;
            parts(bytes, cuts, ends);
            for &to in &*ends {
                let mut input = InBuffer::around(&bytes[from..to]);
                from = to;
                loop {
                    // There is always room: each step appends behind what is there.
                    out.reserve(BLOCK);
                    let start = out.len();
                    let mut output = OutBuffer::around_pos(out, start);
                    let left = if input.pos() < input.src.len() {
                        context.compress_stream(&mut output, &mut input)?.max(1)
                    } else if to < bytes.len() {
                        context.flush_stream(&mut output)?
                    } else {
                        context.end_stream(&mut output)?
                    };
                    if left == 0 {
                        break;
                    }
                }
            }
            Ok(())
        }
    }

    #[cfg(test)]
    mod tests {
        use super::parts;

        #[test]
        fn neighbours_without_a_code_are_one_part() {
            let noise = |i: usize| (i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23) as u8;
            let mut bytes: Vec<u8> = (0..9000).map(noise).collect();
            bytes.extend((0..6000).map(|i| noise(i) % 64));
            bytes.extend((0..6000).map(noise));
            let ends = |cuts: &[usize]| {
                let mut ends = vec![1];
                parts(&bytes, cuts.iter().copied(), &mut ends);
                ends
            };
            assert_eq!(ends(&[]), [21_000]);
            assert_eq!(ends(&[3000, 6000, 9000, 12_000, 15_000, 18_000]), [9000, 12_000, 15_000, 21_000]);
            // Those that are too short go with what follows.
            assert_eq!(ends(&[100, 3000, 8900, 9000, 15_000, 15_100]), [8900, 15_000, 21_000]);
        }
    }
}

/// Without zstd there is none.
#[cfg(not(feature = "zstd"))]
enum Squeezer {}

#[cfg(not(feature = "zstd"))]
impl Squeezer {
    fn new() -> Result<Self> {
        use crate::error::{Error, ErrorKind};
        Err(Error::of(ErrorKind::Unsupported, "this program was built without zstd"))
    }

    fn squeeze(&mut self, _bytes: &[u8], _cuts: impl Iterator<Item = usize>) -> Option<&[u8]> {
        match *self {}
    }
}
