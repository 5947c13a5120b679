//! Internet addresses: text where people read, numbers elsewhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

formatted! {
    Ipv4Addr as Ipv4Addr [u8; 4], |ip| Ok(ip.octets()), |octets| Ok(octets.into());
    Ipv6Addr as Ipv6Addr [u8; 16], |ip| Ok(ip.octets()), |octets| Ok(octets.into());
    IpAddr as IpAddr Ip, |ip| Ok(match *ip { IpAddr::V4(ip) => Ip::V4(ip), IpAddr::V6(ip) => Ip::V6(ip) }),
        |ip| Ok(match ip { Ip::V4(ip) => IpAddr::V4(ip), Ip::V6(ip) => IpAddr::V6(ip) });
    SocketAddrV4 as SocketAddrV4 (Ipv4Addr, u16), |socket| Ok((*socket.ip(), socket.port())),
        |socket| Ok(SocketAddrV4::new(socket.0, socket.1));
    // serde leaves out the last two, flow information and scope, without which an address is another one.
    SocketAddrV6 as SocketAddrV6 (Ipv6Addr, u16, u32, u32),
        |socket| Ok((*socket.ip(), socket.port(), socket.flowinfo(), socket.scope_id())),
        |socket| Ok(SocketAddrV6::new(socket.0, socket.1, socket.2, socket.3));
    SocketAddr as SocketAddr Socket,
        |socket| Ok(match *socket { SocketAddr::V4(v4) => Socket::V4(v4), SocketAddr::V6(v6) => Socket::V6(v6) }),
        |socket| Ok(match socket { Socket::V4(v4) => SocketAddr::V4(v4), Socket::V6(v6) => SocketAddr::V6(v6) });
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
