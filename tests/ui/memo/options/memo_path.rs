use persist::memoize;

#[memoize]
fn one(a: u8) -> u8 {
    a
}

#[memoize(version = 1, handle = two_memo)]
fn two(a: u8) -> u8 {
    a
}

fn main() {
    two_memo().clear().unwrap();
}
