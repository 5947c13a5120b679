//! A value as a tree that people read.

use persist_core::Value;

use crate::failure::Result;
use crate::line::{line, name, short};
use crate::output::{Output, Paint};

/// What is shown of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree {
    /// Elements of a list, and entries of a map, that are shown.
    pub(crate) limit: usize,
    /// Characters of a text, and of bytes in hexadecimal, that are shown.
    pub(crate) text: usize,
}

/// Columns of a line that values fill which are written on one line.
const WIDTH: usize = 100;
const INDENT: &str = "  ";
/// Fields of a variant that are shown in any case.
const FIELDS: usize = 32;

impl Tree {
    /// Writes the value, the parts of it below on lines of their own where they need them.
    pub(crate) fn write(&self, value: &Value, out: &mut Output) -> Result<()> {
        self.value(value, 0, 0, out)
    }

    /// Writes a value to a line of which so many columns are in use.
    fn value(&self, value: &Value, level: usize, used: usize, out: &mut Output) -> Result<()> {
        match value {
            Value::Text(text) => self.text(text, out),
            Value::Bytes(bytes) => self.hex(bytes, out),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => {
                out.put(Paint::Number, value)?;
                out.end()
            }
            _ => match short(value, WIDTH.saturating_sub(used).max(20)).filter(|_| self.is_whole(value)) {
                Some(text) => {
                    out.put(Paint::Plain, text)?;
                    out.end()
                }
                None => self.parts(value, level, out),
            },
        }
    }

    /// Whether nothing of the value would be left out.
    fn is_whole(&self, value: &Value) -> bool {
        match value {
            Value::List(items) => items.len() <= self.limit && items.iter().all(|item| self.is_whole(item)),
            Value::Map(entries) => entries.len() <= self.limit && entries.iter().all(|(_, value)| self.is_whole(value)),
            Value::Record(_, fields) => fields.iter().all(|(_, value)| self.is_whole(value)),
            Value::Variant(_, _, value) | Value::Tagged(_, value) => self.is_whole(value),
            Value::Text(text) => text.len() <= self.text,
            Value::Bytes(bytes) => bytes.len() <= self.text / 2,
            _ => true,
        }
    }

    fn parts(&self, value: &Value, level: usize, out: &mut Output) -> Result<()> {
        match value {
            Value::List(items) => {
                out.put(Paint::Note, format_args!("list of {}", items.len()))?;
                out.end()?;
                for (i, item) in items.iter().take(self.limit).enumerate() {
                    self.part(&format!("[{i}]"), item, level + 1, out)?;
                }
                self.left_out(items.len(), level + 1, out)
            }
            Value::Map(entries) => {
                out.put(Paint::Note, format_args!("map of {}", entries.len()))?;
                out.end()?;
                for (key, value) in entries.iter().take(self.limit) {
                    self.part(&line(key, WIDTH), value, level + 1, out)?;
                }
                self.left_out(entries.len(), level + 1, out)
            }
            Value::Record(record, fields) => {
                out.put(Paint::Type, name(record))?;
                out.end()?;
                fields.iter().try_for_each(|(field, value)| self.part(&name(field), value, level + 1, out))
            }
            Value::Variant(choice, variant, content) => {
                out.put(Paint::Type, format_args!("{}::{}", name(choice), name(variant)))?;
                match &**content {
                    // The fields of a variant; what has many more is a map in it.
                    Value::Map(fields)
                        if fields.len() <= self.limit.max(FIELDS)
                            && fields.iter().all(|(key, _)| key.as_str().is_some()) =>
                    {
                        out.end()?;
                        let field = |key: &Value| name(key.as_str().unwrap_or_default());
                        fields.iter().try_for_each(|(key, value)| self.part(&field(key), value, level + 1, out))
                    }
                    content => {
                        out.put(Paint::Plain, " ")?;
                        self.value(content, level, level * INDENT.len() + choice.len() + variant.len() + 3, out)
                    }
                }
            }
            Value::Tagged(tag, value) => {
                out.put(Paint::Type, format_args!("tag {tag} "))?;
                self.value(value, level, level * INDENT.len() + 10, out)
            }
            value => self.value(value, level, 0, out),
        }
    }

    fn part(&self, name: &str, value: &Value, level: usize, out: &mut Output) -> Result<()> {
        out.put(Paint::Plain, INDENT.repeat(level))?;
        out.put(Paint::Name, name)?;
        out.put(Paint::Plain, ": ")?;
        self.value(value, level, level * INDENT.len() + name.chars().count() + 2, out)
    }

    fn left_out(&self, count: usize, level: usize, out: &mut Output) -> Result<()> {
        if count <= self.limit {
            return Ok(());
        }
        out.put(Paint::Plain, INDENT.repeat(level))?;
        out.put(Paint::Note, format_args!("… {} more, left out; `--all` shows them", count - self.limit))?;
        out.end()
    }

    fn text(&self, text: &str, out: &mut Output) -> Result<()> {
        let cut = text.char_indices().nth(self.text).map(|(end, _)| end);
        out.put(Paint::Text, format_args!("{:?}", &text[..cut.unwrap_or(text.len())]))?;
        if let Some(cut) = cut {
            out.put(Paint::Note, format_args!(" … {} more bytes of text, left out", text.len() - cut))?;
        }
        out.end()
    }

    fn hex(&self, bytes: &[u8], out: &mut Output) -> Result<()> {
        let shown = bytes.len().min(self.text / 2);
        out.put(Paint::Text, Value::Bytes(bytes[..shown].to_vec()))?;
        if shown < bytes.len() {
            out.put(Paint::Note, format_args!(" … {} more bytes, left out", bytes.len() - shown))?;
        }
        out.end()
    }
}
