use persist::Persist;

#[derive(Persist)]
struct Plain {
    #[persist("name", 5, default)]
    field: u8,
}

fn main() {}
