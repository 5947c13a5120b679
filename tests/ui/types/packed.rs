use persist::Persist;

#[derive(Persist)]
#[repr(C, packed(2))]
struct Tight {
    small: u8,
    large: u64,
}

fn main() {}
