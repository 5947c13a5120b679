//! Which lists of a value are sets: packed files tell that only where they are written as CBOR, which marks them.

use persist_core::Value;

/// The tag of CBOR that marks a list as a set.
pub(crate) const SET: u64 = 258;

/// Marks the lists that are sets, going by the same value as CBOR has it.
pub(crate) fn mark(value: &mut Value, cbor: &Value) {
    match (value, cbor) {
        (Value::Tagged(..), _) => {}
        (value @ Value::List(_), Value::Tagged(SET, items)) => {
            mark(value, items);
            *value = Value::Tagged(SET, Box::new(std::mem::take(value)));
        }
        (Value::List(items), Value::List(cbor)) if items.len() == cbor.len() => {
            items.iter_mut().zip(cbor).for_each(|(item, cbor)| mark(item, cbor));
        }
        (Value::Map(entries), Value::Map(cbor)) if entries.len() == cbor.len() => {
            for ((key, value), (cbor_key, cbor)) in entries.iter_mut().zip(cbor) {
                mark(key, cbor_key);
                mark(value, cbor);
            }
        }
        // A newtype is what it holds.
        (Value::Record(_, fields), cbor) if matches!(&fields[..], [(name, _)] if name == "0") => {
            mark(&mut fields[0].1, cbor);
        }
        (Value::Record(_, fields), Value::List(cbor)) if fields.len() == cbor.len() => {
            fields.iter_mut().zip(cbor).for_each(|((_, value), cbor)| mark(value, cbor));
        }
        // There may be more in CBOR than fields: a version.
        (Value::Record(_, fields), Value::Map(cbor)) => {
            fields
                .iter_mut()
                .for_each(|(name, value)| named(name, cbor).into_iter().for_each(|cbor| mark(value, cbor)));
        }
        (Value::Variant(_, name, content), Value::Map(cbor)) => {
            named(name, cbor).into_iter().for_each(|cbor| mark(content, cbor));
        }
        // An option that has to be told from its content.
        (value, Value::Map(cbor)) => match &cbor[..] {
            [(key, cbor)] if key.as_str() == Some("Some") => mark(value, cbor),
            _ => {}
        },
        _ => {}
    }
}

fn named<'v>(name: &str, entries: &'v [(Value, Value)]) -> Option<&'v Value> {
    entries.iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value)
}
