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

/// How collections are written whose elements lie one behind the other, as this slice.
macro_rules! in_one_slice {
    (|$all:ident| $slice:expr) => {
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
            writer.slices(at, rows, |$all| $slice)
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn write_row(&self, writer: &mut Writer<'_>, at: usize) -> Result<()> {
            let $all = self;
            writer.slice(at, $slice)
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn prefetch_row(&self, ahead: Ahead) {
            let $all = self;
            prefetch_elements::<T>($slice, ahead);
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
            let $all = self;
            out.slice($slice)
        }
    };
}

/// How others are written.
macro_rules! scattered {
    () => {
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
            writer.collections(at, rows, |all| (all.len(), all.iter()))
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
            out.elements(self.len(), self.iter())
        }
    };
}

/// Collections whose shape is a sequence, with the bytes of memory that each element takes beside its own, how they are
/// written, how rows of them are read, and how one is made of a vector.
macro_rules! sequences {
    ($(
        [$($generics:tt)*] $type:ty, $beside:expr, $written:ident!($($how:tt)*),
        |$slots:ident, $reader:ident, $at:ident| $read:expr, |$elements:ident| $of_vec:expr;
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
            $written!($($how)*);
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
    [T: Persist] Vec<T>, 0, in_one_slice!(|all| &all[..]), |slots, reader, at| reader.vecs(at, slots), |vec| vec;
    [T: Persist] Box<[T]>, 0, in_one_slice!(|all| &all[..]),
        |slots, reader, at| slots.fill().rest(|| Ok(reader.vec(at)?.into())), |vec| vec.into();
    [T: Persist] VecDeque<T>, 0, scattered!(),
        |slots, reader, at| slots.fill().rest(|| Ok(reader.vec(at)?.into())), |vec| vec.into();
    [T: Persist] LinkedList<T>, ALONE, scattered!(),
        |slots, reader, at| slots.fill().rest(|| Ok(reader.vec(at)?.into_iter().collect())),
        |vec| vec.into_iter().collect();
    [T: Persist + Ord] BinaryHeap<T>, 0, in_one_slice!(|all| all.as_slice()),
        |slots, reader, at| slots.fill().rest(|| Ok(reader.vec(at)?.into())), |vec| vec.into();
}

#[cfg(feature = "smallvec")]
sequences! {
    [T: Persist, const N: usize] smallvec::SmallVec<[T; N]>, 0, in_one_slice!(|all| &all[..]),
        |slots, reader, at| slots.fill().rest(|| Ok(small_vec(reader.vec(at)?))), |vec| small_vec(vec);
}

/// As one is made otherwise: few elements lie in place, however much room the vector has.
#[cfg(feature = "smallvec")]
fn small_vec<T, const N: usize>(items: Vec<T>) -> smallvec::SmallVec<[T; N]> {
    if items.len() <= N { items.into_iter().collect() } else { smallvec::SmallVec::from_vec(items) }
}
