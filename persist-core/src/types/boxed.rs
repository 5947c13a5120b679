//! `Box`: an edge to a table with one row for each.

use super::ALONE;
use crate::column::prefetch;
use crate::error::Result;
use crate::message::{Incoming, Outgoing};
use crate::rows::Rows;
use crate::shape::{Builder, Node, NodeId};
use crate::slots::{Done, Slot, Slots, read_boxed, receive_boxed};
use crate::table::{Reader, Writer};
use crate::traits::{Ahead, Decode, Describe, Encode, Layout, Persist, ReadRows, WriteRows};

direct!([T: Persist] Box<T>);

impl<T: Persist> Layout for Box<T> {
    const COLUMNS: usize = 1;

    fn describe(builder: &mut Builder) -> NodeId {
        builder.add::<Self>(size_of::<Self>(), |builder| {
            let inner = <T as Describe>::describe(builder);
            builder.takes(inner, ALONE + size_of::<T>());
            Node::Boxed(inner)
        })
    }
}

impl<T: Persist> WriteRows for Box<T> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        rows.iter()
            .enumerate()
            .try_for_each(|(row, value)| value.write_row(writer, at).map_err(|error| error.at_row(row)))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_row(&self, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        writer.boxed(at, |writer, at| (**self).write_one(writer, at))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn prefetch_row(&self, ahead: Ahead) {
        match ahead {
            Ahead::Parts => prefetch(&**self),
            Ahead::PartsOfParts => (**self).prefetch(Ahead::Parts),
        }
    }

    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
        (**self).send(out)
    }
}

impl<T: Persist> ReadRows for Box<T> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        slots.fill().rest(|| reader.boxed(at, |reader, at| read_boxed(|slots| T::read(reader, at, slots))))
    }

    fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
        input.boxed(ALONE + size_of::<T>())?;
        Ok(slot.put(receive_boxed(|slot| T::receive(input, slot))?))
    }
}
