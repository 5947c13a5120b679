//! Schemas as values: what a type saves, what a file holds, and whether the one can read the other.

mod definitions;
mod lock;

use std::fmt::{self, Display, Formatter};

use crate::error::{Error, ErrorKind, Result};
use crate::frame;
use crate::info::{Type, TypeInfo, info};
use crate::limits::Limits;
use crate::plan::Way;
use crate::protocol::Protocol;
use crate::protocol::packed::read_schema;
use crate::shape::{Node, Shape};
use crate::sort_key;
use crate::traits::{Decode, Encode};

pub use lock::{Change, SchemaLock};

/// What a type saves, or what a packed file holds: names, fields and their types.
///
/// ```
/// use persist_core::{Schema, dumps};
///
/// let schema = Schema::of::<Vec<(u8, String)>>()?;
/// assert_eq!(schema.to_string(), "Vec<(u8, String)>\n");
/// assert_eq!(Schema::of_file(&dumps(&vec![(1u8, "a")])?)?, schema);
///
/// // Whether a type reads files of another one, without a file at hand.
/// assert!(Schema::of::<Vec<(u64, Option<String>)>>()?.check_reads(&schema).is_ok());
/// assert!(Schema::of::<Vec<u8>>()?.check_reads(&schema).is_err());
/// # Ok::<(), persist_core::Error>(())
/// ```
pub struct Schema(Of);

enum Of {
    /// That of a type, which also says how it reads files of others.
    Type(&'static TypeInfo),
    /// That of a file, with its bytes.
    File(Box<Shape>, Vec<u8>),
}

impl Schema {
    /// That of a type, with all that its attributes say of files that differ.
    pub fn of<T: Decode>() -> Result<Schema> {
        let info = info(Type::of::<T>())?;
        info.check_owned()?;
        Ok(Schema(Of::Type(info)))
    }

    /// That of what a type saves: also for types that can only be saved, such as references.
    ///
    /// ```
    /// use persist_core::Schema;
    ///
    /// assert_eq!(Schema::of_saved::<&str>()?, Schema::of::<String>()?);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn of_saved<T: Encode>() -> Result<Schema> {
        info(Type::of::<T>()).map(|info| Schema(Of::Type(info)))
    }

    /// That of a packed value, of which only the beginning is read.
    pub fn of_file(bytes: &[u8]) -> Result<Schema> {
        match Protocol::recognise(bytes) {
            Protocol::Packed => Self::from_bytes(frame::read(bytes, &Limits::default())?.schema),
            protocol => Err(Error::of(ErrorKind::Protocol, format!("a file of protocol {protocol:?} has no schema"))),
        }
    }

    /// That of bytes which [`to_bytes`](Schema::to_bytes) gave.
    pub fn from_bytes(bytes: &[u8]) -> Result<Schema> {
        Ok(Schema(Of::File(Box::new(read_schema(bytes)?), bytes.to_vec())))
    }

    /// Its bytes, as they stand in packed files.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Of::Type(info) => info.schema(),
            Of::File(_, bytes) => bytes,
        }
    }

    fn shape(&self) -> &Shape {
        match &self.0 {
            Of::Type(info) => &info.shape,
            Of::File(shape, _) => shape,
        }
    }

    /// The name of the struct or enum at the root, or the type as Rust would write it.
    #[must_use]
    pub fn name(&self) -> String {
        definitions::name(self.shape(), Shape::ROOT)
    }

    /// An error where files of the other schema do not load as this one; it names all that is in the way.
    ///
    /// Some changes only show with the values at hand: an integer that may not fit, an option that may be missing. These
    /// are none here. The schema of a file knows no aliases, so that what its program reads may be more.
    pub fn check_reads(&self, other: &Schema) -> Result<()> {
        let sizes = match &self.0 {
            Of::Type(info) => &info.sizes[..],
            Of::File(..) => &[],
        };
        let written = other.shape().as_written()?;
        Way::new(written.as_ref().unwrap_or(other.shape()), self.shape(), sizes).map(drop)
    }

    /// An error where sort keys of values of the other schema are not those of this one, and where this one's have none;
    /// see [`Dumper::sort_key_into`](crate::Dumper::sort_key_into).
    ///
    /// Such bytes do not say what they are of, so that less may change than in files: types, fields and their order stay.
    /// Names may change where the old ones are aliases, and an enum may have new variants, which come last.
    pub fn check_sorts(&self, other: &Schema) -> Result<()> {
        sort_key::check(other.shape(), self.shape())
    }

    /// How many bytes the sort key of each value has; nothing where some have more than others, or may have in a later
    /// version of the type, as those of an enum.
    ///
    /// ```
    /// use persist_core::Schema;
    ///
    /// assert_eq!(Schema::of::<(u32, [i16; 2])>()?.sort_key_width(), Some(8));
    /// assert_eq!(Schema::of::<(u32, Option<u8>)>()?.sort_key_width(), None);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    #[must_use]
    pub fn sort_key_width(&self) -> Option<usize> {
        sort_key::width(self.shape())
    }

    /// The version of the struct or enum at the root: 1 where it says none.
    #[must_use]
    pub fn version(&self) -> u32 {
        match self.shape().node(Shape::ROOT) {
            Node::Versioned(versioned) => versioned.version,
            _ => 1,
        }
    }
}

impl PartialEq for Schema {
    /// Whether files of the two are alike.
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Schema {}

impl Display for Schema {
    /// The type, then every struct and enum in it.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        definitions::write(self.shape(), f)
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Schema({})", self.name())
    }
}
