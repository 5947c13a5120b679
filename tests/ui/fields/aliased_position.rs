use persist::Persist;

#[derive(Persist)]
struct Tuple(u8, #[persist(alias = "second")] u8);

fn main() {}
