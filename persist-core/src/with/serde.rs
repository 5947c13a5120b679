//! Values of any serde type, kept as one CBOR item each; `#[persist(serde)]` is short for
//! `#[persist(with = persist::with::serde)]`.
//!
//! ```
//! use persist_core::{Context, with};
//!
//! let state = with::serde::get_state(&("a", 1u8))?;
//! let value: (String, u8) = with::serde::set_state(state, &Context::new())?;
//! assert_eq!(value, ("a".to_owned(), 1));
//! # Ok::<(), persist_core::Error>(())
//! ```

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
pub use crate::value::Item;

/// The value as a CBOR item.
pub fn get_state<T: Serialize + ?Sized>(value: &T) -> Result<Item> {
    let mut item = Vec::new();
    ciborium::into_writer(value, &mut item)
        .map_err(|error| Error::of(ErrorKind::Unsupported, error.to_string()).with_source(error))?;
    Ok(Item(item))
}

/// The value of a CBOR item.
#[allow(clippy::needless_pass_by_value, reason = "the signature of such functions")]
pub fn set_state<T: DeserializeOwned>(item: Item, _context: &Context) -> Result<T> {
    ciborium::from_reader(&*item.0).map_err(|error| Error::of(ErrorKind::Value, error.to_string()).with_source(error))
}
