//! The way in of protocols Json and Cbor: what others wrote, what stands in another order, and bytes from anyone.

mod errors;
mod like_serde;
mod hostile;
mod model;
mod order;
mod spellings;
mod streams;
mod deterministic;
mod typed_arrays;
mod values;
