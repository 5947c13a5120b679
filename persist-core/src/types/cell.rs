//! Values that can change behind a shared reference: cells, locks and atomics.
//!
//! Each is looked at once. Locks are held while their content is written, one after the other: a dump waits for a lock
//! that another thread holds, and forever for one that its own thread holds for writing.

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, OnceLock, RwLock};

use crate::error::{Error, ErrorKind, Result};
use crate::message::{Incoming, Outgoing};
use crate::rows::Rows;
use crate::shape::{Builder, NodeId};
use crate::slots::{Done, Slot, Slots};
use crate::table::{Reader, Writer};
use crate::traits::{Describe, Encode, Layout, Persist, ReadRows, WriteRows};

saved_as! {
    [T: Persist + Copy] Cell<T>, 'a T => T, |cell| Ok(cell.get()), |value| Ok(Cell::new(value));
    [T: Persist] OnceCell<T>, 'a Option<&'a T> => Option<T>,
        |cell| Ok(cell.get()), |value| Ok(value.map_or_else(OnceCell::new, OnceCell::from));
    [T: Persist] OnceLock<T>, 'a Option<&'a T> => Option<T>,
        |lock| Ok(lock.get()), |value| Ok(value.map_or_else(OnceLock::new, OnceLock::from));
}

/// Types that give a guard, which is held while what is in them is written.
macro_rules! guarded {
    ($($type:ident, |$value:ident| $guard:expr;)*) => {$(
        direct!([T: Persist] $type<T>);

        impl<T: Persist> Layout for $type<T> {
            const COLUMNS: usize = <T as Describe>::COLUMNS;
            const FLOATS: usize = <T as Describe>::FLOATS;

            fn describe(builder: &mut Builder) -> NodeId {
                <T as Describe>::describe(builder)
            }
        }

        impl<T: Persist> WriteRows for $type<T> {
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                rows.iter().enumerate().try_for_each(|(row, $value)| {
                    let guard = $guard.map_err(|error| error.at_row(row))?;
                    T::write(Rows::one(&*guard), writer, at).map_err(|error| error.at_row(row))
                })
            }

            fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
                let $value = self;
                $guard?.send(out)
            }
        }

        impl<T: Persist> ReadRows for $type<T> {
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                slots.fill().rest(|| reader.one(at).map($type::new))
            }

            fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
                Ok(slot.put($type::new(input.value()?)))
            }
        }
    )*};
}

guarded! {
    RefCell, |cell| cell.try_borrow().map_err(|_| in_use());
    Mutex, |mutex| mutex.lock().map_err(|_| poisoned("Mutex"));
    RwLock, |lock| lock.read().map_err(|_| poisoned("RwLock"));
}

#[cold]
fn in_use() -> Error {
    Error::of(ErrorKind::Unsupported, "a `RefCell` cannot be saved while it is mutably borrowed")
        .with_help("end the borrow before saving")
}

#[cold]
fn poisoned(lock: &str) -> Error {
    Error::of(ErrorKind::Unsupported, format!("a `{lock}` is poisoned: a thread panicked while it changed the value"))
        .with_help("once the value is known to be sound, call `clear_poison`")
}

macro_rules! atomics {
    ($($bits:literal { $($atomic:ident $inner:ty)* })*) => {$($(
        #[cfg(target_has_atomic = $bits)]
        saved_as! {
            // The strongest order: what the program stored before, in whatever order it asked for, is seen.
            [] std::sync::atomic::$atomic, 'a $inner => $inner,
            |atomic| Ok(atomic.load(Ordering::SeqCst)), |value| Ok(Self::new(value));
        }
    )*)*};
}

atomics! {
    "8" { AtomicBool bool AtomicU8 u8 AtomicI8 i8 }
    "16" { AtomicU16 u16 AtomicI16 i16 }
    "32" { AtomicU32 u32 AtomicI32 i32 }
    "64" { AtomicU64 u64 AtomicI64 i64 }
    "ptr" { AtomicUsize usize AtomicIsize isize }
}
