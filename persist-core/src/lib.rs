//! The traits, tables and protocols of `persist`. (To come: the crate's documentation.)

mod column;
mod context;
mod dump;
mod error;
mod frame;
mod info;
mod limits;
mod load;
mod plan;
mod protocol;
mod rows;
mod shape;
mod slots;
mod table;
mod traits;
mod types;

pub use context::Context;
pub use dump::{Dumper, dump, dumps};
pub use error::{BoxError, Error, ErrorKind, Result};
pub use limits::Limits;
pub use load::{Loader, load, loads, verify};
pub use protocol::Protocol;
pub use traits::{Decode, Encode, Persist};

/// What generated code calls. Not for people: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::column::Int;
    pub use crate::rows::{BATCH, Gather, Rows};
    pub use crate::shape::{Builder, Enum, Field, Format, IntKind, Node, NodeId, Struct, Style, Variant, float_run};
    pub use crate::slots::{Done, FieldSlots, Fill, Filled, Slots};
    pub use crate::table::{Elements, Reader, Sequence, Writer};
    pub use crate::traits::{Describe, Direct, Layout, ReadRows, Run, View, Whole, WriteRows};
}
