//! What `#[derive(Persist)]` builds its code of, so that as little as possible is generated.

use crate::context::Context;
use crate::error::{BoxError, Error, Result};
use crate::message::{Incoming, Outgoing};
use crate::record::Tags;
use crate::rows::Rows;
use crate::shape::{Builder, NodeId};
use crate::slots::{Done, Slot, Slots, read_one, receive_one};
use crate::table::{Reader, Writer};
use crate::traits::{Decode, Describe, Encode, KeepsUnknown, Layout, ReadRows, write_made};

/// A type with transient fields: it is read as a generated state, which has only the others.
pub trait ReadState: Layout {
    /// The fields that are not transient, owned.
    type State;

    /// See [`ReadRows::read_rows`](crate::traits::ReadRows::read_rows).
    fn read_state<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self::State>) -> Result<Done<'s>>;

    /// See [`ReadRows::receive_row`](crate::traits::ReadRows::receive_row).
    fn receive_state<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self::State>) -> Result<Done<'s>>;
}

/// The columns of a type whose fields take so many: one in a run.
#[must_use]
pub const fn columns<T: Layout>(fields: usize) -> usize {
    if T::FLOATS == 0 { fields } else { 1 }
}

/// Columns between a field of so many columns and the next one: none in a run.
#[must_use]
pub const fn step<T: Layout>(columns: usize) -> usize {
    if T::FLOATS == 0 { columns } else { 0 }
}

/// Says in which field an error happened.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn in_field<T>(result: Result<T>, owner: &'static str, field: &'static str) -> Result<T> {
    result.map_err(|error| error.in_field(owner, field))
}

/// Calls the hook `before_save` for each row.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn before_save<T>(rows: Rows<'_, T>, hook: fn(&T) -> Result<()>) -> Result<()> {
    rows.iter().enumerate().try_for_each(|(row, value)| hook(value).map_err(|error| error.at_row(row)))
}

/// Calls the hook `after_load`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn after_load<T>(mut value: T, context: &Context, hook: fn(&mut T, &Context) -> Result<()>) -> Result<T> {
    hook(&mut value, context)?;
    Ok(value)
}

/// A transient field, made by its `rebuild` expression.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn rebuild<T>(
    owner: &'static str,
    field: &'static str,
    make: impl FnOnce() -> std::result::Result<T, BoxError>,
) -> Result<T> {
    make().map_err(|error| Error::new(error).in_field(owner, field))
}

/// Writes enums that have tags only.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn write_units<T>(rows: Rows<'_, T>, writer: &mut Writer<'_>, at: usize, variants: usize, tag: impl Fn(&T) -> u16) {
    if rows.len() == 1 {
        return writer.tag(at, variants, tag(rows.get(0)));
    }
    for rows in rows.batches() {
        writer.tags(at, variants, Tags::of(rows, &tag).as_slice().iter().copied());
    }
}

/// Reads enums that have tags only.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn read_units<'s, T>(
    reader: &mut Reader<'_>,
    at: usize,
    slots: Slots<'s, T>,
    variants: usize,
    variant: impl Fn(usize) -> T,
) -> Result<Done<'s>> {
    if reader.is_single() || variants > 1 << 8 {
        return slots.fill().rest(|| reader.tag(at, variants).map(&variant));
    }
    // They were found to be below the number of variants when the column was opened.
    let tags = reader.ints::<u8>(at, slots.len())?;
    Ok(slots.fill_from(tags.map(|tag| variant(usize::from(tag)))))
}

// ---- types that are converted, and older versions

/// The value that a conversion made.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn converted<T, E: Into<BoxError>>(made: std::result::Result<T, E>) -> Result<T> {
    made.map_err(Error::new)
}

/// Asks for a type that can keep unknown fields, and does nothing.
pub const fn ask_unknown<T: KeepsUnknown>() {}

/// A type with versions, in its present form.
pub trait ReadCurrent: Layout {
    /// See [`ReadRows::read_rows`].
    fn read_current<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>>;
}

/// The first column of the older form of a type with both, whose first column is `at`.
const fn older_at<T: Layout, Older: Describe>(at: usize) -> usize {
    at + T::COLUMNS - Older::COLUMNS
}

/// Reads rows of which some may be in an older form.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn read_versions<'s, T: ReadCurrent, Older: Decode>(
    reader: &mut Reader<'_>,
    at: usize,
    slots: Slots<'s, T>,
    upgrade: impl Fn(Older) -> Result<T>,
) -> Result<Done<'s>> {
    if reader.is_current_in_all(at, slots.len())? {
        return T::read_current(reader, at + 1, slots);
    }
    slots.fill().rest(|| {
        if reader.is_current(at)? {
            read_one(|slots| T::read_current(reader, at + 1, slots))
        } else {
            upgrade(reader.one(older_at::<T, Older>(at))?)
        }
    })
}

/// What is read of a type with transient fields that has versions.
#[derive(Debug)]
pub enum Form<State, Older> {
    /// The state of the present form.
    Current(State),
    /// A value of the older type.
    Older(Older),
}

impl<State: Layout, Older: Decode> Layout for Form<State, Older> {
    const COLUMNS: usize = State::COLUMNS;

    fn describe(builder: &mut Builder) -> NodeId {
        State::describe(builder)
    }
}

impl<State: ReadRows, Older: Decode> ReadRows for Form<State, Older> {
    fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        slots.fill().rest(|| {
            if reader.is_current(at)? {
                read_one(|slots| State::read_rows(reader, at + 1, slots)).map(Form::Current)
            } else {
                reader.one(older_at::<State, Older>(at)).map(Form::Older)
            }
        })
    }

    fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
        Ok(slot.put(Form::Current(receive_one(|slot| State::receive_row(input, slot))?)))
    }
}

// ---- fields with `with`: the functions of the module say what the state is

/// Asks for what the functions have to be, and does nothing.
pub const fn ask_with<'a, T: 'a, Saved: Encode, Loaded: Decode>(
    _: fn(&'a T) -> Result<Saved>,
    _: fn(Loaded, &Context) -> Result<T>,
) {
}

/// Columns of the field.
#[must_use]
pub const fn columns_with<T, State: Decode>(_: fn(State, &Context) -> Result<T>) -> usize {
    <State as Describe>::COLUMNS
}

/// Bytes of the field, where its state consists of floats only.
#[must_use]
pub const fn floats_with<T, State: Decode>(_: fn(State, &Context) -> Result<T>) -> usize {
    <State as Describe>::FLOATS
}

/// The field's node; what is saved and what is loaded are compared at the first dump.
pub fn describe_with<'a, T: 'a, Saved: Encode, Loaded: Decode>(
    builder: &mut Builder,
    field: &'static str,
    _: fn(&'a T) -> Result<Saved>,
    _: fn(Loaded, &Context) -> Result<T>,
) -> NodeId {
    builder.check_states_of::<(Saved, Loaded)>(field, Saved::describe, Loaded::describe);
    Loaded::describe(builder)
}

/// Writes the field's states.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn write_with<'a, T, State: Encode>(
    rows: Rows<'a, T>,
    writer: &mut Writer<'_>,
    at: usize,
    get_state: fn(&'a T) -> Result<State>,
) -> Result<()> {
    write_made(rows, writer, at, get_state)
}

/// Writes the field's state to a message.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn send_with<'a, T, State: Encode>(
    value: &'a T,
    out: &mut Outgoing<'_>,
    get_state: fn(&'a T) -> Result<State>,
) -> Result<()> {
    get_state(value)?.send(out)
}

/// Reads the field of a message.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn receive_with<T, State: Decode>(
    input: &mut Incoming<'_>,
    set_state: fn(State, &Context) -> Result<T>,
) -> Result<T> {
    set_state(input.value()?, input.context())
}

/// Reads the field, one by one, since the function may fail.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn read_with<'s, T, State: Decode>(
    reader: &mut Reader<'_>,
    at: usize,
    slots: Slots<'s, T>,
    set_state: fn(State, &Context) -> Result<T>,
) -> Result<Done<'s>> {
    slots.fill().rest(|| set_state(reader.one(at)?, reader.context()))
}

/// Reads the field where it has a default, too: its presence stands in column `at`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn read_with_or<'s, T, State: Decode>(
    reader: &mut Reader<'_>,
    at: usize,
    slots: Slots<'s, T>,
    set_state: fn(State, &Context) -> Result<T>,
    mut default: impl FnMut() -> Result<T>,
) -> Result<Done<'s>> {
    slots.fill().rest(
        || {
            if reader.is_present(at)? { set_state(reader.one(at + 1)?, reader.context()) } else { default() }
        },
    )
}
