use persist::{Persist, Value};
use std::collections::BTreeMap;

#[derive(Persist)]
struct Tuple(u8, #[persist(unknown)] BTreeMap<String, Value>);

fn main() {}
