//! Saving values to bytes and streams.

use std::any::TypeId;
use std::io::Write;
use std::sync::Arc;

use crate::error::Result;
use crate::info::{TypeInfo, info};
use crate::limits::Limits;
use crate::protocol::{Protocol, cbor, json, packed};
use crate::table::Writer;
use crate::traits::Encode;

/// Saves a value to bytes, with protocol [`Packed`](Protocol::Packed).
///
/// ```
/// let bytes = persist_core::dumps(&vec![1u32, 2, 3])?;
/// assert_eq!(persist_core::loads::<Vec<u32>>(&bytes)?, [1, 2, 3]);
/// # Ok::<(), persist_core::Error>(())
/// ```
pub fn dumps<T: Encode>(value: &T) -> Result<Vec<u8>> {
    Dumper::new().dumps(value)
}

/// Saves a value to a writer, with protocol [`Packed`](Protocol::Packed). Several values may follow one another;
/// [`load`](crate::load) reads them one by one.
///
/// Where it fails, part of the value may have been written.
pub fn dump<T: Encode>(value: &T, writer: impl Write) -> Result<()> {
    Dumper::new().dump(value, writer)
}

/// Saves values with options. Used again, it uses its memory again.
///
/// ```
/// use persist_core::{Dumper, Protocol};
///
/// let mut dumper = Dumper::new().protocol(Protocol::Json);
/// assert_eq!(dumper.dumps(&("a", 1))?, b"[\"a\",1]");
/// # Ok::<(), persist_core::Error>(())
/// ```
pub struct Dumper {
    protocol: Protocol,
    checksum: bool,
    bare: bool,
    limits: Limits,
    /// The writer of the type that was saved last.
    writer: Option<(TypeId, Arc<TypeInfo>, Writer)>,
}

impl Default for Dumper {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Dumper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dumper")
            .field("protocol", &self.protocol)
            .field("checksum", &self.checksum)
            .field("bare", &self.bare)
            .finish_non_exhaustive()
    }
}

impl Dumper {
    /// Protocol [`Packed`](Protocol::Packed), with checksums.
    #[must_use]
    pub fn new() -> Self {
        Dumper { protocol: Protocol::DEFAULT, checksum: true, bare: false, limits: Limits::default(), writer: None }
    }

    /// The protocol to write.
    #[must_use]
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// Whether packed values carry checksums; leave them out only where the medium has its own.
    #[must_use]
    pub fn checksum(mut self, checksum: bool) -> Self {
        self.checksum = checksum;
        self
    }

    /// Whether packed values are written without a frame: no mark of the format and its version, no schema, no
    /// checksum.
    ///
    /// For many small values that one program writes and reads, or several of the same build: a message, a value in
    /// a database of one's own. A [`Loader`](crate::Loader) has to be told so, too, and has to load the very type that
    /// was saved: nothing tells it otherwise.
    ///
    /// ```
    /// let bytes = persist_core::Dumper::new().bare(true).dumps(&("a".to_owned(), 1u8))?;
    /// assert_eq!(bytes, [1, b'a', 1]);
    /// let back: (String, u8) = persist_core::Loader::new().bare(true).loads(&bytes)?;
    /// assert_eq!(back, ("a".to_owned(), 1));
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    #[must_use]
    pub fn bare(mut self, bare: bool) -> Self {
        self.bare = bare;
        self
    }

    /// What saving may use at most: [`Limits::depth`] counts here, too.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self.writer = None;
        self
    }

    /// Saves a value to bytes.
    pub fn dumps<T: Encode>(&mut self, value: &T) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.write(value, &mut out)?;
        Ok(out)
    }

    /// Saves a value to bytes, which are appended to a vector: a vector that is cleared and used again keeps its memory.
    ///
    /// Where it fails, the vector is as it was.
    pub fn dumps_into<T: Encode>(&mut self, value: &T, out: &mut Vec<u8>) -> Result<()> {
        let before = out.len();
        let result = self.write(value, out);
        if result.is_err() {
            out.truncate(before);
        }
        result
    }

    /// Saves a value to a writer; a JSON value is followed by a newline.
    ///
    /// Where it fails, part of the value may have been written.
    pub fn dump<T: Encode>(&mut self, value: &T, mut writer: impl Write) -> Result<()> {
        self.write(value, &mut writer)?;
        if self.protocol == Protocol::Json {
            writer.write_all(b"\n")?;
        }
        Ok(())
    }

    fn write<T: Encode>(&mut self, value: &T, out: &mut impl Write) -> Result<()> {
        let id = typeid::of::<T>();
        let (info, mut writer) = match self.writer.take() {
            Some((known, info, writer)) if known == id => (info, writer),
            _ => {
                let info = info::<T>()?;
                let writer = Writer::new(info.shape.clone(), &self.limits);
                (info, writer)
            }
        };
        // A writer that an error or a panic left half-way is not kept.
        packed::write_rows(value, &mut writer)?;
        match self.protocol {
            Protocol::Packed if self.bare => out.write_all(writer.finish().0)?,
            Protocol::Packed => packed::write(&info, &mut writer, self.checksum, out)?,
            Protocol::Json => json::write(&info, writer.finish().0, &self.limits, out)?,
            Protocol::Cbor => cbor::write(&info, writer.finish().0, &self.limits, out)?,
        }
        writer.clear();
        self.writer = Some((id, info, writer));
        Ok(())
    }
}
