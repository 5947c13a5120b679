use persist::Persist;

#[derive(Persist)]
#[persist]
struct Plain {
    #[persist = "name"]
    field: u8,
    #[transient = "Vec::new()"]
    cache: Vec<u8>,
}

fn main() {}
