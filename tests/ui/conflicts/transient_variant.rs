use persist::Persist;

#[derive(Persist)]
enum Variants {
    Saved,
    #[transient]
    Forgotten,
}

fn main() {}
