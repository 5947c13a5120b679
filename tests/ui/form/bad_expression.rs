use persist::Persist;

#[derive(Persist)]
struct Plain {
    #[persist(default = , rename = "first")]
    nothing: u8,
    #[transient(rebuild = 1 + )]
    half: u8,
}

fn main() {}
