use persist::Persist;

#[derive(Persist)]
#[persist(renameall = "camelCase", afterload = Self::check)]
struct Type {
    #[persist(defualt)]
    field: u8,
    #[transient(rebuilt = 5)]
    cache: u8,
}

fn main() {}
