use persist::Persist;

struct Color(u8);

#[derive(Persist)]
struct Type {
    #[persist(serde)]
    color: Color,
}

fn main() {}
