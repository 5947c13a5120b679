use persist::Persist;

#[derive(Persist)]
#[persist(from = u8)]
struct From {
    field: u8,
}

#[derive(Persist)]
#[persist(try_from = u8)]
struct TryFrom {
    field: u8,
}

fn main() {}
