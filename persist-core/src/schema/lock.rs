//! Locks: schemas that were saved with, kept beside the code, so that a change which old files would not survive shows
//! before they do.

use std::fmt::{self, Display, Formatter, Write as _};
use std::str::FromStr;

use super::Schema;
use crate::error::{Error, ErrorKind, Result};

/// Schemas by name, each name with all that were saved under it: the content of a file such as `schema.lock`.
///
/// It is text, made to be looked at in a review: every schema stands there readable, and in hexadecimal digits.
///
/// ```
/// use persist_core::{Change, Schema, SchemaLock};
///
/// let mut lock = SchemaLock::default();
/// lock.note("Entry", &Schema::of::<(u8, String)>()?)?;
/// let mut lock: SchemaLock = lock.to_string().parse()?;
///
/// assert!(matches!(lock.change("Entry", &Schema::of::<(u8, String)>()?), Change::None));
/// assert!(matches!(lock.change("Entry", &Schema::of::<(u64, String)>()?), Change::Compatible));
/// assert!(matches!(lock.change("Entry", &Schema::of::<u8>()?), Change::Breaking(_)));
/// # Ok::<(), persist_core::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct SchemaLock {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    /// The newest last.
    schemas: Vec<Schema>,
}

/// What a schema is to those in a lock.
#[derive(Debug)]
#[non_exhaustive]
pub enum Change {
    /// There is none of this name.
    New,
    /// It is the newest of this name.
    None,
    /// It is another one than the newest, and reads files of all that are there.
    Compatible,
    /// It does not read files of some that are there; all that is in the way.
    Breaking(Error),
}

const HEAD: &str = "# What was saved, by the names of types; old files have to load for as long as it stands here.\n";

impl SchemaLock {
    /// The names, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// The schemas of a name, the newest last.
    #[must_use]
    pub fn schemas(&self, name: &str) -> &[Schema] {
        self.entries.iter().find(|entry| entry.name == name).map_or(&[], |entry| &entry.schemas)
    }

    /// What a schema is to those of a name.
    #[must_use]
    pub fn change(&self, name: &str, schema: &Schema) -> Change {
        let schemas = self.schemas(name);
        let Some(newest) = schemas.last() else { return Change::New };
        // Its own files, too, by the attributes that it has now.
        let broken = schemas.iter().find_map(|old| schema.check_reads(old).err());
        match broken {
            Some(error) => Change::Breaking(error),
            None if newest == schema => Change::None,
            None => Change::Compatible,
        }
    }

    /// Adds a schema, where it is new; an error where files of those that are there would not load any more.
    pub fn note(&mut self, name: &str, schema: &Schema) -> Result<()> {
        match self.change(name, schema) {
            Change::Breaking(error) => return Err(error),
            Change::None => return Ok(()),
            Change::New | Change::Compatible => {}
        }
        let schema = Schema::from_bytes(schema.as_bytes())?;
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.name == name) {
            entry.schemas.retain(|old| *old != schema);
            entry.schemas.push(schema);
        } else {
            self.entries.push(Entry { name: name.to_owned(), schemas: vec![schema] });
            self.entries.sort_by(|a, b| a.name.cmp(&b.name));
        }
        Ok(())
    }

    /// Forgets what was saved under a name; whether there was anything.
    pub fn forget(&mut self, name: &str) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.name != name);
        self.entries.len() != before
    }
}

impl Display for SchemaLock {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        for entry in &self.entries {
            writeln!(f, "\n[{}]", entry.name)?;
            for schema in &entry.schemas {
                f.write_char('\n')?;
                for line in schema.to_string().lines() {
                    writeln!(f, "#{}{line}", if line.is_empty() { "" } else { " " })?;
                }
                for line in schema.as_bytes().chunks(60) {
                    line.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                    f.write_char('\n')?;
                }
            }
        }
        Ok(())
    }
}

impl FromStr for SchemaLock {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut lock = SchemaLock::default();
        let mut digits = String::new();
        let mut lines = text.lines().enumerate();
        loop {
            let line = lines.next();
            let content = line.map_or("", |(_, line)| line.trim());
            if !content.is_empty() && content.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                digits.push_str(content);
                continue;
            }
            // Whatever else comes ends a schema.
            if !digits.is_empty() {
                let number = line.map_or(text.lines().count(), |(number, _)| number);
                let Some(entry) = lock.entries.last_mut() else { return Err(bad(number, "a schema without a name")) };
                let bytes = bytes_of(&digits).ok_or_else(|| bad(number, "half a byte"))?;
                let schema = Schema::from_bytes(&bytes).map_err(|error| bad(number, &error.to_string()))?;
                entry.schemas.push(schema);
                digits.clear();
            }
            let Some((number, _)) = line else { return Ok(lock) };
            if let Some(name) = content.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                if lock.names().any(|known| known == name) {
                    return Err(bad(number + 1, "a name that stands there twice"));
                }
                lock.entries.push(Entry { name: name.to_owned(), schemas: vec![] });
            } else if !content.is_empty() && !content.starts_with('#') {
                return Err(bad(number + 1, "neither a comment, nor a name in brackets, nor digits of a schema"));
            }
        }
    }
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = digits.chars().map_while(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then(|| pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cold]
fn bad(line: usize, what: &str) -> Error {
    Error::of(ErrorKind::Corrupt, format!("line {line} of the schema lock is damaged: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<T: crate::traits::Decode>() -> Schema {
        Schema::of::<T>().unwrap()
    }

    #[test]
    fn a_lock_comes_back_from_its_text() {
        let mut lock = SchemaLock::default();
        lock.note("B", &of::<Vec<(u8, Option<String>)>>()).unwrap();
        lock.note("A", &of::<u16>()).unwrap();
        lock.note("A", &of::<u32>()).unwrap();
        lock.note("A", &of::<u32>()).unwrap();
        let text = lock.to_string();
        let back: SchemaLock = text.parse().unwrap();
        assert_eq!(back.to_string(), text);
        assert_eq!(back.names().collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(back.schemas("A"), [of::<u16>(), of::<u32>()]);
        assert!(text.contains("# Vec<(u8, Option<String>)>\n"), "{text}");
    }

    #[test]
    fn what_breaks_old_files_is_not_noted() {
        let mut lock = SchemaLock::default();
        lock.note("A", &of::<(u8, String)>()).unwrap();
        assert!(matches!(lock.change("B", &of::<u8>()), Change::New));
        let error = lock.note("A", &of::<(u8, bool)>()).unwrap_err();
        assert!(error.to_string().contains("bool"), "{error}");
        assert!(lock.forget("A") && !lock.forget("A"));
        lock.note("A", &of::<(u8, bool)>()).unwrap();
        // All that were ever saved count, not only the newest.
        lock.note("C", &of::<u8>()).unwrap();
        lock.note("C", &of::<Option<u8>>()).unwrap();
        assert!(matches!(lock.change("C", &of::<Option<char>>()), Change::Breaking(_)));
    }

    #[test]
    fn damage_is_told_by_line() {
        for (text, line) in [
            ("[A]\n0z\n", "line 2"),
            ("00\n", "line 1"),
            ("[A]\n000\n", "line 2"),
            ("[A]\nff\n", "line 2"),
            ("# x\n[A]\n[A]\n", "line 3"),
            ("\nA = 1\n", "line 2"),
        ] {
            let error = text.parse::<SchemaLock>().unwrap_err();
            assert!(error.is(ErrorKind::Corrupt) && error.to_string().contains(line), "{text}: {error}");
        }
        assert_eq!("".parse::<SchemaLock>().unwrap().to_string(), HEAD);
    }
}
