//! Many maps and other collections, whose entries are written and read together.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::fmt::Debug;
use std::hash::{BuildHasherDefault, DefaultHasher};

use persist_core::{Context, Error, ErrorKind, Persist, Result, dumps, loads};

use crate::harness::back;

type Hasher = BuildHasherDefault<DefaultHasher>;

/// How many elements the so-manieth collection has: mostly few, sometimes none or many.
fn len(i: usize) -> usize {
    match i % 23 {
        0 | 3 | 4 => 0,
        7 => 63 + i % 3,
        11 => 150,
        few => few % 7,
    }
}

fn elements<T>(i: usize, make: impl Fn(usize) -> T) -> impl Iterator<Item = T> {
    (0..len(i)).map(move |k| make(i + k))
}

/// Rows of collections come back, in numbers around the sizes of batches.
fn rows_back<C: Persist + PartialEq + Debug>(make: impl Fn(usize) -> C) {
    for count in [0, 1, 2, 63, 64, 65, 200] {
        let rows: Vec<C> = (0..count).map(&make).collect();
        assert_eq!(loads::<Vec<C>>(&dumps(&rows).unwrap()).unwrap(), rows);
        // In another place than that of the outermost sequence, too.
        assert_eq!(loads::<(u8, [Vec<C>; 1])>(&dumps(&(0u8, [&rows])).unwrap()).unwrap().1[0], rows);
    }
    back(&(20..100).map(&make).collect::<Vec<C>>());
}

#[test]
fn collections_in_rows() {
    rows_back(|i| elements(i, |k| (k as u32, k.to_string())).collect::<BTreeMap<_, _>>());
    rows_back(|i| elements(i, |k| (k.to_string(), Some(k as u8))).collect::<HashMap<_, _, Hasher>>());
    rows_back(|i| elements(i, |k| k.to_string()).collect::<BTreeSet<_>>());
    rows_back(|i| elements(i, |k| k as i64 - 100).collect::<HashSet<_, Hasher>>());
    rows_back(|i| elements(i, |k| k as u16).collect::<VecDeque<_>>());
    rows_back(|i| elements(i, |k| vec![k as u8; k % 3]).collect::<LinkedList<_>>());
    rows_back(|i| (i as u8, elements(i, |k| (k, (), k % 2 == 0)).collect::<BTreeSet<_>>()));
    rows_back(|i| elements(i, |k| ((), k as u8)).take(1).collect::<HashMap<_, _, Hasher>>());
    rows_back(|i| {
        (i % 3 == 0).then(|| elements(i, |k| (k as u8, elements(k, |k| k).collect())).collect())
            as Option<BTreeMap<u8, BTreeSet<usize>>>
    });
}

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
}

/// Counts those that live. Saving 1000 fails, and so does loading 1001; 1002 becomes 7 when it is loaded.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Counted(u32);

impl Counted {
    fn new(value: u32) -> Self {
        LIVE.set(LIVE.get() + 1);
        Counted(value)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

impl Persist for Counted {
    type Saved<'a> = u32;
    type Loaded = u32;

    fn get_state(&self) -> Result<u32> {
        if self.0 == 1000 { Err(Error::new("not this one")) } else { Ok(self.0) }
    }

    fn set_state(state: u32, _: &Context) -> Result<Self> {
        match state {
            1001 => Err(Error::new("nor this one")),
            1002 => Ok(Counted::new(7)),
            _ => Ok(Counted::new(state)),
        }
    }
}

/// Saves rows of collections in which one element of one row is replaced; then that or loading fails, and nothing is left.
fn fails<C: Persist>(make: impl Fn(&[u32]) -> C, with: u32, path: impl Fn(usize) -> String) {
    for (row, index) in [(1, 0), (2, 1), (7, 62), (63, 0), (64, 2), (88, 4), (149, 149), (149, 64)] {
        let rows: Vec<C> = (0..200)
            .map(|i| {
                let mut values: Vec<u32> = (0..if i == 149 { 150 } else { len(i) as u32 }).collect();
                if i == row {
                    values.resize(values.len().max(index + 1), 300);
                    values[index] = with;
                }
                make(&values)
            })
            .collect();
        let before = LIVE.get();
        let error = match dumps(&rows) {
            Err(error) => error,
            Ok(bytes) => loads::<Vec<C>>(&bytes).err().expect("loading fails"),
        };
        assert_eq!(error.path(), format!("[{row}]{}", path(index)), "{error}");
        assert_eq!(LIVE.get(), before, "{error}");
    }
    assert_eq!(LIVE.get(), 0);
}

fn by_place(values: &[u32]) -> impl Iterator<Item = (u32, Counted)> {
    (0..).zip(values.iter().map(|&value| Counted::new(value)))
}

#[test]
fn an_error_names_its_collection_and_leaves_nothing_behind() {
    for with in [1000, 1001] {
        fails(
            |values| values.iter().map(|&value| Counted::new(value)).collect::<VecDeque<_>>(),
            with,
            |index| format!("[{index}]"),
        );
        fails(|values| by_place(values).collect::<BTreeSet<_>>(), with, |index| format!("[{index}]"));
        fails(
            |values| by_place(values).map(|key| (key, 0u8)).collect::<BTreeMap<_, _>>(),
            with,
            |index| format!("[{index}]"),
        );
        fails(|values| by_place(values).collect::<BTreeMap<_, _>>(), with, |index| format!("[{index}]"));
        fails(|values| by_place(values).collect::<HashMap<_, _, Hasher>>(), with, |index| format!("[{index}]"));
    }
}

#[test]
fn a_key_twice_is_named_by_its_map() {
    for rows in [10, 64, 150] {
        for at in [0, 5, rows - 1] {
            let maps: Vec<BTreeMap<Counted, u8>> = (0..rows)
                .map(|i| (0..8 + i as u32).chain((i == at).then_some(1002)).map(|key| (Counted::new(key), 0)).collect())
                .collect();
            let bytes = dumps(&maps).unwrap();
            let before = LIVE.get();
            let index = 8 + at;
            for error in [
                loads::<Vec<BTreeMap<Counted, u8>>>(&bytes).err().unwrap(),
                loads::<Vec<HashMap<Counted, u8>>>(&bytes).err().unwrap(),
            ] {
                assert_eq!((error.kind(), error.path()), (ErrorKind::Value, format!("[{at}][{index}]")), "{error}");
            }
            assert_eq!(LIVE.get(), before);
        }
    }
}
