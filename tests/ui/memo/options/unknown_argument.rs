use persist::memoize;

#[memoize(path = "cache", ignore(self, logg))]
fn one(a: u8, log: &mut Vec<u8>) -> u8 {
    log.push(a);
    a
}

#[memoize(path = "cache", ignore(a))]
fn two() -> u8 {
    1
}

fn main() {}
