//! Values as people read them.

use std::fmt::{self, Debug, Display, Formatter};

use super::Value;

/// Written like a Rust literal, on one line; `{:#}` writes an entry a line.
impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Shown(self).fmt(f)
    }
}

/// Writes a value by std's helpers for structs, lists and maps, which indent.
struct Shown<'v>(&'v Value);

impl Debug for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => f.write_str("null"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Big(value) => write!(f, "{value}"),
            Value::Float(value) => write!(f, "{value:?}"),
            Value::Text(text) => write!(f, "{text:?}"),
            Value::Bytes(bytes) => {
                f.write_str("h'")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str("'")
            }
            Value::List(items) => f.debug_list().entries(items.iter().map(Shown)).finish(),
            Value::Map(entries) => {
                f.debug_map().entries(entries.iter().map(|(key, value)| (Shown(key), Shown(value)))).finish()
            }
            Value::Record(name, fields) => {
                let mut record = f.debug_struct(name);
                fields.iter().for_each(|(name, value)| {
                    record.field(name, &Shown(value));
                });
                record.finish()
            }
            Value::Variant(choice, variant, content) => {
                let mut tuple = f.debug_tuple(&format!("{choice}::{variant}"));
                if **content != Value::Null {
                    tuple.field(&Shown(content));
                }
                tuple.finish()
            }
            Value::Tagged(tag, value) => f.debug_tuple(&tag.to_string()).field(&Shown(value)).finish(),
        }
    }
}
