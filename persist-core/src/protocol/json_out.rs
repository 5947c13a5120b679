//! Protocol Json: how values are spelled.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use serde::Serialize as _;

use super::json_value::{JsonValue, not_finite};
use super::write::Notation;
use crate::error::{Error, ErrorKind, Result};
use crate::program::Typed;
use crate::shape::Format;
use crate::source::json::plain_length;
use crate::table::Reader;
use crate::traits::Decode;
use crate::types;
use crate::value;

/// JSON as `serde_json` writes it.
pub(super) struct Json;

impl Notation for Json {
    fn null(out: &mut Vec<u8>) {
        out.extend_from_slice(b"null");
    }

    fn flag(out: &mut Vec<u8>, value: bool) {
        out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    #[inline]
    fn unsigned(out: &mut Vec<u8>, value: u64) {
        out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    #[inline]
    fn signed(out: &mut Vec<u8>, value: i64) {
        out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    fn wide_unsigned(out: &mut Vec<u8>, value: u128) {
        out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    fn wide_signed(out: &mut Vec<u8>, value: i128) {
        out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    #[inline]
    fn float32(out: &mut Vec<u8>, value: f32) {
        match not_finite(value.into()) {
            Some(text) => Self::text(out, text),
            None => out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes()),
        }
    }

    #[inline]
    fn float64(out: &mut Vec<u8>, value: f64) {
        match not_finite(value) {
            Some(text) => Self::text(out, text),
            None => out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes()),
        }
    }

    #[inline]
    fn text(out: &mut Vec<u8>, text: &str) {
        if plain_length(text.as_bytes()) == text.len() {
            out.reserve(text.len() + 2);
            out.push(b'"');
            out.extend_from_slice(text.as_bytes());
            out.push(b'"');
        } else {
            serde_json::to_writer(out, text).expect("a vector takes all bytes");
        }
    }

    fn octets(out: &mut Vec<u8>, _len: usize) {
        out.push(b'[');
    }

    fn some_octets(out: &mut Vec<u8>, octets: &[u8], begun: &mut bool) {
        for &octet in octets {
            if std::mem::replace(begun, true) {
                out.push(b',');
            }
            Self::unsigned(out, octet.into());
        }
    }

    fn end_octets(out: &mut Vec<u8>) {
        out.push(b']');
    }

    fn list(out: &mut Vec<u8>, _len: u64) {
        out.push(b'[');
    }

    fn map(out: &mut Vec<u8>, _len: u64) {
        out.push(b'{');
    }

    #[inline]
    fn comma(out: &mut Vec<u8>) {
        out.push(b',');
    }

    fn colon(out: &mut Vec<u8>) {
        out.push(b':');
    }

    fn end_list(out: &mut Vec<u8>) {
        out.push(b']');
    }

    fn end_map(out: &mut Vec<u8>) {
        out.push(b'}');
    }

    fn opaque(out: &mut Vec<u8>, item: &[u8], depth: usize) -> Result<()> {
        let value = value::decode(item, depth)?;
        let written = JsonValue(&value).serialize(&mut serde_json::Serializer::new(out));
        written.map_err(|error| Error::of(ErrorKind::Unsupported, error.to_string()).with_source(error))
    }

    fn formatted(out: &mut Vec<u8>, format: Format, reader: &mut Reader<'_>, at: usize, key: bool) -> Result<()> {
        match format {
            Format::Ipv4Addr => shown::<Ipv4Addr>(out, reader, at),
            Format::Ipv6Addr => shown::<Ipv6Addr>(out, reader, at),
            Format::IpAddr => shown::<IpAddr>(out, reader, at),
            Format::Uuid => shown::<types::Uuid>(out, reader, at),
            Format::Date => shown::<types::Date>(out, reader, at),
            Format::Time => shown::<types::Time>(out, reader, at),
            Format::DateTime => shown::<types::DateTime>(out, reader, at),
            Format::UtcDateTime => shown::<types::UtcDateTime>(out, reader, at),
            Format::OffsetDateTime => shown::<types::OffsetDateTime>(out, reader, at),
            Format::UtcOffset => shown::<types::UtcOffset>(out, reader, at),
            Format::SocketAddrV4 => shown::<SocketAddrV4>(out, reader, at),
            Format::SocketAddrV6 => {
                let address: SocketAddrV6 = reader.one(at)?;
                match parts(&address) {
                    None => show(out, &address),
                    Some(_) if key => return Err(no_key()),
                    Some(parts) => put_parts(out, &parts),
                }
                Ok(())
            }
            Format::SocketAddr => {
                let address: SocketAddr = reader.one(at)?;
                let parts = match &address {
                    SocketAddr::V6(address) => parts(address),
                    SocketAddr::V4(_) => None,
                };
                match parts {
                    None => show(out, &address),
                    Some(_) if key => return Err(no_key()),
                    Some(parts) => {
                        out.extend_from_slice(b"{\"V6\":");
                        put_parts(out, &parts);
                        out.push(b'}');
                    }
                }
                Ok(())
            }
        }
    }

    fn numbers(_out: &mut Vec<u8>, _typed: Typed, _bytes: usize) {}

    fn some_numbers(_out: &mut Vec<u8>, _typed: Typed, _numbers: &[u8]) {}
}

fn shown<T: Decode + std::fmt::Display>(out: &mut Vec<u8>, reader: &mut Reader<'_>, at: usize) -> Result<()> {
    let value: T = reader.one(at)?;
    show(out, &value);
    Ok(())
}

/// Writes what needs no escapes as a text.
fn show(out: &mut Vec<u8>, value: &impl std::fmt::Display) {
    write!(out, "\"{value}\"").expect("a vector takes all bytes");
}

fn put_parts(out: &mut Vec<u8>, parts: &Parts) {
    serde_json::to_writer(out, parts).expect("a vector takes all bytes");
}

/// An address, its port, its flow information and its scope.
type Parts = (String, u16, u32, u32);

/// The parts of an address that its text form does not hold all of: it leaves the flow information out.
fn parts(address: &SocketAddrV6) -> Option<Parts> {
    (address.flowinfo() != 0)
        .then(|| (address.ip().to_string(), address.port(), address.flowinfo(), address.scope_id()))
}

#[cold]
fn no_key() -> Error {
    Error::of(ErrorKind::Unsupported, "a key of JSON has to be a text, which holds no flow information")
}
