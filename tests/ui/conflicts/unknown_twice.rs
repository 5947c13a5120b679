use persist::{Persist, Value};
use std::collections::BTreeMap;

#[derive(Persist)]
struct Type {
    #[persist(unknown)]
    rest: BTreeMap<String, Value>,
    #[persist(unknown)]
    more: BTreeMap<String, Value>,
}

fn main() {}
