//! chrono's days, times and spans.

use chrono::{DateTime, FixedOffset, Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc, Weekday};

use super::calendar::{self, local_point, out_of_range, point, time};
use crate::error::{Error, ErrorKind, Result};

formatted! {
    NaiveDate as Date i32, |date| Ok(date.to_epoch_days()), |days| {
        NaiveDate::from_epoch_days(days).ok_or_else(|| out_of_range(&calendar::Date(days), "chrono::NaiveDate"))
    };
    NaiveTime as Time (u32, u32), |value| time((value.num_seconds_from_midnight(), value.nanosecond())), |numbers| {
        let (secs, nanos) = time(numbers)?;
        NaiveTime::from_num_seconds_from_midnight_opt(secs, nanos)
            .ok_or_else(|| out_of_range(&calendar::Time(secs, nanos), "chrono::NaiveTime"))
    };
    NaiveDateTime as DateTime (i64, u32), |time| point(since_epoch(&time.and_utc())), |numbers| {
        Ok(from_epoch(point(numbers)?, "chrono::NaiveDateTime")?.naive_utc())
    };
    DateTime<Utc> as UtcDateTime (i64, u32), |time| point(since_epoch(time)), |numbers| {
        from_epoch(point(numbers)?, "chrono::DateTime<Utc>")
    };
    DateTime<FixedOffset> as OffsetDateTime (i64, u32, i32), |time| {
        let (secs, nanos) = since_epoch(&time.to_utc());
        local_point((secs, nanos, time.offset().local_minus_utc()))
    }, |numbers| {
        let (secs, nanos, ahead) = local_point(numbers)?;
        let utc = from_epoch((secs, nanos), "chrono::DateTime<FixedOffset>")?;
        Ok(utc.with_timezone(&offset(ahead)?))
    };
    FixedOffset as UtcOffset i32, |offset| Ok(offset.local_minus_utc()), |secs| offset(secs);
}

/// Of a leap second, nanoseconds count on from the second before it.
fn since_epoch(time: &DateTime<Utc>) -> (i64, u32) {
    (time.timestamp(), time.timestamp_subsec_nanos())
}

fn from_epoch((secs, nanos): (i64, u32), type_name: &str) -> Result<DateTime<Utc>> {
    // In an offset of odd seconds, a leap second need not be the 60th of a minute in UTC, which `from_timestamp` asks for.
    DateTime::from_timestamp(secs, 0)
        .and_then(|time| time.with_nanosecond(nanos))
        .ok_or_else(|| out_of_range(&calendar::DateTime(secs, nanos), type_name))
}

fn offset(secs: i32) -> Result<FixedOffset> {
    FixedOffset::east_opt(secs).ok_or_else(|| {
        Error::of(ErrorKind::Value, format!("{secs} seconds are more than a `chrono::FixedOffset` holds"))
    })
}

saved_as! {
    [] TimeDelta, 'a (i64, i32) => (i64, i32), |span| Ok(parts(*span)), |parts| time_delta(parts);
}

/// Seconds, rounded down, and the nanoseconds from there, as chrono's serde has them.
fn parts(span: TimeDelta) -> (i64, i32) {
    let (secs, nanos) = (span.num_seconds(), span.subsec_nanos());
    if nanos < 0 { (secs - 1, nanos + 1_000_000_000) } else { (secs, nanos) }
}

/// The span; nanoseconds may have the sign of the seconds, too, as those of the crate `time` have.
fn time_delta((secs, nanos): (i64, i32)) -> Result<TimeDelta> {
    let span = if nanos < 0 {
        secs.checked_sub(1).and_then(|secs| TimeDelta::new(secs, nanos.checked_add(1_000_000_000)?.try_into().ok()?))
    } else {
        TimeDelta::new(secs, nanos.unsigned_abs())
    };
    span.ok_or_else(|| {
        Error::of(ErrorKind::Value, format!("{secs} seconds and {nanos} nanoseconds are no `chrono::TimeDelta`"))
    })
}

choices! {
    [] Month, "Month" {
        0 January, 1 February, 2 March, 3 April, 4 May, 5 June,
        6 July, 7 August, 8 September, 9 October, 10 November, 11 December,
    };
    [] Weekday, "Weekday" { 0 Mon, 1 Tue, 2 Wed, 3 Thu, 4 Fri, 5 Sat, 6 Sun, };
}
