//! Reading enums: the rows of a batch that are of one variant together.
//!
//! The fields of a variant are read as a tuple, dense as they lie in their columns, to a room on the stack; each tuple then
//! becomes the value of its row. So no branch depends on the tag of a row.

use std::mem::MaybeUninit;

use super::read::{DropAt, RecordReader, drop_of, read_fields};
use crate::error::{Error, Result};
use crate::slots::{BATCH, Done, Places, Room, Slots, room_for, rows_of};
use crate::table::Reader;

/// Reads a row by itself.
type ReadOne = unsafe fn(&mut Reader<'_>, usize, &'static VariantReader, &mut Picked) -> Result<()>;

/// Makes values of tuples of fields, one for each row that is picked.
type Make = unsafe fn(*const (), &mut Picked);

/// How a variant is read.
#[derive(Debug)]
pub struct VariantReader {
    record: RecordReader,
    /// Columns of the enum before its own.
    start: usize,
    /// Bytes of a tuple of its fields.
    size: usize,
    /// How many tuples are read together: none where they are too large for that.
    capacity: usize,
    read_one: ReadOne,
    make: Make,
}

impl VariantReader {
    /// A variant of such fields, with the function that makes values of them.
    ///
    /// # Safety
    ///
    /// The record is that of the tuple `Fields`. The function takes as many such tuples from the place on as rows are picked,
    /// and fills these.
    #[must_use]
    pub const unsafe fn new<Fields>(record: RecordReader, make: Make) -> Self {
        VariantReader {
            record,
            start: 0,
            size: size_of::<Fields>(),
            capacity: room_for(size_of::<Fields>(), align_of::<Fields>()),
            read_one: read_one::<Fields>,
            make,
        }
    }
}

/// The variants of an enum, each told where its columns start.
#[must_use]
pub const fn with_starts<const N: usize>(mut variants: [VariantReader; N]) -> [VariantReader; N] {
    let (mut start, mut i) = (0, 0);
    while i < N {
        variants[i].start = start;
        start += variants[i].record.columns();
        i += 1;
    }
    variants
}

/// # Safety
///
/// The variant's fields are `Fields`, and one row is picked.
unsafe fn read_one<Fields>(
    reader: &mut Reader<'_>,
    at: usize,
    variant: &'static VariantReader,
    picked: &mut Picked,
) -> Result<()> {
    let mut fields = MaybeUninit::<Fields>::uninit();
    // SAFETY: the place is that of such a tuple, which is filled before the value is made of it.
    unsafe {
        read_fields(reader, at, Places::of(&raw mut fields, 1), &variant.record)?;
        (variant.make)(fields.as_ptr().cast(), picked);
    }
    Ok(())
}

/// Makes a value of each tuple from the place on, for the rows that are picked.
///
/// # Safety
///
/// There are as many tuples, which are given up; and the rows are of type `T`.
#[inline]
pub unsafe fn make_rows<Fields, T>(fields: *const (), picked: &mut Picked, make: impl Fn(Fields) -> T) {
    let mut fields = fields.cast::<Fields>();
    while let Some(row) = picked.next() {
        // SAFETY: there is a tuple for the row, which is looked at once; and the row is one that may be written.
        unsafe {
            row.cast::<T>().write(make(fields.read()));
            fields = fields.add(1);
        }
    }
}

/// Reads rows of an enum: their tags stand in column `at`, the fields of the variants behind it.
///
/// # Safety
///
/// The variants are those of `T`, by their tags.
#[inline]
pub unsafe fn read_variants<'s, T>(
    reader: &mut Reader<'_>,
    at: usize,
    slots: Slots<'s, T>,
    variants: &'static [VariantReader],
) -> Result<Done<'s>> {
    // SAFETY: the slots may be written. All are filled with values of `T` where this is no error.
    unsafe {
        read_rows(reader, at, slots.places(), variants, drop_of::<T>())?;
        Ok(slots.assume_filled())
    }
}

/// Fills all places; none where it fails or panics.
///
/// # Safety
///
/// As of [`read_variants`]: `drop` is that of the enum's type, and the places may be written.
unsafe fn read_rows(
    reader: &mut Reader<'_>,
    at: usize,
    places: Places,
    variants: &'static [VariantReader],
    drop: Option<DropAt>,
) -> Result<()> {
    let one_by_one = places.len() == 1 || reader.is_single() || variants.len() > 1 << 8;
    let mut before = Before { places, filled: 0, drop };
    while before.filled < places.len() {
        let count = if one_by_one { 1 } else { (places.len() - before.filled).min(BATCH) };
        let mut picked = Picked { places: places.part(before.filled, count), left: 0, filled: 0, drop };
        // SAFETY: as the caller vouches.
        let read = unsafe {
            if one_by_one {
                read_row(reader, at, variants, &mut picked)
            } else {
                read_batch(reader, at, variants, &mut picked)
            }
        };
        read.map_err(|error| {
            let row = before.filled + error.row();
            error.at_row(row)
        })?;
        // Each of its rows was filled.
        std::mem::forget(picked);
        before.filled += count;
    }
    std::mem::forget(before);
    Ok(())
}

/// Rows that were filled before those at hand; they are dropped, unless all are completed.
struct Before {
    places: Places,
    filled: usize,
    drop: Option<DropAt>,
}

impl Drop for Before {
    #[cold]
    fn drop(&mut self) {
        if let Some(drop) = self.drop {
            // SAFETY: the first so many places are initialised, of the type that is dropped, and given up.
            unsafe { drop(self.places.part(0, self.filled)) }
        }
    }
}

/// # Safety
///
/// As of [`read_rows`]; one row is at hand.
unsafe fn read_row(
    reader: &mut Reader<'_>,
    at: usize,
    variants: &'static [VariantReader],
    picked: &mut Picked,
) -> Result<()> {
    let variant = &variants[reader.tag(at, variants.len())?];
    picked.left = 1;
    // SAFETY: one row is picked, and the variant is that of its tag.
    unsafe { (variant.read_one)(reader, at + 1 + variant.start, variant, picked)? };
    assert!(picked.left == 0);
    Ok(())
}

/// # Safety
///
/// As of [`read_rows`]; at most [`BATCH`] rows are at hand.
#[inline(never)]
unsafe fn read_batch(
    reader: &mut Reader<'_>,
    at: usize,
    variants: &'static [VariantReader],
    picked: &mut Picked,
) -> Result<()> {
    let tags = reader.tags(at, picked.places.len(), variants.len())?;
    let mut room = Room::new();
    let mut left = u64::MAX >> (BATCH - picked.places.len());
    while left != 0 {
        let tag = tags[left.trailing_zeros() as usize];
        picked.left = rows_of(&tags, tag) & left;
        left &= !picked.left;
        let variant = &variants[usize::from(tag)];
        // SAFETY: the variant is that of the rows' tag.
        unsafe { read_picked(reader, at + 1 + variant.start, variant, picked, &mut room)? };
        assert!(picked.left == 0);
    }
    Ok(())
}

/// # Safety
///
/// The variant is that of the rows that are picked.
unsafe fn read_picked(
    reader: &mut Reader<'_>,
    at: usize,
    variant: &'static VariantReader,
    picked: &mut Picked,
    room: &mut Room,
) -> Result<()> {
    let mut rows = picked.left;
    while rows != 0 {
        let later = without_first(rows, variant.capacity.max(1));
        picked.left = rows & !later;
        // SAFETY: there is room for so many tuples, aligned for them; they are filled before values are made of them,
        // of each one. Or one row is picked.
        let read = unsafe {
            if variant.capacity == 0 {
                (variant.read_one)(reader, at, variant, picked)
            } else {
                let tuples = room.places(variant.size, picked.left.count_ones() as usize);
                read_fields(reader, at, tuples, &variant.record).map(|()| (variant.make)(tuples.first(), picked))
            }
        };
        read.map_err(|error| in_picked(error, rows))?;
        rows = later;
    }
    Ok(())
}

/// The rows but for the first so many, as bits.
fn without_first(rows: u64, count: usize) -> u64 {
    if rows.count_ones() as usize <= count {
        return 0;
    }
    (0..count).fold(rows, |rows, _| rows & rows.wrapping_sub(1))
}

/// The row of an error that knows only which of these rows it happened in.
#[cold]
fn in_picked(error: Error, rows: u64) -> Error {
    let row = without_first(rows, error.row()).trailing_zeros() as usize;
    error.at_row(row)
}

/// Rows of a batch of enums, of which those of one variant are filled at a time; those that are filled are dropped,
/// unless all are.
pub struct Picked {
    places: Places,
    /// The rows to fill now.
    left: u64,
    /// The rows that are filled.
    filled: u64,
    drop: Option<DropAt>,
}

impl Picked {
    /// The next of the rows to fill; it counts as filled.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self) -> Option<*mut ()> {
        if self.left == 0 {
            return None;
        }
        let row = self.left.trailing_zeros() as usize;
        self.filled |= 1 << row;
        self.left &= self.left - 1;
        Some(self.places.at(row))
    }
}

impl Drop for Picked {
    #[cold]
    fn drop(&mut self) {
        if let Some(drop) = self.drop {
            while self.filled != 0 {
                let row = self.filled.trailing_zeros() as usize;
                self.filled &= self.filled - 1;
                // SAFETY: the row is initialised, of the type that is dropped, and given up.
                unsafe { drop(self.places.part(row, 1)) }
            }
        }
    }
}
