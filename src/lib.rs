//! Save any value of a program and bring it back. (To come: the README.)

#[doc(hidden)]
pub use persist_core::__private;
#[cfg(feature = "derive")]
pub use persist_derive::Persist;
pub use persist_core::*;
