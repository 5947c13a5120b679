//! Strings.

use std::borrow::Cow;

use crate::column::prefetch;
use crate::error::Result;
use crate::message::{Incoming, Outgoing};
use crate::rows::Rows;
use crate::shape::{Builder, Node, NodeId};
use crate::slots::{Done, Slot, Slots, string_of};
use crate::table::{Reader, Writer};
use crate::traits::{Ahead, Layout, ReadRows, Text, WriteRows};

#[allow(unsafe_code, reason = "the one promise that a `String` makes")]
// SAFETY: only `String` makes it.
const STRING: Text = unsafe { Text::string() };

macro_rules! texts {
    ($([$($generics:tt)*] $type:ty, $promise:expr, |$text:ident| $as_str:expr, |$loaded:ident| $load:expr;)*) => {$(
        direct!([$($generics)*] $type);

        impl<$($generics)*> Layout for $type {
            const COLUMNS: usize = 1;
            const TEXT: Text = $promise;

            fn describe(builder: &mut Builder) -> NodeId {
                builder.add::<String>(size_of::<Self>(), |_| Node::Text)
            }
        }

        impl<$($generics)*> WriteRows for $type {
            #[inline]
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                writer.texts(at, rows, |$text| {
                    let text: &str = $as_str;
                    text.as_bytes()
                })
            }

            #[inline(never)]
            fn write_row(&self, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                let $text = self;
                let text: &str = $as_str;
                writer.bytes(at, text.as_bytes())
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn prefetch_row(&self, ahead: Ahead) {
                let $text = self;
                let text: &str = $as_str;
                if ahead == Ahead::Parts {
                    prefetch(text);
                }
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
                let $text = self;
                let text: &str = $as_str;
                out.bytes(text.as_bytes())
            }
        }

        impl<$($generics)*> ReadRows for $type {
            #[inline]
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                if reader.is_single() {
                    return slots.fill().rest(|| reader.with_text(at, |$loaded| -> Self { $load }));
                }
                let count = slots.len();
                let mut fill = slots.fill();
                reader.each_text(at, count, |$loaded| fill.push($load))?;
                Ok(fill.done())
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
                let string = input.string()?;
                Ok(slot.put(string.into()))
            }
        }
    )*};
}

texts! {
    [] String, STRING, |text| text, |text| string_of(text);
    [] Box<str>, Text::NONE, |text| text, |text| text.into();
    ['t] Cow<'t, str>, Text::NONE, |text| text, |text| Cow::Owned(text.to_owned());
}
