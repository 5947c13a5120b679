use persist::Persist;

#[derive(Persist)]
#[persist(version = 0)]
struct Zero {
    field: u8,
}

#[derive(Persist)]
#[persist(version = 4294967296)]
struct Large {
    field: u8,
}

fn main() {}
