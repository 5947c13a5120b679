//! `persist convert`: from one protocol to another, and from pickles.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use persist_core::{Dumper, Error, ErrorKind, Protocol, transcode};
use persist_store::{atomic, fs::Disk};

use super::Outcome;
use crate::failure::{Result, Stop};
use crate::input::{DASH, Format, Item, Values};
use crate::output::Output;

/// Write the values of a file in another protocol; also those of Python's pickles
///
/// All values of the file are converted, one after the other. What a packed file holds comes out as the program that wrote
/// it would write it in the other protocol, and loads there. The way back has no types: programs load such a file as
/// `persist::Value`. OUT is replaced as a whole, or not at all.
///
/// Of pickles, protocols 0 to 5, dict, list, tuple, set, str, bytes, int (up to 128 bits), float, bool and None are
/// understood. Nothing in a pickle is executed: instances of classes are errors.
#[derive(Args, Debug)]
pub(crate) struct Convert {
    /// The file to read; `-` is the standard input
    input: PathBuf,
    /// The file to write; `-` is the standard output
    output: PathBuf,
    /// What to write, instead of going by the extension of OUT (.json, .jsonl, .cbor, .persist, .packed, .state)
    #[arg(long, value_name = "PROTOCOL")]
    to: Option<Target>,
    /// What the file is in, instead of looking at its first bytes
    #[arg(long, value_name = "FORMAT")]
    from: Option<Format>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Target {
    /// Columns, with their schema
    Packed,
    /// JSON text, a line for each value
    Json,
    /// CBOR (RFC 8949)
    Cbor,
}

impl Target {
    /// By a file's extension.
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" | "jsonl" | "ndjson" => Some(Target::Json),
            "cbor" => Some(Target::Cbor),
            "persist" | "packed" | "pst" | "state" => Some(Target::Packed),
            _ => None,
        }
    }

    fn protocol(self) -> Protocol {
        match self {
            Target::Packed => Protocol::Packed,
            Target::Json => Protocol::Json,
            Target::Cbor => Protocol::Cbor,
        }
    }
}

impl Convert {
    pub(crate) fn run(&self, out: &mut Output) -> Result<Outcome> {
        let name = self.output.display().to_string();
        let to_standard = self.output.as_os_str() == DASH;
        let target = self.to.or_else(|| Target::of(&self.output)).ok_or_else(|| {
            let name = if to_standard { "standard output" } else { &name };
            Stop::new(
                name,
                "its name does not tell the protocol; say which with `--to packed`, `--to json` or `--to cbor`",
            )
        })?;
        let values = Values::open(&self.input, self.from)?;
        if to_standard {
            write_all(values, target.protocol(), "standard output", out.writer())?;
            return Ok(Outcome::Good);
        }
        let is_special = std::fs::metadata(&self.output).is_ok_and(|status| !status.is_file() && !status.is_dir());
        if is_special {
            // A device or a pipe is written to, not replaced.
            let file =
                OpenOptions::new().write(true).open(&self.output).map_err(|error| Stop::writing(&name, &error))?;
            let mut file = BufWriter::new(file);
            write_all(values, target.protocol(), &name, &mut file)?;
            file.flush().map_err(|error| Stop::writing(&name, &error))?;
            return Ok(Outcome::Good);
        }
        let mut stopped = None;
        let written = atomic::write(&Disk, &self.output, |file| {
            write_all(values, target.protocol(), &name, file).map_err(|stop| {
                stopped = Some(stop);
                Error::of(ErrorKind::Io, "stopped")
            })
        });
        match (stopped, written) {
            (Some(stop), _) => Err(stop),
            // Of what went wrong with the file itself the error says the name.
            (None, Err(error)) => Err(Stop::new(&name, error.to_string())),
            (None, Ok(())) => Ok(Outcome::Good),
        }
    }
}

fn write_all(mut values: Values, protocol: Protocol, name: &str, out: &mut dyn Write) -> Result<()> {
    while let Some(item) = values.next()? {
        write(&item, protocol, name, out)?;
    }
    Ok(())
}

fn write(item: &Item, protocol: Protocol, name: &str, out: &mut dyn Write) -> Result<()> {
    let mut out = Noting { out, failed: None };
    let written = match item.bytes() {
        Some(bytes) => transcode(bytes, protocol, &mut out),
        None => Dumper::new().protocol(protocol).dump(&item.value()?, &mut out),
    };
    written.map_err(|error| match &out.failed {
        Some(error) => Stop::writing(name, error),
        None => item.refuse(&error),
    })
}

/// A writer that keeps its error, which others wrap in theirs.
struct Noting<'w> {
    out: &'w mut dyn Write,
    failed: Option<io::Error>,
}

impl Noting<'_> {
    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            self.failed.get_or_insert(error);
            kind.into()
        })
    }
}

impl Write for Noting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.out.write(bytes);
        self.note(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.out.flush();
        self.note(result)
    }
}
