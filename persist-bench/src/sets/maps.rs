//! Maps of a million entries: a hash map of records by name, and a sorted map of bytes by number.

use std::collections::{BTreeMap, HashMap};

use fory::ForyStruct;

use super::{data, registered};
use crate::random::Random;

/// How many entries each map has.
const ENTRIES: usize = 1_000_000;

data! {
    /// Accounts by their names. The order of its entries differs from process to process, as users' maps do.
    #[derive(ForyStruct)]
    pub struct Accounts {
        // wincode refuses more than four megabytes in one sequence unless its length says otherwise.
        #[wincode(with = "wincode::containers::HashMap<String, Account, wincode::len::BincodeLen<{ usize::MAX }>>")]
        accounts: HashMap<String, Account>,
    }

    /// What is known of an account.
    #[derive(ForyStruct)]
    struct Account {
        number: u64,
        balance: f64,
        logins: u32,
        active: bool,
        country: String,
    }

    /// Bytes by number, such as the pages of a file that were changed.
    #[derive(ForyStruct)]
    pub struct Pages {
        #[wincode(with = "wincode::containers::BTreeMap<u64, Vec<u8>, wincode::len::BincodeLen<{ usize::MAX }>>")]
        pages: BTreeMap<u64, Vec<u8>>,
    }
}

registered!(Accounts: Account);
registered!(Pages:);

/// The accounts that `random` leads to.
#[must_use]
pub fn accounts(random: &mut Random) -> Accounts {
    let mut accounts = HashMap::with_capacity(ENTRIES);
    while accounts.len() < ENTRIES {
        accounts.insert(name(random), account(random));
    }
    Accounts { accounts }
}

fn name(random: &mut Random) -> String {
    let first = random.pick(&["ada", "carl", "emmy", "felix", "kurt", "leonhard", "pierre", "sofia"]);
    format!("{first}.{}", random.within(1..100_000_000))
}

fn account(random: &mut Random) -> Account {
    Account {
        number: random.within(0..10_000_000_000) as u64,
        balance: random.unit() * 10_000.0,
        logins: random.within(0..2000) as u32,
        active: random.chance(0.8),
        country: random.word(&["AT", "CH", "DE", "FR", "IT", "NO", "SE"]),
    }
}

/// The pages that `random` leads to.
#[must_use]
pub fn pages(random: &mut Random) -> Pages {
    let mut pages = BTreeMap::new();
    let mut number = 0;
    for _ in 0..ENTRIES {
        number += random.within(1..100) as u64;
        pages.insert(number, random.many(0..33, |random| random.bits() as u8));
    }
    Pages { pages }
}
