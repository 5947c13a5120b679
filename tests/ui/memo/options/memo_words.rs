use persist::memoize;

#[memoize(path = "cache", path = "other", versoin = 2, rename = "a", size = 5, ignore(a, a))]
fn one(a: u8) -> u8 {
    a
}

fn main() {
    one(1);
}
