use persist::Persist;

#[derive(Persist)]
#[persist(bound = "")]
struct Generic<T> {
    items: Vec<T>,
}

fn main() {}
