//! Paths to parts of a value, such as `shelves[3].books["x"].title`.

use std::fmt::{self, Display, Formatter, Write};

use persist_core::Value;

use crate::line::line;

/// A path that was read from a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A field, a variant or a key.
    Name(String),
    /// What stands in brackets: an index, or a key as it is shown.
    Bracket(String),
}

/// Names that an error lists.
const LISTED: usize = 20;
/// Characters of a key in an error.
const KEY: usize = 40;

impl std::str::FromStr for Path {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix('[') {
                let end = closing(inside).ok_or_else(|| format!("the bracket `[{inside}` is not closed"))?;
                steps.push(Step::Bracket(inside[..end].trim().to_owned()));
                rest = &inside[end + 1..];
                continue;
            }
            let name = match rest.strip_prefix('.') {
                Some(name) => name,
                None if steps.is_empty() => rest,
                None => return Err(format!("`{rest}` follows without `.` or `[`")),
            };
            let end = name.find(['.', '[']).unwrap_or(name.len());
            if end != 0 {
                steps.push(Step::Name(name[..end].to_owned()));
            } else if name.starts_with('.') {
                return Err("two dots stand one after the other".to_owned());
            }
            rest = &name[end..];
        }
        Ok(Path(steps))
    }
}

/// Where the bracket ends that was opened, past those inside and past texts.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for (at, char) in text.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted && depth == 0 => return Some(at),
            ']' if !quoted => depth -= 1,
            _ => {}
        }
    }
    None
}

impl Path {
    /// The part of a value; an error says what there is instead.
    pub(crate) fn pick<'v>(&self, value: &'v Value) -> Result<&'v Value, String> {
        let mut found = value;
        for (i, step) in self.0.iter().enumerate() {
            // As the paths in errors do, one may begin with the type's name.
            if i == 0
                && matches!((step, value), (Step::Name(step), Value::Record(name, _)) if step == name)
                && find(value, step).is_none()
            {
                continue;
            }
            found = find(found, step).ok_or_else(|| self.missing(i, found))?;
        }
        Ok(found)
    }

    fn missing(&self, step: usize, value: &Value) -> String {
        let before = Path(self.0[..step].to_vec()).to_string();
        let place = if before.is_empty() { "the value".to_owned() } else { format!("`{before}`") };
        let missing = Path(vec![self.0[step].clone()]);
        format!("there is no `{missing}` in {place}, {}", there_is(value))
    }
}

/// What a step leads to.
fn find<'v>(value: &'v Value, step: &Step) -> Option<&'v Value> {
    match value {
        // What a variant holds can be meant with its name or without.
        Value::Variant(_, variant, content) => match step {
            Step::Name(name) if name == variant => Some(content),
            _ => find(content, step),
        },
        Value::Tagged(_, value) => find(value, step),
        Value::Record(_, fields) => {
            let name = step.name();
            fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
        }
        Value::List(items) => {
            let (Step::Name(index) | Step::Bracket(index)) = step;
            let index: i64 = index.parse().ok()?;
            let index = if index < 0 { index + items.len() as i64 } else { index };
            items.get(usize::try_from(index).ok()?)
        }
        Value::Map(entries) => {
            let exact = |key: &Value| match step {
                Step::Name(name) => key.as_str() == Some(name),
                Step::Bracket(text) => is_key(key, text),
            };
            let found = entries.iter().find(|(key, _)| exact(key));
            let name = step.name();
            // A key that is no text can stand behind a dot as well, and a text in brackets without quotation marks.
            let loose = |key: &Value| match step {
                Step::Name(name) => is_key(key, name),
                Step::Bracket(_) => key.as_str() == Some(&name),
            };
            found.or_else(|| entries.iter().find(|(key, _)| loose(key))).map(|(_, value)| value)
        }
        _ => None,
    }
}

/// Whether a key is shown as this text.
fn is_key(key: &Value, text: &str) -> bool {
    match key {
        Value::Text(key) => {
            serde_json::from_str::<String>(text).map_or_else(|_| format!("{key:?}") == text, |text| *key == text)
        }
        key => key.to_string() == text || line(key, usize::MAX) == text,
    }
}

impl Step {
    /// What it names, where it is a name.
    fn name(&self) -> String {
        match self {
            Step::Name(name) => name.clone(),
            Step::Bracket(text) => serde_json::from_str(text).unwrap_or_else(|_| text.clone()),
        }
    }
}

/// What can be picked from a value.
fn there_is(value: &Value) -> String {
    let list = |kind: &str, names: &mut dyn ExactSizeIterator<Item = String>| {
        let count = names.len();
        if count == 0 {
            return format!("which has no {kind}");
        }
        let mut text = names.take(LISTED).collect::<Vec<_>>().join(", ");
        if count > LISTED {
            _ = write!(text, ", and {} more", count - LISTED);
        }
        format!("which has the {kind} {text}")
    };
    match value {
        Value::Record(_, fields) => list("fields", &mut fields.iter().map(|(name, _)| name.clone())),
        Value::Map(entries) => list("keys", &mut entries.iter().map(|(key, _)| line(key, KEY))),
        Value::List(items) => format!("which is a list of {}", items.len()),
        Value::Variant(choice, variant, content) => match &**content {
            Value::Null => format!("which is {choice}::{variant}"),
            content => format!("which is {choice}::{variant}, {}", there_is(content)),
        },
        Value::Tagged(_, value) => there_is(value),
        value => format!("which is {}", line(value, KEY)),
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Name(name) if i == 0 => f.write_str(name)?,
                Step::Name(name) => write!(f, ".{name}")?,
                Step::Bracket(text) => write!(f, "[{text}]")?,
            }
        }
        Ok(())
    }
}

/// The step to a field, as a path has it.
pub(crate) fn push_field(path: &mut String, name: &str) {
    if name.is_empty() || name.contains(|char: char| char.is_control() || matches!(char, '.' | '[' | ']')) {
        _ = write!(path, "[{name:?}]");
        return;
    }
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}

/// The step to an element.
pub(crate) fn push_index(path: &mut String, index: usize) {
    _ = write!(path, "[{index}]");
}

/// The step to a key.
pub(crate) fn push_key(path: &mut String, key: &Value) {
    _ = write!(path, "[{}]", line(key, 200));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pick(value: &Value, path: &str) -> Result<Value, String> {
        path.parse::<Path>()?.pick(value).cloned()
    }

    #[test]
    fn parts_of_every_kind_are_picked() {
        let books: Value = [
            (Value::from("x"), Value::from(1)),
            (3.into(), 2.into()),
            (vec![Value::from("a]"), 1.into()].into(), 3.into()),
        ]
        .into_iter()
        .collect();
        let circle = Value::Variant(
            "Shape".to_owned(),
            "Circle".to_owned(),
            Box::new([("radius", Value::from(4))].into_iter().collect()),
        );
        let value = Value::Record(
            "Library".to_owned(),
            vec![
                ("shelves".to_owned(), vec![books, circle].into()),
                ("a.b".to_owned(), 5.into()),
                ("0".to_owned(), 6.into()),
            ],
        );
        for (path, expected) in [
            ("shelves[0][\"x\"]", 1),
            ("shelves[0].x", 1),
            ("shelves[0][x]", 1),
            (".shelves[0][3]", 2),
            ("Library.shelves[-2][ 3 ]", 2),
            (r#"shelves[0][["a]", 1]]"#, 3),
            ("shelves[1].Circle.radius", 4),
            ("shelves.1.radius", 4),
            (r#"["a.b"]"#, 5),
            ("Library.0", 6),
        ] {
            assert_eq!(pick(&value, path), Ok(Value::from(expected)), "{path}");
        }
        assert_eq!(pick(&value, "").as_ref(), Ok(&value));
        for (path, expected) in [
            ("shelf", "there is no `shelf` in the value, which has the fields shelves, a.b, 0"),
            ("shelves[2]", "there is no `[2]` in `shelves`, which is a list of 2"),
            ("shelves[0].y", r#"there is no `y` in `shelves[0]`, which has the keys "x", 3, ["a]", 1]"#),
            (
                "shelves[1].Square",
                "there is no `Square` in `shelves[1]`, which is Shape::Circle, which has the keys \"radius\"",
            ),
            ("shelves[1].radius.x", "there is no `x` in `shelves[1].radius`, which is 4"),
            ("a..b", "two dots stand one after the other"),
            ("a[\"", "the bracket `[\"` is not closed"),
            ("a[0]b", "`b` follows without `.` or `[`"),
        ] {
            assert_eq!(pick(&value, path), Err(expected.to_owned()), "{path}");
        }
    }
}
