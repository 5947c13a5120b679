//! Text of the operating system, paths, and text of C.

use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::traits::Persist;

saved_as! {
    [] PathBuf, 'a &'a Path => String, |path| Ok(path), |text| Ok(text.into());
    [] Box<Path>, 'a &'a Path => String, |path| Ok(path), |text| Ok(PathBuf::from(text).into());
    ['t] Cow<'t, Path>, 'a &'a Path => String, |path| Ok(path), |text| Ok(PathBuf::from(text).into());
    [] OsString, 'a &'a OsStr => String, |text| Ok(text), |text| Ok(text.into());
    [] Box<OsStr>, 'a &'a OsStr => String, |text| Ok(text), |text| Ok(OsString::from(text).into());
    ['t] Cow<'t, OsStr>, 'a &'a OsStr => String, |text| Ok(text), |text| Ok(OsString::from(text).into());
    [] CString, 'a &'a CStr => Vec<u8>, |text| Ok(text), |bytes| c_string(bytes);
    [] Box<CStr>, 'a &'a CStr => Vec<u8>, |text| Ok(text), |bytes| c_string(bytes).map(CString::into_boxed_c_str);
    ['t] Cow<'t, CStr>, 'a &'a CStr => Vec<u8>, |text| Ok(text), |bytes| c_string(bytes).map(Cow::Owned);
}

fn c_string(bytes: Vec<u8>) -> Result<CString> {
    CString::new(bytes)
        .map_err(|error| Error::of(ErrorKind::Value, "a `CString` has a byte 0 before its end").with_source(error))
}

/// Text of an operating system with all that Unicode has no place for, in serde's shape.
#[derive(Debug)]
pub enum OsState<Bytes = Vec<u8>> {
    /// Bytes, in any encoding.
    Unix(Bytes),
    /// Units of UTF-16, paired or not.
    Windows(Vec<u16>),
}

choices! {
    [Bytes: Persist] OsState<Bytes>, "OsString" { 0 Unix(Bytes), 1 Windows(Vec<u16>), };
}
