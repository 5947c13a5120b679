//! `Bytes` and `BytesMut`: sequences of bytes, as `Vec<u8>` is.

use ::bytes::{Bytes, BytesMut};

saved_as! {
    [] Bytes, 'a &'a [u8] => Vec<u8>, |value| Ok(value), |bytes| Ok(bytes.into());
    [] BytesMut, 'a &'a [u8] => Vec<u8>, |value| Ok(value), |bytes| Ok(Bytes::from(bytes).into());
}
