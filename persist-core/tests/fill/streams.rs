//! Values one after the other.

use std::io::{self, Read};

use persist_core::{Dumper, ErrorKind, Limits, Loader, Protocol, Value, load, loads};

use crate::model::*;

/// Gives one byte at a time, and counts.
struct Dripping<'d>(&'d [u8]);

impl Read for Dripping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(1);
        self.0.read(&mut buffer[..count])
    }
}

#[test]
fn json_values_are_separated_by_white_space() {
    let mut stream = &b"1\n[2, 3]\t\"four\" {\"x\": 1, \"y\": 2}\r\n\n  null\ntrue false\n-1.5e3"[..];
    assert_eq!(load::<u8>(&mut stream).unwrap(), 1);
    assert_eq!(load::<Vec<u8>>(&mut stream).unwrap(), [2, 3]);
    assert_eq!(load::<String>(&mut stream).unwrap(), "four");
    assert!(stream.starts_with(b"{"));
    assert_eq!(load::<Point>(&mut stream).unwrap(), Point { x: 1.0, y: 2.0 });
    assert!(stream.starts_with(b"\n"));
    assert_eq!(load::<Option<u8>>(&mut stream).unwrap(), None);
    assert!(load::<bool>(&mut stream).unwrap());
    assert!(!load::<bool>(&mut stream).unwrap());
    assert_eq!(load::<f64>(&mut stream).unwrap().to_bits(), (-1500f64).to_bits());
    assert!(load::<u8>(&mut stream).unwrap_err().is(ErrorKind::EndOfStream));
    assert!(load::<u8>(&b" \n\n "[..]).unwrap_err().is(ErrorKind::EndOfStream));
    for text in ["[1][2]", "1[2]", "\"a\"\"b\"", "{}1", "[],[]"] {
        let error = load::<Value>(text.as_bytes()).unwrap_err();
        assert!(error.is(ErrorKind::TrailingBytes) && error.to_string().contains("newline"), "{text}: {error}");
    }
    for text in ["[1", "\"a", "tru", "{\"a\":", "-", "[[1]", "\"\\\""] {
        assert!(load::<Value>(text.as_bytes()).unwrap_err().is(ErrorKind::Truncated), "{text}");
    }
    for text in ["]", "}", ",", "1,", "truth", "[1}"] {
        let error = Loader::new().protocol(Protocol::Json).load::<Value>(text.as_bytes()).unwrap_err();
        assert!(error.is(ErrorKind::Corrupt) || error.is(ErrorKind::TrailingBytes), "{text}: {error:?}");
    }
}

#[test]
fn cbor_values_follow_one_another() {
    let jobs: Vec<Job> = (0..5).map(job).collect();
    let mut bytes = Vec::new();
    for job in &jobs {
        bytes.extend_from_slice(&[0xD9, 0xD9, 0xF7]);
        bytes.extend(cbor(job));
    }
    bytes.extend([0x9F, 0x01, 0xBF, 0x61, b'a', 0x5F, 0x41, 7, 0xFF, 0xFF, 0xFF, 0x05]);
    let mut stream = Dripping(&bytes);
    for job in &jobs {
        assert_eq!(&load::<Job>(&mut stream).unwrap(), job);
    }
    assert_eq!(load::<Value>(&mut stream).unwrap().to_string(), r#"[1, {"a": h'07'}]"#);
    assert_eq!(load::<u8>(&mut stream).unwrap(), 5);
    assert!(load::<u8>(&mut stream).unwrap_err().is(ErrorKind::EndOfStream));
}

#[test]
fn a_stream_that_ends_early_is_truncated() {
    let job = job(7);
    for bytes in [json(&job), cbor(&job)] {
        for end in 1..bytes.len() {
            let error = load::<Job>(&bytes[..end]).unwrap_err();
            assert!(error.is(ErrorKind::Truncated), "{end}: {error:?}");
        }
    }
}

#[test]
fn a_value_is_not_longer_than_allowed() {
    let limits = Limits { input: 100, ..Limits::default() };
    let long = vec!["x".repeat(60); 2];
    for bytes in [json(&long), cbor(&long)] {
        let error = Loader::new().limits(limits.clone()).load::<Vec<String>>(&bytes[..]).unwrap_err();
        assert!(error.is(ErrorKind::Limit) && error.to_string().contains("Limits::input"), "{error}");
        loads::<Vec<String>>(&bytes).unwrap();
    }
    // A length that is a lie takes no memory, and waits for no bytes.
    let text = [0xC1, 0x7B, 0x3F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, b'a'];
    assert!(load::<String>(&text[..]).unwrap_err().is(ErrorKind::Limit));
    let text = [0x7A, 0x3F, 0xFF, 0xFF, 0xFF, b'a'];
    assert!(load::<String>(&text[..]).unwrap_err().is(ErrorKind::Truncated));
    // Levels are limited before anything is read of them.
    let error = load::<Value>(&vec![0x9F; 1 << 20][..]).unwrap_err();
    assert!(error.is(ErrorKind::Limit), "{error}");
}

#[test]
fn errors_of_the_reader_are_kept() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::ConnectionReset, "reset"))
        }
    }
    for start in [&b"[1,"[..], &[0x82, 1]] {
        let error = load::<Vec<u8>>(start.chain(Broken)).unwrap_err();
        assert!(error.is(ErrorKind::Io) && error.to_string().contains("reset"), "{error:?}");
    }
}

/// Counts bytes, and the most that it was handed at once; fails after so many.
struct Counting {
    bytes: usize,
    most: usize,
    room: usize,
}

impl io::Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len();
        self.most = self.most.max(bytes.len());
        if self.bytes > self.room { Err(io::ErrorKind::StorageFull.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_stream_is_handed_what_was_written_of_long_values() {
    let jobs: Vec<Job> = (0..2_000).map(job).collect();
    for protocol in [Protocol::Json, Protocol::Cbor] {
        let mut dumper = Dumper::new().protocol(protocol);
        let size = dumper.dumps(&jobs).unwrap().len() + usize::from(protocol == Protocol::Json);
        assert!(size > 500_000, "{size}");
        let mut counting = Counting { bytes: 0, most: 0, room: usize::MAX };
        dumper.dump(&jobs, &mut counting).unwrap();
        assert_eq!(counting.bytes, size);
        assert!(counting.most < 100_000, "{}", counting.most);
        for room in [0, 3, size / 2, size - 1] {
            let error = dumper.dump(&jobs, Counting { room, bytes: 0, most: 0 }).unwrap_err();
            assert!(error.is(ErrorKind::Io), "{error}");
        }
    }
}
