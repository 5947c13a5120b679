use persist::Persist;

#[derive(Persist)]
#[persist(rename = "first", rename = "second")]
struct Type {
    #[persist(default)]
    #[persist(default = 5)]
    field: u8,
    #[transient]
    #[transient(rebuild = 5)]
    cache: u8,
    #[transient(rebuild = 5, rebuild = 6)]
    other: u8,
}

fn main() {}
