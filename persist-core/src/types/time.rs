//! Times: a span, and a point in time that other machines agree on. (An `Instant` means nothing to them.)

use std::time::{Duration, SystemTime};

use crate::error::{Error, ErrorKind, Result};

record! {
    [] Duration, "Duration" Named {
        secs: u64 = |span| Ok(span.as_secs());
        nanos: u32 = |span| Ok(span.subsec_nanos());
    } duration(secs, nanos);
    [] SystemTime, "SystemTime" Named {
        secs_since_epoch: u64 = |time| Ok(since_epoch(time)?.as_secs());
        nanos_since_epoch: u32 = |time| Ok(since_epoch(time)?.subsec_nanos());
    } system_time(secs_since_epoch, nanos_since_epoch);
}

/// The span; nanoseconds of a second and more are carried, where there is room.
fn duration(secs: u64, nanos: u32) -> Result<Duration> {
    Duration::from_secs(secs).checked_add(Duration::from_nanos(u64::from(nanos))).ok_or_else(|| {
        Error::of(ErrorKind::Value, format!("{secs} seconds and {nanos} nanoseconds are more than a `Duration` holds"))
    })
}

fn since_epoch(time: &SystemTime) -> Result<Duration> {
    time.duration_since(SystemTime::UNIX_EPOCH).map_err(|error| {
        Error::of(ErrorKind::Unsupported, "a `SystemTime` before 1970 cannot be saved")
            .with_help("save the span since a date that lies before it")
            .with_source(error)
    })
}

fn system_time(secs: u64, nanos: u32) -> Result<SystemTime> {
    let span = duration(secs, nanos)?;
    SystemTime::UNIX_EPOCH.checked_add(span).ok_or_else(|| {
        Error::of(ErrorKind::Value, format!("{secs} seconds after 1970 are more than a `SystemTime` holds here"))
    })
}
