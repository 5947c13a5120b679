//! The four calls, as in pickle: `dump` and `load` for files and streams, `dumps` and `loads` for bytes.
//!
//! `cargo run --example dump_load`
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};

use persist::{Dumper, Persist, Protocol, Result, dump, dumps, inspect, load, loads};

#[derive(Persist, Debug, PartialEq)]
struct Measurement {
    place: String,
    celsius: Vec<f64>,
    note: Option<String>,
}

fn main() -> Result<()> {
    let bonn = Measurement { place: "Bonn".to_owned(), celsius: vec![21.5, 23.25], note: None };
    let oslo = Measurement { place: "Oslo".to_owned(), celsius: vec![-3.0], note: Some("snow".to_owned()) };

    // Bytes in memory.
    let bytes = dumps(&bonn)?;
    assert_eq!(loads::<Measurement>(&bytes)?, bonn);
    println!("{} bytes hold {}", bytes.len(), inspect(&bytes)?);

    // A damaged byte is noticed, never loaded.
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    let error = loads::<Measurement>(&damaged).unwrap_err();
    println!("one bit flipped: {error}");

    // A file. For one value that must survive crashes, `save` and `open` are the better choice.
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("measurements");
    dump(&bonn, File::create(&path)?)?;
    assert_eq!(load::<Measurement>(File::open(&path)?)?, bonn);

    // Several values, of any types, one after the other in a stream.
    let mut file = BufWriter::new(File::create(&path)?);
    dump(&bonn, &mut file)?;
    dump(&oslo, &mut file)?;
    dump(&("checked by", "Anna"), &mut file)?;
    file.flush()?;
    let mut file = BufReader::new(File::open(&path)?);
    assert_eq!(load::<Measurement>(&mut file)?, bonn);
    assert_eq!(load::<Measurement>(&mut file)?, oslo);
    assert_eq!(load::<(String, String)>(&mut file)?.1, "Anna");
    let end = load::<Measurement>(&mut file).unwrap_err();
    println!("at the end of the stream: {end}");

    // Protocols: JSON for people, CBOR for other languages, Packed (the default) for size and speed.
    for protocol in [Protocol::Json, Protocol::Cbor, Protocol::Packed] {
        let mut bytes = Vec::new();
        Dumper::new().protocol(protocol).dump(&oslo, &mut bytes)?;
        assert_eq!(load::<Measurement>(&bytes[..])?, oslo);
        match str::from_utf8(&bytes) {
            Ok(text) => println!("{protocol:?}, {} bytes: {}", bytes.len(), text.trim_end()),
            Err(_) => println!("{protocol:?}, {} bytes: {}", bytes.len(), bytes.escape_ascii()),
        }
    }
    Ok(())
}
