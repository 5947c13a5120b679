use persist::Persist;

#[derive(Persist)]
#[persist(transparent)]
struct Type(#[persist(default = 5)] u8);

fn main() {}
