//! Values that an older program saved, loaded by a newer one: every way in which a type may change, on every protocol
//! and at every depth.
#![allow(clippy::items_after_statements, reason = "types stand where they are used")]
#![allow(clippy::unnecessary_wraps, clippy::unused_self, reason = "hooks have the signatures that they have")]

mod attributes;
mod conversions;
mod enums;
mod fields;
mod hostile;
mod lock;
mod numbers;
mod problems;
mod recursion;
mod sequences;
mod versions;
mod wrappers;

use std::collections::BTreeMap;
use std::fmt::Debug;

use persist::{Dumper, Error, Loader, Persist, Protocol};

const PROTOCOLS: [Protocol; 3] = [Protocol::Packed, Protocol::Json, Protocol::Cbor];

/// Whatever holds values: in line and behind edges, one of them and many.
#[derive(Persist, Clone, Debug, PartialEq)]
enum Holder<T> {
    Nothing,
    One(T),
    Named { map: BTreeMap<String, Option<T>>, boxed: Box<T>, pair: (T, u8) },
    Array([T; 3]),
    List(Vec<T>),
}

impl<T: Clone> Holder<T> {
    fn all(value: &T) -> Vec<Holder<T>> {
        let one = || value.clone();
        let map = [("a".to_owned(), Some(one())), ("b".to_owned(), None), ("c".to_owned(), Some(one()))];
        vec![
            Holder::One(one()),
            Holder::Nothing,
            Holder::Named { map: map.into(), boxed: Box::new(one()), pair: (one(), 7) },
            Holder::Array([one(), one(), one()]),
            Holder::List(vec![one(); 3]),
            Holder::List(vec![one()]),
        ]
    }
}

/// What a value becomes that is saved as one type and loaded as another.
fn through<Old: Persist, New: Persist>(protocol: Protocol, old: &Old) -> Result<New, Error> {
    let [first, others @ ..] = &mut dumpers(protocol)[..] else { panic!("there is no dumper") };
    let result = loaded(first, old);
    for dumper in others {
        let kind = loaded::<Old, New>(dumper, old).err().map(|error| error.kind());
        assert_eq!(result.as_ref().err().map(Error::kind), kind, "{dumper:?}");
    }
    result
}

/// All that write a protocol in some way.
fn dumpers(protocol: Protocol) -> Vec<Dumper> {
    let dumper = || Dumper::new().protocol(protocol);
    if protocol == Protocol::Packed { vec![dumper(), dumper().small_columns()] } else { vec![dumper()] }
}

/// What a value becomes: from bytes, and from a stream.
fn loaded<Old: Persist, New: Persist>(dumper: &mut Dumper, old: &Old) -> Result<New, Error> {
    let bytes = dumper.dumps(old).unwrap();
    let loaded = Loader::new().loads(&bytes);
    let streamed = Loader::new().load::<New>(&mut bytes.as_slice());
    assert_eq!(loaded.as_ref().err().map(Error::kind), streamed.err().map(|error| error.kind()), "{dumper:?}");
    let verified = Loader::new().verify::<New>(&bytes);
    if let (Ok(_), Err(error)) = (&loaded, verified) {
        panic!("what loads is valid: {error}");
    }
    loaded
}

/// A value of an older type loads as one of a newer type: by itself, and wherever values of it may stand.
fn evolves<Old: Persist + Clone, New: Persist + Clone + PartialEq + Debug>(old: &Old, new: &New) {
    for protocol in PROTOCOLS {
        evolves_in(protocol, old, new);
    }
}

fn evolves_in<Old: Persist + Clone, New: Persist + Clone + PartialEq + Debug>(
    protocol: Protocol,
    old: &Old,
    new: &New,
) {
    for mut dumper in dumpers(protocol) {
        let dumper = &mut dumper;
        assert_eq!(&loaded::<_, New>(dumper, old).unwrap(), new, "{dumper:?}");
        for count in [0, 1, 2, 150] {
            let (old, new) = (vec![old.clone(); count], vec![new.clone(); count]);
            assert_eq!(loaded::<_, Vec<New>>(dumper, &old).unwrap(), new, "{dumper:?}");
        }
        let (old_holders, new_holders) = (Holder::all(old), Holder::all(new));
        assert_eq!(loaded::<_, Vec<Holder<New>>>(dumper, &old_holders).unwrap(), new_holders, "{dumper:?}");
        for (old, new) in old_holders.iter().zip(&new_holders) {
            assert_eq!(&loaded::<_, Holder<New>>(dumper, old).unwrap(), new, "{dumper:?}");
        }
        if protocol == Protocol::Packed {
            // Enough of them for several groups of rows.
            let (old, new) = (vec![old.clone(); 8_000], vec![new.clone(); 8_000]);
            assert_eq!(loaded::<_, Vec<New>>(dumper, &old).unwrap(), new);
            let (old, new) = (("before", old, 3u8), ("before".to_owned(), new, 3u8));
            assert_eq!(loaded::<_, (String, Vec<New>, u8)>(dumper, &old).unwrap(), new);
        }
    }
}

/// The error of loading a value as another type.
fn refused<Old: Persist, New: Persist>(protocol: Protocol, old: &Old) -> Error {
    match through::<Old, New>(protocol, old) {
        Ok(_) => panic!("{protocol:?}: it loads"),
        Err(error) => error,
    }
}

/// A value of an older type does not load on any protocol; the errors say all of this.
fn refuses<Old: Persist, New: Persist>(old: &Old, said: &[&str]) {
    for protocol in PROTOCOLS {
        let error = refused::<Old, New>(protocol, old).to_string();
        for said in said {
            assert!(error.contains(said), "{protocol:?}: `{said}` is not in: {error}");
        }
    }
}
