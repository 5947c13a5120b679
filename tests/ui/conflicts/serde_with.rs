use persist::Persist;

#[derive(Persist)]
struct Type {
    #[persist(with = module, serde)]
    field: u8,
}

fn main() {}
