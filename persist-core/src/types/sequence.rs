//! `Vec`, slices, and the other sequences of std: one shape.

use std::collections::{BinaryHeap, LinkedList, VecDeque};

use super::ALONE;
use crate::encode::prefetch_elements;
use crate::error::Result;
use crate::message::{Incoming, Outgoing};
use crate::rows::Rows;
use crate::shape::{Builder, Node, NodeId};
use crate::slots::{Done, Slot, Slots};
use crate::table::{Reader, Writer};
use crate::traits::{Ahead, Describe, Layout, Persist, ReadRows, WriteRows};

/// Collections whose shape is a sequence, with the bytes of memory that each element takes beside its own, the code
/// that writes rows of them, and the code that reads them; then the same for messages, where a vector is read first.
macro_rules! sequences {
    ($(
        [$($generics:tt)*] $type:ty, $beside:expr, |$asked:ident| $prefetch:expr,
        |$rows:ident, $writer:ident, $to:ident| $write:expr, |$one:ident| $write_one:expr,
        |$slots:ident, $reader:ident, $at:ident| $read:expr,
        |$all:ident, $out:ident| $send:expr, |$elements:ident| $of_vec:expr;
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

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn write_row(&self, $writer: &mut Writer<'_>, $to: usize) -> Result<()> {
                let $one = self;
                $write_one
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn prefetch_row(&self, ahead: Ahead) {
                let $asked = self;
                prefetch_elements::<T>($prefetch, ahead);
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn send_row(&self, $out: &mut Outgoing<'_>) -> Result<()> {
                let $all = self;
                $send
            }
        }

        impl<$($generics)*> ReadRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn read_rows<'s>($reader: &mut Reader<'_>, $at: usize, $slots: Slots<'s, Self>) -> Result<Done<'s>> {
                $read
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
                let $elements: Vec<T> = input.vec($beside + size_of::<T>())?;
                Ok(slot.put($of_vec))
            }
        }
    )*};
}

sequences! {
    [T: Persist] Vec<T>, 0, |all| &all[..],
        |rows, writer, at| writer.slices(at, rows, |all| &all[..]), |one| writer.slice(at, one), |slots, reader, at| reader.vecs(at, slots),
        |all, out| out.slice(all), |vec| vec;
    [T: Persist] Box<[T]>, 0, |all| &all[..],
        |rows, writer, at| writer.slices(at, rows, |all| &all[..]), |one| writer.slice(at, one), |slots, reader, at| slots.fill().rest(|| Ok(reader.vec(at)?.into())),
        |all, out| out.slice(all), |vec| vec.into();
    [T: Persist] VecDeque<T>, 0, |all| all.as_slices().0,
        |rows, writer, at| writer.collections(at, rows, |all| all.front(), |all| (all.len(), all.iter())), |one| Self::write_rows(Rows::one(one), writer, at), |slots, reader, at| slots.fill().rest(|| Ok(reader.vec(at)?.into())),
        |all, out| out.elements(all.len(), all.iter()), |vec| vec.into();
    [T: Persist] LinkedList<T>, ALONE, |_all| &[],
        |rows, writer, at| writer.collections(at, rows, |all| all.front(), |all| (all.len(), all.iter())), |one| Self::write_rows(Rows::one(one), writer, at), |slots, reader, at| slots.fill().rest(|| Ok(reader.vec(at)?.into_iter().collect())),
        |all, out| out.elements(all.len(), all.iter()), |vec| vec.into_iter().collect();
    [T: Persist + Ord] BinaryHeap<T>, 0, |all| all.as_slice(),
        |rows, writer, at| writer.slices(at, rows, BinaryHeap::as_slice), |one| writer.slice(at, one.as_slice()), |slots, reader, at| slots.fill().rest(|| Ok(reader.vec(at)?.into())),
        |all, out| out.slice(all.as_slice()), |vec| vec.into();
}

#[cfg(feature = "smallvec")]
sequences! {
    [T: Persist, const N: usize] smallvec::SmallVec<[T; N]>, 0, |all| &all[..],
        |rows, writer, at| writer.slices(at, rows, |all| &all[..]), |one| writer.slice(at, one),
        |slots, reader, at| slots.fill().rest(|| Ok(small_vec(reader.vec(at)?))),
        |all, out| out.slice(all), |vec| small_vec(vec);
}

/// As one is made otherwise: few elements lie in place, however much room the vector has.
#[cfg(feature = "smallvec")]
fn small_vec<T, const N: usize>(items: Vec<T>) -> smallvec::SmallVec<[T; N]> {
    if items.len() <= N { items.into_iter().collect() } else { smallvec::SmallVec::from_vec(items) }
}
