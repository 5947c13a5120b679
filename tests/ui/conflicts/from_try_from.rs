use persist::Persist;

#[derive(Persist)]
#[persist(from = u8, try_from = u8, into = u8)]
struct Both {
    field: u8,
}

fn main() {}
