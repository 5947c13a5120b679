//! To come.
use crate::error::Result;
use crate::info::TypeInfo;
use crate::limits::Limits;
use std::io::Read;
pub(crate) fn fill(_: &TypeInfo, _: &[u8], _: &Limits) -> Result<Vec<u8>> { unreachable!() }
pub(crate) fn fill_from(_: &TypeInfo, _: impl Read, _: &Limits) -> Result<Vec<u8>> { unreachable!() }
