//! A result in its file: a persisted value, which tells what it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use persist_core::{Dumper, Error, ErrorKind, Loader, Persist, Result};

use super::key::Key;

/// Function, version, key, milliseconds since 1970 when it was computed, and the result.
type Entry<T> = (String, String, [u8; 32], u64, T);

/// What is written beside a result.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label<'m> {
    pub(super) name: &'m str,
    pub(super) version: &'m str,
    pub(super) key: Key,
}

impl Label<'_> {
    /// The bytes of a result, with their checksums.
    pub(super) fn write<T: Persist>(&self, result: &T, now: SystemTime) -> Result<Vec<u8>> {
        let Label { name, version, key: Key(key) } = *self;
        Dumper::new().dumps(&(name, version, key, since_epoch(now), result))
    }

    /// The result in bytes; `None` where it is too old, and an error where it is not that of this call.
    pub(super) fn read<T: Persist>(&self, bytes: &[u8], ttl: Option<Duration>, now: SystemTime) -> Result<Option<T>> {
        let (_, _, key, computed, result): Entry<T> = Loader::new().loads(bytes)?;
        if key != self.key.0 {
            return Err(Error::of(ErrorKind::Corrupt, "it is the result of another call, under this one's name"));
        }
        // A clock that was wrong may have put it into the future: it does not live longer for that.
        let age = Duration::from_millis(since_epoch(now).abs_diff(computed));
        Ok(ttl.is_none_or(|ttl| age < ttl).then_some(result))
    }
}

fn since_epoch(now: SystemTime) -> u64 {
    now.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
