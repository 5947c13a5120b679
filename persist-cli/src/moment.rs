//! Times as people and programs read them.

use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat};

/// A time in UTC, as RFC 3339 has it, with milliseconds: `2026-07-01T12:30:00.125Z`.
pub(crate) fn moment(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    match DateTime::from_timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos()) {
        Some(time) => time.to_rfc3339_opts(SecondsFormat::Millis, true),
        None => "a time that no calendar has".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_told_in_utc() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_782_909_000_125);
        assert_eq!(moment(time), "2026-07-01T12:30:00.125Z");
        assert!(moment(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::MAX / 2)).starts_with("a time"));
    }
}
