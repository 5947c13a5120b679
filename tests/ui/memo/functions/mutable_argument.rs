use persist::memoize;

struct Type;

impl Type {
    #[memoize(path = "cache")]
    fn one(&mut self, list: &mut Vec<u8>) -> u8 {
        list.push(1);
        1
    }

    #[memoize(path = "cache")]
    fn two(self: &mut Self) -> u8 {
        1
    }
}

fn main() {}
