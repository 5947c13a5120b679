use persist::memoize;

#[memoize(path = "cache", ttl = "1h")]
fn one(a: u8) -> u8 {
    a
}

#[memoize(path = "cache", ttl = 3600)]
fn two(a: u8) -> u8 {
    a
}

fn main() {}
