use persist::Persist;

#[derive(Persist)]
struct Old {
    field: u8,
}

#[derive(Persist)]
#[persist(version = 2, upgrade_from = Old)]
struct Type {
    field: u16,
}

fn main() {}
