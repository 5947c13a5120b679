//! The days, times and spans of the crate `time`, which knows no leap seconds.

use ::time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset};

use super::calendar::{self, local_point, out_of_range, point};
use crate::error::{Error, ErrorKind, Result};

/// The Julian day of 1970-01-01.
const EPOCH: i32 = 2_440_588;

formatted! {
    Date as Date i32, |date| Ok(date.to_julian_day() - EPOCH), |days| {
        let date = days.checked_add(EPOCH).and_then(|day| Date::from_julian_day(day).ok());
        date.ok_or_else(|| out_of_range(&calendar::Date(days), "time::Date"))
    };
    Time as Time (u32, u32), |time| Ok(since_midnight(*time)), |numbers| {
        let (secs, nanos) = calendar::time(numbers)?;
        // Below a day, which was checked, these are hours, minutes and seconds.
        Time::from_hms_nano((secs / 3600) as u8, (secs / 60 % 60) as u8, (secs % 60) as u8, nanos)
            .map_err(|_| out_of_range(&calendar::Time(secs, nanos), "time::Time"))
    };
    PrimitiveDateTime as DateTime (i64, u32), |time| Ok(since_epoch(time.as_utc())), |numbers| {
        let time = from_epoch(numbers, "time::PrimitiveDateTime")?;
        Ok(PrimitiveDateTime::new(time.date(), time.time()))
    };
    UtcDateTime as UtcDateTime (i64, u32), |time| Ok(since_epoch(*time)), |numbers| {
        from_epoch(numbers, "time::UtcDateTime")
    };
    OffsetDateTime as OffsetDateTime (i64, u32, i32), |time| {
        Ok((time.unix_timestamp(), time.nanosecond(), time.offset().whole_seconds()))
    }, |numbers| {
        let (secs, nanos, ahead) = local_point(numbers)?;
        let shown = calendar::OffsetDateTime(calendar::DateTime(secs, nanos), calendar::UtcOffset(ahead));
        let time = from_local(secs, nanos, offset(ahead)?);
        time.ok_or_else(|| out_of_range(&shown, "time::OffsetDateTime"))
    };
    UtcOffset as UtcOffset i32, |offset| Ok(offset.whole_seconds()), |secs| offset(secs);
}

fn since_midnight(time: Time) -> (u32, u32) {
    let (hours, minutes, seconds, nanos) = time.as_hms_nano();
    (u32::from(hours) * 3600 + u32::from(minutes) * 60 + u32::from(seconds), nanos)
}

fn since_epoch(time: UtcDateTime) -> (i64, u32) {
    (time.unix_timestamp(), time.nanosecond())
}

fn from_epoch(numbers: (i64, u32), type_name: &str) -> Result<UtcDateTime> {
    let (secs, nanos) = point(numbers)?;
    UtcDateTime::from_unix_timestamp(secs)
        .and_then(|time| time.replace_nanosecond(nanos))
        .map_err(|_| out_of_range(&calendar::DateTime(secs, nanos), type_name))
}

/// The time by what clocks show, which is what has a range: the last day there may be none that UTC has.
fn from_local(secs: i64, nanos: u32, offset: UtcOffset) -> Option<OffsetDateTime> {
    let local = secs.checked_add(i64::from(offset.whole_seconds()))?;
    let local = UtcDateTime::from_unix_timestamp(local).ok()?.replace_nanosecond(nanos).ok()?;
    Some(PrimitiveDateTime::new(local.date(), local.time()).assume_offset(offset))
}

fn offset(secs: i32) -> Result<UtcOffset> {
    UtcOffset::from_whole_seconds(secs)
        .map_err(|_| Error::of(ErrorKind::Value, format!("{secs} seconds are more than a `time::UtcOffset` holds")))
}

saved_as! {
    [] Duration, 'a (i64, i32) => (i64, i32),
    |span| Ok((span.whole_seconds(), span.subsec_nanoseconds())), |parts| duration(parts);
}

/// The span; nanoseconds may count on from seconds that were rounded down, too, as those of chrono do.
fn duration((secs, nanos): (i64, i32)) -> Result<Duration> {
    let below_second = -1_000_000_000 < nanos && nanos < 1_000_000_000;
    let span = Duration::seconds(secs).checked_add(Duration::nanoseconds(i64::from(nanos)));
    span.filter(|_| below_second).ok_or_else(|| {
        Error::of(ErrorKind::Value, format!("{secs} seconds and {nanos} nanoseconds are no `time::Duration`"))
    })
}
