use persist::Persist;

#[derive(Persist)]
#[persist(transparent)]
enum Variants {
    Only(u8),
}

fn main() {}
