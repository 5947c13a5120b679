//! Strings.

use std::borrow::Cow;

use crate::error::Result;
use crate::rows::Rows;
use crate::shape::{Builder, Node, NodeId};
use crate::slots::{Done, Slots, string_of};
use crate::table::{Reader, Writer};
use crate::traits::{Layout, ReadRows, WriteRows};

macro_rules! texts {
    ($([$($generics:tt)*] $type:ty, |$text:ident| $as_str:expr, |$loaded:ident| $load:expr;)*) => {$(
        direct!([$($generics)*] $type);

        impl<$($generics)*> Layout for $type {
            const COLUMNS: usize = 1;

            fn describe(builder: &mut Builder) -> NodeId {
                builder.add::<String>(size_of::<Self>(), |_| Node::Text)
            }
        }

        impl<$($generics)*> WriteRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                writer.texts(at, rows, |$text| {
                    let text: &str = $as_str;
                    text.as_bytes()
                })
            }
        }

        impl<$($generics)*> ReadRows for $type {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                let load = |$loaded: &str| -> Self { $load };
                if reader.is_single() {
                    return slots.fill().rest(|| reader.with_text(at, load));
                }
                let count = slots.len();
                let mut fill = slots.fill();
                reader.each_text(at, count, |text| fill.push(load(text)))?;
                Ok(fill.done())
            }
        }
    )*};
}

texts! {
    [] String, |text| text, |text| string_of(text);
    [] Box<str>, |text| text, |text| text.into();
    ['t] Cow<'t, str>, |text| text, |text| Cow::Owned(text.to_owned());
}
