use persist::Persist;

#[derive(Persist)]
#[persist(bound = "T Clone")]
struct Generic<T> {
    field: Vec<T>,
}

fn main() {}
