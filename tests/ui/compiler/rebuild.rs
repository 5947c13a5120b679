//! A mistake in an expression is reported where it stands.

use std::rc::Rc;

use persist::Persist;

#[derive(Persist)]
struct WrongType {
    url: String,
    #[transient(rebuild = url.len())]
    text: String,
    #[transient(rebuild = {
        let number: u8 = "five";
        number
    })]
    number: u8,
}

#[derive(Persist)]
struct UnknownName {
    url: String,
    #[transient(rebuild = uri.len())]
    length: usize,
    #[transient(rebuild = *below)]
    above: u8,
    #[transient]
    below: u8,
}

#[derive(Persist)]
enum WrongError {
    Variant(u8, #[transient(rebuild = fail()?)] u8),
}

fn fail() -> Result<u8, Rc<u8>> {
    Ok(5)
}

#[derive(Persist)]
struct Moves {
    name: String,
    #[transient(rebuild = *name)]
    copy: String,
}

fn main() {}
