//! The access log of a web server: many short strings beside a few numbers.

use fory::ForyStruct;

use super::{data, registered};
use crate::random::Random;

/// How many lines the log has.
const LINES: usize = 10_000;

data! {
    /// The whole log.
    #[derive(ForyStruct)]
    pub struct Logs {
        logs: Vec<Log>,
    }

    /// One request.
    #[derive(ForyStruct)]
    struct Log {
        address: Address,
        identity: String,
        userid: String,
        date: String,
        request: String,
        code: u16,
        size: u64,
    }

    /// Who asked, as the four bytes of an IPv4 address.
    #[derive(Copy, ForyStruct)]
    struct Address {
        x0: u8,
        x1: u8,
        x2: u8,
        x3: u8,
    }
}

registered!(Logs: Log, Address);

/// The log that `random` leads to.
#[must_use]
pub fn generate(random: &mut Random) -> Logs {
    long(random, LINES)
}

/// The same of so many lines.
#[must_use]
pub fn long(random: &mut Random, lines: usize) -> Logs {
    Logs { logs: (0..lines).map(|_| line(random)).collect() }
}

fn line(random: &mut Random) -> Log {
    Log {
        address: Address {
            x0: random.bits() as u8,
            x1: random.bits() as u8,
            x2: random.bits() as u8,
            x3: random.bits() as u8,
        },
        identity: "-".to_owned(),
        userid: random.word(&["-", "annie", "ben", "claire", "diana", "emil", "felix", "gisela", "henry"]),
        date: date(random),
        request: request(random),
        code: *random.pick(&CODES),
        size: random.within(0..100_000_000) as u64,
    }
}

/// Numbers without leading zeros, so that lengths vary.
fn date(random: &mut Random) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let day = random.within(1..29);
    let month = random.pick(&MONTHS);
    let year = random.within(1970..2022);
    let (hour, minute, second) = (random.within(0..24), random.within(0..60), random.within(0..60));
    let zone = random.within(-12..13) * 100;
    format!("{day}/{month}/{year}:{hour}:{minute}:{second} {zone:+05}")
}

fn request(random: &mut Random) -> String {
    let method = random.pick(&["GET", "POST", "PUT", "UPDATE", "DELETE"]);
    let route = random.pick(&[
        "/favicon.ico",
        "/css/style.css",
        "/js/vendor-bundle.min.js",
        "/img/icons-all.svg",
        "/img/header.png",
        "/api/items",
        "/api/search",
    ]);
    let protocol = random.pick(&["HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/3"]);
    format!("{method} {route} {protocol}")
}

/// The status codes that HTTP defines.
#[rustfmt::skip]
const CODES: [u16; 63] = [
    100, 101, 102, 103,
    200, 201, 202, 203, 204, 205, 206, 207, 208, 226,
    300, 301, 302, 303, 304, 305, 306, 307, 308,
    400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424,
    425, 426, 428, 429, 431, 451,
    500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511,
];
