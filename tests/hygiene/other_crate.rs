//! The library under another name.

use crate::back;

mod renamed {
    extern crate persist as saved;

    /// What stands under the usual name is something else.
    mod persist {}

    #[derive(saved::Persist, Clone, Debug, PartialEq)]
    #[persist(crate = self::saved)]
    pub(crate) struct Renamed {
        pub(crate) id: u8,
        #[transient(rebuild = context.get::<char>().map_or(*id, |_| 0))]
        pub(crate) rebuilt: u8,
    }

    #[derive(saved::Persist, Clone, Debug, PartialEq)]
    #[persist(crate = crate::other_crate::renamed::saved)]
    pub(crate) enum RenamedToo {
        A(u8, #[persist(serde)] String),
        B,
    }
}

/// Libraries that are content with the core.
#[derive(persist_derive::Persist, Clone, Debug, PartialEq)]
#[persist(crate = persist_core)]
struct Core {
    id: u8,
    #[persist(serde)]
    text: String,
}

#[test]
fn values_come_back() {
    back(&renamed::Renamed { id: 1, rebuilt: 1 });
    back(&[renamed::RenamedToo::A(1, "a".into()), renamed::RenamedToo::B]);
    back(&Core { id: 1, text: "t".into() });
}
