//! The standard output: buffered, in colours where they are wanted.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

use crate::failure::{Result, Stop};
use crate::progress::silence;

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless the variable `NO_COLOR` is set
    #[default]
    Auto,
    /// Also in files and pipes
    Always,
    /// Not at all
    Never,
}

impl Color {
    fn is_on(self) -> bool {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let is_dumb = set("TERM").is_some_and(|terminal| terminal == "dumb");
                io::stdout().is_terminal() && set("NO_COLOR").is_none() && !is_dumb
            }
        }
    }
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Paint {
    Plain,
    /// The name of a field, a key or an index.
    Name,
    /// The name of a type or variant.
    Type,
    Text,
    Number,
    /// What is no data.
    Note,
    Added,
    Removed,
    Changed,
}

impl Paint {
    fn style(self) -> Style {
        let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        match self {
            Paint::Plain => Style::new(),
            Paint::Name => color(AnsiColor::Blue),
            Paint::Type => color(AnsiColor::Magenta),
            Paint::Text | Paint::Added => color(AnsiColor::Green),
            Paint::Number => color(AnsiColor::Cyan),
            Paint::Note => Style::new().dimmed(),
            Paint::Removed => color(AnsiColor::Red),
            Paint::Changed => color(AnsiColor::Yellow),
        }
    }
}

/// The standard output.
pub(crate) struct Output {
    out: BufWriter<io::StdoutLock<'static>>,
    color: bool,
    /// Whether nothing was written as yet to a terminal.
    waits: bool,
}

const NAME: &str = "standard output";

impl Output {
    pub(crate) fn new(color: Color) -> Self {
        let out = BufWriter::with_capacity(64 << 10, io::stdout().lock());
        Output { out, color: color.is_on(), waits: io::stdout().is_terminal() }
    }

    /// What is written, to which the terminal belongs from now on.
    fn begin(&mut self) -> &mut BufWriter<io::StdoutLock<'static>> {
        if std::mem::take(&mut self.waits) {
            silence();
        }
        &mut self.out
    }

    /// Writes a piece of text.
    pub(crate) fn put(&mut self, paint: Paint, text: impl Display) -> Result<()> {
        let style = if self.color { paint.style() } else { Style::new() };
        write!(self.begin(), "{style}{text}{style:#}").map_err(|error| Stop::writing(NAME, &error))
    }

    /// Ends a line.
    pub(crate) fn end(&mut self) -> Result<()> {
        self.bytes(b"\n")
    }

    pub(crate) fn line(&mut self, text: impl Display) -> Result<()> {
        self.put(Paint::Plain, text)?;
        self.end()
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.begin().write_all(bytes).map_err(|error| Stop::writing(NAME, &error))
    }

    /// Writes a value as JSON text, a line or indented.
    pub(crate) fn json(&mut self, value: &impl serde::Serialize, indented: bool) -> Result<()> {
        let result = if indented {
            serde_json::to_writer_pretty(self.begin(), value)
        } else {
            serde_json::to_writer(self.begin(), value)
        };
        result.map_err(|error| Stop::writing(NAME, &error.into()))?;
        self.end()
    }

    /// What writes bytes by itself.
    pub(crate) fn writer(&mut self) -> &mut dyn Write {
        self.begin()
    }

    pub(crate) fn flush(&mut self) -> Result<()> {
        self.out.flush().map_err(|error| Stop::writing(NAME, &error))
    }
}
