//! The least that the work can cost: a copy of the bytes for writing, a clone of the value for reading.

use std::hint::black_box;

use super::{Library, Operation, Role};
use crate::{Result, sets::Data};

/// Makes the value anew from the value itself: all allocations of reading, and none of its decoding.
pub(super) struct CloneFloor<T> {
    value: Option<T>,
}

// Derived, this would ask for `T: Default`.
impl<T> Default for CloneFloor<T> {
    fn default() -> Self {
        Self { value: None }
    }
}

impl<T: Data> Library<T> for CloneFloor<T> {
    fn name(&self) -> &'static str {
        "clone()"
    }

    fn role(&self) -> Role {
        Role::Floor
    }

    fn does(&self, operation: Operation) -> bool {
        operation == Operation::Deserialize
    }

    fn prepare(&mut self, value: &T) -> Result<Option<usize>> {
        self.value = Some(value.clone());
        Ok(None)
    }

    fn serialize(&mut self, _value: &T) -> Result<usize> {
        Err("a clone has no bytes".into())
    }

    fn deserialize(&mut self) -> Result<T> {
        black_box(&self.value).clone().ok_or_else(|| "cloning comes after preparing".into())
    }
}

/// Copies the bytes that persist encodes to, into memory that is there already.
#[derive(Default)]
pub(super) struct CopyFloor {
    source: Vec<u8>,
    target: Vec<u8>,
}

impl<T: Data> Library<T> for CopyFloor {
    fn name(&self) -> &'static str {
        "memcpy"
    }

    fn role(&self) -> Role {
        Role::Floor
    }

    fn does(&self, operation: Operation) -> bool {
        operation == Operation::Serialize
    }

    fn prepare(&mut self, value: &T) -> Result<Option<usize>> {
        self.source = persist::dumps(value)?;
        self.target = vec![0; self.source.len()];
        Ok(None)
    }

    fn serialize(&mut self, _value: &T) -> Result<usize> {
        self.target.copy_from_slice(black_box(&self.source));
        Ok(black_box(&self.target).len())
    }

    fn deserialize(&mut self) -> Result<T> {
        Err("a copy gives bytes, not a value".into())
    }
}
