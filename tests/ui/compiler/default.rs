use persist::Persist;

#[derive(Persist)]
struct Type {
    #[persist(default = "five")]
    wrong: u8,
    #[persist(default = other)]
    sibling: u8,
    other: u8,
}

fn main() {}
