//! The bodies of chunks of level Small: as they are, or compressed.
//!
//! A body starts with a varint: 0 where the bytes follow as they are, else how many bytes those that follow, which are a
//! frame of zstd, stand for.

use crate::column::Input;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::reached;

/// Bytes that a compressed body stands for at most, for each of its own: a block of zstd takes 4, and gives 128 KiB.
const MOST: usize = 32 << 10;

/// How much a level compresses.
#[cfg(feature = "zstd")]
const ZSTD_LEVEL: i32 = 3;
/// Bytes that are not worth compressing.
#[cfg(feature = "zstd")]
const SHORT: usize = 64;
/// The part of the bytes that compressing has to save.
#[cfg(feature = "zstd")]
const WORTH: usize = 128;
/// Bytes that are coded by themselves at least.
#[cfg(feature = "zstd")]
const BLOCK: usize = 1 << 10;

/// Compresses bodies.
#[cfg(feature = "zstd")]
pub(super) struct Squeezer(zstd::zstd_safe::CCtx<'static>);

#[cfg(feature = "zstd")]
impl Squeezer {
    pub(super) fn new() -> Result<Self> {
        use zstd::zstd_safe::{CCtx, CParameter};

        let context = || {
            let mut context = CCtx::try_create()?;
            context.set_parameter(CParameter::CompressionLevel(ZSTD_LEVEL)).ok()?;
            // The body has it already.
            context.set_parameter(CParameter::ContentSizeFlag(false)).ok()?;
            Some(context)
        };
        context().map(Squeezer).ok_or_else(|| Error::of(ErrorKind::Unsupported, "there is no memory to compress with"))
    }

    /// The compressed bytes, if they are fewer by what it costs to read them. Those between two cuts are of one kind.
    pub(super) fn squeeze(&mut self, bytes: &[u8], cuts: impl Iterator<Item = usize>) -> Option<Vec<u8>> {
        if bytes.len() < SHORT {
            return None;
        }
        let mut out = Vec::with_capacity(zstd::zstd_safe::compress_bound(bytes.len()) + 16);
        crate::column::put_varint(&mut out, bytes.len() as u64);
        self.blocks(bytes, cuts, &mut out)
            .ok()
            .filter(|()| out.len() <= bytes.len() - bytes.len() / WORTH)
            .map(|()| out)
    }

    fn blocks(
        &mut self,
        bytes: &[u8],
        cuts: impl Iterator<Item = usize>,
        out: &mut Vec<u8>,
    ) -> std::result::Result<(), usize> {
        use zstd::zstd_safe::{InBuffer, OutBuffer, ResetDirective};

        let context = &mut self.0;
        context.reset(ResetDirective::SessionOnly)?;
        context.set_pledged_src_size(Some(bytes.len() as u64))?;
        let mut from = 0;
        for to in cuts.chain([bytes.len()]) {
            if to < bytes.len() && to - from < BLOCK {
                continue;
            }
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

/// Appends the bytes that a body stands for, at most `room`.
pub(super) fn restore(mut body: Input<'_>, room: u64, out: &mut Vec<u8>) -> Result<()> {
    let size = body.length()?;
    if size == 0 {
        out.extend_from_slice(body.rest());
        return Ok(());
    }
    if size as u64 > room {
        return Err(reached("memory", "a compressed value takes more memory than allowed"));
    }
    if size > body.len().saturating_mul(MOST) {
        return Err(body.corrupt("compressed bytes claim to stand for more than they can"));
    }
    inflate(&body, size, out)
}

/// The bytes of a body that is not compressed.
pub(super) fn as_it_is(body: &Input<'_>) -> bool {
    body.peek() == Some(0)
}

#[cfg(feature = "zstd")]
fn inflate(body: &Input<'_>, size: usize, out: &mut Vec<u8>) -> Result<()> {
    let from = out.len();
    out.resize(from + size, 0);
    let context = zstd::zstd_safe::DCtx::try_create();
    let found = context.and_then(|mut context| context.decompress(&mut out[from..], body.rest()).ok());
    if found == Some(size) { Ok(()) } else { Err(body.corrupt("compressed bytes are damaged")) }
}

#[cfg(not(feature = "zstd"))]
#[cold]
fn inflate(body: &Input<'_>, _size: usize, _out: &mut Vec<u8>) -> Result<()> {
    Err(Error::of(ErrorKind::Unsupported, "the value is compressed, and this program was built without zstd")
        .at_offset(body.offset())
        .with_help("turn on the feature `zstd` of the crate `persist-rs` (or `persist-core`)"))
}
