//! Ways to save a field whose type is not `Persist` itself, for `#[persist(with = ..)]`.
//!
//! Such a module has two functions, like the two of the trait: `get_state(&T) -> Result<impl ..>` gives the state to
//! save, and `set_state(state, &Context) -> Result<T>` makes the value again.

pub mod os_bytes;
pub mod serde;
