//! Without a prelude, and with other things under the names that one would take for std's.
#![no_implicit_prelude]
#![allow(non_camel_case_types, dead_code, unused_macros, unused_imports, reason = "they are there to be in the way")]
#![allow(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    reason = "hooks have the signatures that they have"
)]

use ::core::prelude::v1::{derive, test};

struct Option;
struct Result;
struct Ok;
struct Err;
struct Some;
struct None;
struct Box;
struct Vec;
struct String;
struct usize;
struct u16;
struct bool;
trait Default {}
trait Clone {}
trait Drop {}
trait Fn {}
trait Into {}
trait Iterator {}
trait Persist {}
mod core {}
mod std {}
mod alloc {}
mod persist {}
mod persist_core {}

macro_rules! vec {
    ($($any:tt)*) => {
        compile_error!("the wrong macro")
    };
}
macro_rules! matches {
    ($($any:tt)*) => {
        compile_error!("the wrong macro")
    };
}
pub(crate) use {matches, vec};

#[derive(::persist::Persist, ::core::fmt::Debug, ::core::cmp::PartialEq)]
struct Point {
    x: f32,
    y: f32,
}

#[derive(::persist::Persist, ::core::fmt::Debug, ::core::cmp::PartialEq)]
#[persist(before_save = Self::before, after_load = Self::after)]
struct Everything<T, const N: ::core::primitive::usize> {
    id: u8,
    point: Point,
    texts: ::std::vec::Vec<::std::string::String>,
    array: [u8; N],
    generic: T,
    #[persist(default)]
    default: u8,
    #[persist(default = 7)]
    seven: u8,
    #[persist(with = text)]
    with: i32,
    #[persist(with = text, default)]
    with_default: i32,
    #[persist(serde)]
    serde: ::std::vec::Vec<u8>,
    #[transient]
    cache: u8,
    #[transient(rebuild = id.wrapping_add(1))]
    next: u8,
}

impl<T, const N: ::core::primitive::usize> Everything<T, N> {
    fn before(&self) -> ::persist::Result<()> {
        ::core::assert!(self.id != 0);
        ::core::result::Result::Ok(())
    }

    fn after(&mut self, _: &::persist::Context) -> ::persist::Result<()> {
        ::core::assert!(self.id != 0);
        ::core::result::Result::Ok(())
    }
}

#[derive(::persist::Persist, ::core::fmt::Debug, ::core::cmp::PartialEq)]
enum Choice<T> {
    Unit,
    Tuple(u8, #[persist(default)] T),
    Named {
        #[persist(with = text)]
        with: i32,
        inner: ::core::option::Option<::std::boxed::Box<Choice<T>>>,
        #[persist(with = text, default = 5)]
        five: i32,
        #[transient(rebuild = with + 1)]
        next: i32,
    },
}

#[derive(::persist::Persist, ::core::fmt::Debug, ::core::cmp::PartialEq)]
#[persist(transparent)]
struct Transparent {
    inner: ::std::vec::Vec<Transparent>,
}

/// One that names itself: its rows are written and read by code of their own.
#[derive(::persist::Persist, ::core::fmt::Debug, ::core::cmp::PartialEq)]
#[persist(version = 2, upgrade_from = Before<T>, before_save = Self::before)]
struct Branch<T> {
    id: u8,
    point: Point,
    generic: ::core::option::Option<T>,
    #[persist(default)]
    children: ::std::vec::Vec<Branch<T>>,
    #[persist(default = ::core::option::Option::None)]
    next: ::core::option::Option<::std::boxed::Box<Self>>,
}

impl<T> Branch<T> {
    fn before(&self) -> ::persist::Result<()> {
        ::core::assert!(self.id != 0);
        ::core::result::Result::Ok(())
    }

    fn leaf(id: u8, generic: ::core::option::Option<T>) -> Self {
        Branch {
            id,
            point: Point { x: 0.5, y: 1.5 },
            generic,
            children: ::std::vec::Vec::new(),
            next: ::core::option::Option::None,
        }
    }
}

impl<T> ::core::convert::From<Before<T>> for Branch<T> {
    fn from(old: Before<T>) -> Self {
        Self::leaf(old.id, ::core::option::Option::Some(old.generic))
    }
}

/// The same with what only functions of a module save, and with what is not saved.
#[derive(::persist::Persist, ::core::fmt::Debug, ::core::cmp::PartialEq)]
struct Twig {
    #[persist(with = text)]
    with: i32,
    twigs: ::std::vec::Vec<Twig>,
    #[persist(with = text, default = 5)]
    five: i32,
    #[transient(rebuild = with + 1)]
    next: i32,
}

#[derive(::persist::Persist, ::core::fmt::Debug, ::core::cmp::PartialEq)]
enum Plain {
    One,
    Two,
}

/// What changed since it was saved first.
#[derive(::persist::Persist, ::core::fmt::Debug, ::core::cmp::PartialEq)]
struct Before<T> {
    id: u8,
    generic: T,
}

#[derive(::persist::Persist, ::core::fmt::Debug, ::core::cmp::PartialEq)]
#[persist(version = 2, upgrade_from = Before<T>, default = Self::made())]
struct Changed<T> {
    #[persist(alias = "id", alias = "key")]
    number: u64,
    #[persist(alias_one)]
    list: ::std::vec::Vec<u8>,
    #[persist(unknown)]
    rest: ::std::collections::BTreeMap<::std::string::String, ::persist::Value>,
    #[persist(default = ::core::option::Option::None)]
    generic: ::core::option::Option<T>,
}

impl<T> Changed<T> {
    fn made() -> Self {
        Changed {
            number: 0,
            list: ::std::vec::Vec::new(),
            rest: ::std::collections::BTreeMap::new(),
            generic: ::core::option::Option::None,
        }
    }
}

impl<T> ::core::convert::TryFrom<Before<T>> for Changed<T> {
    type Error = ::core::num::TryFromIntError;

    fn try_from(old: Before<T>) -> ::core::result::Result<Self, Self::Error> {
        let id: i8 = ::core::convert::TryFrom::try_from(old.id)?;
        let number = ::core::convert::TryFrom::try_from(id)?;
        ::core::result::Result::Ok(Changed {
            number,
            generic: ::core::option::Option::Some(old.generic),
            ..Self::made()
        })
    }
}

#[derive(::persist::Persist, ::core::fmt::Debug, ::core::cmp::PartialEq)]
#[persist(version = 3, upgrade_from = Before<u8>, deny_unknown_fields)]
enum Versions {
    #[persist(other)]
    Other,
    #[persist(alias = "Old")]
    New { field: u8 },
}

impl ::core::convert::From<Before<u8>> for Versions {
    fn from(_: Before<u8>) -> Self {
        Versions::Other
    }
}

#[derive(::persist::Persist, ::core::fmt::Debug, ::core::cmp::PartialEq)]
#[persist(version = 2, upgrade_from = Before<u8>)]
struct Live {
    id: u8,
    #[transient]
    cache: u8,
}

impl ::core::convert::From<Before<u8>> for Live {
    fn from(old: Before<u8>) -> Self {
        Live { id: old.id, cache: 0 }
    }
}

#[derive(::persist::Persist, ::core::fmt::Debug, ::core::cmp::PartialEq, ::core::clone::Clone)]
#[persist(try_from = u8, into = u8, after_load = Self::after, before_save = Self::before)]
struct Converted(u8);

impl Converted {
    fn before(&self) -> ::persist::Result<()> {
        ::core::assert!(self.0 < 100);
        ::core::result::Result::Ok(())
    }

    fn after(&mut self, _: &::persist::Context) -> ::persist::Result<()> {
        self.0 += 0;
        ::core::result::Result::Ok(())
    }
}

impl ::core::convert::From<Converted> for u8 {
    fn from(value: Converted) -> u8 {
        value.0
    }
}

impl ::core::convert::From<u8> for Converted {
    fn from(value: u8) -> Self {
        Converted(value)
    }
}

mod text {
    pub(crate) fn get_state(value: &i32) -> ::persist::Result<::std::string::String> {
        ::core::result::Result::Ok(::std::format!("{value}"))
    }

    pub(crate) fn set_state(text: ::std::string::String, _: &::persist::Context) -> ::persist::Result<i32> {
        ::core::result::Result::Ok(text.parse()?)
    }
}

#[test]
fn values_come_back() {
    use ::core::convert::From;

    crate::back(&Everything {
        id: 1,
        point: Point { x: 0.5, y: 1.5 },
        texts: ::std::vec![::std::string::String::from("a")],
        array: [1, 2, 3],
        generic: Transparent { inner: ::std::vec![Transparent { inner: ::std::vec::Vec::new() }] },
        default: 2,
        seven: 7,
        with: -5,
        with_default: 9,
        serde: ::std::vec![1],
        cache: 0,
        next: 2,
    });
    let inner = ::core::option::Option::Some(::std::boxed::Box::new(Choice::Tuple(1, 'x')));
    crate::back(&[Choice::Unit, Choice::Named { with: 4, inner, five: 6, next: 5 }]);
    crate::back(&Branch {
        children: ::std::vec![
            Branch::leaf(1, ::core::option::Option::None),
            Branch {
                next: ::core::option::Option::Some(::std::boxed::Box::new(Branch::leaf(
                    3,
                    ::core::option::Option::Some('x'),
                ))),
                ..Branch::leaf(2, ::core::option::Option::None)
            },
        ],
        ..Branch::leaf(4, ::core::option::Option::Some('y'))
    });
    let twig = Twig { with: 7, twigs: ::std::vec::Vec::new(), five: 6, next: 8 };
    crate::back(&Twig { with: -5, twigs: ::std::vec![twig], five: 5, next: -4 });
    crate::back(&[Plain::One, Plain::Two]);
    crate::back(&Changed { number: 1, generic: ::core::option::Option::Some('x'), ..Changed::made() });
    crate::back(&[Versions::Other, Versions::New { field: 1 }]);
    crate::back(&Live { id: 1, cache: 0 });
    crate::back(&Converted(5));
}
