use persist::Persist;

#[derive(Persist)]
struct Plain {
    field: u8,
}

#[derive(Persist)]
#[persist(from = Plain, into = Plain)]
struct Type {
    field: u16,
}

fn main() {}
