use persist::memoize;

#[memoize(path = "cache", cache_errors)]
fn one(a: u8) -> Option<u8> {
    Some(a)
}

fn main() {}
