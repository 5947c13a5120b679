//! Level Small: values come back, are smaller, and are read as they come.

use persist_core::{Decode, Dumper, Encode, Level, Loader, Value, inspect, loads, verify};
use proptest::prelude::*;

fn dumpers() -> Vec<Dumper> {
    vec![
        Dumper::new(),
        Dumper::new().small_columns(),
        #[cfg(feature = "zstd")]
        Dumper::new().level(Level::Small),
        #[cfg(feature = "zstd")]
        Dumper::new().level(Level::Small).checksum(false),
    ]
}

/// Comes back from bytes and from a stream, at every level; gives the sizes.
fn round_trip<T: Encode + Decode + PartialEq + std::fmt::Debug>(value: &T) -> Vec<usize> {
    let mut seen = None;
    let mut size = |mut dumper: Dumper| {
        let bytes = dumper.dumps(value).unwrap();
        assert_eq!(&loads::<T>(&bytes).unwrap(), value);
        verify::<T>(&bytes).unwrap();
        let mut stream = Vec::new();
        dumper.dump(value, &mut stream).unwrap();
        assert_eq!(stream, bytes, "a dumper writes the same bytes again");
        for threads in [1, 2, 4] {
            dumper = dumper.threads(threads);
            assert!(dumper.dumps(value).unwrap() == bytes, "{threads} threads write other bytes");
            stream.clear();
            dumper.dump(value, &mut stream).unwrap();
            assert!(stream == bytes, "{threads} threads write other bytes to a stream");
        }
        stream.extend_from_slice(&bytes);
        let (mut stream, mut loader) = (&stream[..], Loader::new());
        for _ in 0..2 {
            assert_eq!(&loader.load::<T>(&mut stream).unwrap(), value);
        }
        assert!(stream.is_empty());
        let found = inspect(&bytes).unwrap().to_string();
        assert_eq!(seen.get_or_insert_with(|| found.clone()), &found);
        bytes.len()
    };
    let sizes = dumpers().into_iter().map(&mut size).collect();
    size(Dumper::new().diffable(true));
    sizes
}

#[test]
fn what_is_diffable_is_as_wide_as_its_type_and_has_groups_too() {
    let value: Vec<u64> = (0..2_200_000).map(|i| i % 100).collect();
    let bytes = Dumper::new().diffable(true).dumps(&value).unwrap();
    assert!(bytes.len() > 8 * value.len());
    assert!(loads::<Vec<u64>>(&bytes).unwrap() == value);
}

#[test]
fn groups_come_back() {
    let noise = |i: u64| i.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    let rows = |i: u64| (format!("{:02}:{:02} {}", i % 24, noise(i) % 60, i), noise(i) % 1000, i % 7 == 0);
    let sizes = round_trip(&(0..90_000).map(rows).collect::<Vec<_>>());
    assert!(sizes[1..].iter().all(|&size| size < sizes[0] / 2), "{sizes:?}");
    let sizes = round_trip(&(0..400_000).map(|i| ((noise(i) >> 44) as f32 / 16.0, 0.5f32)).collect::<Vec<_>>());
    assert!(sizes[1..].iter().all(|&size| size < sizes[0] / 2), "{sizes:?}");
    round_trip(&vec![0u64; 300_000]);
    round_trip(&(0..500).map(|i| [vec![i as f64; i % 3], vec![]]).collect::<Vec<_>>());
}

/// Takes so many bytes.
struct Full(usize);

impl std::io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_stream_ends_all_threads() {
    let noise = |i: u64| i.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    let value: Vec<u64> = (0..500_000).map(|i| noise(noise(i) ^ noise(i) >> 31)).collect();
    for mut dumper in dumpers() {
        for threads in [1, 2, 4] {
            dumper = dumper.threads(threads);
            let error = dumper.dump(&value, Full(2 << 20)).unwrap_err();
            assert!(error.is(persist_core::ErrorKind::Io), "{error}");
            assert_eq!(loads::<Vec<u64>>(&dumper.dumps(&value).unwrap()).unwrap(), value);
        }
    }
}

/// A sequence in a row alone, behind other rows, and another one behind it.
#[test]
fn groups_behind_others() {
    let texts = |many: u64| (0..many).map(|i| format!("{i} of {many}")).collect::<Vec<_>>();
    let floats = (0..200_000).map(|i| [f64::from(i) / 4.0; 2]).collect::<Vec<_>>();
    round_trip(&([7u32; 100], texts(150_000), "between".to_owned(), floats, texts(99)));
}

#[test]
fn long_texts_in_a_row_alone() {
    let sizes = round_trip(&("word ".repeat(100_000), 1u8, vec![vec![7u8; 1000]; 3]));
    if cfg!(feature = "zstd") {
        assert!(sizes[2] < 2_000, "{sizes:?}");
    }
    round_trip(&());
    round_trip(&1u8);
    round_trip(&String::new());
}

#[test]
fn bare_values_are_of_level_fast() {
    let value = vec![1.5f64; 99];
    let bytes = Dumper::new().bare(true).small_columns().dumps(&value).unwrap();
    assert_eq!(bytes, Dumper::new().bare(true).dumps(&value).unwrap());
    assert_eq!(Level::default(), Level::Fast);
}

#[test]
fn expansion_is_charged() {
    let value = vec!["a text that is the same in all rows".to_owned(); 100_000];
    let limits = persist_core::Limits { memory: 1 << 20, expansion: 4, ..Default::default() };
    for mut dumper in dumpers() {
        let bytes = dumper.dumps(&value).unwrap();
        assert!(Loader::new().limits(limits.clone()).loads::<Vec<String>>(&bytes).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn anything_comes_back(
        ints in prop::collection::vec((any::<u16>(), 0i32..300, any::<i64>(), any::<bool>()), 0..300),
        floats in prop::collection::vec((-1000i16..1000, any::<f32>().prop_filter("equal", |it| !it.is_nan())), 0..200),
        texts in prop::collection::vec("([a-c]{0,2}|[0-9]{1,3}:[0-9]{2}|.{0,3})", 0..200),
        dates in prop::collection::vec((0u8..31, 0u16..4000, "[+-]"), 0..200),
    ) {
        round_trip(&ints);
        round_trip(&ints.iter().map(|int| int.0 % 9).collect::<Vec<_>>());
        round_trip(&ints.iter().map(|int| (int.1, int.2 >> 30, vec![int.0; int.0 as usize % 3])).collect::<Vec<_>>());
        round_trip(&floats.iter().map(|&(x, y)| (f64::from(x) / 8.0, y, f32::from(x))).collect::<Vec<_>>());
        round_trip(&texts);
        round_trip(&texts.iter().map(|text| Value::from(text.as_str())).collect::<Vec<_>>());
        // So many that pieces stand in tables.
        let many = |i: usize| (dates[i * 31 % dates.len()].clone(), ints.get(i * 17 % (ints.len() + 1)));
        let rows = if dates.is_empty() { 0 } else { 3000 };
        round_trip(&(0..rows).map(many).map(|((d, y, s), int)| {
            let (int, name) = (int.map_or(7, |int| int.1), ["a", "abcdefg", "a longer name"][usize::from(d) % 3]);
            format!("{d}/{name}/{y:04}{s}{int}: {}", u64::from(d) << 40)
        }).collect::<Vec<_>>());
        round_trip(&dates.iter().map(|(d, y, s)| format!("{d:02}.{y} {s}{y:06}")).collect::<Vec<_>>());
    }
}
