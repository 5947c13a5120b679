use std::marker::PhantomData;

use persist::Persist;

#[derive(Persist)]
struct Type<'a> {
    text: &'a str,
    nested: Vec<Option<&'a u8>>,
    marker: PhantomData<&'a u8>,
    #[transient]
    cache: Option<&'a u8>,
}

#[derive(Persist)]
enum Variants {
    Text(&'static str),
}

fn main() {}
