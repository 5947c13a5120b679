//! `Option`: presence, then the values that are there, in line.

use super::write_some;
use crate::error::Result;
use crate::rows::Rows;
use crate::shape::{Builder, Node, NodeId};
use crate::slots::{Done, Slots};
use crate::table::{Reader, Writer};
use crate::traits::{Describe, Layout, Persist, ReadRows, WriteRows};

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
        for (batch, rows) in rows.batches().enumerate() {
            writer.flags(at, rows.iter().map(Option::is_some));
            write_some(batch, rows, writer, at + 1, Option::as_ref)?;
        }
        Ok(())
    }
}

impl<T: Persist> ReadRows for Option<T> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        slots.fill().rest(|| if reader.flag(at)? { reader.one(at + 1).map(Some) } else { Ok(None) })
    }
}
