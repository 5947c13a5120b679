use persist::Persist;

#[derive(Persist)]
#[persist(compressed)]
struct Type {
    #[persist(encrypted = "key", default)]
    field: u8,
    #[transient(lazily)]
    cache: u8,
}

#[derive(Persist)]
enum Variants {
    #[persist(numbered = 5)]
    Unit,
}

fn main() {}
