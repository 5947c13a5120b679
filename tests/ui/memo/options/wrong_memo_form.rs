use persist::memoize;

#[memoize(path, version = , name, ttl(5), max_size, max_entries, on_error, ignore = a, cache_errors = true, handle)]
fn one(a: u8) -> Result<u8, String> {
    Ok(a)
}

#[memoize(path = "cache", ignore(), handle = a::b)]
fn two(a: u8) -> u8 {
    a
}

#[memoize(path = "cache", ignore(1), crate = "persist", handle = Self)]
fn three(a: u8) -> u8 {
    a
}

#[memoize(path = "cache", version(1), name = 1 +)]
fn four(a: u8) -> u8 {
    a
}

#[memoize = "cache"]
fn five(a: u8) -> u8 {
    a
}

#[memoize("cache")]
fn six(a: u8) -> u8 {
    a
}

fn main() {}
