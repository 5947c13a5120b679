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
        (Value::Record(_, fields), Value::Map(cbor)) if is_named(fields, cbor) => {
            fields.iter_mut().zip(cbor).for_each(|((_, value), (_, cbor))| mark(value, cbor));
        }
        (Value::Record(_, fields), Value::List(cbor)) if fields.len() == cbor.len() && fields.len() != 1 => {
            fields.iter_mut().zip(cbor).for_each(|((_, value), cbor)| mark(value, cbor));
        }
        // A newtype is what it holds.
        (Value::Record(_, fields), cbor) if fields.len() == 1 => mark(&mut fields[0].1, cbor),
        (Value::Variant(_, _, content), Value::Map(cbor)) if cbor.len() == 1 => mark(content, &cbor[0].1),
        // An option that has to be told from its content.
        (value, Value::Map(cbor)) => match &cbor[..] {
            [(key, cbor)] if key.as_str() == Some("Some") => mark(value, cbor),
            _ => {}
        },
        _ => {}
    }
}

fn is_named(fields: &[(String, Value)], cbor: &[(Value, Value)]) -> bool {
    fields.len() == cbor.len() && fields.iter().zip(cbor).all(|((name, _), (key, _))| key.as_str() == Some(name))
}
