//! `persist schema`: what a file holds, and whether files of older schemas load as that.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use persist_core::{Change, Schema, SchemaLock};
use persist_store::atomic;
use persist_store::fs::Disk;

use super::Outcome;
use crate::failure::{Result, Stop};
use crate::input::{DASH, Item, Values};
use crate::output::{Output, Paint};

/// Show the schema of a packed file, or hold it against a lock
///
/// A lock is a text file with the schemas that were ever saved, such as `cargo test` keeps by `assert_schema_lock!`. The schema of a
/// file says nothing of aliases, so that its program may read more than is found here; it knows which fields have defaults.
#[derive(Args, Debug)]
#[command(
    after_help = "The exit status is 0 if files of all schemas in the lock load as that of the file, 1 if not, and 2 if something could not be read."
)]
pub(crate) struct SchemaCommand {
    /// The file; `-` is the standard input
    #[arg(default_value = DASH)]
    file: PathBuf,
    /// Fail where files of a schema in this lock would not load as the one of the file
    #[arg(long, value_name = "LOCK")]
    check: Option<PathBuf>,
    /// Note the schema in this lock, which is made where there is none
    #[arg(long, value_name = "LOCK", conflicts_with = "check")]
    update: Option<PathBuf>,
    /// The name in the lock, if it is not that of the type
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

impl SchemaCommand {
    pub(crate) fn run(&self, out: &mut Output) -> Result<Outcome> {
        let mut values = Values::open(&self.file, None)?;
        let file = values.name().to_owned();
        let Some(item) = values.next()? else { return Err(Stop::new(&file, "holds no value")) };
        let schema = schema_of(&item)?;
        let name = self.name.clone().unwrap_or_else(|| schema.name());
        if let Some(path) = &self.check {
            return check(path, &file, &name, &schema, out);
        }
        if let Some(path) = &self.update {
            return update(path, &name, &schema, out);
        }
        for line in schema.to_string().lines() {
            out.line(line)?;
        }
        Ok(Outcome::Good)
    }
}

fn schema_of(item: &Item) -> Result<Schema> {
    let bytes = item.bytes().ok_or_else(|| item.fail("is a pickle, which has no schema"))?;
    Schema::of_file(bytes).map_err(|error| item.refuse(&error))
}

/// A lock; none where there is no such file.
fn read(path: &Path) -> Result<Option<SchemaLock>> {
    let name = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => text.parse().map(Some).map_err(|error| Stop::new(&name, format!("is no schema lock: {error}"))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Stop::new(&name, format!("cannot be read: {error}"))),
    }
}

fn check(path: &Path, file: &str, name: &str, schema: &Schema, out: &mut Output) -> Result<Outcome> {
    let lock = path.display().to_string();
    let known =
        read(path)?.ok_or_else(|| Stop::new(&lock, "is not there; make it by `persist schema FILE --update LOCK`"))?;
    match known.change(name, schema) {
        Change::None | Change::Compatible => Ok(Outcome::Good),
        Change::Breaking(error) => {
            out.put(Paint::Removed, format_args!("{file}: "))?;
            out.line(format_args!("older files of `{name}` do not load as this: {error}"))?;
            Ok(Outcome::Different)
        }
        _ => {
            let names: Vec<&str> = known.names().collect();
            Err(Stop::new(&lock, format!("has no `{name}`, but {}; say which by `--name`", names.join(", "))))
        }
    }
}

fn update(path: &Path, name: &str, schema: &Schema, out: &mut Output) -> Result<Outcome> {
    let lock = path.display().to_string();
    let mut known = read(path)?.unwrap_or_default();
    if let Err(error) = known.note(name, schema) {
        out.put(Paint::Removed, format_args!("{lock}: "))?;
        out.line(format_args!("older files of `{name}` do not load as this: {error}"))?;
        return Ok(Outcome::Different);
    }
    let text = known.to_string();
    atomic::write(&Disk, path, |file| Ok(file.write_all(text.as_bytes())?))
        .map_err(|error| Stop::new(&lock, format!("cannot be written: {error}")))?;
    Ok(Outcome::Good)
}
