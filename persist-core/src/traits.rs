//! The traits: [`Persist`] is what people see, [`Encode`] and [`Decode`] are what can be laid out in tables, and
//! [`Layout`] with its two halves is how this crate's and the derive's types lie in them.
//!
//! A type with a `Persist` impl is `Encode` and `Decode` by way of its states. A state is again a `Persist` type, such
//! as a tuple or a reference, or one of two wrappers that end the regress: [`View`] for saving and [`Whole`] for
//! loading, which stand for a type with a layout.
#![allow(unsafe_code, reason = "one of the modules named for it: the promises of `Direct` and `Run`")]

use std::marker::PhantomData;

use crate::column::highest;
use crate::context::Context;
use crate::error::Result;
use crate::message::{Incoming, Outgoing};
use crate::rows::{BATCH, Gather, Rows, bytes_of};
use crate::shape::{Builder, IntKind, NodeId};
use crate::slots::{Done, Slot, Slots, read_one, receive_one};
use crate::table::{Reader, Writer};

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

/// Says that a type's states are the value itself, seen through [`View`] and [`Whole`].
#[doc(hidden)]
#[derive(Debug)]
pub struct Direct<T> {
    saved: bool,
    loaded: bool,
    of: PhantomData<fn() -> T>,
}

impl<T> Direct<T> {
    /// The states are made by code.
    pub const NEITHER: Self = Direct { saved: false, loaded: false, of: PhantomData };

    /// `Saved<'a>` is `View<'a, T>`, and `get_state` runs no code.
    ///
    /// # Safety
    ///
    /// It is so.
    #[must_use]
    pub const unsafe fn saved() -> Self {
        Direct { saved: true, loaded: false, of: PhantomData }
    }

    /// As [`saved`](Direct::saved); and `Loaded` is `Whole<T>`, and `set_state` runs no code.
    ///
    /// # Safety
    ///
    /// It is so.
    #[must_use]
    pub const unsafe fn both() -> Self {
        Direct { saved: true, loaded: true, of: PhantomData }
    }
}

/// Says whether memory holds a type of floats only just as a file does: one after the other, without padding.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run(usize);

impl Run {
    /// It does not, or it is not known.
    pub const NONE: Run = Run(0);

    /// A type that is one float.
    ///
    /// # Safety
    ///
    /// It is `f32` or `f64`, of so many bytes.
    #[must_use]
    pub(crate) const unsafe fn float(size: usize) -> Run {
        // Files hold floats little-endian.
        if cfg!(target_endian = "little") { Run(size) } else { Run::NONE }
    }

    /// A type of such fields.
    ///
    /// # Safety
    ///
    /// The type is a struct of `size` bytes that has a field of each `Run` at each offset, and no others.
    #[must_use]
    pub const unsafe fn fields(size: usize, fields: &[(usize, Run)]) -> Run {
        let mut next = 0;
        let mut i = 0;
        while i < fields.len() {
            let (offset, Run(bytes)) = fields[i];
            if bytes == 0 || offset != next {
                return Run::NONE;
            }
            next += bytes;
            i += 1;
        }
        if next == size { Run(size) } else { Run::NONE }
    }

    /// Whether it does.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn is_some(self) -> bool {
        self.0 != 0
    }

    /// An array of so many.
    #[must_use]
    pub const fn times(self, count: usize) -> Run {
        Run(self.0 * count)
    }
}

/// Says whether memory holds values just as a column of integers does, little-endian.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Plain {
    kind: Option<IntKind>,
    /// Integers below it are values of the type; none are where it is 0.
    bound: u64,
}

impl Plain {
    /// It does not, or it is not known.
    pub const NONE: Plain = Plain { kind: None, bound: 0 };

    /// Any integer of this kind is a value.
    pub(crate) const ANY: u64 = u64::MAX;

    /// Memory holds the values as the column does.
    ///
    /// # Safety
    ///
    /// A little-endian machine holds the type's values as it holds integers of this kind that the type is saved as; and
    /// all such integers below the bound are values, or all there are where it is [`ANY`](Plain::ANY). The bound is
    /// this, or 0, or of bytes.
    #[must_use]
    pub(crate) const unsafe fn ints(kind: IntKind, bound: u64) -> Plain {
        if cfg!(target_endian = "little") { Plain { kind: Some(kind), bound } } else { Plain::NONE }
    }

    /// The kind of the column.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn kind(self) -> Option<IntKind> {
        self.kind
    }

    /// Whether columns can be copied to memory.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn is_loaded(self) -> bool {
        self.bound != 0
    }

    /// Whether bytes of a column are values.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn accepts(self, bytes: &[u8]) -> bool {
        self.bound == Self::ANY || u64::from(highest(bytes)) < self.bound
    }
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

    /// The type's node.
    fn describe(builder: &mut Builder) -> NodeId;

    /// The bytes of values, where memory holds them as columns do.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn bytes_of(slice: &[Self]) -> Option<&[u8]> {
        // SAFETY: `Run` and `Plain` vouch that values are nothing but floats, or one integer: no byte is padding.
        (Self::RUN.is_some() || Self::PLAIN.kind.is_some()).then(|| unsafe { bytes_of(slice) })
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

/// How a type lies in tables.
#[doc(hidden)]
pub trait Layout: Sized {
    /// See [`Describe::COLUMNS`].
    const COLUMNS: usize;
    /// See [`Describe::FLOATS`].
    const FLOATS: usize = 0;
    /// See [`Describe::RUN`].
    const RUN: Run = Run::NONE;
    /// See [`Describe::PLAIN`].
    const PLAIN: Plain = Plain::NONE;

    /// The type's node.
    fn describe(builder: &mut Builder) -> NodeId;
}

/// How a type is written: by column, and to messages.
#[doc(hidden)]
pub trait WriteRows: Layout {
    /// Writes rows to the columns from `at` on. A type of floats only is given one row at a time.
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()>;

    /// Writes one row: as [`write_rows`](WriteRows::write_rows) does, with less ado.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_row(&self, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        Self::write_rows(Rows::one(self), writer, at)
    }

    /// See [`Encode::prefetch`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn prefetch_row(&self, _ahead: Ahead) {}

    /// Writes the value to a message.
    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()>;
}

/// How a type is read: by column, and from messages.
#[doc(hidden)]
pub trait ReadRows: Layout {
    /// Reads as many rows as there are slots. A type of floats only is given one slot at a time.
    fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>>;

    /// Reads a value of a message.
    fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>>;
}

/// The state of a type that is written as it lies: a reference to it.
#[doc(hidden)]
#[derive(Debug)]
pub struct View<'a, T>(pub &'a T);

/// The state of a type that is read as it lies: the value.
#[doc(hidden)]
#[derive(Debug)]
#[repr(transparent)]
pub struct Whole<T>(pub T);

impl<T: Layout> Describe for View<'_, T> {
    const COLUMNS: usize = T::COLUMNS;
    const FLOATS: usize = T::FLOATS;
    const RUN: Run = Run::NONE;
    const PLAIN: Plain = Plain::NONE;

    fn describe(builder: &mut Builder) -> NodeId {
        T::describe(builder)
    }
}

impl<T: Layout> Describe for Whole<T> {
    const COLUMNS: usize = T::COLUMNS;
    const FLOATS: usize = T::FLOATS;
    const RUN: Run = T::RUN;
    const PLAIN: Plain = T::PLAIN;

    fn describe(builder: &mut Builder) -> NodeId {
        T::describe(builder)
    }
}

/// Writes rows of a type with a layout.
#[cfg_attr(not(debug_assertions), inline(always))]
fn write_layout<T: WriteRows>(rows: Rows<'_, T>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
    if const { T::FLOATS == 0 } {
        return T::write_rows(rows, writer, at);
    }
    if const { T::RUN.is_some() } {
        write_runs(rows, writer, at);
        return Ok(());
    }
    (0..rows.len())
        .try_for_each(|row| T::write_rows(Rows::one(rows.get(row)), writer, at).map_err(|error| error.at_row(row)))
}

/// Writes rows of floats; a function of its own, since there are few types of floats, and many fields of each.
#[inline(never)]
fn write_runs<T: WriteRows>(rows: Rows<'_, T>, writer: &mut Writer<'_>, at: usize) {
    assert!(const { T::RUN.is_some() });
    if rows.len() == 1 {
        // SAFETY: `Run` vouches that a `T` is nothing but floats, so all its bytes are initialised.
        return writer.run(at, unsafe { bytes_of(std::slice::from_ref(rows.get(0))) });
    }
    // SAFETY: as above.
    writer.runs(at, |bytes| unsafe { rows.append_bytes(bytes) });
}

impl<T: WriteRows> Encode for View<'_, T> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        let mut gather = Gather::new();
        let mut next = 0;
        while next < rows.len() {
            gather.clear();
            let first = next;
            while next < rows.len() && gather.len() < BATCH {
                gather.push(rows.get(next).0);
                next += 1;
            }
            write_layout(gather.rows(), writer, at).map_err(|error| {
                let row = first + error.row();
                error.at_row(row)
            })?;
        }
        Ok(())
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_states<'a, S>(rows: Rows<'a, S>, writer: &mut Writer<'_>, at: usize) -> Result<()>
    where
        S: Persist<Saved<'a> = Self> + 'a,
        Self: 'a,
    {
        if const { S::DIRECT.saved } {
            // SAFETY: `Direct` vouches that `Saved` is the `View` of `S`, so `S` is `T`, lifetimes apart; and that the
            // layout is written the same way whatever they are.
            return write_layout(unsafe { rows.cast::<T>() }, writer, at);
        }
        (0..rows.len()).try_for_each(|row| {
            let state = rows.get(row).get_state().map_err(|error| error.at_row(row))?;
            write_layout(Rows::one(state.0), writer, at).map_err(|error| error.at_row(row))
        })
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_state<'a, S>(value: &'a S, writer: &mut Writer<'_>, at: usize) -> Result<()>
    where
        S: Persist<Saved<'a> = Self> + 'a,
        Self: 'a,
    {
        if const { S::DIRECT.saved && T::FLOATS == 0 } {
            // SAFETY: as above.
            return unsafe { Rows::one(value).cast::<T>() }.get(0).write_row(writer, at);
        }
        Self::write_states(Rows::one(value), writer, at)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn prefetch_state<'a, S>(value: &'a S, ahead: Ahead)
    where
        S: Persist<Saved<'a> = Self> + 'a,
        Self: 'a,
    {
        if const { S::DIRECT.saved } {
            // SAFETY: as above.
            unsafe { Rows::one(value).cast::<T>() }.get(0).prefetch_row(ahead);
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn send(&self, out: &mut Outgoing<'_>) -> Result<()> {
        send_layout(self.0, out)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn send_state<'a, S>(value: &'a S, out: &mut Outgoing<'_>) -> Result<()>
    where
        S: Persist<Saved<'a> = Self> + 'a,
        Self: 'a,
    {
        if const { S::DIRECT.saved } {
            // SAFETY: `Direct` vouches that `Saved` is the `View` of `S`, so `S` is `T`, lifetimes apart; and that the
            // layout is written the same way whatever they are.
            return send_layout(unsafe { Rows::one(value).cast::<T>() }.get(0), out);
        }
        send_layout(value.get_state()?.0, out)
    }
}

/// Writes a value of a type with a layout to a message.
#[cfg_attr(not(debug_assertions), inline(always))]
fn send_layout<T: WriteRows>(value: &T, out: &mut Outgoing<'_>) -> Result<()> {
    if const { T::RUN.is_some() } {
        // SAFETY: `Run` vouches that a `T` is nothing but floats, so all its bytes are initialised.
        out.raw(unsafe { bytes_of(std::slice::from_ref(value)) });
        return Ok(());
    }
    value.send_row(out)
}

/// Reads rows of a type with a layout.
#[cfg_attr(not(debug_assertions), inline(always))]
fn read_layout<'s, T: ReadRows>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, T>) -> Result<Done<'s>> {
    if const { T::FLOATS == 0 } {
        return T::read_rows(reader, at, slots);
    }
    if const { T::RUN.is_some() } {
        return read_runs(reader, at, slots);
    }
    slots.fill().rest(|| read_one(|slots| T::read_rows(reader, at, slots)))
}

/// Reads rows of floats; a function of its own, as [`write_runs`] is.
#[inline(never)]
fn read_runs<'s, T: ReadRows>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, T>) -> Result<Done<'s>> {
    assert!(const { T::RUN.is_some() });
    // SAFETY: `Run` vouches that a `T` is nothing but floats, for which any bytes are valid.
    reader.with_run(at, slots.len() * T::FLOATS, |bytes, check| unsafe { slots.fill_bytes(bytes, check) })
}

impl<T: ReadRows> Decode for Whole<T> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        // SAFETY: `Whole` is a transparent wrapper.
        read_layout(reader, at, unsafe { slots.cast::<T>() })
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read_states<'s, S>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, S>) -> Result<Done<'s>>
    where
        S: Persist<Loaded = Self>,
    {
        if const { S::DIRECT.loaded } {
            // SAFETY: `Direct` vouches that `Loaded` is the `Whole` of `S`, so `S` is `T`, lifetimes apart, and what
            // is loaded borrows nothing.
            return read_layout(reader, at, unsafe { slots.cast::<T>() });
        }
        slots.fill().rest(|| {
            let state = read_one(|slots| Self::read(reader, at, slots))?;
            S::set_state(state, reader.context())
        })
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn receive<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
        // SAFETY: `Whole` is a transparent wrapper.
        receive_layout(input, unsafe { slot.cast::<T>() })
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn receive_state<'s, S>(input: &mut Incoming<'_>, slot: Slot<'s, S>) -> Result<Done<'s>>
    where
        S: Persist<Loaded = Self>,
    {
        if const { S::DIRECT.loaded } {
            // SAFETY: `Direct` vouches that `Loaded` is the `Whole` of `S`, so `S` is `T`, lifetimes apart, and what
            // is loaded borrows nothing.
            return receive_layout(input, unsafe { slot.cast::<T>() });
        }
        let state = receive_one(|slot| Self::receive(input, slot))?;
        Ok(slot.put(S::set_state(state, input.context())?))
    }
}

/// Reads a value of a type with a layout from a message.
#[cfg_attr(not(debug_assertions), inline(always))]
fn receive_layout<'s, T: ReadRows>(input: &mut Incoming<'_>, slot: Slot<'s, T>) -> Result<Done<'s>> {
    if const { T::RUN.is_some() } {
        let bytes = input.take(size_of::<T>())?;
        // SAFETY: `Run` vouches that a `T` is nothing but floats, for which any bytes are valid.
        return Ok(unsafe { slot.slots().fill_bytes(bytes, None) });
    }
    T::receive_row(input, slot)
}
