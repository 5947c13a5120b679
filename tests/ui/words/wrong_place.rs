use persist::Persist;

#[derive(Persist)]
#[persist(with = module, rebuild = 5)]
struct Type {
    #[persist(transparent)]
    field: u8,
    #[persist(rebuild = 5)]
    cache: u8,
    #[transient(rename = "other")]
    other: u8,
}

#[derive(Persist)]
enum Variants {
    #[persist(default)]
    Unit,
}

fn main() {}
