use persist::Persist;

#[derive(Persist)]
#[persist(into = u8)]
struct Into {
    field: u8,
}

fn main() {}
