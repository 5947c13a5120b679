//! Tuples and arrays: in line.
#![allow(unsafe_code, reason = "reads and writes elements in place, by their offsets")]

use std::mem::offset_of;

use super::step;
use crate::error::Result;
use crate::message::{Incoming, Outgoing};
use crate::rows::{BATCH, Batch, Rows};
use crate::shape::{Builder, Node, NodeId, float_run, float_run_of};
use crate::slots::{self, Done, Slot, Slots};
use crate::table::{Reader, Writer};
use crate::traits::{Decode, Describe, Encode, Layout, Persist, ReadRows, Run, WriteRows};

macro_rules! tuples {
    ($(($($T:ident $i:tt)+))*) => {$(
        direct!([$($T: Persist),+] ($($T,)+));

        impl<$($T: Persist),+> Layout for ($($T,)+) {
            const COLUMNS: usize = if <Self as Layout>::FLOATS == 0 { 0 $(+ <$T as Describe>::COLUMNS)+ } else { 1 };
            const FLOATS: usize = float_run(&[$(<$T as Describe>::FLOATS),+]);
            const RUN: Run = {
                let fields = [$((offset_of!(Self, $i), <$T as Describe>::RUN)),+];
                if <Self as Layout>::FLOATS == 0 {
                    Run::NONE
                } else {
                    // SAFETY: these are the elements of a tuple of this size.
                    unsafe { Run::fields(size_of::<Self>(), &fields) }
                }
            };

            fn describe(builder: &mut Builder) -> NodeId {
                builder.add::<Self>(size_of::<Self>(), |builder| {
                    Node::Tuple(vec![$(<$T as Describe>::describe(builder)),+])
                })
            }
        }

        impl<$($T: Persist),+> WriteRows for ($($T,)+) {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                let mut _at = at;
                $(
                    // SAFETY: the offset is that of an element of this type.
                    <$T>::write(unsafe { rows.field::<$T>(offset_of!(Self, $i)) }, writer, _at)?;
                    _at += step::<Self, $T>();
                )+
                Ok(())
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
                $(self.$i.send(out)?;)+
                Ok(())
            }
        }

        impl<$($T: Persist),+> ReadRows for ($($T,)+) {
            #[cfg_attr(not(debug_assertions), inline(always))]
            #[allow(non_snake_case, reason = "an element is named like its type")]
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                let mut _at = at;
                $(
                    // SAFETY: the offset is that of an element of this type.
                    let $T = unsafe { slots.field::<$T>(offset_of!(Self, $i)) }
                        .read(|slots| <$T>::read(reader, _at, slots))?;
                    _at += step::<Self, $T>();
                )+
                $($T.keep();)+
                // SAFETY: every element was filled, and left to the tuple.
                Ok(unsafe { slots.assume_filled() })
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            #[allow(non_snake_case, reason = "an element is named like its type")]
            fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
                $(
                    // SAFETY: the offset is that of an element of this type.
                    let $T = unsafe { slot.field::<$T>(offset_of!(Self, $i)) }
                        .receive(|slot| $T::receive(input, slot))?;
                )+
                $($T.keep();)+
                // SAFETY: every element was filled, and left to the tuple.
                Ok(unsafe { slot.assume_filled() })
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0 B 1)
    (A 0 B 1 C 2)
    (A 0 B 1 C 2 D 3)
    (A 0 B 1 C 2 D 3 E 4)
    (A 0 B 1 C 2 D 3 E 4 F 5)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14 P 15)
}

direct!([T: Persist, const N: usize] [T; N]);

impl<T: Persist, const N: usize> Layout for [T; N] {
    const COLUMNS: usize = if <Self as Layout>::FLOATS == 0 { <T as Describe>::COLUMNS } else { 1 };
    const FLOATS: usize = float_run_of(<T as Describe>::FLOATS, N);
    const RUN: Run = if <Self as Layout>::FLOATS == 0 { Run::NONE } else { <T as Describe>::RUN.times(N) };

    fn describe(builder: &mut Builder) -> NodeId {
        builder.add::<Self>(size_of::<Self>(), |builder| Node::Array(<T as Describe>::describe(builder), N as u64))
    }
}

impl<T: Persist, const N: usize> WriteRows for [T; N] {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        let batch = writer.batch();
        if <Self as Layout>::FLOATS != 0 {
            // One array, in a run that memory holds otherwise.
            return rows.iter().flatten().enumerate().try_for_each(|(i, item)| {
                T::write(Rows::one(item), writer, at).map_err(|error| error.in_element(i % N).at_row(i / N))
            });
        }
        if !writer.one_by_one() {
            return rows.batches().enumerate().try_for_each(|(i, rows)| {
                let (arrays, ()) = Batch::of(rows, (), |(), array| ((), &array[..]));
                writer.elements_of(at, arrays.as_slice()).map_err(|error| error.after_rows(i * BATCH))
            });
        }
        rows.iter().enumerate().try_for_each(|(row, array)| {
            writer.array(at, <T as Describe>::COLUMNS, N, |writer| {
                array.chunks(batch).enumerate().try_for_each(|(i, items)| {
                    T::write(Rows::of(items), writer, at).map_err(|error| error.after_rows(i * batch)).map_err(
                        |error| {
                            let index = error.row();
                            error.in_element(index).at_row(row)
                        },
                    )
                })
            })
        })
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
        out.items(self)
    }
}

impl<T: Persist, const N: usize> ReadRows for [T; N] {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        let row_by_row = reader.is_recursive();
        slots.each_array(|elements| {
            if elements.is_empty() {
                // Nothing was written, so there is no column to ask.
                return Ok(elements.fill().done());
            }
            if const { <Self as Layout>::FLOATS != 0 } {
                // One run, in which memory holds the elements otherwise.
                return elements.in_batches(1, |slots| T::read(reader, at, slots));
            }
            reader.array(at, N, |reader| {
                if !row_by_row && <T as Describe>::COLUMNS <= 1 {
                    return T::read(reader, at, elements);
                }
                elements.in_batches(if row_by_row { 1 } else { slots::BATCH }, |slots| T::read(reader, at, slots))
            })
        })
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
        slot.slots().each_array(|elements| input.items(elements))
    }
}
