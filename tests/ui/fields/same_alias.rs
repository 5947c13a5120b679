use persist::Persist;

#[derive(Persist)]
struct Type {
    first: u8,
    #[persist(alias = "first")]
    second: u8,
    #[persist(alias = "old", alias = "old")]
    third: u8,
}

#[derive(Persist)]
enum Choice {
    A,
    #[persist(alias = "A")]
    B,
}

fn main() {}
