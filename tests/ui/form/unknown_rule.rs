use persist::Persist;

#[derive(Persist)]
#[persist(rename_all = "snake-case")]
struct Plain {
    field: u8,
}

fn main() {}
