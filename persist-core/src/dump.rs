//! Saving values to bytes and streams.

use std::any::TypeId;
use std::io::Write;

use crate::error::Result;
use crate::frame::Small;
use crate::info::{Type, TypeInfo, info};
use crate::level::Packing;
use crate::limits::Limits;
use crate::program::CborForm;
use crate::protocol::{Protocol, cbor, json};
use crate::rows::Rows;
use crate::sort_key;
use crate::table::{Memory, Writer};
use crate::traits::Encode;

mod message;

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
    cbor: CborForm,
    packing: Packing,
    threads: usize,
    limits: Limits,
    /// The type of the last message.
    sent: Option<(TypeId, &'static TypeInfo)>,
    /// None until tables were needed: a dumper of messages costs nothing.
    reused: Option<Box<Reused>>,
}

/// What is used again from one value to the next.
#[derive(Default)]
struct Reused {
    /// The tables of the type that was saved last.
    kept: Option<Kept>,
    /// What level Small needs, once it was needed.
    small: Option<Small>,
    /// Bytes that are on their way to a writer.
    buffer: Vec<u8>,
    /// A chunk of text, or of CBOR, on its way to a writer.
    chunk: Vec<u8>,
    /// Bytes that the last value took.
    last: usize,
}

/// What is kept from one value to the next of the same type.
struct Kept {
    id: TypeId,
    info: &'static TypeInfo,
    memory: Memory,
    /// Whether writing a value failed half-way, so that the tables are not empty.
    is_spoilt: bool,
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
            .field("cbor", &self.cbor)
            .field("packing", &self.packing)
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}

impl Dumper {
    /// Protocol [`Packed`](Protocol::Packed), with checksums.
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        Dumper {
            protocol: Protocol::DEFAULT,
            checksum: true,
            bare: false,
            cbor: CborForm::default(),
            packing: Packing::Fast,
            threads: 1,
            limits: Limits::default(),
            sent: None,
            reused: None,
        }
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

    /// Whether protocol [`Cbor`](Protocol::Cbor) writes each sequence and array of numbers of a fixed width as one typed
    /// array (RFC 8746): a tag, and the numbers little-endian in a byte string. Other protocols do not change.
    ///
    /// These are `i8`, the integers of 16, 32 and 64 bits, `f32` and `f64`; `u8` is a byte string without a tag, as
    /// always. Typed arrays are written and read as fast as memory is copied, and libraries such as Python's `cbor2`
    /// know them; but not every reader does. A [`Loader`](crate::Loader) reads them without being told.
    ///
    /// ```
    /// use persist_core::{Dumper, Protocol, loads};
    ///
    /// let mut dumper = Dumper::new().protocol(Protocol::Cbor).typed_arrays(true);
    /// let bytes = dumper.dumps(&vec![1u16, 2])?;
    /// // The mark of CBOR, the tag 69, a byte string.
    /// assert_eq!(bytes, [0xD9, 0xD9, 0xF7, 0xD8, 69, 0x44, 1, 0, 2, 0]);
    /// assert_eq!(loads::<Vec<u64>>(&bytes)?, [1, 2]);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    #[must_use]
    pub fn typed_arrays(mut self, typed_arrays: bool) -> Self {
        self.cbor.typed_arrays = typed_arrays;
        self
    }

    /// Whether protocol [`Cbor`](Protocol::Cbor) writes the core deterministic encoding (RFC 8949, section 4.2.1), so
    /// that equal values have equal bytes, which can be hashed or signed. Other protocols do not change.
    ///
    /// Entries of maps and fields of records are sorted by the bytes of their keys, elements of sets by their own, every
    /// length is told, and each NaN is the same one. A map or set, and a record of a recursive type, has to be in memory
    /// as a whole before it is handed to a writer, and what is in it is moved once more at each of its levels.
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// use persist_core::{Dumper, Protocol};
    ///
    /// let mut dumper = Dumper::new().protocol(Protocol::Cbor).deterministic(true);
    /// let map = HashMap::from([("b", 1), ("aa", 2), ("a", 3)]);
    /// // The mark of CBOR, a map of three; shorter keys come first.
    /// assert_eq!(dumper.dumps(&map)?, *b"\xD9\xD9\xF7\xA3\x61a\x03\x61b\x01\x62aa\x02");
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    #[must_use]
    pub fn deterministic(mut self, deterministic: bool) -> Self {
        self.cbor.deterministic = deterministic;
        self
    }

    /// How small packed values are to be, at what cost; see [`Level`](crate::Level).
    ///
    /// Bare values are of level [`Fast`](crate::Level::Fast), whatever this says: nothing would tell a loader.
    #[must_use]
    pub fn level(mut self, level: crate::Level) -> Self {
        (self.packing, self.reused) = (level.packing(), None);
        self
    }

    /// How many threads pack a value side by side: 1, unless this says otherwise.
    ///
    /// Only long sequences at level `Small` are packed so, where packing and compressing takes most of the time: the
    /// thread at hand collects rows, and up to `threads - 1` others, which live as long as the call, pack groups of about
    /// 1 MiB. It packs, too, when it has to wait for them. The bytes are the same for any number. Memory beside the output
    /// stays bounded: up to two groups for each thread are on their way. At level [`Fast`](crate::Level::Fast) this
    /// changes nothing.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        (self.threads, self.reused) = (threads.max(1), None);
        self
    }

    /// Whether packed values are written so that values which differ little have bytes that differ little: for deltas,
    /// and for backups that look for equal parts. Such values are larger, and load like all others.
    ///
    /// Numbers are not narrowed to what their neighbours need, so that each change stays where it is: what follows a
    /// value that was inserted or grew moves by whole bytes. Level [`Fast`](crate::Level::Fast) only, and not for bare values;
    /// after [`level`](Dumper::level), which would undo it.
    ///
    /// ```
    /// use persist_core::{Dumper, loads};
    ///
    /// let mut dumper = Dumper::new().diffable(true).checksum(false);
    /// let before = dumper.dumps(&vec![1u32, 2, 3])?;
    /// let after = dumper.dumps(&vec![1u32, 1 << 30, 3])?;
    /// assert_eq!(before.iter().zip(&after).filter(|(before, after)| before != after).count(), 2);
    /// assert_eq!(loads::<Vec<u32>>(&after)?, [1, 1 << 30, 3]);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    #[must_use]
    pub fn diffable(mut self, diffable: bool) -> Self {
        (self.packing, self.reused) = (if diffable { Packing::Whole } else { Packing::Fast }, None);
        self
    }

    /// Packs the columns as those of level Small, and leaves them uncompressed: so that what reads files can be tested
    /// without zstd.
    #[doc(hidden)]
    #[must_use]
    pub fn small_columns(mut self) -> Self {
        (self.packing, self.reused) = (Packing::Columns, None);
        self
    }

    /// What saving may use at most: [`Limits::depth`] counts here, too.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Saves a value to bytes.
    #[inline]
    pub fn dumps<T: Encode>(&mut self, value: &T) -> Result<Vec<u8>> {
        self.dumps_row(Type::of::<T>(), &|writer| write(value, writer))
    }

    fn dumps_row(&mut self, ty: Type, row: Row<'_>) -> Result<Vec<u8>> {
        // Values of one program tend to be alike.
        let last = self.reused.as_ref().map_or(0, |reused| reused.last);
        let mut out = Vec::with_capacity(last + last / 16 + 64);
        self.append(ty, row, &mut out)?;
        Ok(out)
    }

    /// Saves a value to bytes, which are appended to a vector: one that is cleared and used again keeps its memory.
    ///
    /// Where it fails, the vector holds what it held before.
    #[inline]
    pub fn dumps_into<T: Encode>(&mut self, value: &T, out: &mut Vec<u8>) -> Result<()> {
        self.append(Type::of::<T>(), &|writer| write(value, writer), out)
    }

    fn append(&mut self, ty: Type, row: Row<'_>, out: &mut Vec<u8>) -> Result<()> {
        let before = out.len();
        let result = match self.protocol {
            Protocol::Packed => self.write_packed(ty, row, out, None),
            _ => self.write_other(ty, row, out, None),
        };
        if result.is_ok() {
            self.reused.get_or_insert_default().last = out.len() - before;
        } else {
            out.truncate(before);
        }
        result
    }

    /// Appends the sort key of a value: bytes that compare as values of its type do, so that a database that orders bytes
    /// orders the values. [`Loader::sort_key`](crate::Loader::sort_key) makes the value of them again.
    ///
    /// The order is that of `derive(Ord)` and of std's types: by fields and elements, and by variants as they are declared.
    /// Where a type has another `Ord`, its keys do not follow it: `Reverse` counts as what is in it, an enum with
    /// discriminants goes by declaration, and paths by their text. Floats are in the order of `total_cmp`. Sets and
    /// maps are compared as sorted ones, whatever order they have in memory. What is not saved does not count.
    ///
    /// Where it fails, the vector holds what it held before.
    ///
    /// # Errors
    ///
    /// Dynamic values and those of serde types have no order, and are refused.
    ///
    /// ```
    /// use persist_core::{Dumper, Loader};
    ///
    /// let key = |key: &(i32, String)| {
    ///     let mut bytes = Vec::new();
    ///     Dumper::new().sort_key_into(key, &mut bytes).map(|()| bytes)
    /// };
    /// let (low, high) = (key(&(-5, "z".into()))?, key(&(3, "a".into()))?);
    /// assert!(low < high);
    /// assert_eq!(Loader::new().sort_key::<(i32, String)>(&low)?, (-5, "z".to_owned()));
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn sort_key_into<T: Encode>(&mut self, value: &T, out: &mut Vec<u8>) -> Result<()> {
        let ((info, body), depth) = self.pack(value)?;
        sort_key::write(info, body, depth, out)
    }

    /// Appends the sort key of what stands for a value of the type `K`, such as a `&str` for a `String`: the same bytes.
    ///
    /// # Errors
    ///
    /// Where the two are not laid out alike; see [`Schema::check_sorts`](crate::Schema::check_sorts).
    pub fn sort_key_as<K: Encode, Q: Encode>(&mut self, value: &Q, out: &mut Vec<u8>) -> Result<()> {
        let (own, key) = (info(Type::of::<Q>())?, info(Type::of::<K>())?);
        if own.schema() != key.schema() {
            sort_key::check(&key.shape, &own.shape)?;
        }
        self.sort_key_into(value, out)
    }

    /// Saves a value to a writer; a JSON value is followed by a newline.
    ///
    /// A long sequence is handed on as it is packed, so that memory stays bounded. Where it fails, part of the value may
    /// have been written.
    pub fn dump<T: Encode>(&mut self, value: &T, mut writer: impl Write) -> Result<()> {
        self.dump_row(Type::of::<T>(), &|writer| write(value, writer), &mut writer)
    }

    fn dump_row(&mut self, ty: Type, row: Row<'_>, stream: &mut dyn Write) -> Result<()> {
        match self.protocol {
            Protocol::Packed => {
                let mut buffer = std::mem::take(&mut self.reused.get_or_insert_default().buffer);
                buffer.clear();
                let result = self.write_packed(ty, row, &mut buffer, Some(stream));
                if result.is_ok() && self.bare {
                    stream.write_all(&buffer)?;
                }
                self.reused.get_or_insert_default().buffer = buffer;
                result
            }
            protocol => {
                let mut chunk = std::mem::take(&mut self.reused.get_or_insert_default().chunk);
                chunk.clear();
                let result = self.write_other(ty, row, &mut chunk, Some(stream));
                self.reused.get_or_insert_default().chunk = chunk;
                result?;
                if protocol == Protocol::Json {
                    stream.write_all(b"\n")?;
                }
                Ok(())
            }
        }
    }

    /// Appends a packed value, or hands it on to a stream.
    #[inline]
    fn write_packed<'w>(
        &'w mut self,
        ty: Type,
        row: Row<'_>,
        out: &'w mut Vec<u8>,
        sink: Option<&'w mut dyn Write>,
    ) -> Result<()> {
        let Dumper { checksum, bare, packing, threads, limits, reused, .. } = self;
        let Reused { kept, small, .. } = &mut **reused.get_or_insert_default();
        let Kept { info, memory, is_spoilt, .. } = keep(ty, kept)?;
        *is_spoilt = true;
        let mut writer = if *bare {
            Writer::new(memory, out, limits)
        } else {
            let header = &info.headers[usize::from(*checksum)];
            let whole = *packing == Packing::Whole;
            Writer::framed(memory, out, (header, packing.small(small, *threads)?, whole), sink, limits)
        };
        row(&mut writer)?;
        writer.finish()?;
        *is_spoilt = false;
        Ok(())
    }

    /// Appends a bare value.
    fn write_body(&mut self, ty: Type, row: Row<'_>, out: &mut Vec<u8>) -> Result<()> {
        let Kept { memory, is_spoilt, .. } = keep(ty, &mut self.reused.get_or_insert_default().kept)?;
        *is_spoilt = true;
        let mut writer = Writer::new(memory, out, &self.limits);
        row(&mut writer)?;
        writer.finish()?;
        *is_spoilt = false;
        Ok(())
    }

    /// Packs a value, to be written in another format; gives the levels that are allowed, too.
    pub(crate) fn pack<T: Encode>(&mut self, value: &T) -> Result<((&'static TypeInfo, &[u8]), usize)> {
        let Dumper { limits, reused, .. } = self;
        let Reused { kept, buffer, .. } = &mut **reused.get_or_insert_default();
        let Kept { info, memory, is_spoilt, .. } = keep(Type::of::<T>(), kept)?;
        *is_spoilt = true;
        buffer.clear();
        write(value, &mut Writer::new(memory, buffer, limits))?;
        *is_spoilt = false;
        Ok(((*info, &*buffer), limits.depth))
    }

    /// Writes a value with a protocol that has no tables of its own.
    fn write_other(&mut self, ty: Type, row: Row<'_>, out: &mut Vec<u8>, stream: Option<&mut dyn Write>) -> Result<()> {
        let Dumper { protocol, cbor, limits, reused, .. } = self;
        let Reused { kept, buffer, .. } = &mut **reused.get_or_insert_default();
        let Kept { info, memory, is_spoilt, .. } = keep(ty, kept)?;
        *is_spoilt = true;
        buffer.clear();
        row(&mut Writer::new(memory, buffer, limits))?;
        *is_spoilt = false;
        if stream.is_none() {
            // What is written is mostly more than twice as long as what was packed.
            out.reserve(2 * buffer.len());
        }
        if *protocol == Protocol::Json {
            json::write(info, buffer, limits, out, stream)
        } else {
            cbor::write(info, *cbor, buffer, limits, out, stream)
        }
    }
}

/// Writes a value as the row of the root: all of saving that differs from type to type.
type Row<'v> = &'v dyn Fn(&mut Writer<'_>) -> Result<()>;

#[inline(always)]
fn write<T: Encode>(value: &T, writer: &mut Writer<'_>) -> Result<()> {
    T::write(Rows::one(value), writer, 0)
}

/// What was kept for values of this type, or is to be.
#[inline]
fn keep(ty: Type, kept: &mut Option<Kept>) -> Result<&mut Kept> {
    if !matches!(kept, Some(kept) if kept.id == ty.id() && !kept.is_spoilt) {
        let info = info(ty)?;
        *kept = Some(Kept { id: ty.id(), info, memory: Memory::new(&info.shape), is_spoilt: false });
    }
    Ok(kept.as_mut().expect("it was put there"))
}
