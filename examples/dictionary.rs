//! Dictionaries of dictionaries, lists of lists, mixed values: saved and loaded under every protocol.
//!
//! `cargo run --example dictionary`
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use persist::{Decode, Dumper, Encode, Protocol, Result, Value, inspect, loads};

fn main() -> Result<()> {
    // A dictionary of dictionaries.
    let stock = HashMap::from([
        ("Berlin".to_owned(), BTreeMap::from([("apples".to_owned(), 120_u32), ("pears".to_owned(), 7)])),
        ("Oslo".to_owned(), BTreeMap::from([("apples".to_owned(), 3)])),
    ]);
    round_trip("dictionary of dictionaries", &stock)?;

    // A list of dictionaries.
    let people = vec![
        HashMap::from([("name".to_owned(), "Anna".to_owned()), ("town".to_owned(), "Bonn".to_owned())]),
        HashMap::from([("name".to_owned(), "Ben".to_owned())]),
    ];
    round_trip("list of dictionaries", &people)?;

    // Keys need not be text, nor numbers.
    let moves = BTreeMap::from([((0_u8, 0_u8), Some('x')), ((1, 2), Some('o')), ((2, 2), None)]);
    round_trip("dictionary with pairs for keys", &moves)?;

    // Two dimensions: rows of their own lengths, and a fixed grid.
    let triangle: Vec<Vec<u64>> = vec![vec![1], vec![1, 1], vec![1, 2, 1], vec![1, 3, 3, 1]];
    round_trip("2-D list", &triangle)?;
    round_trip("2-D array", &[[1.5, f64::INFINITY], [-0.0, 5e-324]])?;

    // Anything in anything, as in Python: {'hi': [1, 2, 'asdf'], 3: 17}
    let mixed = Value::from_iter([
        (Value::from("hi"), Value::from_iter([Value::from(1), Value::from(2), Value::from("asdf")])),
        (Value::from(3), Value::from(17)),
    ]);
    round_trip("mixed value", &mixed)
}

/// Saves and loads a value under every protocol, shows the bytes, and checks that the same value comes back.
fn round_trip<T: Encode + Decode + PartialEq + Debug>(title: &str, value: &T) -> Result<()> {
    println!("{title}: {value:?}");
    for protocol in [Protocol::Json, Protocol::Cbor, Protocol::Packed] {
        let bytes = Dumper::new().protocol(protocol).dumps(value)?;
        let text = if protocol == Protocol::Json { String::from_utf8_lossy(&bytes) } else { "..".into() };
        println!("  {protocol:?}: {} bytes {text}", bytes.len());

        // Loading recognises the protocol.
        assert_eq!(&loads::<T>(&bytes)?, value);
    }

    // The bytes say what is in them: no Rust type is needed to look.
    println!("  inspected: {}\n", inspect(&Dumper::new().dumps(value)?)?);
    Ok(())
}
