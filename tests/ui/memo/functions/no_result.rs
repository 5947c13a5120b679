use persist::memoize;

#[memoize(path = "cache")]
fn one(a: u8) {
    let _ = a;
}

#[memoize(path = "cache")]
async fn two() -> () {}

fn main() {}
