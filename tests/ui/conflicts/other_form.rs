use persist::Persist;

#[derive(Persist)]
enum Choice {
    A,
    #[persist(other)]
    Other(u8),
}

fn main() {}
