//! What differs between two values, by path.

use std::collections::HashMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use persist_core::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use crate::exact::Exact;
use crate::failure::Result;
use crate::likeness::pairs;
use crate::path::{push_field, push_index, push_key};
use crate::sets::SET;

/// One difference.
pub(crate) enum Change<'v> {
    Added(&'v Value),
    Removed(&'v Value),
    Changed(&'v Value, &'v Value),
    /// Only the name of the type differs.
    Renamed(&'v str, &'v str),
    /// A list holds the same, so many elements, in another order.
    Moved(usize),
}

/// Time after which lists are no longer aligned as well as can be.
const PATIENCE: Duration = Duration::from_secs(10);

/// Compares values, and calls `tell` with the path of each difference.
pub(crate) struct Comparison<'t> {
    path: String,
    deadline: Instant,
    /// Whether a list that holds the same in another order is the same.
    unordered: bool,
    tell: &'t mut dyn FnMut(&str, Change<'_>) -> Result<()>,
}

impl<'t> Comparison<'t> {
    pub(crate) fn new(unordered: bool, tell: &'t mut dyn FnMut(&str, Change<'_>) -> Result<()>) -> Self {
        Comparison { path: String::new(), deadline: Instant::now() + PATIENCE, unordered, tell }
    }

    pub(crate) fn values(&mut self, old: &Value, new: &Value) -> Result<()> {
        match (old, new) {
            (Value::List(old), Value::List(new)) => self.lists(old, new),
            (Value::Map(old), Value::Map(new)) => self.maps(old, new, push_key),
            (Value::Record(name, old), Value::Record(other, new)) => {
                if name != other {
                    self.tell(Change::Renamed(name, other))?;
                }
                self.records(old, new)
            }
            (Value::Variant(a, v, old), Value::Variant(b, w, new)) if v == w => {
                if a != b {
                    self.tell(Change::Renamed(a, b))?;
                }
                match (&**old, &**new) {
                    // The fields of a variant, or what looks like them.
                    (Value::Map(old), Value::Map(new)) => self.maps(old, new, push_name),
                    (old, new) => self.values(old, new),
                }
            }
            (Value::Tagged(SET, old), Value::Tagged(SET, new)) => match (&**old, &**new) {
                (Value::List(old), Value::List(new)) => self.sets(old, new),
                (old, new) => self.values(old, new),
            },
            (Value::Tagged(a, old), Value::Tagged(b, new)) if a == b => self.values(old, new),
            _ if Exact(old) == Exact(new) => Ok(()),
            _ => self.tell(Change::Changed(old, new)),
        }
    }

    fn tell(&mut self, change: Change<'_>) -> Result<()> {
        (self.tell)(&self.path, change)
    }

    fn at<T>(&mut self, push: impl FnOnce(&mut String), go: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = self.path.len();
        push(&mut self.path);
        let result = go(self);
        self.path.truncate(before);
        result
    }

    fn maps(&mut self, old: &[(Value, Value)], new: &[(Value, Value)], push: fn(&mut String, &Value)) -> Result<()> {
        let by_key = |entries| -> HashMap<_, _> {
            let entries: &[(Value, Value)] = entries;
            entries.iter().map(|(key, value)| (Exact(key), value)).collect()
        };
        let (in_old, in_new) = (by_key(old), by_key(new));
        for (key, value) in old {
            self.at(
                |path| push(path, key),
                |all| match in_new.get(&Exact(key)) {
                    Some(new) => all.values(value, new),
                    None => all.tell(Change::Removed(value)),
                },
            )?;
        }
        for (key, value) in new.iter().filter(|(key, _)| !in_old.contains_key(&Exact(key))) {
            self.at(|path| push(path, key), |all| all.tell(Change::Added(value)))?;
        }
        Ok(())
    }

    fn records(&mut self, old: &[(String, Value)], new: &[(String, Value)]) -> Result<()> {
        let find = |fields: &HashMap<&str, &Value>, name: &str| fields.contains_key(name);
        let in_old: HashMap<&str, &Value> = old.iter().map(|(name, value)| (name.as_str(), value)).collect();
        let in_new: HashMap<&str, &Value> = new.iter().map(|(name, value)| (name.as_str(), value)).collect();
        for (name, value) in old {
            self.at(
                |path| push_field(path, name),
                |all| match in_new.get(name.as_str()) {
                    Some(new) => all.values(value, new),
                    None => all.tell(Change::Removed(value)),
                },
            )?;
        }
        for (name, value) in new.iter().filter(|(name, _)| !find(&in_old, name)) {
            self.at(|path| push_field(path, name), |all| all.tell(Change::Added(value)))?;
        }
        Ok(())
    }

    fn sets(&mut self, old: &[Value], new: &[Value]) -> Result<()> {
        let (a, b) = numbers(old, new);
        for (items, own, other, is_old) in [(old, &a, &b, true), (new, &b, &a, false)] {
            let known: std::collections::HashSet<_> = other.iter().collect();
            for (item, _) in items.iter().zip(own).filter(|(_, number)| !known.contains(number)) {
                let change = if is_old { Change::Removed(item) } else { Change::Added(item) };
                self.tell(change)?;
            }
        }
        Ok(())
    }

    fn lists(&mut self, old: &[Value], new: &[Value]) -> Result<()> {
        let (a, b) = numbers(old, new);
        if a == b {
            return Ok(());
        }
        if a.len() == b.len() {
            let sorted = |numbers: &[usize]| {
                let mut numbers = numbers.to_vec();
                numbers.sort_unstable();
                numbers
            };
            if sorted(&a) == sorted(&b) {
                return if self.unordered { Ok(()) } else { self.tell(Change::Moved(a.len())) };
            }
        }
        for op in capture_diff_slices_deadline(Algorithm::Myers, &a, &b, Some(self.deadline)) {
            match op {
                DiffOp::Equal { .. } => {}
                DiffOp::Replace { .. } => self.replaced(old, op.old_range(), new, op.new_range())?,
                _ => {
                    self.removed(old, op.old_range())?;
                    self.added(new, op.new_range())?;
                }
            }
        }
        Ok(())
    }

    /// Elements in the place of others: those that are most alike are taken for the same, changed.
    fn replaced(&mut self, old: &[Value], a: Range<usize>, new: &[Value], b: Range<usize>) -> Result<()> {
        let (mut i, mut j) = (a.start, b.start);
        for (x, y) in pairs(&old[a.clone()], &new[b.clone()]) {
            let (x, y) = (a.start + x, b.start + y);
            self.removed(old, i..x)?;
            self.added(new, j..y)?;
            self.at(|path| push_index(path, x), |all| all.values(&old[x], &new[y]))?;
            (i, j) = (x + 1, y + 1);
        }
        self.removed(old, i..a.end)?;
        self.added(new, j..b.end)
    }

    fn removed(&mut self, old: &[Value], mut range: Range<usize>) -> Result<()> {
        range.try_for_each(|i| self.at(|path| push_index(path, i), |all| all.tell(Change::Removed(&old[i]))))
    }

    fn added(&mut self, new: &[Value], mut range: Range<usize>) -> Result<()> {
        range.try_for_each(|i| self.at(|path| push_index(path, i), |all| all.tell(Change::Added(&new[i]))))
    }
}

/// The step to a field that has a key for its name.
fn push_name(path: &mut String, key: &Value) {
    match key.as_str() {
        Some(name) => push_field(path, name),
        None => push_key(path, key),
    }
}

/// A number for each element, the same for equal ones.
fn numbers(old: &[Value], new: &[Value]) -> (Vec<usize>, Vec<usize>) {
    let mut known = HashMap::new();
    let mut number = |value| {
        let next = known.len();
        *known.entry(Exact(value)).or_insert(next)
    };
    let a = old.iter().map(&mut number).collect();
    (a, new.iter().map(&mut number).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::line;

    fn changes(old: &Value, new: &Value) -> Vec<String> {
        let mut found = Vec::new();
        let mut tell = |path: &str, change: Change<'_>| {
            let show = |value| line(value, 50);
            found.push(match change {
                Change::Added(value) => format!("+ {path}: {}", show(value)),
                Change::Removed(value) => format!("- {path}: {}", show(value)),
                Change::Changed(old, new) => format!("~ {path}: {} -> {}", show(old), show(new)),
                Change::Renamed(old, new) => format!("~ {path}: {old} -> {new}"),
                Change::Moved(count) => format!("~ {path}: {count}"),
            });
            Ok(())
        };
        Comparison::new(false, &mut tell).values(old, new).unwrap();
        found
    }

    fn list(items: &[i32]) -> Value {
        items.iter().map(|&item| Value::from(item)).collect()
    }

    #[test]
    fn elements_that_stay_are_found_again() {
        assert_eq!(changes(&list(&[1, 2, 3, 4]), &list(&[0, 1, 2, 4])), ["+ [0]: 0", "- [2]: 3"]);
        assert_eq!(changes(&list(&[1, 2]), &list(&[1, 9, 10])), ["~ [1]: 2 -> 9", "+ [2]: 10"]);
        assert_eq!(changes(&list(&[1, 2]), &list(&[2, 1])), ["~ : 2"]);
        let book = |id: i32, title: &str| -> Value {
            Value::Record("Book".to_owned(), vec![("id".to_owned(), id.into()), ("title".to_owned(), title.into())])
        };
        let old: Value = vec![book(1, "a"), book(2, "b"), book(3, "c")].into();
        let new: Value = vec![book(2, "B"), book(3, "c")].into();
        assert_eq!(changes(&old, &new), ["- [0]: Book { id: 1, title: \"a\" }", "~ [1].title: \"b\" -> \"B\""]);
    }

    #[test]
    fn entries_go_by_their_key_in_any_order() {
        let map = |entries: &[(&str, i32)]| entries.iter().map(|&(key, value)| (key, value)).collect::<Value>();
        assert_eq!(changes(&map(&[("a", 1), ("b", 2)]), &map(&[("b", 2), ("a", 1)])), [""; 0]);
        let found = changes(&map(&[("a", 1), ("b", 2)]), &map(&[("c", 3), ("b", 4)]));
        assert_eq!(found, [r#"- ["a"]: 1"#, r#"~ ["b"]: 2 -> 4"#, r#"+ ["c"]: 3"#]);
    }
}
