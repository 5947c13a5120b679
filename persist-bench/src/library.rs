//! A codec as it is measured: with the values' bytes at hand, and a loop over all values for each measure.

use std::hint::black_box;

use rkyv::util::AlignedVec;

use crate::Result;
use crate::codec::Codec;
use crate::compression::Compression;
use crate::figure::{Measure, Role};
use crate::sets::Data;

/// A row of the table that can be measured on values of type `T`.
pub trait Library<T> {
    /// The row's name.
    fn name(&self) -> &'static str;

    /// What the row is there for.
    fn role(&self) -> Role;

    /// Writes all values, insists on getting them back, and keeps what the measures need. Gives the sizes, in bytes for
    /// each value.
    fn prepare(&mut self, values: &[T], measures: &[Measure]) -> Result<Vec<(Measure, f64)>>;

    /// Whether the row has figures of this measure.
    fn does(&self, measure: Measure) -> bool;

    /// Does once, with each value on its own, what the measure times.
    fn run(&mut self, values: &[T], measure: Measure) -> Result<()>;
}

/// A codec with the bytes of all values.
pub struct Entry<C> {
    name: &'static str,
    role: Role,
    codec: C,
    /// Aligned, since rkyv reads nothing else; what is good for one is good for all.
    encoded: Vec<AlignedVec>,
    compression: Option<Compression>,
    compressed: Vec<Vec<u8>>,
}

impl<C> Entry<C> {
    /// A row that has not seen any value yet.
    pub fn new(name: &'static str, role: Role, codec: C) -> Self {
        Self { name, role, codec, encoded: Vec::new(), compression: None, compressed: Vec::new() }
    }

    /// Writes all values and keeps the bytes.
    fn encode_all<T>(&mut self, values: &[T]) -> Result<()>
    where
        C: Codec<T>,
    {
        self.encoded.clear();
        for value in values {
            let bytes = self.codec.encode_fresh(value)?;
            let mut aligned = AlignedVec::with_capacity(bytes.as_ref().len());
            aligned.extend_from_slice(bytes.as_ref());
            self.encoded.push(aligned);
        }
        let longest = self.encoded.iter().map(AlignedVec::len).max().unwrap_or(0);
        self.codec.reserve(longest);
        Ok(())
    }

    /// Checks that the same bytes are written in both ways, and that they give the same values.
    fn check<T: Data>(&mut self, values: &[T]) -> Result<()>
    where
        C: Codec<T>,
    {
        for (value, bytes) in values.iter().zip(&self.encoded) {
            let length = self.codec.encode(value)?.len();
            assert_eq!(length, bytes.len(), "{} writes another number of bytes when it is timed", self.name);
            assert!(self.codec.decode(bytes)? == *value, "{} gives back another value", self.name);
        }
        Ok(())
    }
}

impl<T: Data, C: Codec<T>> Library<T> for Entry<C> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn role(&self) -> Role {
        self.role
    }

    fn prepare(&mut self, values: &[T], measures: &[Measure]) -> Result<Vec<(Measure, f64)>> {
        self.encode_all(values)?;
        self.check(values)?;
        let mean = |lengths: usize| lengths as f64 / values.len() as f64;
        let mut sizes = vec![(Measure::Size, mean(self.encoded.iter().map(AlignedVec::len).sum()))];
        if measures.iter().any(|measure| measure.is_small()) {
            let compression = self.compression.insert(Compression::new()?);
            for bytes in &self.encoded {
                self.compressed.push(compression.compress(bytes)?.to_vec());
            }
            sizes.push((Measure::SizeSmall, mean(self.compressed.iter().map(Vec::len).sum())));
        }
        Ok(sizes)
    }

    fn does(&self, _measure: Measure) -> bool {
        true
    }

    fn run(&mut self, values: &[T], measure: Measure) -> Result<()> {
        // What is dropped is dropped within the time.
        match measure {
            Measure::Serialize => {
                for value in values {
                    black_box(self.codec.encode(black_box(value))?);
                }
            }
            Measure::SerializeFresh => {
                for value in values {
                    drop(black_box(self.codec.encode_fresh(black_box(value))?));
                }
            }
            Measure::Deserialize => {
                for bytes in &self.encoded {
                    drop(black_box(self.codec.decode(black_box(bytes))?));
                }
            }
            Measure::DeserializeFresh => {
                for bytes in &self.encoded {
                    drop(black_box(self.codec.decode_fresh(black_box(bytes))?));
                }
            }
            Measure::SerializeSmall => {
                let compression = self.compression.as_mut().ok_or("compressing comes after preparing")?;
                for value in values {
                    black_box(compression.compress(self.codec.encode(black_box(value))?)?);
                }
            }
            Measure::DeserializeSmall => {
                let compression = self.compression.as_mut().ok_or("decompressing comes after preparing")?;
                for (compressed, bytes) in self.compressed.iter().zip(&self.encoded) {
                    let bytes = compression.decompress(black_box(compressed), bytes.len())?;
                    drop(black_box(self.codec.decode(bytes)?));
                }
            }
            Measure::Size | Measure::SizeSmall => {}
        }
        Ok(())
    }
}

/// A codec that compresses by itself: it has the measures of what others do with zstd, and no others.
pub struct Compressed<C>(Entry<C>);

impl<C> Compressed<C> {
    /// A row that has not seen any value yet.
    pub fn new(name: &'static str, role: Role, codec: C) -> Self {
        Self(Entry::new(name, role, codec))
    }
}

impl<T: Data, C: Codec<T>> Library<T> for Compressed<C> {
    fn name(&self) -> &'static str {
        self.0.name
    }

    fn role(&self) -> Role {
        self.0.role
    }

    fn prepare(&mut self, values: &[T], measures: &[Measure]) -> Result<Vec<(Measure, f64)>> {
        let sizes = self.0.prepare(values, &[])?;
        let small = measures.iter().any(|measure| measure.is_small());
        Ok(sizes.into_iter().filter(|_| small).map(|(_, size)| (Measure::SizeSmall, size)).collect())
    }

    fn does(&self, measure: Measure) -> bool {
        measure.is_small()
    }

    fn run(&mut self, values: &[T], measure: Measure) -> Result<()> {
        match measure {
            Measure::SerializeSmall => self.0.run(values, Measure::Serialize),
            Measure::DeserializeSmall => self.0.run(values, Measure::Deserialize),
            _ => Ok(()),
        }
    }
}

/// The least that reading can cost: a clone of the value, and its drop. All allocations, and no decoding.
pub struct CloneFloor;

impl<T: Data> Library<T> for CloneFloor {
    fn name(&self) -> &'static str {
        "clone()"
    }

    fn role(&self) -> Role {
        Role::Floor
    }

    fn prepare(&mut self, _values: &[T], _measures: &[Measure]) -> Result<Vec<(Measure, f64)>> {
        Ok(Vec::new())
    }

    fn does(&self, measure: Measure) -> bool {
        measure == Measure::Deserialize
    }

    fn run(&mut self, values: &[T], _measure: Measure) -> Result<()> {
        for value in values {
            drop(black_box(black_box(value).clone()));
        }
        Ok(())
    }
}

/// The least that writing can cost: a copy of the bytes that a codec gives, into memory that is there already.
pub struct CopyFloor<C> {
    copied: Entry<C>,
    target: Vec<u8>,
}

impl<C> CopyFloor<C> {
    /// Copies the bytes of `codec`.
    pub fn new(codec: C) -> Self {
        Self { copied: Entry::new("memcpy", Role::Floor, codec), target: Vec::new() }
    }
}

impl<T: Data, C: Codec<T>> Library<T> for CopyFloor<C> {
    fn name(&self) -> &'static str {
        self.copied.name
    }

    fn role(&self) -> Role {
        self.copied.role
    }

    fn prepare(&mut self, values: &[T], _measures: &[Measure]) -> Result<Vec<(Measure, f64)>> {
        self.copied.encode_all(values)?;
        Ok(Vec::new())
    }

    fn does(&self, measure: Measure) -> bool {
        measure == Measure::Serialize
    }

    fn run(&mut self, _values: &[T], _measure: Measure) -> Result<()> {
        for bytes in &self.copied.encoded {
            self.target.clear();
            self.target.extend_from_slice(black_box(bytes));
            black_box(&self.target);
        }
        Ok(())
    }
}
