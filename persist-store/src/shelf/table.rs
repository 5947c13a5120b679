//! Tables of entries. Keys of some widths have tables of their own, in which the engine finds them faster; whoever reads or
//! writes needs not know which one it is.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Bound;

use redb::{
    AccessGuard, Key, Range, ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata, StorageError, Table,
    TableDefinition, TableError, TypeName, Value, WriteTransaction,
};

/// Keys of `N` bytes; of any number where that is none. In the file they are the engine's own `&[u8; N]` and `&[u8]`.
#[derive(Debug)]
struct Sorted<const N: usize>;

impl<const N: usize> Value for Sorted<N> {
    type SelfType<'a> = &'a [u8];
    type AsBytes<'a> = &'a [u8];

    fn fixed_width() -> Option<usize> {
        (N != ANY).then_some(N)
    }

    fn from_bytes<'a>(data: &'a [u8]) -> &'a [u8]
    where
        Self: 'a,
    {
        data
    }

    fn as_bytes<'a, 'b: 'a>(value: &'a &'b [u8]) -> &'a [u8]
    where
        Self: 'b,
    {
        value
    }

    fn type_name() -> TypeName {
        if N == ANY { <&[u8]>::type_name() } else { <&[u8; N]>::type_name() }
    }
}

impl<const N: usize> Key for Sorted<N> {
    #[inline]
    fn compare(left: &[u8], right: &[u8]) -> Ordering {
        // Where the compiler knows the width, it compares numbers.
        match (<&[u8; N]>::try_from(left), <&[u8; N]>::try_from(right)) {
            (Ok(left), Ok(right)) => left.cmp(right),
            _ => left.cmp(right),
        }
    }

    fn separator<'a>(left: &'a [u8], right: &'a [u8]) -> Cow<'a, [u8]> {
        <&[u8]>::separator(left, right)
    }
}

/// The width of keys that have no fixed one, or one that has no table of its own.
pub(super) const ANY: usize = 0;

/// Calls what is generic over the width of keys.
macro_rules! by_width {
    ($width:expr, $call:ident($($argument:expr),*)) => {
        match $width {
            4 => $call::<4>($($argument),*),
            8 => $call::<8>($($argument),*),
            16 => $call::<16>($($argument),*),
            32 => $call::<32>($($argument),*),
            _ => $call::<ANY>($($argument),*),
        }
    };
}

/// Those that have.
const WIDTHS: [usize; 4] = [4, 8, 16, 32];

/// What tables may be of: the likely width first.
fn widths(likely: usize) -> impl Iterator<Item = usize> {
    let other = [ANY].into_iter().chain(WIDTHS).filter(move |&width| width != likely);
    std::iter::once(likely).chain(other)
}

/// The width of the tables of keys that have this one.
pub(super) fn width_for(key: Option<usize>) -> usize {
    key.filter(|width| WIDTHS.contains(width)).unwrap_or(ANY)
}

pub(super) type Row<'a> = AccessGuard<'a, &'static [u8]>;

/// Bounds of keys.
pub(super) type Borrowed<'b> = (Bound<&'b [u8]>, Bound<&'b [u8]>);

/// Entries one after the other, from both ends.
pub(super) trait Steps<'a> {
    /// The next row, whose key is put into `key`.
    fn step(&mut self, front: bool, key: &mut Vec<u8>) -> Option<Result<Row<'a>, StorageError>>;
}

/// A table that is read.
pub(super) trait Reads {
    fn get(&self, key: &[u8]) -> Result<Option<Row<'_>>, StorageError>;
    fn len(&self) -> Result<u64, StorageError>;
    /// The row at an end, whose key is put into `key`.
    fn edge(&self, first: bool, key: &mut Vec<u8>) -> Result<Option<Row<'_>>, StorageError>;
    fn range(&self, bounds: Borrowed<'_>) -> Result<Box<dyn Steps<'_> + Send + '_>, StorageError>;
}

/// A table of one moment.
pub(super) trait Stays: Reads {
    /// As `range`, for as long as the transaction is there that the table is of.
    fn stay(&self, bounds: Borrowed<'_>) -> Result<Box<dyn Steps<'static> + Send>, StorageError>;
}

/// A table that is being changed.
pub(super) trait Changes: Reads {
    fn insert(&mut self, key: &[u8], row: &[u8]) -> Result<(), StorageError>;
    /// Gives whether there was one.
    fn remove(&mut self, key: &[u8]) -> Result<bool, StorageError>;
    fn retain(&mut self, keep: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StorageError>;
}

pub(super) type Entries = Box<dyn Stays + Send + Sync>;

/// A table of keys of a width.
struct Of<const N: usize, T>(T);

impl<'a, const N: usize> Steps<'a> for Range<'a, Sorted<N>, &'static [u8]> {
    fn step(&mut self, front: bool, key: &mut Vec<u8>) -> Option<Result<Row<'a>, StorageError>> {
        let found = if front { self.next() } else { self.next_back() };
        Some(found?.map(|entry| with_key(entry, key)))
    }
}

fn with_key<'a, const N: usize>((found, row): (AccessGuard<'a, Sorted<N>>, Row<'a>), key: &mut Vec<u8>) -> Row<'a> {
    key.clear();
    key.extend_from_slice(found.value());
    row
}

impl<const N: usize, T: ReadableTable<Sorted<N>, &'static [u8]>> Reads for Of<N, T> {
    fn get(&self, key: &[u8]) -> Result<Option<Row<'_>>, StorageError> {
        self.0.get(key)
    }

    fn len(&self) -> Result<u64, StorageError> {
        ReadableTableMetadata::len(&self.0)
    }

    fn edge(&self, first: bool, key: &mut Vec<u8>) -> Result<Option<Row<'_>>, StorageError> {
        let found = if first { self.0.first() } else { self.0.last() };
        Ok(found?.map(|entry| with_key(entry, key)))
    }

    fn range(&self, bounds: Borrowed<'_>) -> Result<Box<dyn Steps<'_> + Send + '_>, StorageError> {
        Ok(Box::new(self.0.range::<&[u8]>(bounds)?))
    }
}

impl<const N: usize> Stays for Of<N, ReadOnlyTable<Sorted<N>, &'static [u8]>> {
    fn stay(&self, bounds: Borrowed<'_>) -> Result<Box<dyn Steps<'static> + Send>, StorageError> {
        Ok(Box::new(self.0.range::<&[u8]>(bounds)?))
    }
}

impl<const N: usize> Changes for Of<N, Table<'_, Sorted<N>, &'static [u8]>> {
    fn insert(&mut self, key: &[u8], row: &[u8]) -> Result<(), StorageError> {
        // Another one would shift what is beside it.
        if N != ANY && key.len() != N {
            let what = format!("its keys have {N} bytes, and not the {} of this one", key.len());
            return Err(StorageError::Corrupted(what));
        }
        self.0.insert(key, row).map(drop)
    }

    fn remove(&mut self, key: &[u8]) -> Result<bool, StorageError> {
        Ok(self.0.remove(key)?.is_some())
    }

    fn retain(&mut self, keep: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StorageError> {
        self.0.retain(keep)
    }
}

/// Opens a table to read it; nothing where there is none. It is of the width it was made with, be that the likely one or not.
pub(super) fn open(transaction: &ReadTransaction, name: &str, likely: usize) -> Result<Option<Entries>, TableError> {
    fn open<const N: usize>(transaction: &ReadTransaction, name: &str) -> Result<Entries, TableError> {
        let table = transaction.open_table(TableDefinition::<Sorted<N>, &[u8]>::new(name))?;
        Ok(Box::new(Of::<N, _>(table)))
    }
    match first_that_fits(likely, |width| by_width!(width, open(transaction, name))) {
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        other => other.map(Some),
    }
}

/// Opens a table to change it, and makes it where there is none.
pub(super) fn change<'t>(
    transaction: &'t WriteTransaction,
    name: &str,
    width: usize,
) -> Result<Box<dyn Changes + 't>, TableError> {
    fn open<'t, const N: usize>(
        transaction: &'t WriteTransaction,
        name: &str,
    ) -> Result<Box<dyn Changes + 't>, TableError> {
        let table = transaction.open_table(TableDefinition::<Sorted<N>, &[u8]>::new(name))?;
        Ok(Box::new(Of::<N, _>(table)))
    }
    first_that_fits(width, |width| by_width!(width, open(transaction, name)))
}

/// Removes a table.
pub(super) fn delete(transaction: &WriteTransaction, name: &str) -> Result<bool, TableError> {
    // That needs no types.
    transaction.delete_table(TableDefinition::<Sorted<ANY>, &[u8]>::new(name))
}

fn first_that_fits<T>(likely: usize, open: impl Fn(usize) -> Result<T, TableError>) -> Result<T, TableError> {
    let opened = open(likely);
    if !matches!(opened, Err(TableError::TableTypeMismatch { .. })) {
        return opened;
    }
    let other =
        widths(likely).skip(1).map(open).find(|opened| !matches!(opened, Err(TableError::TableTypeMismatch { .. })));
    other.unwrap_or(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_width_has_a_table() {
        fn width<const N: usize>() -> Option<usize> {
            <Sorted<N> as Value>::fixed_width()
        }
        for known in WIDTHS {
            assert_eq!(by_width!(known, width()), Some(known));
            assert_eq!(width_for(Some(known)), known);
        }
        assert_eq!(by_width!(ANY, width()), None);
        assert_eq!((width_for(Some(5)), width_for(None), width_for(Some(0))), (ANY, ANY, ANY));
    }

    #[test]
    fn keys_compare_as_bytes_whatever_their_width() {
        let keys: [&[u8]; 6] = [b"", b"aaaa", b"aaab", b"aaabb", b"b", b"\xFFaaa"];
        for (i, left) in keys.iter().enumerate() {
            for (j, right) in keys.iter().enumerate() {
                assert_eq!(Sorted::<4>::compare(left, right), i.cmp(&j));
                assert_eq!(Sorted::<ANY>::compare(left, right), i.cmp(&j));
            }
        }
    }
}
