//! The one error type: what went wrong, where, and what to do.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

/// What the functions of this crate return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error that another library or a program's own code can give.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// Why saving or loading failed.
///
/// The message says what is wrong; [`path`](Error::path) says where in the value, [`offset`](Error::offset) where in
/// the bytes, each where it is known; [`help`](Error::help) says what to do. All of them are part of the [`Display`]
/// form, and [`source`](StdError::source) is the error underneath, such as the one that a hook returned.
///
/// [`Display`]: fmt::Display
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    /// Innermost first: an error gathers its path on the way out.
    path: Vec<Segment>,
    /// Row of the current batch, until the sequence that holds the batch makes an index of it.
    row: Option<usize>,
    offset: Option<u64>,
    help: Option<Cow<'static, str>>,
    source: Option<BoxError>,
}

enum Segment {
    Field { owner: Cow<'static, str>, name: Cow<'static, str> },
    Index(usize),
    Key(String),
}

/// The kinds of [`Error`], for programs that decide by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The reader, the writer or the file system failed; the source is a [`std::io::Error`].
    Io,
    /// A stream had no further value: nothing at all was read.
    EndOfStream,
    /// The bytes end before the value does.
    Truncated,
    /// Bytes are left after the value.
    TrailingBytes,
    /// The bytes are not what was written: a checksum differs, or a part contradicts another.
    Corrupt,
    /// The bytes are of no protocol that is known here, or not of the protocol that was asked for.
    Protocol,
    /// The bytes are of a newer version of the format, or of a type that has versions.
    Version,
    /// The bytes hold a value of another shape than the type asked for.
    Shape,
    /// A value does not fit its type: a number out of range, text that is not Unicode, a duplicate key.
    Value,
    /// A limit was reached; see [`Limits`](crate::Limits).
    Limit,
    /// A hook (`get_state`, `set_state`, `rebuild`, `before_save`, `after_load`, ..) failed; the source is its error.
    Hook,
    /// A hook asked the [`Context`](crate::Context) for a value that the loader was not given.
    Context,
    /// Something that cannot be saved, such as a poisoned lock or a value in use.
    Unsupported,
}

impl Error {
    /// An error of a hook or of other code of the program, kept as the [`source`](StdError::source).
    ///
    /// ```
    /// # use persist_core::Error;
    /// let error = "no such host".parse::<u16>().map_err(Error::new).unwrap_err();
    /// assert_eq!(error.to_string(), "invalid digit found in string");
    /// ```
    #[cold]
    pub fn new(error: impl Into<BoxError>) -> Self {
        let error = error.into();
        // An error of ours that went through a box comes back as it was.
        match error.downcast::<Error>() {
            Ok(own) => *own,
            Err(error) => {
                let mut new = Self::of(ErrorKind::Hook, error.to_string());
                new.0.source = Some(error);
                new
            }
        }
    }

    /// An error with a kind and a message.
    #[cold]
    pub fn of(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            path: Vec::new(),
            row: None,
            offset: None,
            help: None,
            source: None,
        }))
    }

    /// Which kind of error this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message alone.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// Where in the value: `Library.shelves[3].books["x"].title`; empty where that is not known. The middle of a very long
    /// path is left out.
    #[must_use]
    pub fn path(&self) -> String {
        // A path through a recursive type may be as long as the value is deep.
        const SHOWN: usize = 16;
        let mut text = String::new();
        let count = self.0.path.len();
        for (i, segment) in self.0.path.iter().rev().enumerate() {
            if count <= 2 * SHOWN || i < SHOWN || i >= count - SHOWN {
                segment.push_to(&mut text);
            } else if i == SHOWN {
                text.push_str("..");
            }
        }
        text
    }

    /// Where in the bytes, counted from the start of the value, where that is known.
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        self.0.offset
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// Says what to do about it.
    #[must_use]
    #[cold]
    pub fn with_help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// Keeps the error underneath.
    #[must_use]
    #[cold]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Says where in the bytes, unless that is known already.
    #[must_use]
    #[cold]
    pub fn at_offset(mut self, offset: u64) -> Self {
        self.0.offset.get_or_insert(offset);
        self
    }

    /// Forgets the place in bytes, which are none that anyone has.
    #[must_use]
    #[cold]
    pub(crate) fn without_offset(mut self) -> Self {
        self.0.offset = None;
        self
    }

    /// Says that it happened in this field: of a struct, or of a variant, whose owner is then `Enum::Variant`.
    #[must_use]
    #[cold]
    pub fn in_field(mut self, owner: impl Into<Cow<'static, str>>, name: impl Into<Cow<'static, str>>) -> Self {
        self.0.path.push(Segment::Field { owner: owner.into(), name: name.into() });
        self
    }

    /// Says that it happened in this element of a sequence.
    #[must_use]
    #[cold]
    pub fn in_element(mut self, index: usize) -> Self {
        self.0.row = None;
        self.0.path.push(Segment::Index(index));
        self
    }

    /// Says that it happened at this key of a map; the key as text, quoted where it is text.
    #[must_use]
    #[cold]
    pub fn in_entry(mut self, key: impl Into<String>) -> Self {
        self.0.row = None;
        self.0.path.push(Segment::Key(key.into()));
        self
    }

    /// Notes the row of the batch at hand; [`Error::row`] gives it to whoever knows what the batch is part of.
    #[must_use]
    #[cold]
    pub(crate) fn at_row(mut self, row: usize) -> Self {
        self.0.row = Some(row);
        self
    }

    /// Notes that so many rows stand before the batch at hand.
    #[must_use]
    #[cold]
    pub(crate) fn after_rows(self, before: usize) -> Self {
        let row = before + self.row();
        self.at_row(row)
    }

    /// The row of the batch at hand, 0 where none was noted.
    pub(crate) fn row(&self) -> usize {
        self.0.row.unwrap_or(0)
    }

    /// Whether this is of the given kind.
    #[must_use]
    pub fn is(&self, kind: ErrorKind) -> bool {
        self.0.kind == kind
    }
}

impl Segment {
    fn push_to(&self, text: &mut String) {
        match self {
            Segment::Field { owner, name } => {
                if text.is_empty() {
                    text.push_str(owner);
                }
                text.push('.');
                text.push_str(name);
            }
            Segment::Index(index) => {
                text.push('[');
                text.push_str(&index.to_string());
                text.push(']');
            }
            Segment::Key(key) => {
                text.push('[');
                text.push_str(key);
                text.push(']');
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.path.is_empty() {
            write!(f, "{}: ", self.path())?;
        }
        f.write_str(&self.0.message)?;
        if let Some(offset) = self.0.offset {
            write!(f, " (at byte {offset})")?;
        }
        if let Some(help) = &self.0.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    /// What `unwrap` prints: the kind, then the display form, then the sources.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)?;
        let mut source = self.source();
        while let Some(error) = source {
            write!(f, "; caused by: {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<std::io::Error> for Error {
    #[cold]
    fn from(error: std::io::Error) -> Self {
        let kind = if error.kind() == std::io::ErrorKind::UnexpectedEof { ErrorKind::Truncated } else { ErrorKind::Io };
        Error::of(kind, error.to_string()).with_source(error)
    }
}

impl From<BoxError> for Error {
    #[cold]
    fn from(error: BoxError) -> Self {
        Error::new(error)
    }
}

macro_rules! from_std_errors {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for Error {
            #[cold]
            fn from(error: $error) -> Self {
                Error::new(error)
            }
        }
    )*};
}

// `?` in a hook works for these as it stands; other errors go through `map_err(Error::new)`.
from_std_errors! {
    String, &str, std::fmt::Error, std::num::ParseIntError, std::num::ParseFloatError, std::num::TryFromIntError,
    std::str::Utf8Error, std::string::FromUtf8Error, std::str::ParseBoolError, std::char::ParseCharError,
    std::net::AddrParseError, std::ffi::NulError, std::array::TryFromSliceError,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_reads_from_the_outside_in() {
        let error = Error::of(ErrorKind::Value, "not a title")
            .in_field("Book", "title")
            .in_entry("\"x\"")
            .in_field("Shelf", "books")
            .in_element(3)
            .in_field("Library", "shelves");
        assert_eq!(error.path(), "Library.shelves[3].books[\"x\"].title");
        assert_eq!(error.to_string(), "Library.shelves[3].books[\"x\"].title: not a title");
    }

    #[test]
    fn an_own_error_survives_a_box() {
        let boxed: BoxError = Error::of(ErrorKind::Limit, "too deep").in_field("A", "b").into();
        let error = Error::new(boxed);
        assert!(error.is(ErrorKind::Limit));
        assert_eq!(error.path(), "A.b");
    }

    #[test]
    fn a_result_is_one_pointer() {
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }
}
