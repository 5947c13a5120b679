use persist::Persist;

#[derive(Persist)]
#[persist(default, deny_unknown_fields)]
#[persist(version = 2, upgrade_from = Old)]
#[persist(from = Old, try_from = Old, into = Old)]
struct Type {
    #[persist(alias = "before")]
    field: u8,
    #[persist(unknown)]
    rest: Vec<u8>,
}

#[derive(Persist)]
enum Variants {
    #[persist(alias = "before")]
    Unit,
    #[persist(other)]
    Other,
}

fn main() {}
