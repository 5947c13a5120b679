//! What has no parts, alone and in columns of every width.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::time::{Duration, SystemTime};

use crate::folder::{Form, Golden};

pub(crate) fn cases(golden: &mut Golden) {
    one(golden);
    columns(golden);
    floats(golden);
    addresses(golden);
}

fn one(golden: &mut Golden) {
    golden.value("leaves/unit", &());
    golden.value("leaves/flags", &(true, false));
    golden.value("leaves/characters", &('a', '\0', 'é', '😀', char::MAX));
    golden.value("leaves/unsigned", &(u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX, usize::MAX >> 32));
    golden.value("leaves/signed", &(i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN, -1isize));
    golden.value("leaves/largest", &(i8::MAX, i16::MAX, i32::MAX, i64::MAX, i128::MAX, 0u128));
    golden.value("leaves/text", &["", "text", "\" \\ \n \u{7f} é 漢 😀"].map(str::to_owned));
    golden.value("leaves/long_text", &"word ".repeat(60));
    golden.value("leaves/bytes", &(vec![0u8, 127, 128, 255], Vec::<u8>::new(), [1u8, 2, 3]));
    golden.value("leaves/durations", &(Duration::new(3, 5), SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, 1)));
}

fn columns(golden: &mut Golden) {
    golden.value("columns/flags", &(0..21).map(|i| i % 3 == 0).collect::<Vec<_>>());
    golden.value("columns/characters", &"a text of ünïcode 😀".chars().collect::<Vec<_>>());
    golden.value("columns/equal", &vec![7u32; 50]);
    // Every width, and with it every way to pack.
    let width = |bits: u32| (0..4).map(|i| u64::MAX >> (64 - bits) >> (i % 2)).collect::<Vec<_>>();
    golden.stream("columns/widths", &(1..=64).map(width).collect::<Vec<_>>());
    let wide = |bits: u32| (0..3u128).map(|i| (1 << bits) - i % 2).collect::<Vec<_>>();
    golden.value("columns/wide", &[0, 63, 64, 90, 127].map(wide).to_vec());
    golden.value("columns/negative", &[-1i8, -128, 127, 0].repeat(4));
    golden.value("columns/based", &(0..20).map(|i| 1_000_000_000_000 + i * i).collect::<Vec<i64>>());
    golden.value("columns/signed", &vec![(i16::MIN, i32::MIN, i64::MIN, i128::MIN), (-1, 0, 1, i128::MAX)]);
    golden.value("columns/rising", &(0..300).map(|i| 1_700_000_000 + i * 60 + i % 3).collect::<Vec<u64>>());
    golden.value(
        "columns/few",
        &(0..300u64).map(|i| [9_000_000_007u64, 5, 77_777_777_777][(i * i % 3) as usize]).collect::<Vec<_>>(),
    );
    golden
        .value("columns/texts", &["", "one", "two", "é"].repeat(3).into_iter().map(str::to_owned).collect::<Vec<_>>());
    golden.value("columns/equal_texts", &vec!["the same".to_owned(); 9]);
    golden.value("columns/repeated_texts", &(0..90).map(|i| format!("name {}", i * i % 7)).collect::<Vec<_>>());
    let dates = |i: u32| format!("2026-{:02}-{:02} {:02}:{:02}", 1 + i % 12, 1 + i % 28, i % 24, i * 7 % 60);
    golden.forms("columns/dates", Form::PACKED, &(0..150).map(dates).collect::<Vec<_>>());
}

fn floats(golden: &mut Golden) {
    golden.value("floats/one", &(0.1f32, 0.1f64, -0.0f32, -0.0f64));
    golden.value("floats/extremes", &(f32::MAX, f32::MIN_POSITIVE, f64::MAX, 5e-324, 1.0e-45f32));
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    golden.value("floats/not_finite", &(odd, odd.map(|float| float as f32), f64::NAN));
    golden.value("floats/not_finite_rows", &vec![(odd, 1u8), ([1.5, f64::NAN, -0.0], 2)]);
    golden.forms("floats/marked_nan", Form::PACKED, &vec![f64::from_bits(0xFFF8_0000_0000_0123), 1.0]);
    golden.value("floats/runs", &(0..12).map(|i| [f64::from(i) / 3.0, 0.5]).collect::<Vec<_>>());
    golden.value(
        "floats/mixed_runs",
        &(0..12u8).map(|i| (f32::from(i) / 7.0, f64::from(i), [0.25f32; 2])).collect::<Vec<_>>(),
    );
    // Multiples, which level Small writes as such.
    let prices = |i: u32| (f64::from(i * i % 997) / 4.0, (i % 31) as f32 / 8.0);
    golden.forms("floats/multiples", Form::PACKED, &(0..200).map(prices).collect::<Vec<_>>());
}

fn addresses(golden: &mut Golden) {
    let (four, six) = (Ipv4Addr::new(192, 0, 2, 1), Ipv6Addr::new(0x2001, 0xDB8, 0, 0, 0, 0, 0, 1));
    golden.value("addresses/one", &(four, six, IpAddr::V4(four), IpAddr::V6(six)));
    let (port, flow) = (SocketAddrV4::new(four, 80), SocketAddrV6::new(six, 443, 9, 2));
    golden.value("addresses/ports", &(port, flow, SocketAddrV6::new(six, 1, 0, 0), SocketAddr::V4(port)));
    golden.value("addresses/rows", &vec![SocketAddr::V6(flow), SocketAddr::V4(port), "[::1]:8080".parse().unwrap()]);
    golden.value("addresses/mapped", &vec![IpAddr::V6(four.to_ipv6_mapped()), IpAddr::V4(Ipv4Addr::LOCALHOST)]);
}
