//! Where and with what the figures were taken.

use std::fs::read_to_string;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine and its compiler, today.
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// How many threads it runs at once.
    pub cores: usize,
    /// The compiler's name and version.
    pub compiler: String,
    /// Year, month and day.
    pub date: String,
}

impl Machine {
    /// This one. What cannot be found out is said to be unknown.
    #[must_use]
    pub fn this() -> Self {
        let unknown = || "unknown".to_owned();
        let info = read_to_string("/proc/cpuinfo").ok();
        let compiler = Command::new("rustc").arg("--version").output().ok();
        let compiler = compiler.and_then(|output| String::from_utf8(output.stdout).ok());
        let today = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() / 86400);
        Self {
            processor: info.as_deref().and_then(processor).unwrap_or_else(unknown),
            cores: available_parallelism().map_or(1, usize::from),
            compiler: compiler.map_or_else(unknown, |compiler| compiler.trim().to_owned()),
            date: date(today),
        }
    }
}

/// The processor's name in what Linux tells of it.
fn processor(info: &str) -> Option<String> {
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The date of a day, counted from 1 January 1970.
fn date(day: u64) -> String {
    // Years are counted from March, so that the leap day is the last one; an era is 400 of them.
    let day = day + 719_468;
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

/// The peers and the compressor with their versions, which the manifest pins.
#[must_use]
pub fn versions() -> Vec<(&'static str, &'static str)> {
    include_str!("../Cargo.toml")
        .lines()
        .filter_map(|line| {
            let (name, value) = line.split_once(" = ")?;
            let (_, version) = value.split_once("\"=")?;
            Some((name, version.split_once('"')?.0))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{date, processor, versions};

    #[test]
    fn dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(20_453), "2025-12-31");
    }

    #[test]
    fn the_processor_is_named() {
        let info = "processor\t: 0\nmodel name\t: A Processor @ 2.60GHz\nflags\t\t: fpu\n";
        assert_eq!(processor(info).as_deref(), Some("A Processor @ 2.60GHz"));
        assert_eq!(processor("processor : 0\n"), None);
    }

    #[test]
    fn every_peer_is_pinned() {
        let versions = versions();
        for peer in [
            "bitcode",
            "borsh",
            "ciborium",
            "fory",
            "nanoserde",
            "postcard",
            "rkyv",
            "savefile",
            "serde-zap",
            "wincode",
            "zstd",
        ] {
            assert!(versions.iter().any(|(name, _)| *name == peer), "{peer}");
        }
    }
}
