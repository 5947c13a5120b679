//! The days, times and spans of the crate `time`.

use persist_core::{Dumper, ErrorKind, Protocol, Value, dumps, loads};
use proptest::prelude::{Strategy, any};
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset};

use crate::harness::{back, round_trips, rows_back};
use crate::like_serde::{json, same};

fn days() -> impl Strategy<Value = Date> {
    (Date::MIN.to_julian_day()..=Date::MAX.to_julian_day()).prop_map(|day| Date::from_julian_day(day).unwrap())
}

fn times() -> impl Strategy<Value = Time> {
    (0..86_400u32, 0..1_000_000_000u32).prop_map(|(secs, nanos)| {
        Time::from_hms_nano((secs / 3600) as u8, (secs / 60 % 60) as u8, (secs % 60) as u8, nanos).unwrap()
    })
}

fn offsets() -> impl Strategy<Value = UtcOffset> {
    (-93_599..93_600i32).prop_map(|secs| UtcOffset::from_whole_seconds(secs).unwrap())
}

round_trips! {
    dates: days() => |seed| *seed, |value| *value;
    times_of_day: times() => |seed| *seed, |value| *value;
    primitive: (days(), times()) => |seed| PrimitiveDateTime::new(seed.0, seed.1), |value| *value;
    utc: (days(), times()) => |seed| UtcDateTime::new(seed.0, seed.1), |value| *value;
    // Equality does not see the offset.
    with_offset: (days(), times(), offsets()) =>
        |seed| PrimitiveDateTime::new(seed.0, seed.1).assume_offset(seed.2), |value| (*value, value.offset());
    offsets_alone: offsets() => |seed| *seed, |value| *value;
    spans: (any::<i64>(), -999_999_999..1_000_000_000) => |seed| Duration::new(seed.0, seed.1), |value| *value;
}

#[test]
fn texts() {
    let day = Date::from_calendar_date(2024, Month::February, 29).unwrap();
    let time = PrimitiveDateTime::new(day, Time::from_hms_milli(23, 5, 6, 70).unwrap());
    let ahead = UtcOffset::from_hms(5, 30, 0).unwrap();
    assert_eq!(json(&day), r#""2024-02-29""#);
    assert_eq!(json(&time.time()), r#""23:05:06.070""#);
    assert_eq!(json(&time), r#""2024-02-29T23:05:06.070""#);
    assert_eq!(json(&time.as_utc()), r#""2024-02-29T23:05:06.070Z""#);
    assert_eq!(json(&time.assume_utc()), r#""2024-02-29T23:05:06.070Z""#);
    assert_eq!(json(&time.assume_offset(ahead)), r#""2024-02-29T23:05:06.070+05:30""#);
    assert_eq!(json(&(ahead, UtcOffset::UTC)), r#"["+05:30","+00:00"]"#);
    assert_eq!(json(&UtcOffset::from_hms(-25, -59, -59).unwrap()), r#""-25:59:59""#);
    // As serde writes it where numbers will do.
    same(&Duration::new(-3, -500_000_000));
    // The form of the crate's own serde, where its feature `serde-human-readable` is on.
    for (text, expected) in [
        (r#""2024-02-29 23:05:06.07 +05:30:00""#, time.assume_offset(ahead)),
        (r#""2024-02-29 23:05:06.07 +00:00:00""#, time.assume_utc()),
    ] {
        let loaded: OffsetDateTime = loads(text.as_bytes()).unwrap();
        assert_eq!((loaded, loaded.offset()), (expected, expected.offset()));
    }
    assert_eq!(loads::<PrimitiveDateTime>(br#""2024-02-29 23:05:06.07""#).unwrap(), time);
}

#[test]
fn ends_of_the_ranges() {
    back(&(Date::MIN, Date::MAX, Time::MIDNIGHT, Time::MAX, PrimitiveDateTime::MIN, PrimitiveDateTime::MAX));
    back(&(UtcDateTime::MIN, UtcDateTime::MAX, OffsetDateTime::UNIX_EPOCH, Duration::MIN, Duration::MAX));
    // The days before the first and after the last one are there in UTC only.
    for offset in [-93_599, 93_599] {
        let offset = UtcOffset::from_whole_seconds(offset).unwrap();
        for time in [PrimitiveDateTime::MIN, PrimitiveDateTime::MAX] {
            let time = time.assume_offset(offset);
            back(&time);
            assert_eq!(loads::<OffsetDateTime>(&dumps(&time).unwrap()).unwrap().offset(), offset);
        }
    }
    rows_back(|i| UtcDateTime::from_unix_timestamp(1_700_000_000 + i as i64).unwrap());
}

/// Numbers as they stand in a file, of which a type makes its values.
fn refused<T: persist_core::Persist>(numbers: impl Into<Value>, says: &str) {
    let bytes = Dumper::new().protocol(Protocol::Cbor).dumps(&numbers.into()).unwrap();
    let error = loads::<T>(&bytes).map(drop).unwrap_err();
    assert!(error.is(ErrorKind::Value) && error.to_string().contains(says), "{error}");
}

#[test]
fn numbers_of_no_value_are_refused() {
    let list = |numbers: &[i64]| numbers.iter().copied().map(Value::from).collect::<Value>();
    for days in [i32::MIN, i32::MAX, 2_932_897] {
        refused::<Date>(days, "is out of the range of `time::Date`");
    }
    refused::<Time>(list(&[86_400, 0]), "a day has no second 86400");
    // There are no leap seconds in this crate.
    refused::<Time>(list(&[59, 1_000_000_000]), "00:00:60 is out of the range of `time::Time`");
    refused::<UtcDateTime>(list(&[59, 1_500_000_000]), "out of the range");
    refused::<OffsetDateTime>(list(&[59, 1_500_000_000, 0]), "1970-01-01T00:00:60.500Z is out of the range");
    for secs in [i64::MIN, i64::MAX, 253_402_300_800] {
        refused::<PrimitiveDateTime>(list(&[secs, 0]), "`time::PrimitiveDateTime`");
        refused::<UtcDateTime>(list(&[secs, 0]), "`time::UtcDateTime`");
        refused::<OffsetDateTime>(list(&[secs, 0, 0]), "`time::OffsetDateTime`");
    }
    refused::<UtcOffset>(93_600, "93600 seconds are more than");
    refused::<OffsetDateTime>(list(&[0, 0, i32::MAX.into()]), "offset");
    refused::<Duration>(list(&[i64::MAX, i32::MAX.into()]), "no `time::Duration`");
    refused::<Duration>(list(&[0, -1_000_000_000]), "no `time::Duration`");
    refused::<Duration>(list(&[0, i32::MIN.into()]), "no `time::Duration`");
}

#[cfg(feature = "chrono")]
#[test]
fn one_shape_with_the_types_of_chrono() {
    use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta};
    let chrono: DateTime<FixedOffset> = "2024-02-29T23:05:06.07+05:30".parse().unwrap();
    let bytes = dumps(&(chrono, chrono.to_utc(), chrono.naive_local(), chrono.date_naive(), chrono.time())).unwrap();
    let time: (OffsetDateTime, UtcDateTime, PrimitiveDateTime, Date, Time) = loads(&bytes).unwrap();
    assert_eq!(time.0.unix_timestamp_nanos(), i128::from(chrono.timestamp_nanos_opt().unwrap()));
    assert_eq!((time.0.date(), time.0.time(), time.0), (time.3, time.4, time.1.into()));
    assert_eq!(PrimitiveDateTime::new(time.3, time.4), time.2);
    assert_eq!(dumps(&time).unwrap(), bytes);
    assert_eq!(loads::<NaiveDate>(&dumps(&time.3).unwrap()).unwrap(), chrono.date_naive());
    assert_eq!(loads::<NaiveTime>(&dumps(&time.4).unwrap()).unwrap(), chrono.time());
    let back = dumps(&Duration::new(-3, -500_000_000)).unwrap();
    assert_eq!(loads::<TimeDelta>(&back).unwrap(), TimeDelta::milliseconds(-3500));
    let back = dumps(&TimeDelta::milliseconds(-3500)).unwrap();
    assert_eq!(loads::<Duration>(&back).unwrap(), Duration::milliseconds(-3500));
}
