//! Each type that cannot be saved is named itself, at its field, once, with the cure.

use std::collections::HashMap;

use persist::Persist;

struct Socket;
struct Handle;
struct Cache<T>(T);

#[derive(Persist)]
struct Plain {
    id: u8,
    socket: Socket,
}

#[derive(Persist)]
struct Deep<T> {
    list: Vec<(u8, Socket)>,
    map: HashMap<String, Option<Box<Handle>>>,
    generic: [Cache<T>; 3],
    #[transient(rebuild = Cache(5))]
    left_out: Cache<u8>,
}

#[derive(Persist)]
enum Variants {
    One(Vec<Vec<Socket>>),
    Two { handle: Handle },
}

#[derive(Persist)]
struct LeftOut {
    handle: Handle,
    #[transient]
    count: u8,
}

/// What holds one of these has no mistake of its own.
#[derive(Persist)]
struct Outer {
    plain: Plain,
    variants: Vec<Variants>,
}

fn main() {}
