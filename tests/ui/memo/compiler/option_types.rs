use persist::memoize;

#[memoize(path = 5, version = None::<u8>, name = 5, on_error = |a, b| (), handle = Self::memo)]
fn one(a: u8) -> u8 {
    a
}

#[memoize(path = "cache", ttl = 60 * 60, max_size = "1 GB", max_entries = -1)]
fn two(a: u8) -> u8 {
    a
}

#[memoize(path = folder)]
fn three(folder: &str) -> u8 {
    folder.len() as u8
}

fn main() {}
