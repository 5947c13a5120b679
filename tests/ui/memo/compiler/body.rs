//! Mistakes in the body stand where they are.

use persist::memoize;

#[memoize(path = "cache")]
fn one(a: u8) -> Result<u8, String> {
    let b: u16 = a;
    Ok(missing)
}

#[memoize(path = "cache")]
async fn two(a: u8) -> u8 {
    let unused = 1;
    "text"
}

fn main() {}
