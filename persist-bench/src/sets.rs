//! What is written and read.
//!
//! Each type derives what each library wants, with the attributes that its authors recommend for speed and nothing that
//! changes what is stored.

#![allow(clippy::used_underscore_binding, reason = "derives name their own bindings so")]

use std::fmt::Debug;

pub mod log;
pub mod mesh;
pub mod minecraft;
pub mod mk48;

pub mod command;
pub mod order;
pub mod reading;

pub mod maps;
pub mod strings;
pub mod tree;

/// The seed of every data set: the first digits of pi, so that nobody chose it.
pub const SEED: u64 = 3_141_592_653;

/// A value that can be copied and compared, so that what a library gives back can be checked.
pub trait Data: Clone + PartialEq + Debug + 'static {}

impl<T: Clone + PartialEq + Debug + 'static> Data for T {}

/// A type whose parts fory has to be told of before it can be written.
pub trait Registered {
    /// Registers the type and all types that it holds.
    fn register(fory: &mut fory::Fory) -> Result<(), fory::Error>;
}

/// Derives everything that the libraries want, but fory's, which has three derives for three kinds of types.
macro_rules! data {
    ($($item:item)*) => {$(
        #[derive(
            Clone, Debug, PartialEq,
            persist::Persist,
            bitcode::Encode, bitcode::Decode,
            borsh::BorshSerialize, borsh::BorshDeserialize,
            nanoserde::SerBin, nanoserde::DeBin,
            rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
            savefile::prelude::Savefile,
            serde::Serialize, serde::Deserialize,
            wincode::SchemaWrite, wincode::SchemaRead,
        )]
        $item
    )*};
}

/// Implements [`Registered`] for the first type, which holds the others.
macro_rules! registered {
    ($whole:ident: $($part:ident),*) => {
        impl $crate::sets::Registered for $whole {
            fn register(fory: &mut fory::Fory) -> Result<(), fory::Error> {
                let mut identifier = 100;
                for register in [fory::Fory::register::<$whole>, $(fory::Fory::register::<$part>),*] {
                    register(fory, identifier)?;
                    identifier += 1;
                }
                Ok(())
            }
        }
    };
}

use {data, registered};
