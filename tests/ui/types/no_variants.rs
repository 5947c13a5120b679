use persist::Persist;

#[derive(Persist)]
enum Never {}

fn main() {}
