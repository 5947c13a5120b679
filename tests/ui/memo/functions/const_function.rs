use persist::memoize;

#[memoize(path = "cache")]
const fn one(a: u8) -> u8 {
    a
}

fn main() {}
