use persist::Persist;

#[derive(Persist)]
struct Type {
    #[transient]
    #[persist(rename = "other", default)]
    field: u8,
    #[persist(with = module)]
    #[transient(rebuild = 5)]
    other: u8,
}

fn main() {}
