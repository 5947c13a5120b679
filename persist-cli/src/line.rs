//! A value on one line, cut where it is long.

use std::fmt::{self, Write};

use persist_core::Value;

/// A value as `{}` writes it, up to about so many characters; nothing is made of the rest.
pub(crate) fn line(value: &Value, most: usize) -> String {
    let mut cut = Cut { text: String::new(), left: most };
    match write_value(value, &mut cut) {
        Ok(()) => cut.text,
        Err(fmt::Error) => cut.text + "…",
    }
}

/// The same where it is not longer than that.
pub(crate) fn short(value: &Value, most: usize) -> Option<String> {
    let mut cut = Cut { text: String::new(), left: most };
    write_value(value, &mut cut).ok().map(|()| cut.text)
}

/// Characters of a name that are shown as they are: no name can write to the terminal what is no name.
pub(crate) fn name(name: &str) -> String {
    name.chars().flat_map(|char| if char.is_control() { char.escape_default().collect() } else { vec![char] }).collect()
}

struct Cut {
    text: String,
    left: usize,
}

impl Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(char);
        }
        Ok(())
    }
}

fn write_value(value: &Value, out: &mut Cut) -> fmt::Result {
    match value {
        Value::List(items) => write_all(out, "[", items, "]", |out, item| write_value(item, out)),
        Value::Map(entries) => write_all(out, "{", entries, "}", |out, (key, value)| {
            write_value(key, out)?;
            out.write_str(": ")?;
            write_value(value, out)
        }),
        Value::Record(record, fields) if fields.is_empty() => out.write_str(&name(record)),
        Value::Record(record, fields) => {
            out.write_str(&name(record))?;
            if fields.iter().enumerate().all(|(i, (name, _))| *name == i.to_string()) {
                return write_all(out, "(", fields, ")", |out, (_, value)| write_value(value, out));
            }
            write_all(out, " { ", fields, " }", |out, (field, value)| {
                out.write_str(&name(field))?;
                out.write_str(": ")?;
                write_value(value, out)
            })
        }
        Value::Variant(choice, variant, content) => {
            out.write_str(&name(choice))?;
            out.write_str("::")?;
            out.write_str(&name(variant))?;
            match &**content {
                Value::Null => Ok(()),
                Value::List(items) => write_all(out, "(", items, ")", |out, item| write_value(item, out)),
                Value::Map(fields) if fields.iter().all(|(key, _)| key.as_str().is_some()) => {
                    write_all(out, " { ", fields, " }", |out, (field, value)| {
                        out.write_str(&name(field.as_str().unwrap_or_default()))?;
                        out.write_str(": ")?;
                        write_value(value, out)
                    })
                }
                content => {
                    write_all(out, "(", std::slice::from_ref(content), ")", |out, value| write_value(value, out))
                }
            }
        }
        Value::Tagged(tag, value) => {
            write!(out, "{tag}(")?;
            write_value(value, out)?;
            out.write_str(")")
        }
        // The rest of long ones would be made before it is cut.
        Value::Text(text) => match text.char_indices().nth(out.left) {
            Some((end, _)) => write!(out, "{:?}", &text[..end]).and(Err(fmt::Error)),
            None => write!(out, "{text:?}"),
        },
        Value::Bytes(bytes) => {
            out.write_str("h'")?;
            bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?;
            out.write_str("'")
        }
        value => write!(out, "{value}"),
    }
}

fn write_all<T>(
    out: &mut Cut,
    open: &str,
    items: &[T],
    close: &str,
    mut write: impl FnMut(&mut Cut, &T) -> fmt::Result,
) -> fmt::Result {
    out.write_str(open)?;
    for (i, item) in items.iter().enumerate() {
        if i != 0 {
            out.write_str(", ")?;
        }
        write(out, item)?;
    }
    out.write_str(close)
}
