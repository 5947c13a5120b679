//! What is in the file: its tables, and the descriptions of shelves in them.

use std::ops::Bound;

use persist_core::{Error, ErrorKind, Loader, Result, dumps};
use redb::TableDefinition;

/// The table of the file's own facts.
pub(super) const FACTS: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("persist");
/// Every schema that something in the file has, once, by its number.
pub(super) const SCHEMAS: TableDefinition<'static, u32, &[u8]> = TableDefinition::new("persist.schemas");
/// What each shelf holds, by its name.
pub(super) const SHELVES: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("persist.shelves");

/// The fact that tells the version of all this.
pub(super) const FORMAT: &str = "format";
pub(super) const VERSION: u8 = 1;

/// The table of a shelf's entries.
pub(super) fn table_of(shelf: &str) -> String {
    format!("shelf/{shelf}")
}

/// The bounds of all keys.
pub(super) const ALL: (Bound<Vec<u8>>, Bound<Vec<u8>>) = (Bound::Unbounded, Bound::Unbounded);

/// What a shelf holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Description {
    /// The schema of its keys.
    pub(super) key: u32,
    /// Those of its values.
    pub(super) values: Vec<u32>,
}

impl Description {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        dumps(&(self.key, &self.values))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (key, values) = Loader::new().loads(bytes)?;
        Ok(Description { key, values })
    }
}

/// Bytes of an entry's check.
const CHECK: usize = 4;

/// Ends an entry's row, which stands in `row` with its schema's number, by the check of it and its key.
pub(super) fn seal(key: &[u8], row: &mut Vec<u8>) {
    let check = check(key, row);
    row.extend_from_slice(&check.to_le_bytes());
}

/// Takes a row apart: the number of its schema, and the bare value.
pub(super) fn unseal<'r>(key: &[u8], row: &'r [u8]) -> Result<(u32, &'r [u8])> {
    let (row, found) = row.split_last_chunk::<CHECK>().ok_or_else(super::problem::damaged_entry)?;
    if check(key, row) != u32::from_le_bytes(*found) {
        return Err(super::problem::damaged_entry());
    }
    get_number(row)
}

fn check(key: &[u8], row: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(row);
    hasher.finalize()
}

/// Appends a schema's number: seven bits a byte, the lowest first.
pub(super) fn put_number(mut number: u32, row: &mut Vec<u8>) {
    while number >= 0x80 {
        row.push(number as u8 | 0x80);
        number >>= 7;
    }
    row.push(number as u8);
}

fn get_number(row: &[u8]) -> Result<(u32, &[u8])> {
    let mut number = 0u64;
    for (i, &byte) in row.iter().enumerate().take(5) {
        number |= u64::from(byte & 0x7F) << (7 * i);
        if byte < 0x80 {
            let number = u32::try_from(number).map_err(|_| bad_number())?;
            return Ok((number, &row[i + 1..]));
        }
    }
    Err(bad_number())
}

#[cold]
fn bad_number() -> Error {
    Error::of(ErrorKind::Corrupt, "an entry does not start with the number of its schema")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_apart_as_they_were_put_together() {
        for number in [0, 1, 127, 128, 16_383, 16_384, u32::MAX] {
            let mut row = Vec::new();
            put_number(number, &mut row);
            row.extend_from_slice(b"value");
            seal(b"key", &mut row);
            assert_eq!(unseal(b"key", &row).unwrap(), (number, &b"value"[..]));
            assert!(unseal(b"kez", &row).is_err());
            for place in 0..row.len() {
                let mut other = row.clone();
                other[place] ^= 4;
                assert!(unseal(b"key", &other).is_err(), "{place}");
                assert!(unseal(b"key", &row[..place]).is_err());
            }
        }
    }

    #[test]
    fn numbers_that_are_too_large_are_errors() {
        assert!(get_number(&[0xFF, 0xFF, 0xFF, 0xFF, 0x7F]).is_err());
        assert!(get_number(&[0xFF; 9]).is_err());
        assert!(get_number(&[]).is_err());
    }

    #[test]
    fn descriptions_come_back() {
        let description = Description { key: 3, values: vec![1, 900] };
        assert_eq!(Description::from_bytes(&description.to_bytes().unwrap()).unwrap(), description);
        assert!(Description::from_bytes(b"nonsense").is_err());
    }
}
