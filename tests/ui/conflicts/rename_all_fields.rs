use persist::Persist;

#[derive(Persist)]
#[persist(rename_all_fields = "camelCase")]
struct Type {
    field: u8,
}

fn main() {}
