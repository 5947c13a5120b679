//! Values to look into.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use persist::{Dumper, Encode, Persist, Protocol};

#[derive(Clone, Persist)]
pub(crate) struct Library {
    pub(crate) name: String,
    pub(crate) shelves: Vec<Shelf>,
    pub(crate) lent: BTreeMap<u32, Option<String>>,
    pub(crate) host: IpAddr,
}

#[derive(Clone, Persist)]
pub(crate) struct Shelf {
    pub(crate) place: Place,
    pub(crate) books: BTreeMap<String, Book>,
}

#[derive(Clone, Persist)]
pub(crate) enum Place {
    Cellar,
    Room(u16),
    Hall { row: u8, at: (f32, f32) },
}

#[derive(Clone, Persist)]
pub(crate) struct Book {
    pub(crate) title: String,
    pub(crate) pages: u16,
    pub(crate) cover: Vec<u8>,
}

pub(crate) fn library() -> Library {
    let book = |title: &str, pages| Book { title: title.to_owned(), pages, cover: vec![1, 255] };
    let books = |titles: &[(&str, u16)]| {
        titles.iter().map(|&(title, pages)| (title[..1].to_owned(), book(title, pages))).collect()
    };
    Library {
        name: "Central".to_owned(),
        shelves: vec![
            Shelf { place: Place::Cellar, books: BTreeMap::new() },
            Shelf { place: Place::Room(7), books: books(&[("Emma", 474), ("Ulysses", 730)]) },
            Shelf { place: Place::Hall { row: 2, at: (0.5, 1.0) }, books: books(&[("Faust", 160)]) },
        ],
        lent: [(17, Some("Ada".to_owned())), (4, None)].into(),
        host: Ipv4Addr::LOCALHOST.into(),
    }
}

pub(crate) fn dumped<T: Encode>(protocol: Protocol, value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    Dumper::new().protocol(protocol).dump(value, &mut bytes).unwrap();
    bytes
}

pub(crate) fn packed<T: Encode>(value: &T) -> Vec<u8> {
    dumped(Protocol::Packed, value)
}

pub(crate) const PROTOCOLS: [(Protocol, &str); 3] =
    [(Protocol::Packed, "persist"), (Protocol::Json, "json"), (Protocol::Cbor, "cbor")];
