use persist::Persist;

#[derive(Persist)]
#[persist(rename_all = "lowercase")]
struct Type {
    first: u8,
    #[persist(rename = "first")]
    second: u8,
    #[transient]
    third: u8,
}

#[derive(Persist)]
enum Variants {
    Named {
        #[persist(rename = "second")]
        first: u8,
        second: u8,
    },
}

fn main() {}
