//! Reading records.

use std::mem::needs_drop;

use crate::error::{Error, Result};
use crate::slots::{Done, Places, Slots, string_of};
use crate::table::{Reader, TEXT_COLUMNS, TEXT_ROWS};
use crate::traits::{Decode, Describe};

/// Fills places with rows of a field's type, from the columns from the given one on.
pub(super) type Read = unsafe fn(&mut Reader<'_>, usize, Places) -> Result<()>;

/// Drops the values at places.
pub(super) type DropAt = unsafe fn(Places);

/// How values of a type are dropped, where that does anything.
pub(super) const fn drop_of<T>() -> Option<DropAt> {
    if needs_drop::<T>() { Some(Places::drop_all::<T>) } else { None }
}

/// How a field is read.
#[derive(Debug)]
pub struct FieldReader {
    offset: usize,
    columns: usize,
    read: Read,
    drop: Option<DropAt>,
    label: &'static str,
    /// It is a `String`, in one column.
    is_text: bool,
}

impl FieldReader {
    /// A field of type `F` with its offset in the record, its columns, and what errors call it.
    ///
    /// # Safety
    ///
    /// The record has such a field there, as `offset_of!` gives it.
    #[must_use]
    pub const unsafe fn new<F: Decode>(offset: usize, columns: usize, label: &'static str) -> Self {
        // SAFETY: as the caller vouches; `read_rows` fills the places.
        let field = unsafe { Self::by::<F>(offset, columns, label, read_rows::<F>) };
        FieldReader { is_text: <F as Describe>::TEXT.is_some(), ..field }
    }

    /// A field of type `F` that is read by a function of its own.
    ///
    /// # Safety
    ///
    /// As of [`new`](FieldReader::new); and the function fills the places that it is given with values of type `F`, or
    /// leaves none where it fails or panics.
    #[must_use]
    pub const unsafe fn by<F>(offset: usize, columns: usize, label: &'static str, read: Read) -> Self {
        FieldReader { offset, columns, read, drop: drop_of::<F>(), label, is_text: false }
    }
}

/// # Safety
///
/// The places are those of an `F` each, may be written, and are not looked at but by this function until it returns.
pub(super) unsafe fn read_rows<F: Decode>(reader: &mut Reader<'_>, at: usize, places: Places) -> Result<()> {
    // SAFETY: as the caller vouches.
    unsafe { places.fill::<F>(|slots| F::read(reader, at, slots)) }
}

/// How a struct or variant is read.
#[derive(Debug)]
pub struct RecordReader {
    /// What errors call it.
    pub owner: &'static str,
    /// Its fields that are saved.
    pub fields: &'static [FieldReader],
}

impl RecordReader {
    pub(super) const fn columns(&self) -> usize {
        let (mut columns, mut i) = (0, 0);
        while i < self.fields.len() {
            columns += self.fields[i].columns;
            i += 1;
        }
        columns
    }

    #[cold]
    fn in_field(&self, error: Error, field: &FieldReader) -> Error {
        error.in_field(self.owner, field.label)
    }
}

/// Reads rows of a struct, from the columns from `at` on.
///
/// # Safety
///
/// The record is that of `T`, with all of its fields.
#[inline]
pub unsafe fn read_record<'s, T>(
    reader: &mut Reader<'_>,
    at: usize,
    slots: Slots<'s, T>,
    record: &'static RecordReader,
) -> Result<Done<'s>> {
    // SAFETY: the slots may be written. The record is that of `T`, so that these are places of such records, all fields
    // of which are filled where this is no error.
    unsafe {
        read_fields(reader, at, slots.places(), record)?;
        Ok(slots.assume_filled())
    }
}

/// Fills all fields of places of a record; none where it fails or panics.
///
/// # Safety
///
/// The places are those of such a record, may be written, and are not looked at but by this function until it returns.
pub(super) unsafe fn read_fields(
    reader: &mut Reader<'_>,
    mut at: usize,
    places: Places,
    record: &'static RecordReader,
) -> Result<()> {
    let mut built = Built { fields: record.fields, filled: 0, places };
    let by_row = places.len() > 1 && !reader.is_single();
    while let Some(field) = record.fields.get(built.filled) {
        if by_row && field.is_text {
            let fields = &record.fields[built.filled..];
            let texts = fields.iter().take(TEXT_COLUMNS).take_while(|field| field.is_text).count();
            if texts > 1 {
                // SAFETY: the fields are there, and are of the type that is read.
                let read = unsafe { read_texts(reader, at, places, &fields[..texts]) };
                read.map_err(|(index, error)| record.in_field(error, &fields[index]))?;
                built.filled += texts;
                at += texts;
                continue;
            }
        }
        // SAFETY: the field is there, and of the type that is read.
        let read = unsafe { (field.read)(reader, at, places.field(field.offset)) };
        read.map_err(|error| record.in_field(error, field))?;
        built.filled += 1;
        at += field.columns;
    }
    std::mem::forget(built);
    Ok(())
}

/// Fills fields that are texts, row by row: so that a row's texts stand one after the other in memory, where they are freed
/// together, too. None where it fails, which tells the field.
///
/// # Safety
///
/// The places are those of records with these fields, may be written, and are not looked at but by this function until it
/// returns.
#[inline(never)]
unsafe fn read_texts(
    reader: &mut Reader<'_>,
    at: usize,
    places: Places,
    fields: &[FieldReader],
) -> std::result::Result<(), (usize, Error)> {
    let mut built = Built { fields, filled: fields.len(), places: places.part(0, 0) };
    while built.places.len() < places.len() {
        let before = built.places.len();
        let rows = places.part(before, (places.len() - before).min(TEXT_ROWS));
        reader.texts_by_row(at, fields.len(), rows.len(), |row, field, text| {
            let place = rows.field(fields[field].offset).at(row);
            // SAFETY: `is_text` is by a promise of the type: the place is that of a `String`, and may be written.
            unsafe { place.cast::<String>().write(string_of(text)) }
        })?;
        built.places = places.part(0, before + rows.len());
    }
    std::mem::forget(built);
    Ok(())
}

/// Fields that are filled, of which the first so many; they are dropped, unless the record is completed.
struct Built<'f> {
    fields: &'f [FieldReader],
    filled: usize,
    places: Places,
}

impl Drop for Built<'_> {
    #[cold]
    fn drop(&mut self) {
        for field in &self.fields[..self.filled] {
            if let Some(drop) = field.drop {
                // SAFETY: the field is initialised in all places, of the type that is dropped, and given up.
                unsafe { drop(self.places.field(field.offset)) }
            }
        }
    }
}
