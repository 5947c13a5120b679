//! The schema lock of a package: checked by a test, kept in its repository.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind as IoKind;
use std::path::Path;

use persist_core::{Change, Decode, Error, Result, Schema, SchemaLock};

use crate::atomic;
use crate::fs::Disk;

/// The environment variable that renews a lock.
const SWITCH: &str = "PERSIST_LOCK";

/// A type whose files have to load in all later versions of a program: its name in the lock, and its schema.
#[derive(Clone, Copy, Debug)]
pub struct Locked {
    name: &'static str,
    schema: fn() -> Result<Schema>,
}

impl Locked {
    /// A type, under a name of its own choice.
    #[must_use]
    pub fn new<T: Decode>(name: &'static str) -> Self {
        Locked { name, schema: Schema::of::<T> }
    }
}

/// Checks types against a lock, which is a text file: what [`assert_schema_lock!`](https://docs.rs/persist-rs) calls.
///
/// With `PERSIST_LOCK=update` in the environment the lock is renewed: new types and compatible changes are noted.
/// `PERSIST_LOCK=break` notes every change, and forgets what old files of a type that broke were like.
///
/// # Errors
///
/// Where a type is not as the lock has it: the error says of each whether old files would load, what is in the way, and
/// what to do. Where the lock cannot be read or written.
pub fn check_schema_lock(path: impl AsRef<Path>, types: &[Locked]) -> Result<()> {
    let switch = env::var(SWITCH).unwrap_or_default();
    check(path.as_ref(), types, &switch)
}

fn check(path: &Path, types: &[Locked], switch: &str) -> Result<()> {
    let (update, give_up) = match switch {
        "" => (false, false),
        "update" => (true, false),
        "break" => (true, true),
        _ => return Err(Error::new(format!("`{SWITCH}` is `{switch}`: it may be `update` or `break`"))),
    };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == IoKind::NotFound => String::new(),
        Err(error) => return Err(Error::from(error).with_help(format!("it is the schema lock {}", path.display()))),
    };
    let mut lock: SchemaLock = text.parse()?;
    let mut problems = String::new();
    for &Locked { name, schema } in types {
        let schema = schema()?;
        let said = match lock.change(name, &schema) {
            Change::None => continue,
            Change::Breaking(error) if !give_up => {
                format!("old files of `{name}` would not load any more: {error}")
            }
            Change::Breaking(_) => {
                lock.forget(name);
                String::new()
            }
            Change::New if !update => {
                format!("`{name}` is not in it yet: note it by `{SWITCH}=update cargo test`")
            }
            Change::Compatible if !update => {
                format!("`{name}` changed, and old files load: note it by `{SWITCH}=update cargo test`")
            }
            _ => String::new(),
        };
        if said.is_empty() {
            lock.note(name, &schema)?;
        } else {
            let _ = write!(problems, "\n- {said}");
        }
    }
    let renewed = lock.to_string();
    if update && renewed != text {
        atomic::write(&Disk, path, |out| Ok(out.write_all(renewed.as_bytes())?))?;
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::new(format!("the schema lock {} is not kept:{problems}", path.display()))
        .with_help(format!("if no such file is left anywhere, forget them by `{SWITCH}=break cargo test`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_made_kept_and_broken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("schema.lock");
        let old = [Locked::new::<(u8, String)>("A"), Locked::new::<bool>("B")];
        let error = check(&path, &old, "").unwrap_err().to_string();
        assert!(error.contains("`A` is not in it yet") && error.contains("`B`"), "{error}");
        assert!(!path.exists());
        check(&path, &old, "update").unwrap();
        check(&path, &old, "").unwrap();
        let first = fs::read_to_string(&path).unwrap();

        let wider = [Locked::new::<(u64, String)>("A"), Locked::new::<bool>("B")];
        let error = check(&path, &wider, "").unwrap_err().to_string();
        assert!(error.contains("`A` changed, and old files load"), "{error}");
        check(&path, &wider, "update").unwrap();
        check(&path, &wider, "").unwrap();

        let other = [Locked::new::<(char, String)>("A"), Locked::new::<bool>("B")];
        for switch in ["", "update"] {
            let error = check(&path, &other, switch).unwrap_err().to_string();
            assert!(error.contains("old files of `A`") && error.contains("char") && error.contains("break"), "{error}");
        }
        check(&path, &other, "break").unwrap();
        check(&path, &other, "").unwrap();
        assert_ne!(fs::read_to_string(&path).unwrap(), first);
        assert!(check(&path, &other, "yes").is_err());
    }
}
