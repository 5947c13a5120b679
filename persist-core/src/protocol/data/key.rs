//! The names of fields and variants, as formats have them.

use std::fmt::{self, Formatter};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Visitor};

use crate::shape::{Struct, VERSION};

/// What names a field or a variant.
pub(super) enum Name {
    Text(String),
    Index(u64),
}

impl Name {
    pub(super) fn is_version(&self) -> bool {
        match self {
            Name::Text(text) => text == VERSION,
            // Formats that number fields number the version, too.
            Name::Index(_) => false,
        }
    }
}

/// What the keys of a map are to the format.
#[derive(Clone, Copy)]
pub(super) enum Keys {
    /// Those of a struct.
    Names,
    /// Those of any map.
    Texts,
}

impl Keys {
    /// Those of a struct, which is a map where it keeps what it does not know.
    pub(super) fn of(record: &Struct) -> Self {
        if record.unknown().is_some() { Keys::Texts } else { Keys::Names }
    }
}

impl<'de> DeserializeSeed<'de> for Keys {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Name, D::Error> {
        match self {
            Keys::Names => from.deserialize_identifier(NameVisitor),
            Keys::Texts => from.deserialize_str(NameVisitor),
        }
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_identifier(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field or variant")
    }

    fn visit_u64<E>(self, index: u64) -> Result<Name, E> {
        Ok(Name::Index(index))
    }

    fn visit_str<E>(self, text: &str) -> Result<Name, E> {
        Ok(Name::Text(text.to_owned()))
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Name, E> {
        let text = std::str::from_utf8(bytes).map_err(E::custom)?;
        Ok(Name::Text(text.to_owned()))
    }
}
