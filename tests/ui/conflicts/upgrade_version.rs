use persist::Persist;

#[derive(Persist)]
struct Old {
    field: u8,
}

#[derive(Persist)]
#[persist(upgrade_from = Old)]
struct NoVersion {
    field: u16,
}

#[derive(Persist)]
#[persist(version = 1, upgrade_from = Old)]
struct First {
    field: u16,
}

fn main() {}
