use persist::Persist;

#[derive(Persist)]
#[persist(rename_all = "lowercase")]
enum Variants {
    KeyDown,
    Keydown(u8),
    #[persist(rename = "keydown")]
    Other,
}

fn main() {}
