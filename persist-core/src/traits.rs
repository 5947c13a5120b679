//! The traits: [`Persist`] is what people see, [`Encode`] and [`Decode`] are what can be laid out in tables, and
//! [`Layout`] with its two halves is how this crate's and the derive's types lie in them.
//!
//! A type with a `Persist` impl is `Encode` and `Decode` by way of its states. A state is again a `Persist` type, such
//! as a tuple or a reference, or one of two wrappers that end the regress: [`View`] for saving and [`Whole`] for
//! loading, which stand for a type with a layout.
#![allow(unsafe_code, reason = "one of the modules named for it: relies on the promises `Run` and `Plain`")]

use crate::context::Context;
use crate::error::Result;
use crate::message::{Incoming, Outgoing};
use crate::rows::{Rows, bytes_of};
use crate::shape::{Builder, NodeId};
use crate::slots::{Done, Slot, Slots, read_one, receive_one};
use crate::table::{Reader, Writer};

mod promise;
mod layout;

pub use layout::{Layout, ReadRows, View, Whole, WriteRows};
pub use promise::{Direct, Run};
pub(crate) use promise::{Plain, Text};

/// A value that can be saved and brought back.
///
/// Usually derived. By hand, [`get_state`](Persist::get_state) gives what is to be written (it may borrow), and
/// [`set_state`](Persist::set_state) makes the value of what was read, like Python's `__getstate__` and
/// `__setstate__`:
///
/// ```
/// use persist_core::{Context, Persist, Result, dumps, loads};
///
/// struct Connection {
///     host: String,
///     port: u16,
/// }
///
/// impl Connection {
///     fn open(host: String, port: u16) -> Result<Self> {
///         Ok(Connection { host, port })
///     }
/// }
///
/// impl Persist for Connection {
///     type Saved<'a> = (&'a str, u16);
///     type Loaded = (String, u16);
///
///     fn get_state(&self) -> Result<Self::Saved<'_>> {
///         Ok((&self.host, self.port))
///     }
///
///     fn set_state((host, port): Self::Loaded, _context: &Context) -> Result<Self> {
///         Self::open(host, port)
///     }
/// }
///
/// let bytes = dumps(&Connection { host: "localhost".into(), port: 5432 })?;
/// assert_eq!(loads::<Connection>(&bytes)?.port, 5432);
/// # Ok::<(), persist_core::Error>(())
/// ```
///
/// `Saved` and `Loaded` have to describe the same shape; where they do not, the first dump says so, with both shapes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be saved: it does not implement `Persist`",
    label = "`{Self}` is not `Persist`",
    note = "if the type is yours, add `#[derive(Persist)]` to it",
    note = "if it is a connection, a handle or a cache, leave the field out with `#[transient]`, or rebuild it on load with `#[transient(rebuild = ..)]`",
    note = "if it comes from another crate, save the field with `#[persist(with = module)]`, or with `#[persist(serde)]` where the type has serde's traits",
    note = "`Rc`, `Arc`, `Weak`, trait objects and functions cannot be saved yet; references never can be loaded"
)]
pub trait Persist: Sized {
    /// What is written. It may borrow from the value: `&'a T` of any `Persist` type may stand in it.
    type Saved<'a>: Encode
    where
        Self: 'a;

    /// What is read: the same shape, owned.
    type Loaded: Decode;

    /// The state to write.
    fn get_state(&self) -> Result<Self::Saved<'_>>;

    /// The value of a state that was read, with whatever the loader provided.
    fn set_state(state: Self::Loaded, context: &Context) -> Result<Self>;

    /// Which of the two states is the value itself, so that it need not be made. Only for types with a [`Layout`].
    #[doc(hidden)]
    const DIRECT: Direct<Self> = Direct::NEITHER;
}

/// What a type looks like in tables.
#[doc(hidden)]
pub trait Describe: Sized {
    /// Columns of a row.
    const COLUMNS: usize;
    /// Bytes of a row where the type consists of floats only, which then lie together in one column; else 0.
    const FLOATS: usize;
    /// Whether memory holds such a row just as the file does.
    const RUN: Run;
    /// Whether memory holds a value just as a column of integers does.
    const PLAIN: Plain;
    /// Whether a value is a `String`.
    const TEXT: Text;

    /// The type's node.
    fn describe(builder: &mut Builder) -> NodeId;

    /// The bytes of values, where memory holds them as columns do.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn bytes_of(slice: &[Self]) -> Option<&[u8]> {
        // SAFETY: `Run` and `Plain` vouch that values are nothing but floats, or one integer: no byte is padding.
        (Self::RUN.is_some() || Self::PLAIN.kind().is_some()).then(|| unsafe { bytes_of(slice) })
    }
}

/// What memory is asked for before a value is written: nobody but the value knows where it is.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// That of what it refers to.
    Parts,
    /// That of what this refers to, which was asked for some time ago.
    PartsOfParts,
}

/// A type that can be written: every [`Persist`] type, and what their states are made of.
///
/// For bounds, where a function of yours saves values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be saved: it does not implement `Persist`",
    label = "`{Self}` is not `Persist`",
    note = "if the type is yours, add `#[derive(Persist)]` to it"
)]
pub trait Encode: Describe + Sized {
    /// Writes rows to the columns from `at` on.
    #[doc(hidden)]
    fn write(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()>;

    /// Writes rows of a type whose state this is.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_states<'a, T>(rows: Rows<'a, T>, writer: &mut Writer<'_>, at: usize) -> Result<()>
    where
        T: Persist<Saved<'a> = Self> + 'a,
        Self: 'a,
    {
        write_made(rows, writer, at, |row: &'a T| row.get_state())
    }

    /// Writes the value as the only row at hand: as [`write`](Encode::write) does, with less ado.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_one(&self, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        Self::write(Rows::one(self), writer, at)
    }

    /// The same of a value of a type whose state this is.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_state<'a, T>(value: &'a T, writer: &mut Writer<'_>, at: usize) -> Result<()>
    where
        T: Persist<Saved<'a> = Self> + 'a,
        Self: 'a,
    {
        Self::write_states(Rows::one(value), writer, at)
    }

    /// Asks for memory that the value refers to, and that writing it takes. Its own is there, or on its way.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn prefetch(&self, _ahead: Ahead) {}

    /// The same of a value of a type whose state this is.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn prefetch_state<'a, T>(_: &'a T, _ahead: Ahead)
    where
        T: Persist<Saved<'a> = Self> + 'a,
        Self: 'a,
    {
    }

    /// Writes the value to a message.
    #[doc(hidden)]
    fn send(&self, out: &mut Outgoing<'_>) -> Result<()>;

    /// Writes a value of a type whose state this is to a message.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn send_state<'a, T>(value: &'a T, out: &mut Outgoing<'_>) -> Result<()>
    where
        T: Persist<Saved<'a> = Self> + 'a,
        Self: 'a,
    {
        value.get_state()?.send(out)
    }
}

/// Writes what is made of rows: temporaries, few at a time, which columns copy.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn write_made<'a, T, State: Encode>(
    rows: Rows<'a, T>,
    writer: &mut Writer<'_>,
    at: usize,
    make: impl Fn(&'a T) -> Result<State>,
) -> Result<()> {
    const STATES: usize = 16;
    let mut states = Vec::with_capacity(rows.len().min(STATES));
    let mut next = 0;
    while next < rows.len() {
        states.clear();
        let first = next;
        while next < rows.len() && states.len() < STATES {
            states.push(make(rows.get(next)).map_err(|error| error.at_row(next))?);
            next += 1;
        }
        State::write(Rows::of(&states), writer, at).map_err(|error| {
            let row = first + error.row();
            error.at_row(row)
        })?;
    }
    Ok(())
}

/// A type that can be read: every [`Persist`] type whose state is owned.
///
/// For bounds, where a function of yours loads values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be loaded: it does not implement `Persist`",
    label = "`{Self}` is not `Persist`",
    note = "if the type is yours, add `#[derive(Persist)]` to it"
)]
pub trait Decode: Describe + Sized {
    /// Reads as many rows as there are slots, from the columns from `at` on.
    #[doc(hidden)]
    fn read<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>>;

    /// Reads rows of a type whose state this is.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read_states<'s, T>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, T>) -> Result<Done<'s>>
    where
        T: Persist<Loaded = Self>,
    {
        // One by one, since `set_state` may fail or panic.
        slots.fill().rest(|| {
            let state = read_one(|slots| Self::read(reader, at, slots))?;
            T::set_state(state, reader.context())
        })
    }

    /// Reads a value of a message.
    #[doc(hidden)]
    fn receive<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>>;

    /// Reads a value of a type whose state this is.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn receive_state<'s, T>(input: &mut Incoming<'_>, slot: Slot<'s, T>) -> Result<Done<'s>>
    where
        T: Persist<Loaded = Self>,
    {
        let state = receive_one(|slot| Self::receive(input, slot))?;
        Ok(slot.put(T::set_state(state, input.context())?))
    }
}

impl<T: Persist> Describe for T {
    const COLUMNS: usize = <T::Loaded as Describe>::COLUMNS;
    const FLOATS: usize = <T::Loaded as Describe>::FLOATS;
    const RUN: Run = if T::DIRECT.loaded { <T::Loaded as Describe>::RUN } else { Run::NONE };
    const PLAIN: Plain = if T::DIRECT.loaded { <T::Loaded as Describe>::PLAIN } else { Plain::NONE };
    const TEXT: Text = if T::DIRECT.loaded { <T::Loaded as Describe>::TEXT } else { Text::NONE };

    fn describe(builder: &mut Builder) -> NodeId {
        let id = <T::Loaded as Describe>::describe(builder);
        builder.takes(id, size_of::<T>());
        if const { !T::DIRECT.loaded } {
            builder.check_states::<T>(saved_shape::<T>, <T::Loaded as Describe>::describe);
        }
        id
    }
}

/// The node of what a type writes, which has to be like that of what it reads.
fn saved_shape<'a, T: Persist + 'a>(builder: &mut Builder) -> NodeId {
    <T::Saved<'a> as Describe>::describe(builder)
}

impl<T: Persist> Encode for T {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        <T::Saved<'_> as Encode>::write_states::<T>(rows, writer, at)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_one(&self, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        <T::Saved<'_> as Encode>::write_state::<T>(self, writer, at)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn prefetch(&self, ahead: Ahead) {
        <T::Saved<'_> as Encode>::prefetch_state::<T>(self, ahead);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn send(&self, out: &mut Outgoing<'_>) -> Result<()> {
        <T::Saved<'_> as Encode>::send_state::<T>(self, out)
    }
}

impl<T: Persist> Decode for T {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        <T::Loaded as Decode>::read_states::<T>(reader, at, slots)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn receive<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
        <T::Loaded as Decode>::receive_state::<T>(input, slot)
    }
}

/// A map that can keep the fields that a type does not know, by their names.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot keep unknown fields",
    label = "this is no map from `String` to `Value`",
    note = "use `BTreeMap<String, Value>` or `HashMap<String, Value>`"
)]
pub trait KeepsUnknown {}
