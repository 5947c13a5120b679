use persist::Persist;

#[derive(Persist)]
#[persist(crate = "persist")]
#[persist(rename = Other)]
#[persist(rename_all)]
#[persist(bound(T: Clone))]
#[persist(transparent = true)]
#[persist(before_save = "Self::check", after_load = |value, _| Ok(()))]
struct Type {
    #[persist(rename("other"))]
    renamed: u8,
    #[persist(default(5))]
    default: u8,
    #[persist(with = "module")]
    text: u8,
    #[persist(with)]
    missing: u8,
    #[persist(with = module(5), rename = "then")]
    call: u8,
    #[persist(serde = true)]
    serde: u8,
    #[transient(rebuild)]
    rebuild: u8,
    #[transient(rebuild(5))]
    rebuild_call: u8,
    #[transient(provided = 5)]
    provided: u8,
}

#[derive(Persist)]
#[persist(rename_all_fields = 5)]
enum Variants {
    #[persist(rename = )]
    Unit,
}

#[derive(Persist)]
#[persist(default(5), deny_unknown_fields = 1, version = "2", upgrade_from = 5)]
#[persist(from, try_from = 1, into)]
struct Changed {
    #[persist(alias, alias_one = true, unknown = 1)]
    field: u8,
}

#[derive(Persist)]
enum Choice {
    #[persist(other = 1)]
    A,
}

fn main() {}
