use persist::memoize;

#[memoize(path = "cache")]
fn one(a: u8) -> impl Iterator<Item = u8> {
    0..a
}

#[memoize(path = "cache")]
fn two(a: u8) -> Result<Vec<impl Copy>, String> {
    Ok(vec![a])
}

fn main() {}
