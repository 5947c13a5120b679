use persist::memoize;

#[memoize(path = "cache")]
fn one((a, b): (u8, u8), _: u8, [c, ..]: [u8; 2], ref d: u8, e @ 0..: u8) -> u8 {
    a + b + c + d + e
}

fn main() {}
