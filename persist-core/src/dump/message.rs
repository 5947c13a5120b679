//! Saving values as messages.

use std::sync::atomic::Ordering::Relaxed;

use super::{Dumper, write};
use crate::error::Result;
use crate::info::{Type, TypeInfo, info};
use crate::message::Outgoing;
use crate::traits::Encode;

/// Bytes that a vector for a message has room for at least.
const SHORT: usize = 48;

impl Dumper {
    /// Saves a value as a message: no mark, no schema, no checksum, and each part as it comes, by code that was made for the
    /// type as a whole. [`Loader::message`](crate::Loader::message) reads it.
    ///
    /// For many small values between programs, or parts of one, that have the very same type: nothing in the bytes tells
    /// the type, its version, or where the message ends. Long lists are smaller in packed form
    /// ([`dumps`](Dumper::dumps)), which goes by columns.
    ///
    /// Neither protocol nor level count here. A value of a type that holds itself is written as a
    /// [bare](Dumper::bare) one.
    ///
    /// ```
    /// use persist_core::{Dumper, Loader};
    ///
    /// let message = Dumper::new().message(&("on".to_owned(), 7u8))?;
    /// assert_eq!(message, *b"\x05on\x07");
    /// let (text, number): (String, u8) = Loader::new().message(&message)?;
    /// assert_eq!((text.as_str(), number), ("on", 7));
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    #[inline]
    pub fn message<T: Encode>(&mut self, value: &T) -> Result<Vec<u8>> {
        let info = self.info_of(Type::of::<T>())?;
        // Messages of one program tend to be alike. What is behind the end is room that writing a number asks for.
        let most = info.message.load(Relaxed);
        let mut out = Vec::with_capacity(most + 16);
        let len = self.send(value, &mut out)?;
        if len > most || len < most / 4 && most > SHORT {
            info.message.store(len.max(SHORT), Relaxed);
        }
        Ok(out)
    }

    /// Saves a value as a [message](Dumper::message), which is appended to a vector: one that is cleared and used again keeps its
    /// memory. Gives the bytes of the message, as they stand there.
    ///
    /// Where it fails, the vector holds what it held before.
    ///
    /// ```
    /// let (mut dumper, mut out) = (persist_core::Dumper::new(), vec![9]);
    /// assert_eq!(dumper.message_into(&("on".to_owned(), 7u8), &mut out)?, b"\x05on\x07");
    /// assert_eq!(out, b"\x09\x05on\x07");
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    #[inline]
    pub fn message_into<'o, T: Encode>(&mut self, value: &T, out: &'o mut Vec<u8>) -> Result<&'o [u8]> {
        let before = out.len();
        let len = self.send(value, out)?;
        Ok(out.get(before..before + len).unwrap_or_default())
    }

    /// The facts of a message's type.
    #[inline]
    fn info_of(&mut self, ty: Type) -> Result<&'static TypeInfo> {
        match self.sent {
            Some((id, info)) if id == ty.id() => Ok(info),
            _ => {
                let info = info(ty)?;
                self.sent = Some((ty.id(), info));
                Ok(info)
            }
        }
    }

    /// Appends a message, and gives its length. That comes in a register: whoever asked the vector for its parts, or moved a
    /// slice on that came through memory, would have to wait for what was stored just now.
    #[inline]
    fn send<T: Encode>(&mut self, value: &T, out: &mut Vec<u8>) -> Result<usize> {
        if self.info_of(Type::of::<T>())?.is_recursive {
            return self.body_into(value, out);
        }
        let mut outgoing = Outgoing::new(out, self.limits.depth);
        value.send(&mut outgoing)?;
        Ok(outgoing.finish())
    }

    /// Appends a bare value.
    #[cold]
    #[inline(never)]
    fn body_into<T: Encode>(&mut self, value: &T, out: &mut Vec<u8>) -> Result<usize> {
        let before = out.len();
        match self.write_body(Type::of::<T>(), &|writer| write(value, writer), out) {
            Ok(()) => Ok(out.len() - before),
            Err(error) => {
                out.truncate(before);
                Err(error)
            }
        }
    }
}
