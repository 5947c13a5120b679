//! What the derive writes trusts no name in scope and upsets no lint: these modules only have to compile, and to work.
#![forbid(unsafe_code)]
#![deny(warnings)]
#![deny(nonstandard_style, future_incompatible, rust_2018_idioms, unused, let_underscore)]
#![deny(missing_docs, unreachable_pub, single_use_lifetimes, unused_lifetimes, unused_qualifications, unit_bindings)]
#![deny(trivial_casts, trivial_numeric_casts, variant_size_differences, missing_debug_implementations)]
#![deny(missing_copy_implementations, redundant_lifetimes, redundant_imports, explicit_outlives_requirements)]
#![deny(clippy::all, clippy::pedantic)]

mod lints;
mod macros;
#[cfg(feature = "memo")]
mod memoized;
mod names;
mod no_prelude;
mod other_crate;

use std::fmt::Debug;

use persist::{Persist, dumps, loads};

/// Saves and loads a value.
fn back<T: Persist + PartialEq + Debug>(value: &T) {
    let bytes = dumps(value).expect("it can be saved");
    assert_eq!(&loads::<T>(&bytes).expect("it can be loaded"), value);
}
