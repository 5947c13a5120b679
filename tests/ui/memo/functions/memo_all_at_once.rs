//! Everything that is wrong with a function is said at once, and nothing else.

use persist::memoize;

#[memoize(ttl = "1h", cache, ignore(x), max_size)]
const fn one(&(a, b): &(u8, u8), c: &mut u8, d: impl Copy) -> &'static str {
    let _ = (a, b, c, d);
    "one"
}

fn main() {
    let _: &str = one(&(1, 2), &mut 3, 4);
}
