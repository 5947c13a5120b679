use persist::{Persist, Value};
use std::collections::BTreeMap;

#[derive(Persist)]
struct Type {
    #[persist(unknown, rename = "other", default)]
    rest: BTreeMap<String, Value>,
}

fn main() {}
