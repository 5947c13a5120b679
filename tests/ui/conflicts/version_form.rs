use persist::Persist;

#[derive(Persist)]
#[persist(version = 2)]
struct Tuple(u8, u8);

#[derive(Persist)]
#[persist(version = 2)]
struct Unit;

#[derive(Persist)]
#[persist(version = 2, transparent)]
struct Transparent {
    field: u8,
}

fn main() {}
