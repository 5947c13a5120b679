//! Strings.

use std::borrow::Cow;

use crate::error::Result;
use crate::rows::Rows;
use crate::shape::{Builder, Node, NodeId};
use crate::slots::{Done, Slots};
use crate::table::{Reader, Writer};
use crate::traits::{Layout, ReadRows, WriteRows};

macro_rules! texts {
    ($([$($generics:tt)*] $type:ty, |$text:ident| $as_str:expr, |$reader:ident, $at:ident| $load:expr;)*) => {$(
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
            fn read_rows<'s>($reader: &mut Reader<'_>, $at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                slots.fill().rest(|| $load)
            }
        }
    )*};
}

texts! {
    [] String, |text| text, |reader, at| Ok(reader.text(at)?.to_owned());
    [] Box<str>, |text| text, |reader, at| Ok(reader.text(at)?.into());
    ['t] Cow<'t, str>, |text| text, |reader, at| Ok(Cow::Owned(reader.text(at)?.to_owned()));
}
