//! What the parts of a value take.

use std::collections::BTreeMap;

use persist_core::{Dumper, Protocol, Value, dumps, transcode, weigh};

#[derive(persist_derive::Persist)]
#[persist(crate = persist_core)]
struct Library {
    name: String,
    shelves: Vec<Shelf>,
    lent: BTreeMap<u32, Option<String>>,
}

#[derive(persist_derive::Persist)]
#[persist(crate = persist_core)]
struct Shelf {
    place: Place,
    books: Vec<Book>,
}

#[derive(persist_derive::Persist)]
#[persist(crate = persist_core)]
enum Place {
    Cellar,
    Room(u16),
    Hall { row: u8, at: (f32, f32) },
}

#[derive(persist_derive::Persist)]
#[persist(crate = persist_core)]
struct Book {
    title: String,
    parts: Vec<Book>,
}

fn library() -> Library {
    let book =
        |i: u32| Book { title: format!("Title {i}"), parts: vec![Book { title: "A part".to_owned(), parts: vec![] }] };
    let place = |i| match i % 3 {
        0 => Place::Cellar,
        1 => Place::Room(7),
        _ => Place::Hall { row: 1, at: (1.0, 2.0) },
    };
    Library {
        name: "Central".to_owned(),
        shelves: (0..9).map(|i| Shelf { place: place(i), books: (0..i).map(book).collect() }).collect(),
        lent: (0..20).map(|i| (i, (i % 2 == 0).then(|| "a reader".to_owned()))).collect(),
    }
}

fn table(bytes: &[u8]) -> Vec<(String, &'static str, u64, u64)> {
    let weights = weigh(bytes).unwrap();
    let sum: u64 = weights.parts.iter().map(|part| part.bytes).sum();
    assert_eq!((sum, weights.size, weights.saved), (bytes.len() as u64, bytes.len() as u64, 0));
    weights.parts.into_iter().map(|part| (part.path, part.kind, part.rows, part.bytes)).collect()
}

#[test]
fn columns_are_weighed_by_their_path() {
    let found = table(&dumps(&library()).unwrap());
    let found: Vec<_> = found.iter().map(|(path, kind, rows, _)| (path.as_str(), *kind, *rows)).collect();
    assert_eq!(
        found,
        [
            ("", "frame", 1),
            ("", "schema", 1),
            ("name", "text", 1),
            ("shelves", "lengths", 1),
            ("shelves[].place", "tags", 9),
            ("shelves[].place.Room", "u16", 3),
            ("shelves[].place.Hall.row", "u8", 3),
            ("shelves[].place.Hall.at", "floats", 3),
            ("shelves[].books", "lengths", 9),
            ("shelves[].books[]", "counts", 1),
            ("shelves[].books[].title", "text", 72),
            ("shelves[].books[].parts", "lengths", 72),
            ("lent", "lengths", 1),
            ("lent[keys]", "u32", 20),
            ("lent[]", "flags", 20),
            ("lent[]", "text", 10),
        ]
    );
}

#[test]
fn items_are_weighed_by_their_path() {
    let found = table(br#"{"a":[1,20,{"b":"x"}],"c":{"d":null}}"#);
    let found: Vec<_> = found.iter().map(|(path, kind, rows, bytes)| (path.as_str(), *kind, *rows, *bytes)).collect();
    assert_eq!(
        found,
        [
            ("", "map", 1, 5),
            ("", "keys", 2, 6),
            ("a", "list", 1, 4),
            ("a[]", "number", 2, 3),
            ("a[]", "map", 1, 3),
            ("a[]", "keys", 1, 3),
            ("a[].b", "text", 1, 3),
            ("c", "map", 1, 3),
            ("c", "keys", 1, 3),
            ("c.d", "null", 1, 4),
        ]
    );
    table(b"\n [ 1 , {\t\"a\" : [ ] } ]\r\n\n");
}

#[test]
fn a_dynamic_value_in_a_column_is_weighed_by_what_it_holds() {
    let value: Value = [("numbers", (0..100u8).map(Value::from).collect::<Value>())].into_iter().collect();
    let found = table(&dumps(&vec![value.clone(), value, Value::Null]).unwrap());
    assert!(found.contains(&("[].numbers[]".to_owned(), "number", 200, 2 * (24 + 76 * 2))), "{found:?}");
}

#[test]
fn keys_that_are_data_make_no_paths() {
    let many: BTreeMap<String, u64> = (0..1000).map(|i| (format!("key {i}"), i)).collect();
    for protocol in [Protocol::Json, Protocol::Cbor] {
        let found = table(&Dumper::new().protocol(protocol).dumps(&many).unwrap());
        let paths: Vec<_> = found.iter().map(|(path, kind, rows, _)| (path.as_str(), *kind, *rows)).collect();
        assert!(paths.contains(&("[]", "number", 1000)), "{paths:?}");
        assert!(paths.contains(&("", "keys", 1000)), "{paths:?}");
    }
}

#[test]
fn damaged_bytes_are_refused_or_weigh_what_they_are() {
    let packed = Dumper::new().checksum(false).dumps(&library()).unwrap();
    let mut cbor = Vec::new();
    transcode(&packed, Protocol::Cbor, &mut cbor).unwrap();
    let mut refused = 0;
    for bytes in [packed, cbor] {
        for end in 0..bytes.len() {
            assert!(weigh(&bytes[..end]).is_err(), "{end}");
        }
        for at in 0..bytes.len() {
            for bit in [0, 3, 7] {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                match weigh(&damaged) {
                    Ok(weights) => {
                        let sum: u64 = weights.parts.iter().map(|part| part.bytes).sum();
                        assert_eq!(sum, damaged.len() as u64, "{at}, bit {bit}");
                    }
                    Err(_) => refused += 1,
                }
            }
        }
    }
    assert!(refused > 100);
}

#[test]
fn a_lying_length_takes_no_time() {
    // A list of 2^32 - 1 flags, of which none is there.
    let mut bytes = Dumper::new().checksum(false).dumps(&vec![true; 3]).unwrap();
    let body = bytes.len() - 3;
    assert_eq!(bytes[body..], [3 << 1, 0x80, 1]);
    bytes.truncate(body);
    bytes.extend_from_slice(&[0xFE, 0xFF, 0xFF, 0xFF, 0x1F, 0x80, 1]);
    let head = bytes.len() - 7 - 4;
    bytes[head] = 7;
    let error = weigh(&bytes).unwrap_err();
    assert!(error.is(persist_core::ErrorKind::Limit), "{error}");
}
