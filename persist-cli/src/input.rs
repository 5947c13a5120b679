//! Values of files and of the standard input, one after the other.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use clap::ValueEnum;
use persist_core::{Error, Limits, Part, Protocol, Split, Value, inspect, split};

use persist_store::journal::{Damage, Journal};

use crate::failure::{Result, Stop};
use crate::line;
use crate::pickle;
use crate::progress::Watched;
use crate::shelf;

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
    journal: Option<Found>,
}

type Stream = Watched<BufReader<Box<dyn Read>>>;

/// The journal that was found behind the first value of a file.
pub(crate) struct Found {
    /// Bytes of the file, with it.
    pub(crate) len: u64,
    /// Records with updates, and the updates in them.
    pub(crate) records: u64,
    pub(crate) updates: u64,
    /// Whether the file was closed.
    pub(crate) closed: bool,
    /// Of its last record, which was never whole.
    pub(crate) torn: Option<Damage>,
}

/// A reader of which some bytes can be taken back.
pub(crate) struct Rewound {
    front: io::Cursor<Vec<u8>>,
    rest: Stream,
}

impl Rewound {
    /// Takes bytes back, after all that were taken back before were read again.
    fn take_back(&mut self, bytes: Vec<u8>) {
        let mut rest = bytes;
        let at = self.front.position() as usize;
        rest.extend_from_slice(self.front.get_ref().get(at..).unwrap_or_default());
        self.front = io::Cursor::new(rest);
    }
}

impl Read for Rewound {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.front.read(buffer)? {
            0 => self.rest.read(buffer),
            count => Ok(count),
        }
    }
}

impl BufRead for Rewound {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.front.fill_buf()?.is_empty() { self.rest.fill_buf() } else { self.front.fill_buf() }
    }

    fn consume(&mut self, count: usize) {
        let left = self.front.get_ref().len() - self.front.position() as usize;
        if left == 0 { self.rest.consume(count) } else { self.front.consume(count) }
    }
}

enum Source {
    Split(Box<Split<Rewound>>),
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
        let (name, stream) = open(path)?;
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
            return Err(Stop::new(&name, EMPTY));
        }
        if from.is_none() && shelf::starts(&first) {
            return Err(shelf::refused(&name));
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
            let parts = split(Rewound { front: io::Cursor::new(first), rest: stream });
            let parts = match from.and_then(Format::protocol) {
                Some(protocol) => parts.protocol(protocol),
                None => parts,
            };
            Source::Split(Box::new(parts))
        };
        Ok(Values { name, source, number: 0, guessed, journal: None })
    }

    /// What a person calls the file.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The journal of the file, once its value was read.
    pub(crate) fn journal(&self) -> Option<&Found> {
        self.journal.as_ref()
    }

    /// Bytes that were read so far.
    pub(crate) fn offset(&self) -> u64 {
        if let Some(journal) = &self.journal {
            return journal.len;
        }
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
                        let bytes = if number == 1 && protocol == Protocol::Packed {
                            let (bytes, found) = with_journal(&self.name, bytes, parts.get_mut())?;
                            self.journal = found;
                            bytes
                        } else {
                            bytes
                        };
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

/// All bytes of a file, or of the standard input, and what a person calls it.
pub(crate) fn read_whole(path: &Path) -> Result<(String, Vec<u8>)> {
    let (name, mut stream) = open(path)?;
    let mut bytes = Vec::new();
    let most = Limits::default().input;
    stream.by_ref().take(most).read_to_end(&mut bytes).map_err(|error| reading(&name, &error))?;
    if bytes.is_empty() {
        return Err(Stop::new(&name, EMPTY));
    }
    Ok((name, bytes))
}

/// Opens a file, or the standard input.
fn open(path: &Path) -> Result<(String, Stream)> {
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
    Ok((name, stream))
}

const EMPTY: &str = "is empty: there is no value in it; see that it was written to its end";

/// The first value of a file, as the journal behind it leaves it, where there is one.
fn with_journal(name: &str, value: Vec<u8>, rest: &mut Rewound) -> Result<(Vec<u8>, Option<Found>)> {
    let mut behind = Vec::new();
    rest.by_ref().take(4).read_to_end(&mut behind).map_err(|error| reading(name, &error))?;
    if !Journal::is_at(&behind) {
        rest.take_back(behind);
        return Ok((value, None));
    }
    let mut file = value;
    file.append(&mut behind);
    let most = Limits::default().input;
    rest.by_ref().take(most).read_to_end(&mut file).map_err(|error| reading(name, &error))?;
    let len = file.len() as u64;
    let journal = Journal::read(file).and_then(|journal| journal.check().map(|()| journal));
    let journal = journal.map_err(|error| bad(name, 1, 0, &error, salvage(&error)))?;
    let with_updates = journal.records.iter().filter(|record| record.updates != 0);
    let (records, updates) = with_updates.fold((0, 0), |(count, sum), record| (count + 1, sum + record.updates));
    let found = Found { len, records, updates, closed: journal.closed, torn: journal.damage };
    Ok((journal.value, Some(found)))
}

/// What to do about a damaged journal.
fn salvage(error: &Error) -> &'static str {
    if error.help().is_none() { "; `persist salvage` reads what is before the damage" } else { "" }
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
    /// A packed value that was read otherwise.
    pub(crate) fn packed(name: &str, bytes: Vec<u8>) -> Self {
        let content = Content::Bytes(bytes);
        Item { number: 1, format: Format::Packed, offset: 0, content, name: name.to_owned(), guessed: false }
    }

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
pub(crate) fn bad(name: &str, number: u64, start: u64, error: &Error, help: &str) -> Stop {
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
