//! chrono's days, times and spans.

use std::collections::BTreeMap;

use chrono::{
    DateTime, Days, FixedOffset, Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc, Weekday,
};
use persist_core::serde::AsSerde;
use persist_core::{Dumper, ErrorKind, Protocol, Value, dumps, inspect, loads};
use proptest::prelude::{Strategy, any};

use crate::harness::{back, round_trips, rows_back};
use crate::like_serde::{as_ciborium, json};

fn days() -> impl Strategy<Value = NaiveDate> {
    (-96_465_292i32..=95_026_236).prop_filter_map("in range", NaiveDate::from_epoch_days)
}

fn times() -> impl Strategy<Value = NaiveTime> {
    let nanos = proptest::prop_oneof![
        proptest::strategy::Just(0),
        (0..1000u32).prop_map(|millis| millis * 1_000_000),
        0..1_000_000_000u32,
        1_000_000_000..2_000_000_000u32
    ];
    (0..86_400u32, nanos).prop_map(|(secs, nanos)| {
        let secs = if nanos < 1_000_000_000 { secs } else { secs / 60 * 60 + 59 };
        NaiveTime::from_num_seconds_from_midnight_opt(secs, nanos).unwrap()
    })
}

fn date_times() -> impl Strategy<Value = NaiveDateTime> {
    (days(), times()).prop_map(|(day, time)| day.and_time(time))
}

fn offsets() -> impl Strategy<Value = FixedOffset> {
    (-1439..1440i32).prop_map(|minutes| FixedOffset::east_opt(minutes * 60).unwrap())
}

round_trips! {
    dates: days() => |seed| *seed, |value| *value;
    times_of_day: times() => |seed| *seed, |value| *value;
    naive: date_times() => |seed| *seed, |value| *value;
    utc: date_times() => |seed| seed.and_utc(), |value| *value;
    // Equality does not see the offset.
    fixed: (date_times(), offsets()) => |seed| seed.0.and_utc().with_timezone(&seed.1), |value| (*value, *value.offset());
    spans: (any::<i32>(), 0..1_000_000_000u32) => |seed| TimeDelta::new(seed.0.into(), seed.1).unwrap(), |value| *value;
}

/// Json is what serde writes; what serde wrote loads, and so do numbers.
fn same<T>(value: &T)
where
    T: persist_core::Persist + serde::Serialize + PartialEq + std::fmt::Debug,
{
    assert_eq!(json(value), serde_json::to_string(value).unwrap());
    assert_eq!(&loads::<T>(&as_ciborium(value)).unwrap(), value);
    back(value);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn as_serde_writes_them(time in date_times(), offset in offsets(), secs in any::<i32>()) {
        same(&time.date());
        same(&time.time());
        same(&time);
        same(&time.and_utc());
        same(&time.and_utc().with_timezone(&offset));
        same(&TimeDelta::new(secs.into(), time.nanosecond() % 1_000_000_000).unwrap());
    }
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[test]
fn ends_of_the_ranges() {
    for day in [NaiveDate::MIN, NaiveDate::MAX, date(-1, 12, 31), date(0, 1, 1), date(9999, 12, 31), date(10_000, 1, 1)]
    {
        same(&day);
    }
    for day in [date(2000, 2, 29), date(1900, 2, 28), date(1969, 12, 31), date(2024, 2, 29), date(2100, 3, 1)] {
        same(&day);
    }
    same(&NaiveTime::MIN);
    same(&NaiveTime::from_hms_nano_opt(23, 59, 59, 1_999_999_999).unwrap());
    same(&NaiveDateTime::MIN);
    same(&NaiveDateTime::MAX);
    same(&DateTime::<Utc>::MIN_UTC);
    same(&DateTime::<Utc>::MAX_UTC);
    same(&DateTime::UNIX_EPOCH);
    same(&TimeDelta::MIN);
    same(&TimeDelta::MAX);
    same(&TimeDelta::nanoseconds(-1));
    back(&DateTime::<Utc>::MAX_UTC.with_timezone(&FixedOffset::east_opt(-86_399).unwrap()));
    back(&[FixedOffset::east_opt(86_399).unwrap(), FixedOffset::west_opt(86_399).unwrap()]);
    for month in 1..=12 {
        same(&Month::try_from(month).unwrap());
    }
    for day in 0..7u8 {
        same(&Weekday::try_from(day).unwrap());
    }
    rows_back(|i| DateTime::from_timestamp(1_700_000_000 + 3 * i as i64, i as u32 * 1000).unwrap());
}

#[test]
fn columns_are_small() {
    // Seconds of one day take 17 bits each, and whole seconds nothing more.
    let log: Vec<_> = (0..10_000).map(|i| DateTime::from_timestamp(1_700_000_000 + i * 7, 0).unwrap()).collect();
    assert!(dumps(&log).unwrap().len() < 10_000 * 9 / 4 + 400);
    let days: Vec<_> = (0..1000).map(|i| date(2020, 1, 1) + Days::new(i)).collect();
    assert!(dumps(&days).unwrap().len() < 1000 * 5 / 4 + 100);
}

#[test]
fn texts() {
    let time = date(2024, 2, 29).and_hms_milli_opt(23, 30, 1, 500).unwrap();
    assert_eq!(json(&time.and_utc()), r#""2024-02-29T23:30:01.500Z""#);
    for text in [
        "2024-02-29T23:30:01.5Z",
        "2024-02-29t23:30:01,500z",
        "2024-03-01T00:30:01.5+01:00",
        "2024-03-01 00:30:01.500000000 +0100",
        "+2024-02-29T22:30:00.5-00:59:59",
    ] {
        let text = format!("\"{text}\"");
        if let Ok(loaded) = loads::<DateTime<Utc>>(text.as_bytes()) {
            assert!(loaded == time.and_utc() || text.contains("59:59"), "{text}");
        }
        assert!(loads::<DateTime<FixedOffset>>(text.as_bytes()).is_ok(), "{text}");
        assert!(loads::<NaiveDateTime>(text.as_bytes()).is_err(), "{text}");
    }
    for text in [
        "2023-02-29",
        "2024-13-01",
        "2024-00-01",
        "2024-01-00",
        "2024-04-31",
        "24-01-01",
        "10000-01-01",
        "2024-1-01",
        "2024-01-01 ",
        "",
        "-",
        "+9999999999999-01-01",
        "+999999999999-01-01",
        "2024-01-01T00:00:00",
        "２024-01-01",
    ] {
        let error = loads::<NaiveDate>(format!("\"{text}\"").as_bytes()).unwrap_err();
        assert!(error.is(ErrorKind::Value) && error.to_string().contains("`Date`"), "{text}: {error}");
    }
    for text in
        ["24:00:00", "12:60:00", "12:00:61", "12:00", "12:00:00.", "12:00:00.1234567890", "-1:00:00", "12:00:00Z"]
    {
        let error = loads::<NaiveTime>(format!("\"{text}\"").as_bytes()).unwrap_err();
        assert!(error.is(ErrorKind::Value) && error.to_string().contains("`Time`"), "{text}: {error}");
    }
    for text in ["2024-01-01T00:00:00", "2024-01-01T00:00:00+1", "2024-01-01T00:00:00+26:00", "2024-01-01T00:00:00ZZ"] {
        assert!(loads::<DateTime<Utc>>(format!("\"{text}\"").as_bytes()).unwrap_err().is(ErrorKind::Value), "{text}");
    }
    // A key of a map.
    back(&BTreeMap::from([(time, 1u8), (NaiveDateTime::MIN, 2)]));
    assert_eq!(json(&BTreeMap::from([(time.date(), 1u8)])), r#"{"2024-02-29":1}"#);
}

#[test]
fn by_serde() {
    let value = AsSerde((DateTime::<Utc>::MIN_UTC, date(2024, 2, 29), TimeDelta::MAX, Month::May));
    let text = serde_json::to_string(&value).unwrap();
    assert_eq!(text, serde_json::to_string(&value.0).unwrap());
    assert_eq!(serde_json::from_str::<AsSerde<_>>(&text).unwrap(), value);
    // Numbers, where people do not read.
    let mut bytes = Vec::new();
    ciborium::into_writer(&value, &mut bytes).unwrap();
    assert_eq!(ciborium::from_reader::<AsSerde<_>, _>(&bytes[..]).unwrap(), value);
}

#[test]
fn offsets_with_seconds_are_kept() {
    // chrono rounds them to minutes.
    let paris = FixedOffset::east_opt(561).unwrap();
    let time = date(1900, 1, 1).and_hms_opt(0, 0, 0).unwrap().and_local_timezone(paris).unwrap();
    assert_eq!(json(&time), r#""1900-01-01T00:00:00+00:09:21""#);
    back(&(time, paris));
    assert_eq!(loads::<DateTime<FixedOffset>>(json(&time).as_bytes()).unwrap().offset(), &paris);
    let leap = date(1900, 1, 1).and_hms_milli_opt(23, 59, 59, 1500).unwrap().and_local_timezone(paris).unwrap();
    assert_eq!(json(&leap), r#""1900-01-01T23:59:60.500+00:09:21""#);
    back(&leap);
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
    refused::<NaiveDate>(i32::MAX, "+5881580-07-11 is out of the range of `chrono::NaiveDate`");
    refused::<NaiveDate>(i32::MIN, "out of the range");
    refused::<NaiveTime>(list(&[86_400, 0]), "a day has no second 86400");
    refused::<NaiveTime>(list(&[58, 1_000_000_000]), "no leap second");
    refused::<NaiveTime>(list(&[59, 2_000_000_000]), "more than a second has");
    for secs in [i64::MAX, i64::MIN, i64::MAX / 3, 8_210_266_876_800] {
        refused::<NaiveDateTime>(list(&[secs, 0]), "`chrono::NaiveDateTime`");
        refused::<DateTime<Utc>>(list(&[secs, 0]), "`chrono::DateTime<Utc>`");
        refused::<DateTime<FixedOffset>>(list(&[secs, 0, 60]), "`chrono::DateTime<FixedOffset>`");
    }
    refused::<DateTime<Utc>>(list(&[0, 1_000_000_000]), "no leap second");
    refused::<DateTime<FixedOffset>>(list(&[59, 1_000_000_000, 30]), "no leap second");
    refused::<DateTime<FixedOffset>>(list(&[0, 0, 86_400]), "`chrono::FixedOffset`");
    refused::<DateTime<FixedOffset>>(list(&[0, 0, i32::MIN.into()]), "more than an offset");
    refused::<FixedOffset>(i32::MIN, "`chrono::FixedOffset`");
    refused::<TimeDelta>(list(&[i64::MAX, 0]), "no `chrono::TimeDelta`");
    refused::<TimeDelta>(list(&[i64::MIN, -1]), "no `chrono::TimeDelta`");
    refused::<TimeDelta>(list(&[0, 1_000_000_000]), "no `chrono::TimeDelta`");
    refused::<TimeDelta>(list(&[0, i32::MIN.into()]), "no `chrono::TimeDelta`");
    assert_eq!(inspect(&dumps(&DateTime::UNIX_EPOCH).unwrap()).unwrap(), list(&[0, 0]));
}

#[test]
fn a_leap_second_that_chrono_made_up_is_not_saved() {
    let odd = NaiveTime::MIN.with_nanosecond(1_500_000_000).unwrap();
    let error = dumps(&vec![NaiveTime::MIN, odd]).unwrap_err();
    assert!(error.is(ErrorKind::Value) && error.path().starts_with("[1]"), "{error}");
}
