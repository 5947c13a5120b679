use persist::Persist;

#[derive(Persist)]
#[transient]
struct Type {
    field: u8,
}

fn main() {}
