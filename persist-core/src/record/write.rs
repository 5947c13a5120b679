//! Writing records.

use crate::error::{Error, Result};
use crate::rows::{BATCH, Batch, Gather, Rows};
use crate::table::Writer;
use crate::traits::Encode;

/// Writes rows of a field's type, to the columns from the given one on.
type Write = unsafe fn(Rows<'_, ()>, &mut Writer<'_>, usize) -> Result<()>;

/// Writes one field, to the columns from the given one on.
type WriteOne = unsafe fn(*const (), &mut Writer<'_>, usize) -> Result<()>;

/// How a field is written.
#[derive(Debug)]
pub struct FieldWriter {
    offset: usize,
    columns: usize,
    write: Write,
    /// The same of a field alone, where there is a shorter way.
    one: Option<WriteOne>,
    label: &'static str,
}

impl FieldWriter {
    /// A field of type `F` with its offset in the record, its columns, and what errors call it.
    ///
    /// # Safety
    ///
    /// The record has such a field there, as `offset_of!` gives it. The offset of a variant's field is not asked for.
    #[must_use]
    pub const unsafe fn new<F: Encode>(offset: usize, columns: usize, label: &'static str) -> Self {
        FieldWriter { offset, columns, write: write_rows::<F>, one: Some(write_field::<F>), label }
    }

    /// The same of a field that has a default: nothing stands in the column of its presence, the first one.
    ///
    /// # Safety
    ///
    /// As of [`new`](FieldWriter::new).
    #[must_use]
    pub const unsafe fn with_default<F: Encode>(offset: usize, columns: usize, label: &'static str) -> Self {
        FieldWriter { offset, columns, write: write_behind::<F>, one: Some(write_field_behind::<F>), label }
    }

    /// A field that is written by a function of its own.
    ///
    /// # Safety
    ///
    /// As of [`new`](FieldWriter::new); and the function may be given rows that are such fields.
    #[must_use]
    pub const unsafe fn by(offset: usize, columns: usize, label: &'static str, write: Write) -> Self {
        FieldWriter { offset, columns, write, one: None, label }
    }

    /// Writes one field.
    ///
    /// # Safety
    ///
    /// It stands there, and is of the type that is written.
    #[inline]
    unsafe fn write_one(&self, place: *const (), writer: &mut Writer<'_>, at: usize) -> Result<()> {
        // SAFETY: as the caller vouches.
        unsafe {
            match self.one {
                Some(one) => one(place, writer, at),
                None => (self.write)(Rows::at(place), writer, at),
            }
        }
    }
}

/// # Safety
///
/// The rows are of type `F`.
unsafe fn write_rows<F: Encode>(rows: Rows<'_, ()>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
    // SAFETY: as the caller vouches.
    F::write(unsafe { rows.cast::<F>() }, writer, at)
}

/// # Safety
///
/// The rows are of type `F`.
unsafe fn write_behind<F: Encode>(rows: Rows<'_, ()>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
    // SAFETY: as the caller vouches.
    F::write(unsafe { rows.cast::<F>() }, writer, at + 1)
}

/// # Safety
///
/// An `F` stands there.
unsafe fn write_field<F: Encode>(place: *const (), writer: &mut Writer<'_>, at: usize) -> Result<()> {
    // SAFETY: as the caller vouches.
    unsafe { &*place.cast::<F>() }.write_one(writer, at)
}

/// # Safety
///
/// An `F` stands there.
unsafe fn write_field_behind<F: Encode>(place: *const (), writer: &mut Writer<'_>, at: usize) -> Result<()> {
    // SAFETY: as the caller vouches.
    unsafe { &*place.cast::<F>() }.write_one(writer, at + 1)
}

/// How a struct or variant is written.
#[derive(Debug)]
pub struct RecordWriter {
    /// What errors call it.
    pub owner: &'static str,
    /// Its fields that are saved.
    pub fields: &'static [FieldWriter],
}

impl RecordWriter {
    fn columns(&self) -> usize {
        self.fields.iter().map(|field| field.columns).sum()
    }

    #[cold]
    fn in_field(&self, error: Error, field: &FieldWriter) -> Error {
        error.in_field(self.owner, field.label)
    }
}

/// Writes rows of a struct, to the columns from `at` on.
///
/// # Safety
///
/// The record is that of `T`.
#[inline]
pub unsafe fn write_record<T>(
    rows: Rows<'_, T>,
    writer: &mut Writer<'_>,
    at: usize,
    record: &'static RecordWriter,
) -> Result<()> {
    // SAFETY: as the caller vouches.
    unsafe {
        if rows.len() == 1 {
            return write_row(std::ptr::from_ref(rows.get(0)).cast(), writer, at, record);
        }
        write_fields(rows.cast(), writer, at, record)
    }
}

/// # Safety
///
/// A row stands there that the record is that of.
unsafe fn write_row(
    row: *const (),
    writer: &mut Writer<'_>,
    mut at: usize,
    record: &'static RecordWriter,
) -> Result<()> {
    for field in record.fields {
        // SAFETY: the row has the field there, of the type that is written.
        let written = unsafe { field.write_one(row.byte_add(field.offset), writer, at) };
        written.map_err(|error| record.in_field(error, field))?;
        at += field.columns;
    }
    Ok(())
}

/// # Safety
///
/// The record is that of the rows' type.
unsafe fn write_fields(
    rows: Rows<'_, ()>,
    writer: &mut Writer<'_>,
    mut at: usize,
    record: &'static RecordWriter,
) -> Result<()> {
    for field in record.fields {
        // SAFETY: each row has the field there, of the type that is written.
        let written = unsafe { (field.write)(rows.field(field.offset), writer, at) };
        written.map_err(|error| record.in_field(error, field))?;
        at += field.columns;
    }
    Ok(())
}

/// What is done with a row: it is given its tag, and the places of its variant's fields that are saved.
pub type TakeFields<'t> = dyn FnMut(u16, &[*const ()]) -> Result<()> + 't;

/// Writes rows of an enum: their tags to column `at`, then the fields of each variant, dense; or the one row there is.
///
/// # Safety
///
/// There is a record of each variant of `T`, in the order of the tags that `tag` gives; and `fields` gives the
/// row's tag, and places in the row of just the fields of the record, which are of the types that it tells.
#[inline]
pub unsafe fn write_variants<T>(
    rows: Rows<'_, T>,
    writer: &mut Writer<'_>,
    at: usize,
    variants: &'static [RecordWriter],
    tag: impl Fn(&T) -> u16,
    fields: fn(&T, &mut TakeFields<'_>) -> Result<()>,
) -> Result<()> {
    if rows.len() == 1 {
        // SAFETY: as the caller vouches.
        return fields(rows.get(0), &mut |tag, fields| unsafe { write_one(writer, at, variants, tag, fields) });
    }
    for (batch, rows) in rows.batches().enumerate() {
        let tags = Tags::of(rows, &tag);
        // SAFETY: as the caller vouches; the rows that are handed back are some of them.
        unsafe {
            write_batch(rows.cast(), (batch, tags.as_slice()), writer, at, variants, &|row, take| {
                fields(row.cast::<T>().get(0), take)
            })?;
        }
    }
    Ok(())
}

/// The tags of a batch of rows.
pub(crate) struct Tags(Batch<u16>);

impl Tags {
    /// The tag of each row.
    ///
    /// # Panics
    ///
    /// Where there are more than [`BATCH`] rows.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn of<T>(rows: Rows<'_, T>, tag: impl Fn(&T) -> u16) -> Self {
        Tags(Batch::of(rows, (), |(), row| ((), tag(row))).0)
    }

    pub(crate) fn as_slice(&self) -> &[u16] {
        self.0.as_slice()
    }
}

/// Writes a row by itself, of which nothing need be gathered.
///
/// # Safety
///
/// The places are those of the fields of the variant with this tag.
unsafe fn write_one(
    writer: &mut Writer<'_>,
    at: usize,
    variants: &'static [RecordWriter],
    tag: u16,
    fields: &[*const ()],
) -> Result<()> {
    writer.tag(at, variants.len(), tag);
    let mut at = at + 1 + variants[..usize::from(tag)].iter().map(RecordWriter::columns).sum::<usize>();
    let record = &variants[usize::from(tag)];
    for (field, &place) in record.fields.iter().zip(fields) {
        // SAFETY: the field is there, and of the type that is written.
        let written = unsafe { field.write_one(place, writer, at) };
        written.map_err(|error| record.in_field(error, field))?;
        at += field.columns;
    }
    Ok(())
}

/// Gives the fields of the one row of those it is given.
type Fields<'f> = &'f dyn Fn(Rows<'_, ()>, &mut TakeFields<'_>) -> Result<()>;

/// Writes a batch, which is the so-manieth of all rows, with its tags.
///
/// # Safety
///
/// As of [`write_variants`].
unsafe fn write_batch(
    rows: Rows<'_, ()>,
    (batch, tags): (usize, &[u16]),
    writer: &mut Writer<'_>,
    at: usize,
    variants: &'static [RecordWriter],
    fields: Fields<'_>,
) -> Result<()> {
    writer.tags(at, variants.len(), tags.iter().copied());
    let mut gather = Gather::new();
    let mut at = at + 1;
    for (tag, record) in variants.iter().enumerate() {
        let start = at;
        at += record.columns();
        if record.fields.is_empty() {
            continue;
        }
        gather.pick(rows, tags, tag as u16);
        if gather.is_empty() {
            continue;
        }
        let (picked, first) = (gather.rows(), gather.first());
        fields(picked.head(), &mut |_, places| {
            let mut at = start;
            for (field, &place) in record.fields.iter().zip(places) {
                let offset = place.addr() - first.addr();
                // SAFETY: all rows that were picked are of this variant, so that each has the field where the first has
                // it, and it is of the type that is written.
                let written = unsafe { (field.write)(picked.field(offset), writer, at) };
                written.map_err(|error| in_variant(record.in_field(error, field), batch, tags, tag))?;
                at += field.columns;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Says in which row of all an error happened that knows the row among those of one variant in one batch.
#[cold]
fn in_variant(error: Error, batch: usize, tags: &[u16], tag: usize) -> Error {
    let mut of_variant = (0..tags.len()).filter(|&row| usize::from(tags[row]) == tag);
    let row = of_variant.nth(error.row()).unwrap_or(0);
    error.at_row(batch * BATCH + row)
}
