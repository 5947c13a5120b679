//! Dynamic values, and values of serde's types: one CBOR item each.

use crate::error::Result;
use crate::rows::Rows;
use crate::shape::{Builder, Node, NodeId};
use crate::slots::{Done, Slots};
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
            item.clear();
            cbor::encode(value, &mut item);
            // A level takes a byte at least.
            if item.len() > writer.depth_limit() {
                skip(&mut Cbor::new(&item), writer.depth_limit())?;
            }
            writer.bytes(at, &item)
        })
    }
}

impl ReadRows for Value {
    fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        let depth = reader.depth_limit();
        slots.fill().rest(|| reader.with_opaque(at, |item| decode(item, depth)))
    }
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
}

impl ReadRows for Item {
    fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        slots.fill().rest(|| reader.with_opaque(at, |item| Ok(Item(item.to_vec()))))
    }
}
