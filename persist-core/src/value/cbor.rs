//! To come.
use crate::error::Result;
use crate::limits::Limits;
use super::Value;
pub(crate) fn encode(_: &Value, _: &mut Vec<u8>) { unreachable!() }
pub(crate) fn decode(_: &[u8], _: usize) -> Result<Value> { unreachable!() }
pub(crate) fn decode_all(_: &[u8], _: &Limits) -> Result<Value> { unreachable!() }
