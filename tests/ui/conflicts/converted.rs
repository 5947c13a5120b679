use persist::Persist;

#[derive(Persist)]
#[persist(from = u8, into = u8, version = 2, deny_unknown_fields)]
struct Type {
    #[persist(alias = "before")]
    field: u8,
    #[transient]
    cache: u8,
}

#[derive(Persist)]
#[persist(from = u8, into = u8)]
enum Choice {
    #[persist(rename = "a")]
    A,
}

fn main() {}
