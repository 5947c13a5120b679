use persist::Persist;
use std::collections::BTreeMap;

#[derive(Persist)]
struct Type {
    #[persist(unknown)]
    rest: BTreeMap<String, String>,
}

fn main() {}
