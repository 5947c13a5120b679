use persist::Persist;

#[derive(Persist)]
#[persist(transparent)]
struct Two {
    first: u8,
    #[transient]
    cache: u8,
    second: u8,
}

#[derive(Persist)]
#[persist(transparent)]
struct None(#[transient] u8);

fn main() {}
