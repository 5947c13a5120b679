//! Internet addresses: text where people read, numbers elsewhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use super::write_parts;
use crate::error::Result;
use crate::rows::Rows;
use crate::shape::{Builder, Format, Node, NodeId};
use crate::slots::{Done, Slots};
use crate::table::{Reader, Writer};
use crate::traits::{Describe, Layout, ReadRows, WriteRows};

/// Types with a readable form, as the numbers that they are saved as.
macro_rules! formatted {
    ($($type:ident as $numbers:ty, |$value:ident| $save:expr, |$loaded:ident| $load:expr;)*) => {$(
        direct!([] $type);

        impl Layout for $type {
            const COLUMNS: usize = <$numbers as Describe>::COLUMNS;

            fn describe(builder: &mut Builder) -> NodeId {
                builder.add::<Self>(size_of::<Self>(), |builder| {
                    Node::Formatted(Format::$type, <$numbers as Describe>::describe(builder))
                })
            }
        }

        impl WriteRows for $type {
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                write_parts::<_, $numbers>(rows, writer, at, |$value| Ok($save))
            }
        }

        impl ReadRows for $type {
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                slots.fill().rest(|| reader.one::<$numbers>(at).map(|$loaded| $load))
            }
        }
    )*};
}

formatted! {
    Ipv4Addr as [u8; 4], |ip| ip.octets(), |octets| octets.into();
    Ipv6Addr as [u8; 16], |ip| ip.octets(), |octets| octets.into();
    IpAddr as Ip, |ip| match *ip { IpAddr::V4(ip) => Ip::V4(ip), IpAddr::V6(ip) => Ip::V6(ip) },
        |ip| match ip { Ip::V4(ip) => IpAddr::V4(ip), Ip::V6(ip) => IpAddr::V6(ip) };
    SocketAddrV4 as (Ipv4Addr, u16), |socket| (*socket.ip(), socket.port()),
        |socket| SocketAddrV4::new(socket.0, socket.1);
    // serde leaves out the last two, flow information and scope, without which an address is another one.
    SocketAddrV6 as (Ipv6Addr, u16, u32, u32),
        |socket| (*socket.ip(), socket.port(), socket.flowinfo(), socket.scope_id()),
        |socket| SocketAddrV6::new(socket.0, socket.1, socket.2, socket.3);
    SocketAddr as Socket,
        |socket| match *socket { SocketAddr::V4(v4) => Socket::V4(v4), SocketAddr::V6(v6) => Socket::V6(v6) },
        |socket| match socket { Socket::V4(v4) => SocketAddr::V4(v4), Socket::V6(v6) => SocketAddr::V6(v6) };
}

enum Ip {
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

enum Socket {
    V4(SocketAddrV4),
    V6(SocketAddrV6),
}

choices! {
    [] Ip, "IpAddr" { 0 V4(Ipv4Addr), 1 V6(Ipv6Addr), };
    [] Socket, "SocketAddr" { 0 V4(SocketAddrV4), 1 V6(SocketAddrV6), };
}
