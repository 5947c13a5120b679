//! The dynamic form of any value.

use super::{Value, from_rows};
use crate::column::Input;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::info::{Type, info};
use crate::limits::Limits;
use crate::rows::Rows;
use crate::shape::Shape;
use crate::table::{Memory, Reader, Scratch, Writer, open};
use crate::traits::Encode;

impl Value {
    /// The dynamic form of a value, as [`inspect`](crate::inspect) shows what was saved of it.
    ///
    /// ```
    /// use persist_core::Value;
    ///
    /// assert_eq!(Value::of(&("a", [1u8, 2]))?.to_string(), r#"["a", h'0102']"#);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn of<T: Encode>(value: &T) -> Result<Value> {
        Self::of_row(Type::of::<T>(), &|writer| T::write(Rows::one(value), writer, 0))
    }

    /// The same, for code that is compiled once.
    fn of_row(ty: Type, write: &dyn Fn(&mut Writer<'_>) -> Result<()>) -> Result<Value> {
        let info = info(ty)?;
        let limits = Limits::default();
        let (mut memory, mut body) = (Memory::new(&info.shape), Vec::new());
        write(&mut Writer::new(&mut memory, &mut body, &limits))?;
        // What was written just now is not bounded by what reading it may use.
        let opened = open(
            Input::new(&body),
            (true, false),
            &info.plan,
            &mut Limits::none().budget(0),
            limits.depth,
            Scratch::default(),
        )?;
        let context = Context::new();
        let mut reader = Reader::new(opened, &context, limits.depth);
        from_rows::value(&mut reader, &info.shape, Shape::ROOT, 0)
    }
}

/// Says that an error happened at the key of the row that it is in.
#[cold]
pub(crate) fn in_entry<'k, K: Encode + 'k>(error: Error, key: impl FnOnce(usize) -> Option<&'k K>) -> Error {
    let row = error.row();
    match key(row).map(Value::of) {
        Some(Ok(key)) => error.in_entry(key.to_string()),
        _ => error.in_element(row),
    }
}
