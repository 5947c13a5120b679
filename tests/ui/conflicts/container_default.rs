use persist::Persist;

#[derive(Persist, Default)]
#[persist(default)]
enum Choice {
    #[default]
    A,
    B { field: u8 },
}

fn main() {}
