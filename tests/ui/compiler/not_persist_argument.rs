//! A parameter that a saved field uses has to be `Persist` where the type is used.

use persist::{Persist, dumps};

struct Socket;

#[derive(Persist)]
struct Generic<T> {
    items: Vec<T>,
}

fn main() {
    let _ = dumps(&Generic { items: vec![Socket] });
}
