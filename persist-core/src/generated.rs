//! What `#[derive(Persist)]` builds its code of, so that as little as possible is generated.

use crate::context::Context;
use crate::error::{BoxError, Error, Result};
use crate::message::{Incoming, Outgoing};
use crate::rows::{BATCH, Batch, Gather, Rows};
use crate::shape::{Builder, NodeId};
use crate::slots::{Done, FieldSlots, Filled, Picked, Slot, Slots, read_one, receive_one};
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

/// Reads a field of some rows; compiled once for each type of fields. The place is the owner and the field.
#[inline(never)]
pub fn read_field<F: Decode>(
    slots: FieldSlots<F>,
    reader: &mut Reader<'_>,
    at: usize,
    place: &'static (&'static str, &'static str),
) -> Result<Filled<F>> {
    slots.read(|slots| F::read(reader, at, slots)).map_err(|error| error.in_field(place.0, place.1))
}

/// The tags of a batch of rows.
pub struct Tags(Batch<u16>);

impl Tags {
    /// The tag of each row.
    ///
    /// # Panics
    ///
    /// Where there are more than [`BATCH`] rows.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn of<'a, T>(rows: Rows<'a, T>, tag: impl Fn(&'a T) -> u16) -> Self {
        Tags(Batch::of(rows, (), |(), row| ((), tag(row))).0)
    }

    /// Writes them to column `at`, for enums of so many variants.
    pub fn write(&self, writer: &mut Writer<'_>, at: usize, variants: usize) {
        writer.tags(at, variants, self.0.as_slice().iter().copied());
    }
}

/// The rows that are of one variant, and the first of them, where there is any.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn pick<'g, 'a: 'g, T>(
    gather: &'g mut Gather<'a, T>,
    rows: Rows<'a, T>,
    tags: &Tags,
    tag: u16,
) -> Option<(&'g T, Rows<'g, T>)> {
    gather.pick(rows, tags.0.as_slice(), tag);
    let picked = gather.rows();
    (!picked.is_empty()).then(|| (picked.get(0), picked))
}

/// Where in a value a part of it stands.
#[cfg_attr(not(debug_assertions), inline(always))]
#[must_use]
pub fn offset_in<T, Part>(whole: &T, part: &Part) -> usize {
    std::ptr::from_ref(part).addr() - std::ptr::from_ref(whole).addr()
}

/// Says in which row of all an error happened that knows the row among those of one variant in one batch.
#[cold]
#[must_use]
pub fn in_variant(error: Error, batch: usize, tags: &Tags, tag: u16) -> Error {
    let tags = tags.0.as_slice();
    let mut of_variant = (0..tags.len()).filter(|&row| tags[row] == tag);
    let row = of_variant.nth(error.row()).unwrap_or(0);
    error.at_row(batch * BATCH + row)
}

/// Does one variant's part. Without optimisation it has a stack frame of its own, so that the one of a recursive enum
/// does not grow with the number of its variants.
#[inline]
pub fn apart<T>(part: impl FnOnce() -> Result<T>) -> Result<T> {
    part()
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
pub fn write_units<'a, T>(
    rows: Rows<'a, T>,
    writer: &mut Writer<'_>,
    at: usize,
    variants: usize,
    tag: impl Fn(&'a T) -> u16,
) {
    if rows.len() == 1 {
        return writer.tag(at, variants, tag(rows.get(0)));
    }
    rows.batches().for_each(|rows| Tags::of(rows, &tag).write(writer, at, variants));
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

/// Reads enums with fields: `read` fills rows that are of one variant.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn read_variants<'s, T>(
    reader: &mut Reader<'_>,
    at: usize,
    slots: Slots<'s, T>,
    variants: usize,
    mut read: impl FnMut(&mut Reader<'_>, usize, &mut Picked<'_, T>) -> Result<()>,
) -> Result<Done<'s>> {
    if slots.len() == 1 || reader.is_single() || variants > 1 << 8 {
        return slots.fill_one_by_one(|picked| {
            let tag = reader.tag(at, variants)?;
            read(reader, tag, picked)
        });
    }
    slots.in_batches(BATCH, |slots| {
        let tags = reader.tags(at, slots.len(), variants)?;
        slots.fill_by_tag(&tags, |tag, picked| read(reader, usize::from(tag), picked))
    })
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
