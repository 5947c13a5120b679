//! Paths and other text of the operating system that need not be Unicode: `#[persist(with = persist::with::os_bytes)]`.
//!
//! For fields of `OsString`, `PathBuf`, `Box<OsStr>`, and whatever else is `AsRef<OsStr>` and `From<OsString>`:
//!
//! ```
//! use std::path::PathBuf;
//! use persist_core::{Context, Persist, Result, dumps, loads, with::os_bytes};
//!
//! let path = PathBuf::from("/tmp/a");
//! let state = os_bytes::get_state(&path)?;
//! let bytes = dumps(&state)?;
//! let path: PathBuf = os_bytes::set_state(loads(&bytes)?, &Context::new())?;
//! assert_eq!(path, PathBuf::from("/tmp/a"));
//! # Ok::<(), persist_core::Error>(())
//! ```
//!
//! What is saved says whether it comes from Unix (bytes) or from Windows (16-bit units). The other one loads it, too,
//! where it is Unicode; where it is not, that is an error, since no text there is the same.

use std::ffi::{OsStr, OsString};

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
pub use crate::types::OsState;

/// What is saved.
pub fn get_state<T: AsRef<OsStr> + ?Sized>(text: &T) -> Result<OsState<&[u8]>> {
    platform::get(text.as_ref())
}

/// The text of what was saved.
pub fn set_state<T: From<OsString>>(state: OsState, _context: &Context) -> Result<T> {
    platform::set(state).map(T::from)
}

#[cfg(unix)]
mod platform {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};

    use super::{OsState, OsStr, OsString, Result};

    #[allow(clippy::unnecessary_wraps, reason = "it can fail on other platforms")]
    pub(super) fn get(text: &OsStr) -> Result<OsState<&[u8]>> {
        Ok(OsState::Unix(text.as_bytes()))
    }

    pub(super) fn set(state: OsState) -> Result<OsString> {
        match state {
            OsState::Unix(bytes) => Ok(OsString::from_vec(bytes)),
            OsState::Windows(units) => super::from_units(&units),
        }
    }
}

#[cfg(windows)]
mod platform {
    use std::os::windows::ffi::{OsStrExt, OsStringExt};

    use super::{OsState, OsStr, OsString, Result};

    #[allow(clippy::unnecessary_wraps, reason = "it can fail on other platforms")]
    pub(super) fn get(text: &OsStr) -> Result<OsState<&[u8]>> {
        Ok(OsState::Windows(text.encode_wide().collect()))
    }

    pub(super) fn set(state: OsState) -> Result<OsString> {
        match state {
            OsState::Unix(bytes) => super::from_bytes(bytes),
            OsState::Windows(units) => Ok(OsString::from_wide(&units)),
        }
    }
}

/// Elsewhere std shows no more of the text than is Unicode.
#[cfg(not(any(unix, windows)))]
mod platform {
    use super::{Error, ErrorKind, OsState, OsStr, OsString, Result};

    pub(super) fn get(text: &OsStr) -> Result<OsState<&[u8]>> {
        match text.to_str() {
            Some(text) => Ok(OsState::Unix(text.as_bytes())),
            None => Err(Error::of(ErrorKind::Unsupported, "text that is not Unicode cannot be saved on this platform")),
        }
    }

    pub(super) fn set(state: OsState) -> Result<OsString> {
        match state {
            OsState::Unix(bytes) => super::from_bytes(bytes),
            OsState::Windows(units) => super::from_units(&units),
        }
    }
}

#[cfg(not(unix))]
fn from_bytes(bytes: Vec<u8>) -> Result<OsString> {
    String::from_utf8(bytes).map(OsString::from).map_err(|error| foreign("Unix").with_source(error))
}

#[cfg(not(windows))]
fn from_units(units: &[u16]) -> Result<OsString> {
    String::from_utf16(units).map(OsString::from).map_err(|error| foreign("Windows").with_source(error))
}

#[cold]
fn foreign(system: &str) -> Error {
    Error::of(ErrorKind::Value, format!("text from {system} is not Unicode, and cannot be the same text here"))
}
