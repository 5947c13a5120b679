use persist::Persist;

#[derive(Persist)]
union Either {
    small: u8,
    large: u64,
}

fn main() {}
