//! Days, times of day and points in time without the crates of their types: numbers, and their text of RFC 3339.
//!
//! The numbers are what columns pack best: seconds and nanoseconds apart, and the offset apart from the time in UTC.
//! Texts are those of chrono's serde; other spellings of ISO 8601 that are common load, too.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Nanoseconds of a second.
const SECOND: u32 = 1_000_000_000;
/// No offset has so many seconds; the crate `time` knows up to 25:59:59.
const OFFSET_BOUND: i32 = 26 * 3600;

/// A day of the Gregorian calendar, also before it was introduced: days since 1970-01-01.
pub(crate) struct Date(pub(super) i32);

/// A time of day: seconds since midnight, and nanoseconds.
pub(crate) struct Time(pub(super) u32, pub(super) u32);

/// A day and a time of day somewhere: seconds since 1970-01-01T00:00:00 there, and nanoseconds.
pub(crate) struct DateTime(pub(super) i64, pub(super) u32);

/// The same in UTC.
pub(crate) struct UtcDateTime(pub(super) DateTime);

/// The same in UTC, and how many seconds clocks are ahead of it.
pub(crate) struct OffsetDateTime(pub(super) DateTime, pub(super) UtcOffset);

/// How many seconds clocks are ahead of UTC.
pub(crate) struct UtcOffset(pub(super) i32);

formatted! {
    Date as Date i32, |date| Ok(date.0), |days| Ok(Date(days));
    Time as Time (u32, u32), |time| Ok((time.0, time.1)), |numbers| time(numbers).map(|(secs, nanos)| Time(secs, nanos));
    DateTime as DateTime (i64, u32), |time| Ok((time.0, time.1)), |numbers| {
        let (secs, nanos) = point(numbers)?;
        Ok(DateTime(secs, nanos))
    };
    UtcDateTime as UtcDateTime (i64, u32), |time| Ok((time.0.0, time.0.1)), |numbers| {
        let (secs, nanos) = point(numbers)?;
        Ok(UtcDateTime(DateTime(secs, nanos)))
    };
    OffsetDateTime as OffsetDateTime (i64, u32, i32), |time| Ok((time.0.0, time.0.1, time.1.0)), |numbers| {
        let (secs, nanos, ahead) = local_point(numbers)?;
        Ok(OffsetDateTime(DateTime(secs, nanos), UtcOffset(ahead)))
    };
    UtcOffset as UtcOffset i32, |offset| Ok(offset.0), |secs| offset(secs).map(UtcOffset);
}

/// Checks a time of day: nanoseconds go on to twice a second in a leap second, which is the 60th of a minute.
pub(super) fn time((secs, nanos): (u32, u32)) -> Result<(u32, u32)> {
    if i64::from(secs) >= DAY {
        return Err(Error::of(ErrorKind::Value, format!("a day has no second {secs}")));
    }
    point((i64::from(secs), nanos))?;
    Ok((secs, nanos))
}

/// Checks a point in time.
pub(super) fn point((secs, nanos): (i64, u32)) -> Result<(i64, u32)> {
    if nanos < SECOND || (nanos < 2 * SECOND && secs.rem_euclid(60) == 59) {
        return Ok((secs, nanos));
    }
    let of = if nanos < 2 * SECOND { "a second that is no leap second" } else { "a second" };
    Err(Error::of(ErrorKind::Value, format!("{nanos} nanoseconds are more than {of} has")))
}

/// Checks a point in time with an offset, by the clocks there.
pub(super) fn local_point((secs, nanos, ahead): (i64, u32, i32)) -> Result<(i64, u32, i32)> {
    point((secs.rem_euclid(DAY) + i64::from(offset(ahead)?), nanos))?;
    Ok((secs, nanos, ahead))
}

fn offset(secs: i32) -> Result<i32> {
    if -OFFSET_BOUND < secs && secs < OFFSET_BOUND {
        return Ok(secs);
    }
    Err(Error::of(ErrorKind::Value, format!("{secs} seconds are more than an offset from UTC has")))
}

/// The error of a value that a type is too small for.
#[cfg(any(feature = "chrono", feature = "time"))]
#[cold]
pub(super) fn out_of_range(value: &impl Display, type_name: &str) -> Error {
    Error::of(ErrorKind::Value, format!("{value} is out of the range of `{type_name}`"))
}

// ---- the calendar

/// Days of 400 years, after which leap years repeat.
const ERA: i64 = 146_097;
/// From the first of March of the year 0 to 1970-01-01: years that begin in March end with the leap day.
const EPOCH: i64 = 719_468;

/// Year, month and day of a day since 1970-01-01.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH;
    let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    // Without the leap days before it, each year has 365 days.
    let year = (day - day / 1_460 + day / 36_524 - day / (ERA - 1)) / 365;
    let day = day - days_before(year);
    // Months from March on have 31, 30, 31, 30, 31 days, and so on again.
    let month = (5 * day + 2) / 153;
    let day = day - month_start(month) + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + later, month, day)
}

/// The day since 1970-01-01 of a date; nothing where there is no such date.
fn day_of(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) {
        return None;
    }
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let found = era * ERA + days_before(year_of_era) + month_start(month) + day - 1 - EPOCH;
    // Days that a month does not have are of another one.
    (date_of(found).2 == day).then_some(found)
}

/// Days before a year of an era.
fn days_before(year: i64) -> i64 {
    year * 365 + year / 4 - year / 100
}

/// Days before a month, counted from March.
fn month_start(month: i64) -> i64 {
    (153 * month + 2) / 5
}

// ---- texts of values

impl Display for Date {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        show_day(f, i64::from(self.0))
    }
}

impl Display for Time {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        show_time(f, i64::from(self.0), self.1)
    }
}

impl Display for DateTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.show(f, 0)
    }
}

impl Display for UtcDateTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.show(f, 0)?;
        f.write_str("Z")
    }
}

impl Display for OffsetDateTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.show(f, self.1.0)?;
        if self.1.0 == 0 { f.write_str("Z") } else { self.1.fmt(f) }
    }
}

impl Display for UtcOffset {
    /// With seconds only where there are any, which RFC 3339 does not know of.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        let secs = self.0.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", secs / 3600, secs / 60 % 60)?;
        if secs % 60 != 0 { write!(f, ":{:02}", secs % 60) } else { Ok(()) }
    }
}

impl DateTime {
    /// Shows what clocks show that are so many seconds ahead.
    fn show(&self, f: &mut Formatter<'_>, ahead: i32) -> fmt::Result {
        let (day, secs) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY) + i64::from(ahead));
        show_day(f, day + secs.div_euclid(DAY))?;
        f.write_str("T")?;
        show_time(f, secs.rem_euclid(DAY), self.1)
    }
}

fn show_day(f: &mut Formatter<'_>, day: i64) -> fmt::Result {
    let (year, month, day) = date_of(day);
    match year {
        0..=9999 => write!(f, "{year:04}-{month:02}-{day:02}"),
        _ => write!(f, "{year:+05}-{month:02}-{day:02}"),
    }
}

fn show_time(f: &mut Formatter<'_>, secs: i64, nanos: u32) -> fmt::Result {
    let (leap, nanos) = (nanos / SECOND, nanos % SECOND);
    write!(f, "{:02}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60 + i64::from(leap))?;
    match nanos {
        0 => Ok(()),
        _ if nanos % 1_000_000 == 0 => write!(f, ".{:03}", nanos / 1_000_000),
        _ if nanos % 1_000 == 0 => write!(f, ".{:06}", nanos / 1_000),
        _ => write!(f, ".{nanos:09}"),
    }
}

// ---- values of texts

macro_rules! parsed {
    ($($type:ident: |$text:ident| $parse:expr;)*) => {$(
        impl FromStr for $type {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                let mut all = Text(text.as_bytes());
                let $text = &mut all;
                let value = $parse;
                value.filter(|_| all.0.is_empty()).ok_or(())
            }
        }
    )*};
}

parsed! {
    Date: |text| text.day().and_then(|day| i32::try_from(day).ok()).map(Date);
    Time: |text| text.time().map(|(secs, nanos)| Time(secs as u32, nanos));
    DateTime: |text| text.date_time();
    UtcDateTime: |text| text.offset_date_time().and_then(|OffsetDateTime(DateTime(secs, nanos), _)| {
        point((secs, nanos)).ok().map(|_| UtcDateTime(DateTime(secs, nanos)))
    });
    OffsetDateTime: |text| text.offset_date_time();
    UtcOffset: |text| text.offset();
}

/// A text, taken from the front.
struct Text<'t>(&'t [u8]);

impl Text<'_> {
    fn take(&mut self, wanted: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        wanted.contains(&first).then(|| {
            self.0 = rest;
            first
        })
    }

    /// As many digits as there are, of so many at least and at most.
    fn digits(&mut self, counts: std::ops::RangeInclusive<usize>) -> Option<i64> {
        let count = self.0.iter().take(*counts.end()).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        counts.contains(&count).then(|| digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }

    /// Two digits of a number below `bound`.
    fn two(&mut self, bound: i64) -> Option<i64> {
        self.digits(2..=2).filter(|&number| number < bound)
    }

    fn day(&mut self) -> Option<i64> {
        // Years have four digits, or a sign.
        let year = match self.take(b"+-") {
            None => self.digits(4..=4)?,
            Some(sign) => self.digits(4..=12)? * if sign == b'-' { -1 } else { 1 },
        };
        self.take(b"-")?;
        let month = self.two(13)?;
        self.take(b"-")?;
        day_of(year, month, self.two(32)?)
    }

    fn time(&mut self) -> Option<(i64, u32)> {
        let hour = self.two(24)?;
        self.take(b":")?;
        let minute = self.two(60)?;
        self.take(b":")?;
        let second = self.two(61)?;
        let mut nanos = 0;
        if self.take(b".,").is_some() {
            let before = self.0.len();
            let digits = self.digits(1..=9)?;
            nanos = digits as u32 * 10u32.pow(9 - (before - self.0.len()) as u32);
        }
        let secs = hour * 3600 + minute * 60 + second;
        Some(if second == 60 { (secs - 1, nanos + SECOND) } else { (secs, nanos) })
    }

    fn date_time(&mut self) -> Option<DateTime> {
        let day = self.day()?;
        self.take(b"Tt ")?;
        let (secs, nanos) = self.time()?;
        Some(DateTime(day.checked_mul(DAY)?.checked_add(secs)?, nanos))
    }

    fn offset(&mut self) -> Option<UtcOffset> {
        let Some(sign) = self.take(b"+-") else { return self.take(b"Zz").map(|_| UtcOffset(0)) };
        let hours = self.two(26)?;
        self.take(b":");
        let mut secs = hours * 3600 + self.two(60)? * 60;
        if self.take(b":").is_some() {
            secs += self.two(60)?;
        }
        Some(UtcOffset(secs as i32 * if sign == b'-' { -1 } else { 1 }))
    }

    fn offset_date_time(&mut self) -> Option<OffsetDateTime> {
        let DateTime(secs, nanos) = self.date_time()?;
        self.take(b" ");
        let offset = self.offset()?;
        Some(OffsetDateTime(DateTime(secs.checked_sub(i64::from(offset.0))?, nanos), offset))
    }
}
