//! Functions whose results are kept: without a prelude, in a renamed crate, of macros, and before all lints.
#![no_implicit_prelude]
#![allow(non_camel_case_types, dead_code, unused_macros, reason = "they are there to be in the way")]

use ::core::prelude::v1::test;

struct Option;
struct Result;
struct Ok;
struct Err;
struct String;
struct u64;
struct bool;
struct Duration;
struct Memo;
trait Persist {}
trait Fn {}
trait FnOnce {}
trait Future {}
mod core {}
mod std {}
mod persist {}

macro_rules! unreachable {
    ($($any:tt)*) => {
        compile_error!("the wrong macro")
    };
}

fn folder() -> ::std::path::PathBuf {
    static FOLDER: ::std::sync::OnceLock<::tempfile::TempDir> = ::std::sync::OnceLock::new();
    let make = || ::tempfile::tempdir().expect("there is a place for temporary files");
    FOLDER.get_or_init(make).path().to_path_buf()
}

/// All options.
#[::persist::memoize(
    path = folder(),
    name = "plain",
    version = 1,
    ttl = ::core::time::Duration::from_secs(60),
    max_size = 1 << 20,
    max_entries = 1000,
    on_error = |error| ::core::panic!("{error}"),
    ignore(ignored),
    handle = plain_memo
)]
#[must_use]
pub(crate) fn plain(text: &str, mut list: ::std::vec::Vec<u8>, ignored: u8) -> ::std::string::String {
    list.push(ignored);
    ::std::format!("{text}{list:?}")
}

#[::persist::memoize(path = folder())]
fn fallible(text: &str) -> ::core::result::Result<u8, ::core::num::ParseIntError> {
    let number: u8 = text.parse()?;
    ::core::result::Result::Ok(number)
}

#[::persist::memoize(path = folder(), cache_errors)]
fn both(text: &str) -> ::core::result::Result<u8, ::std::string::String> {
    if text.is_empty() {
        return ::core::result::Result::Err(::std::string::String::new());
    }
    ::core::result::Result::Ok(1)
}

#[::persist::memoize(path = folder(), handle = waited_memo)]
async fn waited<T: ::persist::Persist + ::core::marker::Sync>(
    value: &T,
) -> ::core::option::Option<::core::primitive::u64> {
    let _ = value;
    ::core::future::ready(::core::option::Option::Some(1)).await
}

#[::persist::memoize(path = folder())]
async fn waited_fallible(text: &str) -> ::core::result::Result<u8, ::core::num::ParseIntError> {
    let number: u8 = ::core::future::ready(text).await.parse()?;
    ::core::result::Result::Ok(number)
}

/// A type of its own.
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub(crate) struct Type {
    id: u8,
}

impl Type {
    /// Documented, and without arguments.
    #[::persist::memoize(path = folder(), ignore(self), handle = Self::numbers)]
    #[must_use]
    pub(crate) fn number(self) -> u8 {
        self.id
    }

    #[::persist::memoize(path = folder())]
    fn none() -> u8 {
        1
    }
}

mod renamed {
    extern crate persist as saved;

    #[saved::memoize(path = super::folder(), crate = crate::memoized::renamed::saved, handle = r#dyn)]
    pub(super) fn r#fn(r#type: &[u8]) -> usize {
        r#type.len()
    }

    /// Where the facade is not at hand.
    #[::persist_derive::memoize(path = super::folder(), crate = ::persist_store::memo)]
    pub(super) fn parts(a: u8) -> u8 {
        a
    }
}

macro_rules! function {
    ($name:ident($argument:ident: $ty:ty) -> $result:ty = $body:expr, $path:expr) => {
        #[::persist::memoize(path = $path, ignore(other))]
        fn $name($argument: $ty, other: u8) -> $result {
            let _ = other;
            $body
        }
    };
}

function! { made(list: &[u8]) -> usize = list.len(), folder() }

#[test]
fn results_are_kept() {
    use ::core::assert_eq;

    for _ in 0..2 {
        assert_eq!(plain("a", ::std::vec![1], 2), "a[1, 2]");
        assert_eq!(fallible("5"), ::core::result::Result::Ok(5));
        assert_eq!(both(""), ::core::result::Result::Err(::std::string::String::new()));
        assert_eq!(::futures::executor::block_on(waited(&1_u8)), ::core::option::Option::Some(1));
        assert_eq!(::futures::executor::block_on(waited_fallible("5")), ::core::result::Result::Ok(5));
        assert_eq!((Type { id: 3 }.number(), Type::none()), (3, 1));
        assert_eq!((renamed::r#fn(&[1]), renamed::parts(1)), (1, 1));
        assert_eq!(made(&[1], 1), 1);
    }
    assert_eq!(plain_memo().statistics().hits, 1);
    assert_eq!(waited_memo().statistics().hits, 1);
    assert_eq!(Type::numbers().statistics().hits, 1);
    assert_eq!(renamed::r#dyn().statistics().hits, 1);
}
