//! `persist show`: a value, or a part of it, as people read it.

use std::path::PathBuf;

use clap::Args;
use persist_core::{Dumper, Protocol, Value};

use super::Outcome;
use crate::failure::{Result, Stop};
use crate::input::{DASH, Format, Values};
use crate::output::{Output, Paint};
use crate::path::Path;
use crate::plain::{Json, for_json, plain};
use crate::tree::Tree;

/// Show what is in a file, as a tree with the names of types, fields and variants
///
/// A PATH picks a part: `shelves[3].books["x"].title`. Fields, keys that are text and variants stand behind a dot; indexes
/// (from the end, if they are negative) and keys of any kind, as they are shown, stand in brackets. What is not there is
/// an error that lists what there is.
#[derive(Args, Debug)]
pub(crate) struct Show {
    /// The file; `-` is the standard input
    #[arg(default_value = DASH)]
    file: PathBuf,
    /// The part to show
    path: Option<Path>,
    /// Write plain JSON, without the names of types, for `jq` and other programs; never shortened
    #[arg(long, conflicts_with_all = ["cbor", "limit"])]
    json: bool,
    /// Write plain CBOR
    #[arg(long, conflicts_with = "limit")]
    cbor: bool,
    /// Show all of long lists, maps, texts and bytes
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Elements of a list, and entries of a map, to show
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Show only the value with this number, of a file with several; the first has 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    value: Option<u64>,
    /// What the file is in, instead of looking at its first bytes
    #[arg(long, value_name = "FORMAT")]
    from: Option<Format>,
}

/// Characters of a text that are shown.
const TEXT: usize = 300;

impl Show {
    pub(crate) fn run(&self, out: &mut Output) -> Result<Outcome> {
        let mut values = Values::open(&self.file, self.from)?;
        let mut count = 0;
        let mut next = values.next()?;
        while let Some(item) = next {
            count = item.number;
            // Looked at before this one is shown: whether there are several. What is wrong with it comes later.
            let following = values.next();
            if self.value.is_none_or(|number| number == item.number) {
                let several = item.number > 1 || !matches!(following, Ok(None));
                let value = item.value()?;
                let part = match &self.path {
                    Some(path) => path.pick(&value).map_err(|missing| item.fail(&missing))?.clone(),
                    None => value,
                };
                self.write(part, several.then_some(item.number), out)?;
            }
            next = following?;
        }
        match self.value {
            Some(number) if number > count => {
                Err(Stop::new(values.name(), format!("there is no value {number}; the last one is value {count}")))
            }
            _ => Ok(Outcome::Good),
        }
    }

    fn write(&self, value: Value, number: Option<u64>, out: &mut Output) -> Result<()> {
        if self.json {
            return out.json(&Json(&for_json(plain(value))), true);
        }
        if self.cbor {
            let bytes = Dumper::new().protocol(Protocol::Cbor).dumps(&plain(value));
            return out.bytes(&bytes.map_err(|error| Stop::new("the value", error.to_string()))?);
        }
        if let Some(number) = number.filter(|_| self.value.is_none()) {
            out.put(Paint::Note, format_args!("# value {number}"))?;
            out.end()?;
        }
        let tree = if self.all {
            Tree { limit: usize::MAX, text: usize::MAX }
        } else {
            Tree { limit: self.limit, text: TEXT }
        };
        tree.write(&value, out)
    }
}
