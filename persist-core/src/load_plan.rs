//! How values of one schema load as a type: worked out once, for many of them.

use std::fmt;
use std::marker::PhantomData;

use crate::error::Result;
use crate::info::{Type, TypeInfo, info};
use crate::protocol::packed::ReadPlan;
use crate::schema::Schema;
use crate::traits::Decode;

/// How [bare](crate::Dumper::bare) values that were written with some schema load as a type: for whoever keeps schemas
/// apart from many values, as a database does. [`Loader::loads_by`](crate::Loader::loads_by) loads them.
///
/// ```
/// use persist_core::{Dumper, LoadPlan, Loader, Schema};
///
/// // What an older program left behind.
/// let schema = Schema::of::<(u8, String)>()?.to_bytes();
/// let row = Dumper::new().bare(true).dumps(&(7u8, "a"))?;
///
/// // The type has other numbers now.
/// let plan = LoadPlan::<(u64, String)>::new(&Schema::from_bytes(&schema)?)?;
/// assert_eq!(Loader::new().loads_by(&plan, &row)?, (7, "a".to_owned()));
/// # Ok::<(), persist_core::Error>(())
/// ```
pub struct LoadPlan<T> {
    pub(crate) info: &'static TypeInfo,
    pub(crate) read: ReadPlan,
    of: PhantomData<fn() -> T>,
}

impl<T: Decode> LoadPlan<T> {
    /// An error where values of the schema do not load as `T`; it names all that is in the way.
    pub fn new(schema: &Schema) -> Result<Self> {
        let info = info(Type::of::<T>())?;
        Ok(LoadPlan { info, read: ReadPlan::new(info, schema.as_bytes())?, of: PhantomData })
    }
}

impl<T> fmt::Debug for LoadPlan<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadPlan").field("same", &matches!(self.read, ReadPlan::Own(_))).finish_non_exhaustive()
    }
}
