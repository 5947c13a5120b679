//! A small nested message of three levels: what a customer orders.

use fory::ForyStruct;

use super::{data, registered};
use crate::random::Random;

data! {
    /// The whole order.
    #[derive(ForyStruct)]
    pub struct Order {
        number: u64,
        customer: Customer,
        lines: Vec<Line>,
        note: Option<String>,
    }

    /// Who ordered.
    #[derive(ForyStruct)]
    struct Customer {
        name: String,
        address: Address,
    }

    /// Where to.
    #[derive(ForyStruct)]
    struct Address {
        street: String,
        city: String,
        code: u32,
    }

    /// Some of one article.
    #[derive(ForyStruct)]
    struct Line {
        article: u32,
        count: u16,
        price: Price,
    }

    /// What each of them costs.
    #[derive(Copy, ForyStruct)]
    struct Price {
        cents: u32,
        discount: f32,
    }
}

registered!(Order: Customer, Address, Line, Price);

/// The order that `random` leads to.
#[must_use]
pub fn generate(random: &mut Random) -> Order {
    Order {
        number: random.within(1_000_000..100_000_000) as u64,
        customer: Customer {
            name: random.word(&["Ada Byron", "Carl Gauss", "Emmy Noether", "Kurt Goedel", "Sofia Kovalevskaya"]),
            address: Address {
                street: format!("{} Main Street", random.within(1..400)),
                city: random.word(&["Bern", "Oslo", "Goettingen", "Stockholm", "Vienna"]),
                code: random.within(10_000..99_999) as u32,
            },
        },
        lines: random.many(1..5, line),
        note: random.chance(0.25).then(|| random.word(&["leave at the door", "a gift", "ring twice"])),
    }
}

fn line(random: &mut Random) -> Line {
    Line {
        article: random.within(1..500_000) as u32,
        count: random.within(1..20) as u16,
        price: Price { cents: random.within(50..50_000) as u32, discount: random.float(0.0..0.5) },
    }
}
