//! `Vec`, slices, and the other sequences of std: one shape.

use std::collections::{BinaryHeap, LinkedList, VecDeque};

use super::ALONE;
use crate::error::Result;
use crate::rows::Rows;
use crate::shape::{Builder, Node, NodeId};
use crate::slots::{Done, Slots};
use crate::table::{Reader, Writer};
use crate::traits::{Describe, Layout, Persist, ReadRows, WriteRows};

/// Collections whose shape is a sequence, with the bytes of memory that each element takes beside its own, the code
/// that writes rows of them, and the code that reads them.
macro_rules! sequences {
    ($(
        [$($generics:tt)*] $type:ty, $beside:expr,
        |$rows:ident, $writer:ident, $to:ident| $write:expr,
        |$slots:ident, $reader:ident, $at:ident| $read:expr;
    )*) => {$(
        direct!([$($generics)*] $type);

        impl<$($generics)*> Layout for $type {
            const COLUMNS: usize = 1;

            fn describe(builder: &mut Builder) -> NodeId {
                builder.add::<Self>(size_of::<Self>(), |builder| {
                    let item = <T as Describe>::describe(builder);
                    builder.takes(item, $beside + size_of::<T>());
                    Node::Seq(item)
                })
            }
        }

        impl<$($generics)*> WriteRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn write_rows($rows: Rows<'_, Self>, $writer: &mut Writer<'_>, $to: usize) -> Result<()> {
                $write
            }
        }

        impl<$($generics)*> ReadRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn read_rows<'s>($reader: &mut Reader<'_>, $at: usize, $slots: Slots<'s, Self>) -> Result<Done<'s>> {
                $read
            }
        }
    )*};
}

sequences! {
    [T: Persist] Vec<T>, 0,
        |rows, writer, at| writer.slices(at, rows, |all| &all[..]), |slots, reader, at| reader.vecs(at, slots);
    [T: Persist] Box<[T]>, 0,
        |rows, writer, at| writer.slices(at, rows, |all| &all[..]), |slots, reader, at| slots.fill().rest(|| Ok(reader.vec(at)?.into()));
    [T: Persist] VecDeque<T>, 0,
        |rows, writer, at| writer.collections(at, rows, |all| (all.len(), all.iter())), |slots, reader, at| slots.fill().rest(|| Ok(reader.vec(at)?.into()));
    [T: Persist] LinkedList<T>, ALONE,
        |rows, writer, at| writer.collections(at, rows, |all| (all.len(), all.iter())), |slots, reader, at| slots.fill().rest(|| Ok(reader.vec(at)?.into_iter().collect()));
    [T: Persist + Ord] BinaryHeap<T>, 0,
        |rows, writer, at| writer.slices(at, rows, BinaryHeap::as_slice), |slots, reader, at| slots.fill().rest(|| Ok(reader.vec(at)?.into()));
}

#[cfg(feature = "smallvec")]
sequences! {
    [T: Persist, const N: usize] smallvec::SmallVec<[T; N]>, 0,
        |rows, writer, at| writer.slices(at, rows, |all| &all[..]), |slots, reader, at| slots.fill().rest(|| {
            let items: Vec<T> = reader.vec(at)?;
            // As one is made otherwise: few elements lie in place, however much room the vector has.
            Ok(if items.len() <= N { items.into_iter().collect() } else { Self::from_vec(items) })
        });
}
