//! All mistakes of a type come at once, each at its own place; and nothing else is said of it.

use persist::{Persist, dumps, loads};

#[derive(Persist)]
#[persist(rename_all = "upper", skip, before_save = "flush")]
#[transient]
enum Everything<T> {
    #[persist(alias = "first")]
    One(#[persist(default, default)] T, #[persist(rename = "x")] u8),
    Two {
        #[persist(renam = "b")]
        a: &'static str,
        #[transient(rebuild = 1 +, provided)]
        b: u8,
    },
    #[persist(rename = "Two")]
    Three,
}

fn main() {
    let bytes = dumps(&Everything::One(1_u8, 2)).unwrap();
    let _: Everything<u8> = loads(&bytes).unwrap();
}
