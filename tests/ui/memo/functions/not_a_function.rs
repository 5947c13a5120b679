use persist::memoize;

#[memoize(path = "cache")]
struct One {
    a: u8,
}

trait Two {
    #[memoize(path = "cache")]
    fn two(&self) -> u8;
}

fn main() {
    let _ = One { a: 1 }.a;
}
