//! `Option`: presence, then the values that are there, in line.

use crate::error::{Error, Result};
use crate::message::{Incoming, Outgoing};
use crate::rows::{BATCH, Gather, Rows};
use crate::shape::{Builder, Node, NodeId};
use crate::slots::{self, Done, Queue, Slot, Slots};
use crate::table::{Reader, Writer};
use crate::traits::{Ahead, Decode, Describe, Encode, Layout, Persist, ReadRows, WriteRows};

direct!([T: Persist] Option<T>);

impl<T: Persist> Layout for Option<T> {
    const COLUMNS: usize = 1 + <T as Describe>::COLUMNS;

    fn describe(builder: &mut Builder) -> NodeId {
        builder.add::<Self>(size_of::<Self>(), |builder| Node::Option(<T as Describe>::describe(builder)))
    }
}

impl<T: Persist> WriteRows for Option<T> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        if rows.len() == 1 {
            return rows.get(0).write_row(writer, at);
        }
        write_many(rows, writer, at)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_row(&self, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        writer.one(at, u8::from(self.is_some()));
        self.as_ref().map_or(Ok(()), |value| value.write_one(writer, at + 1))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn prefetch_row(&self, ahead: Ahead) {
        if let Some(value) = self {
            value.prefetch(ahead);
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
        out.byte(u8::from(self.is_some()));
        self.as_ref().map_or(Ok(()), |value| value.send(out))
    }
}

/// Writes options in batches.
#[inline(never)]
fn write_many<T: Persist>(rows: Rows<'_, Option<T>>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
    for (batch, rows) in rows.batches().enumerate() {
        writer.flags(at, rows.map(Option::is_some));
        let values = Gather::of(rows, Option::as_ref);
        if !values.is_empty() {
            T::write(values.rows(), writer, at + 1).map_err(|error| {
                let mut some = (0..rows.len()).filter(|&row| rows.get(row).is_some());
                let row = some.nth(error.row()).unwrap_or(0);
                error.at_row(row).after_rows(batch * BATCH)
            })?;
        }
    }
    Ok(())
}

impl<T: Persist> ReadRows for Option<T> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        /// A function of its own: a row by itself takes no room on the stack for others.
        #[inline(never)]
        fn read_many<'s, T: Persist>(
            reader: &mut Reader<'_>,
            at: usize,
            slots: Slots<'s, Option<T>>,
        ) -> Result<Done<'s>> {
            let mut values = Queue::new();
            slots.in_batches(Queue::<T>::CAPACITY, |slots| {
                let mut flags = [0; slots::BATCH];
                let flags = &mut flags[..slots.len()];
                let there = reader.flags(at, flags)?;
                values.read(there, |slots| T::read(reader, at + 1, slots)).map_err(|error| in_some(error, flags))?;
                Ok(slots.fill_options(flags, &mut values))
            })
        }
        if slots.len() == 1 || reader.is_single() || const { Queue::<T>::CAPACITY == 0 } {
            return slots.fill().rest(|| if reader.flag(at)? { reader.one(at + 1).map(Some) } else { Ok(None) });
        }
        read_many(reader, at, slots)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
        Ok(slot.put(if input.flag()? { Some(input.value()?) } else { None }))
    }
}

/// The row of an error that knows only which of the values that are there it happened in.
#[cold]
fn in_some(error: Error, flags: &[u8]) -> Error {
    let mut there = (0..flags.len()).filter(|&row| flags[row] != 0);
    let row = there.nth(error.row()).unwrap_or(0);
    error.at_row(row)
}
