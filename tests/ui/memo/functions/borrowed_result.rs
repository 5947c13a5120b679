use persist::memoize;

#[memoize(path = "cache")]
fn one(a: &str) -> &str {
    a
}

#[memoize(path = "cache")]
fn two(a: &str) -> Result<Option<&str>, &'static str> {
    Ok(Some(a))
}

#[memoize(path = "cache", cache_errors)]
fn three(a: u8) -> Result<u8, &'static str> {
    Ok(a)
}

fn main() {}
