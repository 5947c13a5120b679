use persist::Persist;

#[derive(Persist)]
struct Type {
    #[transient(rebuild = 5, provided)]
    field: u8,
}

fn main() {}
