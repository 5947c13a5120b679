//! What hooks are given while a value is loaded.

use std::any::{Any, TypeId, type_name};
use std::fmt;

use crate::error::{Error, ErrorKind, Result};

/// Values that the program hands to the hooks of a load, by type: a client, a pool, a configuration.
///
/// [`Loader::provide`](crate::Loader::provide) puts them in; `set_state`, `rebuild` and `after_load` read them with
/// [`Context::get`]. Two values of one type: wrap one of them in a newtype.
///
/// ```
/// use persist_core::Context;
///
/// let mut context = Context::new();
/// context.insert(String::from("postgres://localhost"));
/// assert_eq!(context.get::<String>().unwrap(), "postgres://localhost");
/// assert!(context.get::<u16>().unwrap_err().to_string().contains("provide"));
/// ```
#[derive(Default)]
pub struct Context {
    /// There are few, and mostly none.
    values: Vec<(TypeId, Box<dyn Any>)>,
}

impl Context {
    /// An empty context.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value, and gives back the one of that type that was there before.
    pub fn insert<T: Any>(&mut self, value: T) -> Option<T> {
        let id = TypeId::of::<T>();
        let Some((_, place)) = self.values.iter_mut().find(|(known, _)| *known == id) else {
            self.values.push((id, Box::new(value)));
            return None;
        };
        let before = std::mem::replace(place, Box::new(value));
        before.downcast().ok().map(|before| *before)
    }

    /// The value of this type; an error that names the type where none was provided.
    pub fn get<T: Any>(&self) -> Result<&T> {
        self.values.iter().find_map(|(_, value)| value.downcast_ref()).ok_or_else(|| {
            Error::of(ErrorKind::Context, format!("no value of type `{}` was provided", type_name::<T>()))
                .with_help("give it to the loader: `Loader::new().provide(value)`")
        })
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("values", &self.values.len()).finish()
    }
}
