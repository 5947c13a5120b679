//! Records: structs, and the variants of enums. A constant tells of each field where it stands, and by which functions
//! its type is written and read; so a type needs hardly any code of its own, and what goes through its fields is
//! compiled once. So is what builds a value of these.
#![allow(unsafe_code, reason = "one of the modules named for it: fields at the places that constants tell")]

mod read;
mod value;
mod variants;
mod write;

pub use read::{FieldReader, RecordReader, read_record};
pub(crate) use value::{Place, read_value};
pub use variants::{Picked, VariantReader, make_rows, read_variants, with_starts};
pub(crate) use write::Tags;
pub use write::{FieldWriter, RecordWriter, TakeFields, write_record, write_variants};
