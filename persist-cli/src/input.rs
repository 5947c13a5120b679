//! Values of files and of the standard input, one after the other.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use clap::ValueEnum;
use persist_core::{Error, Limits, Part, Protocol, Split, Value, inspect, split};

use crate::failure::{Result, Stop};
use crate::line;
use crate::pickle;
use crate::progress::Watched;

/// What values are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns, with their schema
    Packed,
    /// JSON text
    Json,
    /// CBOR (RFC 8949)
    Cbor,
    /// What Python's `pickle` writes; data only
    Pickle,
}

impl Format {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::Packed => "packed",
            Format::Json => "JSON",
            Format::Cbor => "CBOR",
            Format::Pickle => "a pickle",
        }
    }

    fn of(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Json => Format::Json,
            Protocol::Cbor => Format::Cbor,
            _ => Format::Packed,
        }
    }

    /// The protocol, where it is one of ours.
    pub(crate) fn protocol(self) -> Option<Protocol> {
        match self {
            Format::Packed => Some(Protocol::Packed),
            Format::Json => Some(Protocol::Json),
            Format::Cbor => Some(Protocol::Cbor),
            Format::Pickle => None,
        }
    }
}

/// Stands for the standard input or output.
pub(crate) const DASH: &str = "-";

/// What a person calls the standard input.
const STANDARD_INPUT: &str = "standard input";

/// The values of a file.
pub(crate) struct Values {
    name: String,
    source: Source,
    /// Values so far.
    number: u64,
    /// Whether the first bytes are like nothing that is known, and are read as CBOR for want of anything better.
    guessed: bool,
}

type Stream = Watched<BufReader<Box<dyn Read>>>;

enum Source {
    Split(Box<Split<io::Chain<io::Cursor<Vec<u8>>, Stream>>>),
    Pickles { bytes: Vec<u8>, at: usize },
}

/// One value.
pub(crate) struct Item {
    /// Its number, from 1.
    pub(crate) number: u64,
    pub(crate) format: Format,
    /// Where in the file it begins.
    pub(crate) offset: u64,
    content: Content,
    name: String,
    guessed: bool,
}

enum Content {
    Bytes(Vec<u8>),
    Value(Value),
}

impl Values {
    /// Opens a file, or the standard input for `-`.
    pub(crate) fn open(path: &Path, from: Option<Format>) -> Result<Self> {
        let is_standard = path.as_os_str() == DASH;
        let name = if is_standard { STANDARD_INPUT.to_owned() } else { path.display().to_string() };
        let (reader, size): (Box<dyn Read>, _) = if is_standard {
            (Box::new(io::stdin().lock()), None)
        } else {
            let file = File::open(path).map_err(|error| reading(&name, &error))?;
            let status = file.metadata().map_err(|error| reading(&name, &error))?;
            if status.is_dir() {
                return Err(Stop::new(&name, "is a folder; name a file in it"));
            }
            (Box::new(file), status.is_file().then_some(status.len()))
        };
        let stream = Watched::new(BufReader::with_capacity(128 << 10, reader), &line::name(&name), size);
        let ends_so = |ends: &[&str]| path.extension().is_some_and(|end| ends.iter().any(|known| end == *known));
        let guess = ends_so(&["pickle", "pkl"]).then_some(Format::Pickle);
        Self::begin(name, stream, from, guess)
    }

    fn begin(name: String, mut stream: Stream, from: Option<Format>, guess: Option<Format>) -> Result<Self> {
        let mut first = Vec::new();
        stream
            .by_ref()
            .take(pickle::LOOKED_AT as u64)
            .read_to_end(&mut first)
            .map_err(|error| reading(&name, &error))?;
        if first.is_empty() {
            return Err(Stop::new(&name, "is empty: there is no value in it; see that it was written to its end"));
        }
        let is_marked = pickle::is_pickle(&first);
        // Others have no mark, but begin neither as a packed value nor as what JSON would have.
        let is_guessed = guess.is_some() && !matches!(first[0], 0xFC | b'{' | b'[' | b'"');
        let guessed = from.is_none() && !TAG.starts_with(&first) && Protocol::recognise(&first) == Protocol::Cbor;
        let source = if from == Some(Format::Pickle) || from.is_none() && (is_marked || is_guessed) {
            let mut bytes = first;
            let most = Limits::default().input;
            stream.take(most).read_to_end(&mut bytes).map_err(|error| reading(&name, &error))?;
            Source::Pickles { bytes, at: 0 }
        } else {
            let parts = split(io::Cursor::new(first).chain(stream));
            let parts = match from.and_then(Format::protocol) {
                Some(protocol) => parts.protocol(protocol),
                None => parts,
            };
            Source::Split(Box::new(parts))
        };
        Ok(Values { name, source, number: 0, guessed })
    }

    /// What a person calls the file.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Bytes that were read so far.
    pub(crate) fn offset(&self) -> u64 {
        match &self.source {
            Source::Split(parts) => parts.offset(),
            Source::Pickles { at, .. } => *at as u64,
        }
    }

    /// The next value, which was not looked into as yet; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Item>> {
        let number = self.number + 1;
        let item = match &mut self.source {
            Source::Split(parts) => {
                let before = parts.offset();
                match parts.next() {
                    None if self.number == 0 => {
                        return Err(Stop::new(
                            &self.name,
                            "holds nothing but white space; see that it was written to its end",
                        ));
                    }
                    None => return Ok(None),
                    Some(Ok(Part { offset, protocol, bytes, .. })) => {
                        let (offset, bytes) = recognisable(offset, protocol, bytes).map_err(|wrong| {
                            Stop::new(&self.name, of_value(number, &format!("{wrong} (at byte {offset})")))
                        })?;
                        (offset, Format::of(protocol), Content::Bytes(bytes))
                    }
                    Some(Err(error)) => {
                        return Err(bad(&self.name, number, before, &error, help(self.guessed && number == 1, &error)));
                    }
                }
            }
            Source::Pickles { bytes, at } => {
                let rest = &bytes[*at..];
                if rest.is_empty() {
                    return Ok(None);
                }
                let start = *at as u64;
                let (value, length) = pickle::read(rest)
                    .map_err(|problem| Stop::new(&self.name, of_value(number, &problem.line(start))))?;
                *at += length;
                (start, Format::Pickle, Content::Value(value))
            }
        };
        self.number = number;
        let (offset, format, content) = item;
        let guessed = self.guessed && number == 1;
        Ok(Some(Item { number, format, offset, content, name: self.name.clone(), guessed }))
    }
}

/// CBOR's mark of its own.
const TAG: [u8; 3] = [0xD9, 0xD9, 0xF7];

/// What to do about bytes that may be anything.
fn help(guessed: bool, error: &Error) -> &'static str {
    if guessed && error.help().is_none() {
        "; it begins like nothing else, and was read as CBOR: if it is a pickle of protocol 0 or 1, say `--from pickle`"
    } else {
        ""
    }
}

impl Item {
    /// Its bytes, where it is no pickle.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Bytes(bytes) => Some(bytes),
            Content::Value(_) => None,
        }
    }

    /// The value in it, which is checked while it is made.
    pub(crate) fn value(&self) -> Result<Value> {
        match &self.content {
            Content::Bytes(bytes) => inspect(bytes).map_err(|error| self.refuse(&error)),
            Content::Value(value) => Ok(value.clone()),
        }
    }

    /// An error of this value.
    pub(crate) fn refuse(&self, error: &Error) -> Stop {
        bad(&self.name, self.number, self.offset, error, help(self.guessed, error))
    }

    /// Something else that is wrong with this value.
    pub(crate) fn fail(&self, message: &str) -> Stop {
        Stop::new(&self.name, of_value(self.number, message))
    }
}

/// Bytes that are recognised as what they were read as, because someone said so.
fn recognisable(offset: u64, protocol: Protocol, bytes: Vec<u8>) -> Result<(u64, Vec<u8>), &'static str> {
    if Protocol::recognise(&bytes) == protocol {
        return Ok((offset, bytes));
    }
    match protocol {
        // A tag says that they are CBOR. Offsets in it are counted from where it would stand.
        Protocol::Cbor => Ok((offset.wrapping_sub(TAG.len() as u64), [&TAG[..], &bytes].concat())),
        _ => Err("a value begins otherwise than JSON does"),
    }
}

/// An error of the value that begins at an offset.
fn bad(name: &str, number: u64, start: u64, error: &Error, help: &str) -> Stop {
    let mut text = error.to_string();
    if let Some(offset) = error.offset() {
        // Where in the file, not in the value.
        text = text.replacen(&format!(" (at byte {offset})"), &format!(" (at byte {})", start.wrapping_add(offset)), 1);
    }
    Stop::new(name, of_value(number, &format!("{text}{help}")))
}

/// Says which value it is, where it is not the first.
fn of_value(number: u64, message: &str) -> String {
    if number == 1 { message.to_owned() } else { format!("value {number}: {message}") }
}

fn reading(name: &str, error: &io::Error) -> Stop {
    let what = match error.kind() {
        io::ErrorKind::NotFound => "is not there; see that the name is right".to_owned(),
        io::ErrorKind::PermissionDenied => "may not be read; see its permissions".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    Stop::new(name, what)
}
