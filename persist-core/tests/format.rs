//! `docs/format.md` says what is written: a reader that follows it and shares no code with us,
//! `tests/python/read_packed.py`, finds in packed values what protocol Json says of them.
//!
//! It needs `python3`, 3.11 or newer.

#[path = "format/values.rs"]
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::process::{Command, Stdio};

use persist_core::{Dumper, Encode, Protocol, Value, dumps};
use serde_json::Value as Json;

use values::*;

// ---- the reader

const READER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/python/read_packed.py");

/// Lets the reader read; gives its lines.
fn read(arguments: &[&str], input: &[u8]) -> Vec<String> {
    let mut child = Command::new("python3")
        .arg(READER)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`python3` (3.11 or newer) should be in the path: it runs tests/python/read_packed.py");
    // The reader takes all of its input before it writes.
    let written = child.stdin.take().expect("it is piped").write_all(input);
    let output = child.wait_with_output().expect("the reader should end");
    assert!(output.status.success(), "the reader failed: {}", output.status);
    written.expect("the reader should take its input");
    String::from_utf8(output.stdout).expect("JSON is UTF-8").lines().map(str::to_owned).collect()
}

/// Lets the reader read many items at once; gives a line for each.
fn read_items(items: &[Vec<u8>]) -> Vec<String> {
    let mut input = Vec::new();
    for item in items {
        input.extend_from_slice(&u32::try_from(item.len()).expect("items are small").to_le_bytes());
        input.extend_from_slice(item);
    }
    let lines = read(&["--framed"], &input);
    assert_eq!(lines.len(), items.len());
    lines
}

// ---- values, and what the reader should say of them

struct Case {
    what: String,
    expected: String,
    /// The text itself is compared, for numbers that `serde_json` does not keep.
    exact: bool,
}

#[derive(Default)]
struct Cases {
    cases: Vec<Case>,
    items: Vec<Vec<u8>>,
}

impl Cases {
    fn put<T: Encode>(&mut self, what: &str, value: &T, expected: &str, exact: bool) {
        let dumpers = [
            ("with checksums", Dumper::new()),
            ("without checksums", Dumper::new().checksum(false)),
            ("small", Dumper::new().small_columns()),
            ("diffable", Dumper::new().diffable(true)),
        ];
        for (how, mut dumper) in dumpers {
            let what = format!("{what}: {}, {how}", std::any::type_name::<T>());
            let packed = dumper.dumps(value).unwrap();
            weighs_all(&what, &packed);
            self.items.push(packed);
            self.cases.push(Case { what, expected: expected.to_owned(), exact });
        }
    }

    /// A value of which the reader should say what Json says.
    fn add<T: Encode>(&mut self, what: &str, value: &T) {
        written_without_the_type(what, value);
        self.put(what, value, &json(value), false);
    }

    /// As [`add`](Cases::add), in the same bytes.
    fn exact<T: Encode>(&mut self, what: &str, value: &T) {
        self.put(what, value, &json(value), true);
    }

    /// Rows of a type alone and together, inside all that holds rows.
    fn rows<T: persist_core::Persist + Clone>(&mut self, what: &str, rows: &[T]) {
        let all = rows.to_vec();
        let first = &rows[0];
        for row in rows {
            self.add(what, row);
        }
        self.add(what, &all);
        self.add(what, &vec![first.clone(); 9]);
        self.add(what, &vec![first.clone()]);
        self.add(what, &Vec::<T>::new());
        self.add(what, &(first.clone(), all.clone(), 7u8));
        self.add(what, &Some(first.clone()));
        self.add(what, &rows.iter().map(|row| Some(row.clone())).chain([None]).collect::<Vec<_>>());
        self.add(what, &vec![Some(Some(first.clone())), Some(None), None]);
        self.add(what, &vec![None::<T>; 3]);
        self.add(what, &Box::new(first.clone()));
        self.add(what, &rows.iter().map(|row| Box::new(row.clone())).collect::<Vec<_>>());
        self.add(what, &vec![vec![all.clone()]]);
        self.add(what, &vec![all.clone(), vec![], all.clone()]);
        self.add(what, &vec![vec![vec![first.clone()], vec![]], vec![]]);
        self.add(what, &([] as [T; 0]));
        self.add(what, &[rows[0].clone()]);
        self.add(what, &[vec![first.clone()], vec![], all.clone()]);
        self.add(what, &[[first.clone()], [first.clone()], [first.clone()]]);
        self.add(what, &rows.iter().map(|row| [row.clone(), first.clone(), row.clone()]).collect::<Vec<_>>());
        self.add(what, &rows.iter().map(|row| [row.clone()]).collect::<Vec<_>>());
        self.add(what, &vec![[] as [T; 0]; 3]);
        self.add(what, &BTreeMap::from([("one".to_owned(), first.clone())]));
        self.add(what, &(0u8..).zip(all).collect::<BTreeMap<_, _>>());
    }

    /// Lets the reader read all, and compares.
    fn check(self) {
        let lines = read_items(&self.items);
        for (Case { what, expected, exact }, line) in self.cases.iter().zip(&lines) {
            let equal =
                line == expected || (!exact && !line.starts_with("error") && same(&parse(expected), &parse(line)));
            assert!(equal, "{what}\n  expected: {}\n  read:     {}", start(expected), start(line));
        }
    }
}

/// The parts of a value take all of its bytes.
fn weighs_all(what: &str, bytes: &[u8]) {
    let weights = persist_core::weigh(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    let sum: u64 = weights.parts.iter().map(|part| part.bytes).sum();
    assert_eq!((sum as i64 - weights.saved, weights.size), (bytes.len() as i64, bytes.len() as u64), "{what}");
}

/// From packed bytes alone, Json and Cbor are written as from the value.
fn written_without_the_type<T: Encode>(what: &str, value: &T) {
    let packed = Dumper::new().dumps(value).unwrap();
    for protocol in [Protocol::Json, Protocol::Cbor] {
        let (mut expected, mut found) = (Vec::new(), Vec::new());
        Dumper::new().protocol(protocol).dump(value, &mut expected).unwrap();
        persist_core::transcode(&packed, protocol, &mut found).unwrap();
        assert_eq!(found, expected, "{what}: {}, {protocol:?}", std::any::type_name::<T>());
        weighs_all(what, &found);
    }
}

fn json<T: Encode>(value: &T) -> String {
    String::from_utf8(Dumper::new().protocol(Protocol::Json).dumps(value).unwrap()).unwrap()
}

fn parse(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {}", start(text)))
}

fn start(text: &str) -> String {
    text.chars().take(400).collect()
}

/// Whether Json and the reader say the same; apart from spelling, which differs in three places.
fn same(json: &Json, read: &Json) -> bool {
    match (json, read) {
        (Json::Array(json), Json::Array(read)) => {
            json.len() == read.len() && json.iter().zip(read).all(|(json, read)| same(json, read))
        }
        // Json tells `Some` also where only the type asks for it.
        (Json::Object(json), read) if json.len() == 1 && json.contains_key("Some") && read.get("Some").is_none() => {
            same(&json["Some"], read)
        }
        // The keys of Json's objects are text, also those of numbers; the reader writes pairs.
        (Json::Object(json), Json::Array(read)) => {
            json.len() == read.len()
                && read.iter().all(|pair| {
                    entry(pair).is_some_and(|(key, read)| {
                        let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                        json.get(&key).is_some_and(|json| same(json, read))
                    })
                })
        }
        (Json::Object(json), Json::Object(read)) => {
            json.len() == read.len()
                && json.iter().all(|(key, json)| read.get(key).is_some_and(|read| same(json, read)))
        }
        // A map without entries, whose keys are not text.
        (Json::Array(json), Json::Object(read)) => json.is_empty() && read.is_empty(),
        // Json writes the shortest number that gives the same f32, the reader that of the f64 that it is.
        (Json::Number(json), Json::Number(read)) => {
            let (Some(a), Some(b)) = (json.as_f64(), read.as_f64()) else { return false };
            let is_single = f64::from(b as f32).to_bits() == b.to_bits();
            a.to_bits() == b.to_bits() || (is_single && (a as f32).to_bits() == (b as f32).to_bits())
        }
        _ => json == read,
    }
}

fn entry(pair: &Json) -> Option<(&Json, &Json)> {
    match pair.as_array()?.as_slice() {
        [key, value] => Some((key, value)),
        _ => None,
    }
}

// ---- the tests

#[test]
fn integers_of_every_kind_and_width() {
    let mut cases = Cases::default();
    macro_rules! kinds {
        ($($int:ident)*) => {$(
            let what = stringify!($int);
            let (low, high) = ($int::MIN, $int::MAX);
            [0, 1, low, high, high / 2, low / 2].iter().for_each(|value| cases.exact(what, value));
            for bits in 0..$int::BITS {
                let top: $int = 1 << bits;
                let below = top.wrapping_sub(1);
                cases.exact(what, &vec![0, top, below, below / 3, 1]);
                cases.exact(what, &vec![high, high - (high & below), high - (high & below) / 3]);
                cases.exact(what, &vec![low, low.wrapping_add(high & below), low]);
                cases.exact(what, &vec![top / 2, (0 as $int).wrapping_sub(top / 2), 0]);
                cases.exact(what, &vec![top; 9]);
            }
            for count in 2..20 {
                cases.exact(what, &(0..count).map(|i| i * 7 % 32).collect::<Vec<$int>>());
            }
            cases.exact(what, &vec![low, high]);
            cases.exact(what, &vec![(low, Some(high), [1 as $int; 3]); 3]);
        )*};
    }
    kinds!(u8 u16 u32 u64 u128 i8 i16 i32 i64 i128);
    cases.rows("usize", &[1usize, 2, 3]);
    cases.check();
}

#[test]
fn floats_and_their_runs() {
    let mut cases = Cases::default();
    let floats = [0.1f32, -0.0, f32::MAX, f32::MIN_POSITIVE / 8.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
    let doubles = [0.1f64, -0.0, f64::MAX, f64::MIN_POSITIVE / 8.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    cases.rows("f32", &floats);
    cases.rows("f64", &doubles);
    cases.rows("tuples", &floats.into_iter().zip(doubles).collect::<Vec<_>>());
    cases.rows("arrays of arrays", &[[[1.5f32; 2]; 3], [[2.5; 2]; 3]]);
    cases.rows("runs of runs", &[((1.0f32, [2.0f64; 2]), 3.0f32), ((4.0, [5.0; 2]), 6.0)]);
    cases.rows("structs", &[point(1), point(2)]);
    cases.rows("structs of runs", &[Path(point(1), [0.5; 3]), Path(point(2), [1.5; 3])]);
    cases.rows("newtypes", &[Weight(1.0), Weight(2.0)]);
    cases.rows("a default", &[Unsure { x: 1.0, y: 2.0 }, Unsure { x: 3.0, y: 4.0 }]);
    cases.rows("no run", &[(1.0f32, 2u8, 3.0f64), (4.0, 5, 6.0)]);
    cases.rows("no floats in it", &[(1.0f32, [] as [f32; 0], 2.0f32), (4.0, [], 6.0)]);
    cases.add("the longest run", &vec![(1.0f64, [0.5f32; 16_382]), (2.0, [1.5; 16_382])]);
    cases.add("too long for a run", &vec![(1.0f64, [0.5f32; 16_383]), (2.0, [1.5; 16_383])]);
    cases.add("a map of floats", &BTreeMap::from([(1u8, 1.5f32), (2, 2.5)]));
    cases.check();
}

#[cfg(all(feature = "chrono", feature = "ndarray", feature = "uuid"))]
#[test]
fn types_of_other_crates() {
    use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
    let mut cases = Cases::default();
    cases.rows("UUIDs", &[uuid::Uuid::nil(), uuid::Uuid::max(), uuid::Uuid::from_u128(1 << 100)]);
    let dates = [NaiveDate::MIN, NaiveDate::MAX, NaiveDate::default(), NaiveDate::from_ymd_opt(2000, 2, 29).unwrap()];
    let leap = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_000_000_001).unwrap();
    let times = [NaiveTime::MIN, leap, NaiveTime::from_hms_micro_opt(1, 2, 3, 4).unwrap()];
    cases.rows("dates", &dates);
    cases.rows("times", &times);
    cases.rows("dates and times", &[NaiveDateTime::MIN, NaiveDateTime::MAX, dates[3].and_time(leap)]);
    let utc = [DateTime::<Utc>::MIN_UTC, DateTime::UNIX_EPOCH, dates[3].and_time(times[2]).and_utc()];
    cases.rows("in UTC", &utc);
    let offsets = [0, -1, 5400].map(|secs| FixedOffset::east_opt(secs).unwrap());
    cases.rows("offsets", &offsets);
    cases.rows("with offsets", &offsets.map(|offset| utc[1].with_timezone(&offset)));
    cases.rows("arrays", &[ndarray::array![[1u16, 2], [3, 4]], ndarray::Array2::zeros((0, 3))]);
    cases.check();
}

#[test]
fn texts_flags_and_the_like() {
    let mut cases = Cases::default();
    let texts = ["", "a", "\u{e4}\u{df}", "\u{65e5}\u{672c}", "\u{1f980}", "\0\"\\\n\u{1f}\u{7f}"].map(str::to_owned);
    cases.rows("texts", &texts);
    cases.rows("empty texts", &[String::new(), String::new()]);
    cases.rows("long texts", &["x".repeat(300), "y".repeat(70_000)]);
    cases.rows("flags", &[true, false, true]);
    cases.rows("characters", &['a', '\u{0}', '\u{d7ff}', '\u{e000}', '\u{10ffff}']);
    cases.rows("units", &[(), ()]);
    cases.rows("options", &[Some(Some(Some(1u8))), Some(Some(None)), Some(None), None]);
    cases.rows("options of units", &[Some(()), None]);
    cases.rows("boxes", &[Box::new(Box::new(1u8)), Box::new(Box::new(2))]);
    cases.rows("slices", &[Box::<[u16]>::from([1, 2]), Box::from([])]);
    cases.rows("IPv4 addresses", &[Ipv4Addr::LOCALHOST, Ipv4Addr::new(1, 2, 3, 255)]);
    let v6 = [Ipv6Addr::LOCALHOST, Ipv4Addr::LOCALHOST.to_ipv6_mapped(), Ipv6Addr::new(1, 0, 0, 2, 0, 0, 0, 3)];
    cases.rows("IPv6 addresses", &v6);
    cases.rows("IP addresses", &[IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(v6[1]), IpAddr::V6(v6[2])]);
    let sockets = [SocketAddr::from((v6[0], 80)), SocketAddrV6::new(v6[2], 443, 5, 6).into(), ([1, 2, 3, 4], 5).into()];
    cases.rows("addresses with ports", &sockets);
    cases.check();
}

#[test]
fn structs_enums_maps_and_sets() {
    let mut cases = Cases::default();
    cases.rows("structs", &[named(1, None), named(2, Some("note"))]);
    cases.rows("tuple structs", &[Pair(1, "a".to_owned()), Pair(2, "b".to_owned())]);
    cases.rows("newtypes", &[Wrapped(vec![1, 2, 3]), Wrapped(vec![])]);
    cases.rows("unit structs", &[Empty, Empty]);
    cases.rows("no fields", &[NoFields {}, NoFields {}]);
    let label = |at| Figure::Label { text: "label".to_owned(), at };
    let line = Figure::Line(point(1), point(2));
    cases.rows(
        "enums",
        &[Figure::Nothing, Figure::Circle(1.5), line, label(None), label(Some(point(3))), Figure::Hidden()],
    );
    cases.rows("one variant", &[One::Only(1), One::Only(2)]);
    cases.rows("many variants", &[Wide::V000, Wide::V255, Wide::V256, Wide::V259, Wide::Data(7)]);
    cases.add("many variants", &WIDE.to_vec());
    cases.rows("256 variants", &[Byte::V000, Byte::V128, Byte::V255]);
    cases.add("256 variants", &BYTES.to_vec());
    cases.rows("maps", &[BTreeMap::from([(1u32, "a".to_owned()), (2, "b".to_owned())]), BTreeMap::new()]);
    cases.rows("maps of maps", &[BTreeMap::from([("a".to_owned(), BTreeMap::from([('x', 1u8), ('y', 2)]))])]);
    cases.rows("keys that are no text", &[BTreeMap::from([((1u8, 2u8), 3u8), ((4, 5), 6)]), BTreeMap::new()]);
    cases.rows("keys that are variants", &[BTreeMap::from([(Wide::V001, 1u8), (Wide::Data(1), 2)])]);
    cases.rows("keys that are options", &[BTreeMap::from([(Some(1u8), 1u8), (None, 2)])]);
    cases.rows("sets", &[BTreeSet::from([3u16, 1, 2]), BTreeSet::new()]);
    cases.rows("sets of sets", &[BTreeSet::from([BTreeSet::from(["a".to_owned()]), BTreeSet::new()])]);
    cases.rows("other types", &[(std::time::Duration::new(1, 2), 1u8..5)]);
    let items: Value = [Value::from(1), Value::from("a")].into_iter().collect();
    cases.put("an opaque item", &items, r#"{"cbor":"82016161"}"#, true);
    cases.put("opaque items", &vec![items, Value::Null], r#"[{"cbor":"82016161"},{"cbor":"f6"}]"#, true);
    cases.check();
}

#[test]
fn sequences_of_every_length_and_groups() {
    let mut cases = Cases::default();
    for length in [0, 1, 2, 64, 65, 257, 5_000] {
        let what = format!("{length} elements");
        let numbers = 0..length;
        cases.add(&what, &numbers.clone().collect::<Vec<u32>>());
        cases.add(&what, &numbers.clone().map(|i| i as u8).collect::<Vec<_>>());
        cases.add(&what, &numbers.clone().map(|i| format!("text {i}")).collect::<Vec<_>>());
        cases.add(&what, &numbers.clone().map(|i| (i, (i % 3 == 0).then_some(i as i8))).collect::<Vec<_>>());
        cases.add(&what, &numbers.clone().map(|i| vec![i; i as usize % 5]).collect::<Vec<_>>());
        cases.add(&what, &numbers.clone().map(|i| [vec![i], vec![]]).collect::<Vec<_>>());
        cases.add(&what, &numbers.clone().map(|i| (i, point(i as u8))).collect::<BTreeMap<_, _>>());
        cases.add(&what, &numbers.clone().map(|_| ()).collect::<Vec<_>>());
        cases.add(&what, &numbers.map(|i| tree(i as u8, 2)).collect::<Vec<_>>());
    }
    let many = 0..100_000u32;
    let tuples: Vec<_> = many.clone().map(|i| (i, u64::from(i) << 20, i % 7 == 0)).collect();
    let texts: Vec<_> = (0..20_000u16).map(|i| (i.to_string(), vec![i; usize::from(i) % 3])).collect();
    let trees: Vec<_> = (0..20_000u32).map(|i| tree(i as u8, 1)).collect();
    assert!(chunks(&tuples) > 2 && chunks(&texts) > 2 && chunks(&trees) > 2, "these should have several groups");
    cases.exact("groups", &tuples);
    cases.exact("groups", &texts);
    cases.exact("groups", &trees);
    let wide: Vec<_> = (0..=256u32).map(|i| (i, vec![i as u8; 600])).collect();
    assert_eq!(chunks(&wide), 2);
    cases.exact("a group of one row", &wide);
    cases.exact("groups in a tuple", &(1u8, texts.clone(), 2u8, Some(trees)));
    cases.exact("groups in single rows", &vec![Box::new([texts.clone()])]);
    cases.exact("no groups in two rows", &[texts.clone(), texts.clone()]);
    cases.add("groups of a map", &texts.into_iter().collect::<BTreeMap<_, _>>());
    cases.exact("groups of a set", &(0..40_000u32).collect::<BTreeSet<_>>());
    cases.exact("groups of floats", &(0..40_000u32).map(|i| f64::from(i) + 0.5).collect::<Vec<_>>());
    cases.exact("rows without columns", &many.map(|_| ()).collect::<Vec<_>>());
    cases.check();
}

#[test]
fn the_forms_of_level_small() {
    let mut cases = Cases::default();
    let noise = |i: u64| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (i << 17)).rotate_left(23);
    macro_rules! kinds {
        ($($int:ident)*) => {$(
            let what = stringify!($int);
            for bits in (1..=$int::BITS.min(64)).step_by(3) {
                let near = |i: u64| (noise(i) >> (64 - bits)) as $int;
                cases.exact(what, &(0..99).map(near).collect::<Vec<_>>());
                cases.exact(what, &(0..99).map(|i| near(i).wrapping_sub(near(7))).collect::<Vec<_>>());
                cases.exact(what, &(0..600).map(|i| near(i % 5).wrapping_mul(3)).collect::<Vec<_>>());
                let steps = (0..200).map(|i| near(i) & 7).scan($int::MAX - 300 as $int, |at, step| {
                    *at = at.wrapping_add(step).wrapping_sub(2);
                    Some(*at)
                });
                cases.exact(what, &steps.collect::<Vec<_>>());
            }
        )*};
    }
    kinds!(u16 u32 u64 i16 i32 i64 u128 i128);
    cases.exact("u8", &(0..300).map(|i| noise(i) as u8).collect::<Vec<_>>());
    cases.exact("i8", &(0..300).map(|i| noise(i) as i8 >> 3).collect::<Vec<_>>());
    cases.add("flags", &(0..99).map(|i| noise(i) & 1 == 1).collect::<Vec<_>>());
    cases.add("characters", &(0..99).map(|i| char::from(noise(i) as u8)).collect::<Vec<_>>());
    for scale in [1.0, 0.125, 1e-40, 1e30, 0.1] {
        let single = |i: u64| (noise(i) % 5000) as f32 * scale as f32;
        let double = |i: u64| ((noise(i) % 5_000_000) as f64 - 1e6) * scale;
        cases.add("floats", &(0..200).map(single).collect::<Vec<_>>());
        cases.add("floats", &(0..200).map(double).collect::<Vec<_>>());
        cases.add("runs", &(0..99).map(|i| (single(i), [double(i), 0.5], (single(i + 1),))).collect::<Vec<_>>());
        cases.add("floats in rows", &(0..99).map(|i| (i as u8, -single(i), double(i))).collect::<Vec<_>>());
    }
    cases.add("bits", &(0..99).map(|i| f64::from_bits(noise(i))).collect::<Vec<_>>());
    cases.add("bits", &(0..99).map(|i| f32::from_bits(noise(i) as u32)).collect::<Vec<_>>());
    cases.add("zeros", &(0..99).map(|i| if i == 50 { -0.0 } else { 0.0f32 }).collect::<Vec<_>>());
    let texts = |text: &dyn Fn(u64) -> String| (0..200).map(|i| text(noise(i) >> 40)).collect::<Vec<_>>();
    cases.add("a dictionary", &texts(&|i| format!("\u{e4}{}", i % 9)));
    cases.add("many entries", &texts(&|i| format!("text {} \u{65e5}", "x".repeat(i as usize % 90))));
    cases.add("dates", &texts(&|i| format!("{}/Jul/2026 {:02}:{:02} +0{}00", i % 31, i % 24, i % 60, i % 3)));
    cases.add("numbers", &texts(&|i| i.to_string()));
    cases.add("numbers with zeros", &texts(&|i| format!("{:05}", i % 100_000)));
    cases.add("other zeros", &texts(&|i| format!("{}{i}", "0".repeat(i as usize % 3))));
    cases.add("long numbers", &texts(&|i| format!("a{}{:015}{:010}b", i % 7, i, i * 3)));
    cases.add("umlauts between", &texts(&|i| format!("\u{e4}{i}\u{1f980}{}", i % 50)));
    cases.add("no pieces", &texts(&|i| if i % 2 == 0 { String::new() } else { i.to_string() }));
    cases.add("texts in rows", &(0..99).map(|i| (i, vec![format!("{i}:{}", i % 7); i % 4])).collect::<Vec<_>>());
    let items = (0..99).map(|i| Value::from(vec![Value::from(i % 5), "x".into()])).collect::<Vec<_>>();
    let expected: Vec<String> = (0..99).map(|i| format!("{{\"cbor\":\"82{:02x}6178\"}}", i % 5)).collect();
    cases.put("opaque items", &items, &format!("[{}]", expected.join(",")), true);
    cases.check();
}

/// The chunks of a frame: one for each group.
fn chunks<T: Encode>(value: &T) -> usize {
    let packed = Dumper::new().checksum(false).dumps(value).unwrap();
    // Such schemas are short.
    let mut rest = &packed[7 + usize::from(packed[6])..];
    let mut count = 0;
    loop {
        let (head, after) = rest.split_first_chunk().unwrap();
        let word = u32::from_le_bytes(*head);
        rest = &after[word as usize & 0x3FFF_FFFF..];
        count += 1;
        if word & 1 << 30 != 0 {
            assert!(rest.is_empty());
            return count;
        }
    }
}

#[test]
fn recursion() {
    let mut cases = Cases::default();
    cases.rows("a tree", &[tree(0, 0), tree(7, 3), tree(1, 1)]);
    cases.rows("a list", &[list(1), list(3), list(20)]);
    cases.rows("two ways down", &[both(0, 0), both(8, 5), both(5, 3)]);
    cases.rows("two types", &[left(2, 5), left(0, 0), left(5, 3)]);
    cases.rows("the other of the two", &[right(5, 4), right(0, 0)]);
    cases.rows("recursion in recursion", &[forest(5, 3), forest(0, 0)]);
    cases.rows("tuples and arrays", &[split(5, 4), split(0, 0)]);
    cases.rows("an enum", &terms());
    let sets = |items: &[&Sets]| Sets(items.iter().map(|&it| it.clone()).collect());
    let (none, one) = (sets(&[]), sets(&[&sets(&[])]));
    cases.rows("a set", &[none.clone(), sets(&[&none, &one, &sets(&[&one])]), one]);
    let three = BTreeMap::from([(1, (tree(6, 2), None)), (2, (tree(1, 1), Some(Box::new(tree(3, 2)))))]);
    let twice = Twice { one: tree(3, 3), two: vec![tree(2, 2), tree(7, 2)], three, four: [tree(0, 1), tree(3, 1)] };
    let bare = Twice { one: tree(0, 0), two: vec![], three: BTreeMap::new(), four: [tree(0, 0), tree(0, 0)] };
    cases.rows("entered many times", &[twice.clone(), bare.clone()]);
    cases.rows("entered nowhere", &[bare.clone(), bare]);
    cases.exact("a deep list", &list(1_000));
    cases.check();
}

#[test]
fn the_example_in_the_page() {
    let leaf = |name: &str, children: Vec<Tree>| {
        let size = 1 + children.iter().map(|child| child.size).sum::<u8>();
        Tree { name: name.to_owned(), children, size }
    };
    let value = leaf("a", vec![leaf("b", vec![leaf("c", vec![])]), leaf("d", vec![])]);
    let packed = Dumper::new().checksum(false).dumps(&value).unwrap();
    let page = include_str!("../../docs/format.md");
    let hex = page.split_once("The body is `").and_then(|(_, after)| after.split_once('`')).unwrap().0;
    let body: Vec<u8> = hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    let head = body.len() as u32 | 1 << 30;
    let end = [&head.to_le_bytes(), body.as_slice()].concat();
    assert!(packed.ends_with(&end), "{packed:02X?}");
}

#[test]
fn files_and_streams() {
    let first = dumps(&vec![1u8, 2]).unwrap();
    let stream = [first.as_slice(), &dumps(&"text").unwrap(), &dumps(&()).unwrap()].concat();
    assert_eq!(read(&[], &stream), ["[1,2]", "\"text\"", "null"]);
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/read_packed");
    std::fs::write(path, first).unwrap();
    assert_eq!(read(&[path], &[]), ["[1,2]"]);
}

#[test]
fn damage_is_an_error() {
    let value = (left(5, 2), vec!["same"; 3], [1u128 << 90, 5], vec![Some(Figure::Circle(1.5)), None]);
    let mut items = Vec::new();
    let packed = dumps(&value).unwrap();
    items.extend((0..packed.len()).map(|end| packed[..end].to_vec()));
    items.push([packed.as_slice(), &[0]].concat());
    let flipped = |packed: &[u8], bit: usize| {
        let mut bytes = packed.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    };
    items.extend((0..packed.len() * 8).map(|bit| flipped(&packed, bit)));
    let hostile: [(&str, &[u8]); 5] = [
        ("4,294,967,295 units", b"\x04\x02\x08\x01\x00\x05\0\0\x40\xFE\xFF\xFF\xFF\x1F"),
        ("4,294,967,295 zeros", b"\x04\x02\x08\x01\x22\x06\0\0\x40\xFE\xFF\xFF\xFF\x1F\x00"),
        ("4,294,967,295 boxes inside one another", b"\x03\x01\x10\x00\x05\0\0\x40\xFF\xFF\xFF\xFF\x0F"),
        ("a box in itself", b"\x03\x01\x10\x00\x01\0\0\x40\x01"),
        ("an option in itself", b"\x03\x01\x07\x00\x01\0\0\x40\x01"),
    ];
    items.extend(hostile.map(|(_, rest)| [b"\xFCPST\x01\x00", rest].concat()));
    for (item, line) in items.iter().zip(read_items(&items)) {
        assert!(line.starts_with("error: "), "{item:02x?}: {line}");
    }
    // Without checksums some damage gives another value.
    let bare = Dumper::new().checksum(false).dumps(&value).unwrap();
    let items: Vec<_> = (0..bare.len() * 8).map(|bit| flipped(&bare, bit)).collect();
    let errors = read_items(&items).iter().filter(|line| line.starts_with("error: ")).count();
    assert!(errors > items.len() / 4, "{errors} of {}", items.len());
}
