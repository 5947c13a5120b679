//! How this crate's and the derive's types lie in tables: [`Layout`] with its two halves, and the states that stand for
//! such a type.
#![allow(unsafe_code, reason = "one of the modules named for it: relies on the promises `Direct` and `Run`")]

use super::{Ahead, Decode, Describe, Encode, Persist, Plain, Run, Text};
use crate::error::Result;
use crate::message::{Incoming, Outgoing};
use crate::rows::{BATCH, Gather, Rows, bytes_of};
use crate::shape::{Builder, NodeId};
use crate::slots::{Done, Slot, Slots, read_one, receive_one};
use crate::table::{Reader, Writer};

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
    /// See [`Describe::TEXT`].
    const TEXT: Text = Text::NONE;

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
    const TEXT: Text = Text::NONE;

    fn describe(builder: &mut Builder) -> NodeId {
        T::describe(builder)
    }
}

impl<T: Layout> Describe for Whole<T> {
    const COLUMNS: usize = T::COLUMNS;
    const FLOATS: usize = T::FLOATS;
    const RUN: Run = T::RUN;
    const PLAIN: Plain = T::PLAIN;
    const TEXT: Text = T::TEXT;

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
