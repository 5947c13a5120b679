use persist::Persist;

#[derive(Persist)]
struct Type {
    #[persist(flatten)]
    inner: u8,
    #[persist(skip)]
    skipped: u8,
    #[persist(skip_serializing, skip_deserializing)]
    half: u8,
    #[persist(skip_serializing_if = "Option::is_none")]
    sometimes: Option<u8>,
    #[persist(serialize_with = "to_text", deserialize_with = "from_text")]
    functions: u8,
    #[persist(transient)]
    cache: u8,
}

#[derive(Persist)]
#[persist(tag = "type", content = "value")]
enum Tagged {
    #[persist(skip)]
    Unit,
}

#[derive(Persist)]
#[persist(untagged)]
enum Untagged {
    Unit,
}

fn main() {}
