//! A program's file, from its first version to its third: what each of them loads, and what it says where it cannot.
//!
//!     cargo run --example versions
#![allow(clippy::print_stdout, reason = "it is what the example shows")]

use std::num::ParseIntError;

use persist::{Persist, Result, open, save};

/// The first release: the address is one text.
mod first {
    use super::Persist;

    #[derive(Persist)]
    pub(crate) struct Settings {
        pub(crate) address: String,
        pub(crate) retries: u8,
    }
}

/// The second: more retries, a name, and a theme that old files do not have. Nothing has to be said of `retries`.
mod second {
    use super::Persist;

    #[derive(Debug, Persist)]
    pub(crate) struct Settings {
        pub(crate) address: String,
        pub(crate) retries: u32,
        pub(crate) name: Option<String>,
        #[persist(default = "dark".to_owned())]
        pub(crate) theme: String,
    }
}

/// The third: host and port apart, which takes a line of code.
mod third {
    use super::{ParseIntError, Persist, second};

    #[derive(Debug, Persist)]
    #[persist(version = 2, upgrade_from = second::Settings)]
    pub(crate) struct Settings {
        pub(crate) host: String,
        pub(crate) port: u16,
        pub(crate) retries: u32,
        #[persist(alias = "theme")]
        pub(crate) colors: String,
    }

    impl TryFrom<second::Settings> for Settings {
        type Error = ParseIntError;

        fn try_from(old: second::Settings) -> Result<Self, ParseIntError> {
            let (host, port) = old.address.split_once(':').unwrap_or((&old.address, "80"));
            let (host, port) = (host.to_owned(), port.parse()?);
            Ok(Settings { host, port, retries: old.retries, colors: old.theme })
        }
    }
}

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("settings");

    save(&path, &first::Settings { address: "localhost:8080".into(), retries: 3 })?;
    let loaded: second::Settings = open(&path)?;
    println!("The second version reads the first one's file: {loaded:?}");
    let loaded: third::Settings = open(&path)?;
    println!("So does the third: {loaded:?}");

    save(&path, &loaded)?;
    let loaded: third::Settings = open(&path)?;
    println!("And it reads its own: {} {} {}", loaded.host, loaded.port, loaded.colors);
    match open::<second::Settings>(&path) {
        Ok(_) => unreachable!("the second version knows no ports"),
        Err(error) => println!("The second version does not: {error}"),
    }
    Ok(())
}
