//! Types about which a lint might have something to say.

use std::fmt;

use persist::{Persist, Result};

use crate::back;

/// What it holds is more private than itself.
#[allow(unreachable_pub, reason = "it is the most visible that a type can be")]
#[derive(Persist, Clone, PartialEq)]
pub struct Public {
    private: Private,
    #[transient(rebuild = Private { id: private.id })]
    copy: Private,
}

impl fmt::Debug for Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Public")
    }
}

#[derive(Persist, Clone, Copy, Debug, PartialEq)]
struct Private {
    id: u8,
}

#[derive(Persist, Clone, Copy, Debug, PartialEq)]
enum Choice {
    Private(Inner, #[transient] u8),
    Other,
}

mod inner {
    use super::Persist;

    #[derive(Persist, Clone, Copy, Debug, PartialEq)]
    pub(super) struct Inner(pub(super) u8, pub(in crate::lints) u8);
}

use inner::Inner;

mod old {
    use super::Persist;

    /// Nobody should use what is old; the derive has to.
    #[derive(Persist, Clone, Debug, PartialEq)]
    #[deprecated]
    #[allow(deprecated, reason = "the other derives use it")]
    pub(super) struct Old {
        #[deprecated]
        pub(super) field: u8,
        #[deprecated]
        #[transient(rebuild = 1)]
        pub(super) left_out: u8,
    }
}

mod old_variants {
    #![allow(deprecated, reason = "the other derives use it")]

    use super::Persist;

    #[derive(Persist, Clone, Debug, PartialEq)]
    pub(super) enum Variants {
        #[deprecated]
        Old(u8),
        New {
            #[deprecated]
            field: u8,
        },
    }
}

#[derive(Persist, Clone, Copy, Debug, PartialEq)]
#[repr(C, align(32))]
#[must_use]
#[non_exhaustive]
struct Attributes {
    /// Documented.
    id: u8,
    #[cfg(any())]
    absent: Missing,
    #[cfg(not(any()))]
    present: u8,
}

#[derive(Persist, Clone, Copy, Debug, PartialEq)]
#[repr(u8)]
#[non_exhaustive]
enum Numbered {
    Three = 3,
    Nine = 9,
    #[cfg(any())]
    Absent(Missing),
}

#[derive(Persist, Clone, Copy, Debug, PartialEq)]
#[repr(transparent)]
#[persist(transparent)]
struct Wrapper(f64);

#[derive(Persist, Debug, PartialEq)]
enum Single {
    Only(u8),
}

#[derive(Persist, Debug, PartialEq)]
#[persist(before_save = Self::may_be_saved)]
struct Underscores {
    _reserved: u8,
    _0: u16,
    #[transient(rebuild = ())]
    _unit: (),
    #[transient(rebuild = true)]
    unused: bool,
}

impl Underscores {
    fn may_be_saved(&self) -> Result<()> {
        if self.unused { Ok(()) } else { Err("it is not in use".into()) }
    }
}

/// It holds itself.
#[derive(Persist, Clone, Debug, PartialEq)]
struct Tree {
    private: Private,
    trees: Vec<Tree>,
    _unit: (),
}

/// Nothing reads some fields but the derive.
#[derive(Persist, Default)]
struct NeverRead {
    saved: u8,
    more: (u8, u8),
}

impl fmt::Debug for NeverRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NeverRead")
    }
}

impl PartialEq for NeverRead {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[test]
fn values_come_back() {
    let private = Private { id: 1 };
    back(&Public { private, copy: private });
    back(&[Choice::Private(Inner(1, 2), 0), Choice::Other]);
    #[allow(deprecated, reason = "it is the test of that")]
    back(&old::Old { field: 1, left_out: 1 });
    #[allow(deprecated, reason = "it is the test of that")]
    back(&[old_variants::Variants::Old(1), old_variants::Variants::New { field: 1 }]);
    back(&Attributes { id: 1, present: 2 });
    back(&[Numbered::Three, Numbered::Nine]);
    back(&Wrapper(0.5));
    back(&Single::Only(1));
    back(&Underscores { _reserved: 1, _0: 2, _unit: (), unused: true });
    back(&NeverRead::default());
    let leaf = Tree { private, trees: Vec::new(), _unit: () };
    back(&Tree { private, trees: vec![leaf.clone(), leaf], _unit: () });
}
