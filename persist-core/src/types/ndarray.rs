//! ndarray's arrays that own their elements: the lengths of the axes, and the elements row by row.

use ::ndarray::{ArcArray, Array, Dimension};

use super::write_parts;
use crate::error::{Error, ErrorKind, Result};
use crate::message::{Incoming, Outgoing};
use crate::rows::Rows;
use crate::shape::{Builder, Node, NodeId, Style};
use crate::slots::{Done, Slot, Slots};
use crate::table::{Reader, Writer};
use crate::traits::{Describe, Encode, Layout, Persist, ReadRows, WriteRows};

/// Names the node of all arrays of such elements, which have one shape, whatever their dimensions.
struct Elements<T>(std::marker::PhantomData<T>);

/// The version that ndarray's serde writes.
const VERSION: u8 = 1;

macro_rules! arrays {
    ($($array:ident)*) => {$(
        direct!([T: Persist, D: Dimension] $array<T, D>);

        impl<T: Persist, D: Dimension> Layout for $array<T, D> {
            const COLUMNS: usize = 3;

            fn describe(builder: &mut Builder) -> NodeId {
                describe::<T>(builder, size_of::<Self>())
            }
        }

        impl<T: Persist, D: Dimension> WriteRows for $array<T, D> {
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                write_parts::<_, u8>(rows, writer, at, |_| Ok(VERSION))?;
                write_parts::<_, Vec<u64>>(rows, writer, at + 1, |array| {
                    Ok(array.shape().iter().map(|&len| len as u64).collect())
                })?;
                rows.iter().enumerate().try_for_each(|(row, array)| {
                    let written = writer.sequence(at + 2, array.len(), |elements| match array.as_slice() {
                        Some(slice) => elements.slice(slice),
                        None => elements.iter(array.iter()),
                    });
                    written.map_err(|error| error.in_field("Array", "data").at_row(row))
                })
            }

            fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
                VERSION.send(out)?;
                self.shape().iter().map(|&len| len as u64).collect::<Vec<_>>().send(out)?;
                match self.as_slice() {
                    Some(slice) => out.slice(slice),
                    None => out.elements(self.len(), self.iter()),
                }
                .map_err(|error| error.in_field("Array", "data"))
            }
        }

        impl<T: Persist, D: Dimension> ReadRows for $array<T, D> {
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                slots.fill().rest(|| array::<T, D>(reader, at).map(Into::into))
            }

            fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
                let (version, lengths) = (input.value()?, input.value::<Vec<u64>>()?);
                let data = input.value().map_err(|error| error.in_field("Array", "data"))?;
                Ok(slot.put(make::<T, D>(version, &lengths, data)?.into()))
            }
        }
    )*};
}

arrays! { Array ArcArray }

fn describe<T: Persist>(builder: &mut Builder, size: usize) -> NodeId {
    builder.add::<Elements<T>>(size, |builder| {
        let fields = vec![
            Builder::field("v", <u8 as Describe>::describe(builder)),
            Builder::field("dim", <Vec<u64> as Describe>::describe(builder)),
            Builder::field("data", <Vec<T> as Describe>::describe(builder)),
        ];
        Node::Struct(Builder::record("Array", Style::Named, fields))
    })
}

fn array<T: Persist, D: Dimension>(reader: &mut Reader<'_>, at: usize) -> Result<Array<T, D>> {
    let version: u8 = reader.one(at).map_err(|error| error.in_field("Array", "v"))?;
    let lengths: Vec<u64> = reader.one(at + 1).map_err(|error| error.in_field("Array", "dim"))?;
    let data: Vec<T> = reader.one(at + 2).map_err(|error| error.in_field("Array", "data"))?;
    make(version, &lengths, data)
}

/// The array of these parts.
fn make<T, D: Dimension>(version: u8, lengths: &[u64], data: Vec<T>) -> Result<Array<T, D>> {
    if version != VERSION {
        let message = format!("arrays of version {version} are not known, only those of version {VERSION}");
        return Err(Error::of(ErrorKind::Value, message).in_field("Array", "v"));
    }
    if let Some(wanted) = D::NDIM.filter(|&wanted| wanted != lengths.len()) {
        let message = format!("an array of {} dimensions where one of {wanted} is wanted", lengths.len());
        return Err(Error::of(ErrorKind::Value, message).in_field("Array", "dim"));
    }
    let mut dim = D::zeros(lengths.len());
    let mut fits = true;
    for (to, &len) in dim.slice_mut().iter_mut().zip(lengths) {
        *to = usize::try_from(len).unwrap_or_else(|_| {
            fits = false;
            0
        });
    }
    let count = data.len();
    let made = if fits { Array::from_shape_vec(dim, data).ok() } else { None };
    made.ok_or_else(|| {
        let message = format!("an array of the lengths {lengths:?} does not have {count} elements");
        Error::of(ErrorKind::Value, message).in_field("Array", "dim")
    })
}
