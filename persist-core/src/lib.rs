//! The traits, tables and protocols of `persist`: bytes in memory and streams, nothing else.
//!
//! Programs depend on the crate `persist-rs` (library `persist`), which re-exports this one together with the derive and
//! with files. Libraries that only implement [`Persist`] for their types may depend on this crate alone, and tell the
//! derive so by `#[persist(crate = persist_core)]`.
//!
//! A value is turned into tables by code that knows its type, and tables into bytes by code that knows none; the
//! repository's docs/architecture.md tells how, docs/format.md what the bytes are.

// In dependency order: a module uses only those above it.

mod error;
mod limits;
mod context;
mod rows;
mod column;
mod shape;
mod names;
mod frame;
mod source;
mod slots;
mod message;
mod plan;
mod table;
mod walk;
mod program;
mod traits;
mod info;
mod value;
mod encode;
mod decode;
mod record;
mod generated;
mod types;
pub mod with;
mod fill;
mod protocol;
mod sort_key;
mod schema;
mod inspect;
mod split;
mod weigh;
mod salvage;
mod level;
mod dump;
mod load_plan;
mod load;
mod transcode;
pub mod serde;

pub use context::Context;
pub use dump::{Dumper, dump, dumps};
pub use error::{BoxError, Error, ErrorKind, Result};
#[doc(hidden)]
pub use frame::JOURNAL_MAGIC;
pub use inspect::inspect;
pub use level::Level;
pub use limits::Limits;
pub use load::{Loader, load, loads, verify};
pub use load_plan::LoadPlan;
pub use protocol::Protocol;
pub use salvage::{Lost, LostElements, Salvaged, salvage};
pub use schema::{Change, Schema, SchemaLock};
pub use split::{Part, Split, packed_len, split};
pub use traits::{Decode, Encode, Persist};
pub use transcode::transcode;
pub use value::Value;
pub use weigh::{Weight, Weights, weigh};

/// What generated code calls. Not for people: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use core;

    pub use crate::column::{Int, force_plain};
    pub use crate::context::Context;
    pub use crate::error::{BoxError, Result};
    pub use crate::generated::*;
    pub use crate::message::{Incoming, Outgoing};
    pub use crate::record::{
        FieldReader, FieldWriter, Picked, RecordReader, RecordWriter, TakeFields, VariantReader, make_rows,
        read_record, read_variants, with_starts, write_record, write_variants,
    };
    pub use crate::rows::{BATCH, Gather, Rows};
    pub use crate::shape::{
        Builder, Enum, Field, Format, IntKind, Member, Node, NodeId, Record, Rules, Struct, Style, Variant, Version,
        Versioned, float_run,
    };
    pub use crate::slots::{Done, FieldSlot, FieldSlots, Fill, Filled, Places, Received, Slot, Slots};
    pub use crate::table::{Elements, Reader, Sequence, Writer};
    pub use crate::traits::{
        Ahead, Decode, Describe, Direct, Encode, Layout, Persist, ReadRows, Run, View, Whole, WriteRows,
    };
}
