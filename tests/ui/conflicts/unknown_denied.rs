use persist::{Persist, Value};
use std::collections::BTreeMap;

#[derive(Persist)]
#[persist(deny_unknown_fields)]
struct Type {
    #[persist(unknown)]
    rest: BTreeMap<String, Value>,
}

fn main() {}
