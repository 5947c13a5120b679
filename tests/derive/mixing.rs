//! Derived and hand-written types inside one another, at any depth.

use std::collections::BTreeMap;
use std::fmt::Debug;

use persist::{Context, Persist, Result};

use crate::{back, json};

/// By hand, over anything: its state is a temporary that borrows.
#[derive(Clone, Debug, PartialEq)]
struct Reversed<T>(Vec<T>);

impl<T: Persist + Clone> Persist for Reversed<T> {
    type Saved<'a>
        = (usize, Vec<&'a T>)
    where
        T: 'a;
    type Loaded = (usize, Vec<T>);

    fn get_state(&self) -> Result<Self::Saved<'_>> {
        Ok((self.0.len(), self.0.iter().rev().collect()))
    }

    fn set_state((count, mut items): Self::Loaded, _: &Context) -> Result<Self> {
        assert_eq!(count, items.len());
        items.reverse();
        Ok(Reversed(items))
    }
}

/// By hand, with a derived type for its state.
#[derive(Clone, Debug, PartialEq)]
struct Celsius(f64);

#[derive(Persist, Clone, Debug, PartialEq)]
enum Temperature {
    Cold(f64),
    Warm { degrees: f64 },
}

impl Persist for Celsius {
    type Saved<'a> = Temperature;
    type Loaded = Temperature;

    fn get_state(&self) -> Result<Temperature> {
        Ok(if self.0 < 15.0 { Temperature::Cold(self.0) } else { Temperature::Warm { degrees: self.0 } })
    }

    fn set_state(state: Temperature, _: &Context) -> Result<Self> {
        let (Temperature::Cold(degrees) | Temperature::Warm { degrees }) = state;
        Ok(Celsius(degrees))
    }
}

/// Derived, over both, with a field that is left out.
#[derive(Persist, Clone, Debug, PartialEq)]
struct Station<T: Clone> {
    readings: Reversed<Celsius>,
    by_place: BTreeMap<String, Option<Reversed<Station<T>>>>,
    note: T,
    #[transient(rebuild = readings.0.len())]
    count: usize,
}

/// Derived, in place.
#[derive(Persist, Clone, Debug, PartialEq)]
enum Network {
    Single(Station<Reversed<u8>>),
    Joined { left: Box<Network>, right: Box<Network>, stations: [Celsius; 2] },
}

fn station(depth: u8) -> Station<Reversed<u8>> {
    let inner = (depth > 0).then(|| Reversed(vec![station(depth - 1), station(0)]));
    Station {
        readings: Reversed((0..depth).map(|i| Celsius(f64::from(i) * 10.0)).collect()),
        by_place: BTreeMap::from([("here".to_owned(), inner), ("there".to_owned(), None)]),
        note: Reversed(vec![depth; 3]),
        count: depth.into(),
    }
}

#[test]
fn values_come_back() {
    back(&station(3));
    let single = || Box::new(Network::Single(station(1)));
    back(&Network::Joined { left: single(), right: single(), stations: [Celsius(0.5), Celsius(20.0)] });
    back(&Reversed(vec![single(), single()]));
    assert_eq!(json(&Reversed(vec![Celsius(1.0), Celsius(20.0)])), r#"[2,[{"Warm":{"degrees":20.0}},{"Cold":1.0}]]"#);
}
