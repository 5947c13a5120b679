//! A parameter that a saved field uses has to be `Persist` where the type is used.

use persist::Persist;

struct Socket;

#[derive(Persist)]
struct Generic<T> {
    items: Vec<T>,
}

fn save<T: Persist>(_: &T) {}

fn main() {
    save(&Generic { items: vec![Socket] });
}
