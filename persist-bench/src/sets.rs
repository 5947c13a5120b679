//! The four data sets.
//!
//! Each type derives what each library wants, with the attributes that its authors recommend for speed and nothing that
//! changes what is stored.

use std::fmt::Debug;

use wincode::config::DefaultConfig;

pub mod log;
pub mod mesh;
pub mod minecraft;
pub mod mk48;

/// The seed of every data set: the first digits of pi, so that nobody chose it.
pub const SEED: u64 = 3_141_592_653;

/// A value that every library here can write and read.
pub trait Data:
    Clone
    + PartialEq
    + Debug
    + persist::Persist
    + bitcode::Encode
    + bitcode::DecodeOwned
    + wincode::SchemaWrite<DefaultConfig, Src = Self>
    + for<'de> wincode::SchemaRead<'de, DefaultConfig, Dst = Self>
    + savefile::Serialize
    + savefile::Deserialize
    + serde::Serialize
    + serde::de::DeserializeOwned
    + 'static
{
}

impl<T> Data for T where
    T: Clone
        + PartialEq
        + Debug
        + persist::Persist
        + bitcode::Encode
        + bitcode::DecodeOwned
        + wincode::SchemaWrite<DefaultConfig, Src = Self>
        + for<'de> wincode::SchemaRead<'de, DefaultConfig, Dst = Self>
        + savefile::Serialize
        + savefile::Deserialize
        + serde::Serialize
        + serde::de::DeserializeOwned
        + 'static
{
}
