//! Reading the bodies of chunks of level Small; see [`squeeze`](super::squeeze) for what they are.

use crate::column::Input;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::reached;

/// Bytes that a compressed body stands for at most, for each of its own: a block of zstd takes 4, and gives 128 KiB.
const MOST: usize = 32 << 10;
/// Bytes of memory that are kept from one value to the next.
const KEPT: usize = 4 << 20;

/// Restores bodies; used again, it uses its memory again.
#[derive(Default)]
pub(crate) struct Restorer {
    #[cfg(feature = "zstd")]
    context: Option<zstd::zstd_safe::DCtx<'static>>,
    kept: Vec<u8>,
}

impl Restorer {
    /// Memory for a body: empty.
    pub(crate) fn memory(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.kept)
    }

    /// Gives such memory back.
    pub(crate) fn keep(&mut self, mut memory: Vec<u8>) {
        if memory.capacity() <= KEPT && memory.capacity() > self.kept.capacity() {
            memory.clear();
            self.kept = memory;
        }
    }

    /// Appends the bytes that a body stands for, at most `room`.
    pub(super) fn restore(&mut self, mut body: Input<'_>, room: u64, out: &mut Vec<u8>) -> Result<()> {
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
        self.inflate(&body, size, out)
    }

    #[cfg(feature = "zstd")]
    fn inflate(&mut self, body: &Input<'_>, size: usize, out: &mut Vec<u8>) -> Result<()> {
        use zstd::zstd_safe::DCtx;

        if self.context.is_none() {
            self.context = DCtx::try_create();
        }
        let Some(context) = &mut self.context else {
            return Err(Error::of(ErrorKind::Unsupported, "there is no memory to decompress with"));
        };
        let from = out.len();
        let found = if from == 0 {
            // Written to the room of the vector, which need not be zeroed first.
            out.reserve_exact(size);
            context.decompress(out, body.rest())
        } else {
            out.resize(from + size, 0);
            context.decompress(&mut out[from..], body.rest())
        };
        if found == Ok(size) { Ok(()) } else { Err(body.corrupt("compressed bytes are damaged")) }
    }

    #[cfg(not(feature = "zstd"))]
    #[cold]
    #[allow(clippy::unused_self, reason = "with zstd it is used")]
    fn inflate(&mut self, body: &Input<'_>, _size: usize, _out: &mut Vec<u8>) -> Result<()> {
        Err(Error::of(ErrorKind::Unsupported, "the value is compressed, and this program was built without zstd")
            .at_offset(body.offset())
            .with_help("turn on the feature `zstd` of the crate `persist-rs` (or `persist-core`)"))
    }
}

/// The bytes of a body that is not compressed.
pub(super) fn as_it_is(body: &Input<'_>) -> bool {
    body.peek() == Some(0)
}
