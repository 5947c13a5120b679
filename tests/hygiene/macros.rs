//! Types that macros make, of names, types and expressions from either side.

use persist::{Persist, dumps, loads};

use crate::back;

macro_rules! point {
    ($name:ident { $($field:ident: $ty:ty),* } $rebuilt:ident = $rebuild:expr) => {
        #[derive(Persist, Clone, Debug, PartialEq)]
        struct $name {
            $($field: $ty,)*
            #[persist(default = 5)]
            five: u8,
            #[transient(rebuild = $rebuild)]
            $rebuilt: u8,
            #[transient(rebuild = *five + $rebuilt)]
            own: u8,
        }
    };
}

point! { Point { x: u8, y: Vec<u8> } length = x + y[0] }

macro_rules! tuple {
    ($name:ident($($ty:ty),*), $saved_as:literal) => {
        #[derive(Persist, Clone, Debug, PartialEq)]
        #[persist(rename = $saved_as)]
        struct $name($($ty,)* #[transient(rebuild = *_0)] u8);
    };
}

tuple! { Tuple(u8, Option<String>), "tuple" }

macro_rules! bytes {
    () => {
        Vec<u8>
    };
    ($ty:ty) => {
        Vec<$ty>
    };
}

/// std's own derives refuse type macros beside parameters.
#[derive(Persist)]
struct TypeMacros<T, Cached> {
    bytes: bytes!(),
    generic: bytes!(T),
    #[transient]
    cache: bytes!(Cached),
}

#[test]
fn values_come_back() {
    back(&Point { x: 1, y: vec![2], five: 4, length: 3, own: 7 });
    back(&Tuple(1, None, 1));
    let types = TypeMacros { bytes: vec![1], generic: vec!['a'], cache: vec![&|| 1] };
    let types: TypeMacros<char, &dyn Fn() -> u8> = loads(&dumps(&types).unwrap()).unwrap();
    assert_eq!((types.bytes, types.generic, types.cache.len()), (vec![1], vec!['a'], 0));
}

#[test]
fn types_in_functions() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Local {
        id: u8,
        #[transient(rebuild = add(*id))]
        next: u8,
    }

    fn add(id: u8) -> u8 {
        id + 1
    }

    back(&Local { id: 1, next: 2 });
}
