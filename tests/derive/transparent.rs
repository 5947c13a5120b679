//! Structs that are saved as their one field.

use std::marker::PhantomData;

use persist::{Context, Persist, Result, dumps, loads};

use crate::{back, json};

#[derive(Persist, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[persist(transparent)]
struct Id {
    value: u64,
}

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(transparent)]
struct Meters(f64);

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(transparent)]
struct Cached<T> {
    value: Vec<T>,
    #[transient(rebuild = value.len())]
    length: usize,
    #[transient]
    marker: PhantomData<T>,
}

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(transparent, after_load = Self::check)]
struct Even(#[persist(with = as_text)] u32);

impl Even {
    fn check(&mut self, _: &Context) -> Result<()> {
        if self.0.is_multiple_of(2) { Ok(()) } else { Err("odd".into()) }
    }
}

mod as_text {
    use super::*;

    pub(crate) fn get_state(value: &u32) -> Result<String> {
        Ok(value.to_string())
    }

    pub(crate) fn set_state(text: String, _: &Context) -> Result<u32> {
        Ok(text.parse()?)
    }
}

#[test]
fn they_are_their_field() {
    back(&Id { value: 7 });
    back(&vec![Meters(0.5); 100]);
    back(&Cached { value: vec!['a', 'b'], length: 2, marker: PhantomData });
    back(&Even(4));
    assert_eq!(json(&Id { value: 7 }), "7");
    assert_eq!(json(&Even(4)), r#""4""#);

    // What is saved as the one is loaded as the other.
    assert_eq!(loads::<u64>(&dumps(&Id { value: 7 }).unwrap()).unwrap(), 7);
    assert_eq!(loads::<Id>(&dumps(&7_u64).unwrap()).unwrap(), Id { value: 7 });
    assert_eq!(loads::<Vec<Meters>>(&dumps(&vec![0.5, 1.5]).unwrap()).unwrap(), [Meters(0.5), Meters(1.5)]);
    assert_eq!(
        loads::<Vec<char>>(&dumps(&Cached { value: vec!['a'], length: 9, marker: PhantomData }).unwrap()).unwrap(),
        ['a']
    );
    assert_eq!(loads::<Even>(&dumps(&"3".to_owned()).unwrap()).unwrap_err().to_string(), "odd");
}
