//! Values in the formats of serde, and beside its types.
//!
//! A field of a [`Persist`](crate::Persist) type in a struct that derives serde's traits:
//!
//! ```
//! use persist_core as persist;
//! # use persist::{Context, Persist, Result};
//! # #[derive(Debug, PartialEq)]
//! struct Connection { host: String }
//! # impl Persist for Connection {
//! #     type Saved<'a> = &'a str;
//! #     type Loaded = String;
//! #     fn get_state(&self) -> Result<&str> { Ok(&self.host) }
//! #     fn set_state(host: String, _: &Context) -> Result<Self> { Ok(Connection { host }) }
//! # }
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Settings {
//!     #[serde(with = "persist::serde")]
//!     connection: Connection,
//! }
//!
//! let settings = Settings { connection: Connection { host: "localhost".into() } };
//! let text = serde_json::to_string(&settings)?;
//! assert_eq!(text, r#"{"connection":"localhost"}"#);
//! let back: Settings = serde_json::from_str(&text)?;
//! assert_eq!(back.connection, settings.connection);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! [`Dumper::serialize`] and [`Loader::deserialize`] are the same with options: limits, and what hooks are given.
//! [`AsSerde`] is a wrapper for places where serde wants a type.
//!
//! The calls are those of serde's derive for a like-shaped type, so that what a format loses of such a type it loses of
//! this one: most have no `Some(None)`, and many no 128-bit integers. An error of ours becomes the format's own, with
//! its text.

use serde::de::{DeserializeSeed, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::dump::Dumper;
use crate::info::{Type, info};
use crate::load::Loader;
use crate::protocol::data::{self, Seed};
use crate::traits::{Decode, Encode};

/// Writes a value with any serializer of serde; for `#[serde(with = "persist::serde")]`.
pub fn serialize<T: Encode, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    Dumper::new().serialize(value, serializer)
}

/// Reads a value with any deserializer of serde; for `#[serde(with = "persist::serde")]`.
pub fn deserialize<'de, T: Decode, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Loader::new().deserialize(deserializer)
}

/// A value that has serde's traits by way of [`Persist`](crate::Persist).
///
/// ```
/// use persist_core::serde::AsSerde;
///
/// let list = vec![AsSerde((1u8, "a".to_owned()))];
/// let text = serde_json::to_string(&list)?;
/// assert_eq!(text, r#"[[1,"a"]]"#);
/// let back: Vec<AsSerde<(u8, String)>> = serde_json::from_str(&text)?;
/// assert_eq!(back, list);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AsSerde<T>(pub T);

impl<T: Encode> Serialize for AsSerde<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, serializer)
    }
}

impl<'de, T: Decode> Deserialize<'de> for AsSerde<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(AsSerde)
    }
}

impl Dumper {
    /// Writes a value with any serializer of serde.
    ///
    /// The protocol of the dumper does not matter: the format is the serializer's.
    pub fn serialize<T: Encode, S: Serializer>(&mut self, value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        let (packed, depth) = self.pack(value).map_err(S::Error::custom)?;
        data::write(packed, depth, serializer)
    }
}

impl Loader {
    /// Reads a value with any deserializer of serde, and with what the hooks are given.
    ///
    /// Everything is checked before the first hook runs.
    pub fn deserialize<'de, T: Decode, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<T, D::Error> {
        let info = info(Type::of::<T>()).map_err(D::Error::custom)?;
        let mut item = Vec::new();
        Seed::new(info, &mut item, self.depth()).deserialize(deserializer)?;
        self.load_item(&item).map_err(D::Error::custom)
    }
}
