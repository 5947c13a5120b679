use persist::Persist;

#[derive(Persist)]
enum Choice {
    #[persist(other)]
    A,
    #[persist(other)]
    B,
}

fn main() {}
