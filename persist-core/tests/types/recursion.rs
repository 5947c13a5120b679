//! Types that hold themselves, through everything that can.
#![allow(unsafe_code, reason = "it stands for what the derive writes")]

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, LinkedList, VecDeque};
use std::ops::{Bound, Range};
use std::sync::Mutex;

use persist_core::__private::{
    Builder, Describe, Direct, Done, Gather, Incoming, Layout, Node, NodeId, Outgoing, ReadRows, Reader, Rows, Slot,
    Slots, Style, View, Whole, WriteRows, Writer,
};
use persist_core::{Context, Decode, Dumper, Encode, ErrorKind, Limits, Loader, Persist, Result, dumps, loads};

use crate::harness::back;

/// Whether reading and writing go by way of the states.
macro_rules! direct {
    (neither) => {
        Direct::NEITHER
    };
    (both) => {
        // SAFETY: the states are the value itself.
        unsafe { Direct::both() }
    };
}

/// Structs that are read by value and written field by field, with states that are the value, or are made of it.
macro_rules! structs {
    ($($(#[$attribute:meta])* $name:ident $direct:ident { $($field:ident: $type:ty),* $(,)? })*) => {$(
        #[derive(Debug)]
        $(#[$attribute])*
        struct $name { $($field: $type),* }

        impl Layout for $name {
            const COLUMNS: usize = 0 $(+ <$type as Describe>::COLUMNS)*;

            fn describe(builder: &mut Builder) -> NodeId {
                builder.add::<Self>(size_of::<Self>(), |builder| {
                    let fields = vec![
                        $(Builder::field(stringify!($field), <$type as Describe>::describe(builder))),*
                    ];
                    Node::Struct(Builder::record(stringify!($name), Style::Named, fields))
                })
            }
        }

        impl WriteRows for $name {
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                for rows in rows.batches() {
                    let mut _at = at;
                    $(
                        let mut gather = Gather::new();
                        rows.iter().for_each(|row| gather.push(&row.$field));
                        <$type as Encode>::write(gather.rows(), writer, _at)?;
                        _at += <$type as Describe>::COLUMNS;
                    )*
                }
                Ok(())
            }

            fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
                $(self.$field.send(out)?;)*
                Ok(())
            }
        }

        impl ReadRows for $name {
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                slots.fill().rest(|| {
                    let mut _at = at;
                    $(
                        let $field = reader.one(_at)?;
                        _at += <$type as Describe>::COLUMNS;
                    )*
                    Ok($name { $($field),* })
                })
            }

            fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
                $(let $field = input.value()?;)*
                Ok(slot.put($name { $($field),* }))
            }
        }

        impl Persist for $name {
            type Saved<'a> = View<'a, Self>;
            type Loaded = Whole<Self>;
            const DIRECT: Direct<Self> = direct!($direct);

            fn get_state(&self) -> Result<View<'_, Self>> {
                Ok(View(self))
            }

            fn set_state(Whole(value): Whole<Self>, _: &Context) -> Result<Self> {
                Ok(value)
            }
        }
    )*};
}

structs! {
    #[derive(PartialEq)]
    InTuples both { id: u32, kids: (Vec<InTuples>, Option<Box<InTuples>>), end: String }

    #[derive(PartialEq)]
    InArrays neither { kids: [Option<Box<InArrays>>; 2], by_name: BTreeMap<u8, InArrays>, name: String }

    #[derive(PartialEq)]
    Here both { there: Vec<There>, x: f64 }

    #[derive(PartialEq)]
    There neither {
        by_name: BTreeMap<String, Here>,
        one: Option<Box<Here>>,
        many: [Vec<Here>; 2],
        y: (f32, f64),
    }

    #[derive(PartialEq)]
    Mixed both {
        floats: [f32; 2],
        kids: Vec<(Mixed, [OfMixed; 0], Vec<Mixed>)>,
        none: [Vec<Mixed>; 0],
    }

    #[derive(PartialEq)]
    OfMixed both { a: Vec<Mixed> }

    #[derive(PartialEq)]
    InSums both {
        next: Result<Box<InSums>, u8>,
        more: Bound<Vec<InSums>>,
        range: Range<Box<Option<Box<InSums>>>>,
    }

    Shared both {
        cell: RefCell<Vec<Shared>>,
        lock: Mutex<Option<Box<Shared>>>,
        once: OnceCell<Box<Shared>>,
        id: u8,
    }

    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    InSets both { id: u16, set: BTreeSet<InSets>, map: BTreeMap<InSets, Vec<InSets>> }

    #[derive(PartialEq)]
    InLists both { deque: VecDeque<InLists>, list: LinkedList<InLists>, slice: Box<[InLists]> }

    #[derive(PartialEq)]
    Bare both { kids: Vec<Bare> }

    #[derive(PartialEq)]
    Twice neither { a: Vec<Half>, b: Vec<Half>, c: Box<(Vec<Half>, Vec<Half>)> }

    #[derive(PartialEq)]
    Half both { whole: Vec<Twice>, n: u8 }

    #[derive(PartialEq)]
    WithLeaves both {
        leaves: Vec<String>,
        pairs: Vec<(u8, [u16; 2])>,
        kids: Vec<WithLeaves>,
        more: BTreeMap<u8, Vec<f32>>,
    }

    #[derive(PartialEq)]
    Options both { kids: Vec<Option<Box<Option<Options>>>>, flags: Vec<Option<bool>> }

    #[derive(PartialEq)]
    Outer both { inner: Vec<Inner>, id: u8 }

    #[derive(PartialEq)]
    Inner both { kids: Vec<Inner>, leaves: Vec<u8>, trees: Vec<InTuples> }
}

/// One whose state is made by hand.
#[derive(Debug, PartialEq)]
struct ByHand {
    id: u8,
    kids: Vec<ByHand>,
    next: Option<Box<ByHand>>,
}

impl Persist for ByHand {
    type Saved<'a> = (u8, (&'a [ByHand], &'a Option<Box<ByHand>>), String);
    type Loaded = (u8, (Vec<ByHand>, Option<Box<ByHand>>), String);

    fn get_state(&self) -> Result<Self::Saved<'_>> {
        Ok((self.id, (&self.kids, &self.next), format!("{}", self.id)))
    }

    fn set_state((id, (kids, next), text): Self::Loaded, _: &Context) -> Result<Self> {
        assert_eq!(text, format!("{id}"));
        Ok(ByHand { id, kids, next })
    }
}

/// Numbers without much of a pattern, and how deep to go.
struct Source {
    state: u64,
}

impl Source {
    fn next(&mut self, below: u64) -> u64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % below
    }

    fn some<T>(&mut self, depth: u32, most: u64, mut make: impl FnMut(&mut Self, u32) -> T) -> Vec<T> {
        let count = if depth == 0 { 0 } else { self.next(most + 1) };
        (0..count).map(|_| make(self, depth - 1)).collect()
    }

    fn perhaps<T>(&mut self, depth: u32, make: impl FnOnce(&mut Self, u32) -> T) -> Option<T> {
        (depth != 0 && self.next(2) == 1).then(|| make(self, depth - 1))
    }

    fn text(&mut self) -> String {
        "ab".repeat(self.next(4) as usize)
    }
}

fn in_tuples(s: &mut Source, depth: u32) -> InTuples {
    InTuples {
        id: s.next(1000) as u32,
        kids: (s.some(depth, 3, in_tuples), s.perhaps(depth, in_tuples).map(Box::new)),
        end: s.text(),
    }
}

fn in_arrays(s: &mut Source, depth: u32) -> InArrays {
    InArrays {
        kids: [s.perhaps(depth, in_arrays).map(Box::new), s.perhaps(depth, in_arrays).map(Box::new)],
        by_name: s.some(depth, 3, |s, depth| (s.next(256) as u8, in_arrays(s, depth))).into_iter().collect(),
        name: s.text(),
    }
}

fn here(s: &mut Source, depth: u32) -> Here {
    Here { there: s.some(depth, 2, there), x: s.next(9) as f64 }
}

fn there(s: &mut Source, depth: u32) -> There {
    There {
        by_name: s.some(depth, 2, |s, depth| (s.text(), here(s, depth))).into_iter().collect(),
        one: s.perhaps(depth, here).map(Box::new),
        many: [s.some(depth, 2, here), s.some(depth, 1, here)],
        y: (s.next(5) as f32, 1.5),
    }
}

fn mixed(s: &mut Source, depth: u32) -> Mixed {
    let kids = s.some(depth, 2, |s, depth| (mixed(s, depth), [], s.some(depth, 2, mixed)));
    Mixed { floats: [s.next(9) as f32, 0.5], kids, none: [] }
}

fn in_sums(s: &mut Source, depth: u32) -> InSums {
    let boxed = |s: &mut Source| Box::new(s.perhaps(depth, in_sums).map(Box::new));
    let range = boxed(s)..boxed(s);
    InSums {
        next: s.perhaps(depth, in_sums).map(Box::new).ok_or(7),
        more: s.perhaps(depth, |s, depth| s.some(depth, 2, in_sums)).map_or(Bound::Unbounded, Bound::Excluded),
        range,
    }
}

fn shared(s: &mut Source, depth: u32) -> Shared {
    Shared {
        cell: RefCell::new(s.some(depth, 2, shared)),
        lock: Mutex::new(s.perhaps(depth, shared).map(Box::new)),
        once: s.perhaps(depth, shared).map_or_else(OnceCell::new, |shared| OnceCell::from(Box::new(shared))),
        id: s.next(256) as u8,
    }
}

fn in_sets(s: &mut Source, depth: u32) -> InSets {
    InSets {
        id: s.next(1000) as u16,
        set: s.some(depth, 2, in_sets).into_iter().collect(),
        map: s.some(depth, 2, |s, depth| (in_sets(s, depth), s.some(depth, 2, in_sets))).into_iter().collect(),
    }
}

fn in_lists(s: &mut Source, depth: u32) -> InLists {
    InLists {
        deque: s.some(depth, 2, in_lists).into(),
        list: s.some(depth, 2, in_lists).into_iter().collect(),
        slice: s.some(depth, 2, in_lists).into(),
    }
}

fn bare(s: &mut Source, depth: u32) -> Bare {
    Bare { kids: s.some(depth, 4, bare) }
}

fn twice(s: &mut Source, depth: u32) -> Twice {
    Twice {
        a: s.some(depth, 1, half),
        b: s.some(depth, 2, half),
        c: Box::new((s.some(depth, 1, half), s.some(depth, 1, half))),
    }
}

fn half(s: &mut Source, depth: u32) -> Half {
    Half { whole: s.some(depth, 2, twice), n: s.next(256) as u8 }
}

fn with_leaves(s: &mut Source, depth: u32) -> WithLeaves {
    WithLeaves {
        leaves: s.some(1, 70, |s, _| s.text()),
        pairs: s.some(1, 3, |s, _| (s.next(9) as u8, [s.next(9) as u16; 2])),
        kids: s.some(depth, 3, with_leaves),
        more: s.some(1, 3, |s, _| (s.next(256) as u8, s.some(1, 3, |s, _| s.next(9) as f32))).into_iter().collect(),
    }
}

fn options(s: &mut Source, depth: u32) -> Options {
    Options {
        kids: s.some(depth, 3, |s, depth| s.perhaps(depth, |s, depth| Box::new(s.perhaps(depth, options)))),
        flags: s.some(1, 3, |s, _| s.perhaps(1, |s, _| s.next(2) == 0)),
    }
}

fn outer(s: &mut Source, depth: u32) -> Outer {
    Outer { inner: s.some(depth, 3, inner), id: s.next(9) as u8 }
}

fn inner(s: &mut Source, depth: u32) -> Inner {
    Inner {
        kids: s.some(depth, 2, inner),
        leaves: vec![1; s.next(3) as usize],
        trees: s.some(depth.min(3), 2, in_tuples),
    }
}

fn by_hand(s: &mut Source, depth: u32) -> ByHand {
    ByHand { id: s.next(256) as u8, kids: s.some(depth, 2, by_hand), next: s.perhaps(depth, by_hand).map(Box::new) }
}

fn all_come_back<T: Persist + std::fmt::Debug>(make: impl Fn(&mut Source, u32) -> T) {
    fn same<T: Encode + Decode + std::fmt::Debug>(value: &T) {
        let loaded = loads::<T>(&dumps(value).unwrap()).unwrap();
        assert_eq!(format!("{loaded:?}"), format!("{value:?}"));
    }
    let mut s = Source { state: 1 };
    for depth in 0..7 {
        same(&make(&mut s, depth));
    }
    for count in [0, 1, 2, 70, 300] {
        same(&(0..count).map(|i| make(&mut s, i % 5)).collect::<Vec<_>>());
    }
    same(&(make(&mut s, 4), [make(&mut s, 3), make(&mut s, 2)], Some(make(&mut s, 4)), vec![Some(make(&mut s, 3))]));
    same(&(0..70).map(|i| (i, [make(&mut s, 3)], Box::new(make(&mut s, 2)), 1.5f32)).collect::<Vec<_>>());
    same(&(0..70u8).map(|i| (i, (make(&mut s, 2), vec![make(&mut s, 3)]))).collect::<BTreeMap<_, _>>());
    same(&Ok::<Vec<Box<T>>, T>(vec![Box::new(make(&mut s, 4)), Box::new(make(&mut s, 4))]));
}

#[test]
fn through_everything() {
    all_come_back(in_tuples);
    all_come_back(in_arrays);
    all_come_back(here);
    all_come_back(there);
    all_come_back(mixed);
    all_come_back(in_sums);
    all_come_back(shared);
    all_come_back(in_sets);
    all_come_back(in_lists);
    all_come_back(bare);
    all_come_back(twice);
    all_come_back(half);
    all_come_back(with_leaves);
    all_come_back(options);
    all_come_back(outer);
    all_come_back(by_hand);
}

#[test]
fn in_groups() {
    let mut s = Source { state: 9 };
    back(&(0..6_000).map(|i| in_tuples(&mut s, i % 4)).collect::<Vec<_>>());
    back(&(0..6_000).map(|i| (in_arrays(&mut s, i % 3), vec![here(&mut s, 2)], i)).collect::<Vec<_>>());
    back(&(0..6_000u32).map(|i| (i, with_leaves(&mut s, i % 2))).collect::<BTreeMap<_, _>>());
}

#[test]
fn deep_chains_obey_the_limit() {
    let chain = |depth: u32| {
        let mut chain = ByHand { id: 0, kids: vec![], next: None };
        for i in 1..depth {
            let next = Some(Box::new(chain));
            chain = ByHand { id: i as u8, kids: vec![], next };
        }
        chain
    };
    back(&chain(900));
    assert!(dumps(&chain(1100)).unwrap_err().is(ErrorKind::Limit));
    let deep = || Limits { depth: 10_000, ..Limits::default() };
    let bytes = Dumper::new().limits(deep()).dumps(&chain(9000)).unwrap();
    assert!(loads::<ByHand>(&bytes).unwrap_err().is(ErrorKind::Limit));
    let loaded = Loader::new().limits(deep()).loads::<ByHand>(&bytes).unwrap();
    assert_eq!(loaded, chain(9000));
}

#[test]
fn a_cell_that_is_borrowed_deep_inside_is_refused() {
    let mut s = Source { state: 3 };
    let value =
        Shared { cell: RefCell::new(vec![shared(&mut s, 3)]), lock: Mutex::new(None), once: OnceCell::new(), id: 0 };
    let kids = value.cell.borrow();
    let in_use = kids[0].cell.borrow_mut();
    assert!(dumps(&value).unwrap_err().is(ErrorKind::Unsupported));
    drop(in_use);
    assert!(dumps(&value).is_ok());
}
