//! Dynamic values, and values of serde's types: one CBOR item each.

use crate::error::Result;
use crate::message::{Incoming, Outgoing};
use crate::rows::Rows;
use crate::shape::{Builder, Node, NodeId};
use crate::slots::{Done, Slot, Slots};
use crate::source::cbor::Cbor;
use crate::source::skip;
use crate::table::{Reader, Writer};
use crate::traits::{Layout, ReadRows, WriteRows};
use crate::value::{Item, Value, cbor, decode};

direct!([] Value);
direct!([] Item);

impl Layout for Value {
    const COLUMNS: usize = 1;

    fn describe(builder: &mut Builder) -> NodeId {
        builder.add::<Item>(size_of::<Self>(), |_| Node::Opaque)
    }
}

impl WriteRows for Value {
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        let mut item = Vec::new();
        rows.iter().try_for_each(|value| {
            encode(value, &mut item, writer.depth_limit())?;
            writer.bytes(at, &item)
        })
    }

    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
        let mut item = Vec::new();
        encode(self, &mut item, out.depth_limit())?;
        out.bytes(&item)
    }
}

impl ReadRows for Value {
    fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        let depth = reader.depth_limit();
        slots.fill().rest(|| reader.with_opaque(at, |item| decode(item, depth)))
    }

    fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
        let item = input.opaque()?;
        Ok(slot.put(decode(item, input.depth_limit())?))
    }
}

/// Writes a value as an item, which may have so many levels.
fn encode(value: &Value, item: &mut Vec<u8>, depth: usize) -> Result<()> {
    item.clear();
    cbor::encode(value, item);
    // A level takes a byte at least.
    if item.len() > depth {
        skip(&mut Cbor::new(item), depth)?;
    }
    Ok(())
}

impl Layout for Item {
    const COLUMNS: usize = 1;

    fn describe(builder: &mut Builder) -> NodeId {
        builder.add::<Item>(size_of::<Self>(), |_| Node::Opaque)
    }
}

impl WriteRows for Item {
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        rows.iter().try_for_each(|item| writer.bytes(at, &item.0))
    }

    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
        out.bytes(&self.0)
    }
}

impl ReadRows for Item {
    fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        slots.fill().rest(|| reader.with_opaque(at, |item| Ok(Item(item.to_vec()))))
    }

    fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
        Ok(slot.put(Item(input.opaque()?.to_vec())))
    }
}
