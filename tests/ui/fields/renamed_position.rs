use persist::Persist;

#[derive(Persist)]
struct Type(#[persist(rename = "first")] u8, u8);

fn main() {}
