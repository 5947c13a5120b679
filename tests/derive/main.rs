//! What `#[derive(Persist)]` writes, seen from outside: values come back, in all protocols, and the bytes hold what the
//! attributes say.
#![allow(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    reason = "hooks have the signatures that they have"
)]

mod defaults;
mod drops;
mod enums;
mod forms;
mod generics;
mod hooks;
#[cfg(feature = "persistent")]
mod live;
mod mixing;
mod names;
mod recursion;
mod transient;
mod transparent;
mod with;

use std::fmt::Debug;

use persist::{Dumper, Loader, Persist, Protocol};

const PROTOCOLS: [Protocol; 3] = [Protocol::Packed, Protocol::Json, Protocol::Cbor];

/// Saves and loads a value in every protocol, alone and in a sequence of more than one batch.
fn back<T: Persist + PartialEq + Debug + Clone>(value: &T) {
    let many = vec![value.clone(); 150];
    for protocol in PROTOCOLS {
        assert_eq!(&through(protocol, value), value, "{protocol:?}");
        assert_eq!(through(protocol, &many), many, "{protocol:?}");
    }
    let message = Dumper::new().message(value).unwrap();
    assert_eq!(&Loader::new().message::<T>(&message).unwrap(), value, "a message");
    let message = Dumper::new().message(&many).unwrap();
    assert_eq!(Loader::new().message::<Vec<T>>(&message).unwrap(), many, "a message");
}

/// What a value becomes when it is saved and loaded.
fn through<T: Persist>(protocol: Protocol, value: &T) -> T {
    let bytes = Dumper::new().protocol(protocol).dumps(value).unwrap();
    Loader::new().loads(&bytes).unwrap()
}

/// A value as JSON text.
fn json<T: Persist>(value: &T) -> String {
    String::from_utf8(Dumper::new().protocol(Protocol::Json).dumps(value).unwrap()).unwrap()
}
