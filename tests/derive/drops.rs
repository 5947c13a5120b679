//! Nothing is dropped twice, and nothing is forgotten, wherever a hook fails or panics.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use persist::{Context, Error, Persist, Result, dumps, loads};

thread_local! {
    static LIVE: Cell<i64> = const { Cell::new(0) };
    static CALLS: Cell<u32> = const { Cell::new(0) };
    static TROUBLE: Cell<Option<(u32, Trouble)>> = const { Cell::new(None) };
}

#[derive(Clone, Copy)]
enum Trouble {
    Error,
    Panic,
}

/// Counts a call into code of the program; the one that was asked for fails.
fn call() -> Result<()> {
    CALLS.set(CALLS.get() + 1);
    match TROUBLE.get() {
        Some((at, Trouble::Error)) if at == CALLS.get() => Err(Error::new("refused")),
        Some((at, Trouble::Panic)) if at == CALLS.get() => panic!("in a hook"),
        _ => Ok(()),
    }
}

/// Counted while it lives.
#[derive(Debug)]
struct Counted(Box<u32>);

impl Counted {
    fn new(id: u32) -> Self {
        LIVE.set(LIVE.get() + 1);
        Counted(Box::new(id))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

impl Default for Counted {
    fn default() -> Self {
        call().expect("a default cannot give an error");
        Counted::new(0)
    }
}

impl Persist for Counted {
    type Saved<'a> = u32;
    type Loaded = u32;

    fn get_state(&self) -> Result<u32> {
        Ok(*self.0)
    }

    fn set_state(id: u32, _: &Context) -> Result<Self> {
        call()?;
        Ok(Counted::new(id))
    }
}

mod counted {
    use super::*;

    pub(crate) fn get_state(counted: &Counted) -> Result<u32> {
        Ok(*counted.0)
    }

    pub(crate) fn set_state(id: u32, context: &Context) -> Result<Counted> {
        Counted::set_state(id, context)
    }
}

fn made(id: u32) -> Result<Counted> {
    call()?;
    Ok(Counted::new(id))
}

#[derive(Persist, Debug)]
#[persist(after_load = Self::check)]
struct Everything {
    first: Counted,
    #[persist(with = counted)]
    with: Counted,
    #[transient(rebuild = made(*first.0)?)]
    rebuilt: Counted,
    #[transient]
    default: Counted,
    choices: Vec<Choice>,
    map: BTreeMap<u32, Plain>,
    plain: Plain,
}

impl Everything {
    fn check(&mut self, _: &Context) -> Result<()> {
        assert_eq!(*self.first.0, *self.rebuilt.0);
        call()
    }
}

#[derive(Persist, Debug)]
struct Plain {
    one: Counted,
    two: [Counted; 2],
    #[persist(default)]
    three: Option<Counted>,
}

#[derive(Persist, Debug)]
enum Choice {
    Pair(Counted, Counted),
    Named {
        one: Box<Counted>,
        #[transient(rebuild = made(1)?)]
        #[allow(dead_code, reason = "it is only there to be dropped")]
        two: Counted,
        #[transient(rebuild = made(*two.0)?)]
        #[allow(dead_code, reason = "it is only there to be dropped")]
        three: Counted,
    },
    Unit,
}

fn plain(id: u32) -> Plain {
    Plain {
        one: Counted::new(id),
        two: [id, id + 1].map(Counted::new),
        three: id.is_multiple_of(2).then(|| Counted::new(id)),
    }
}

fn everything(id: u32) -> Everything {
    let choice = |id: u32| match id % 3 {
        0 => Choice::Pair(Counted::new(id), Counted::new(id)),
        1 => Choice::Named { one: Box::new(Counted::new(id)), two: Counted::new(0), three: Counted::new(0) },
        _ => Choice::Unit,
    };
    Everything {
        first: Counted::new(id),
        with: Counted::new(id),
        rebuilt: Counted::new(0),
        default: Counted::new(0),
        choices: (0..id % 5).map(choice).collect(),
        map: (0..id % 3).map(|id| (id, plain(id))).collect(),
        plain: plain(id),
    }
}

/// Without transient fields, so that nothing but the fields stands between the columns and the values.
#[derive(Persist, Debug)]
#[allow(clippy::large_enum_variant, reason = "few of them are read together")]
enum Direct {
    Pair(Counted, Vec<Counted>),
    Large([Counted; 70], Option<[Counted; 20]>),
    Unit,
    Nested { inner: Inner, texts: Vec<String> },
}

#[derive(Persist, Debug)]
enum Inner {
    One(Counted),
    Two { one: Counted, two: Box<Counted> },
}

fn direct(id: u32) -> Direct {
    match id * id % 7 {
        0 => Direct::Pair(Counted::new(id), (0..id % 3).map(Counted::new).collect()),
        1 if id.is_multiple_of(5) => Direct::Large(
            std::array::from_fn(|i| Counted::new(i as u32)),
            Some(std::array::from_fn(|i| Counted::new(i as u32))),
        ),
        2 => Direct::Nested { inner: Inner::One(Counted::new(id)), texts: vec!["text".to_owned(); id as usize % 3] },
        4 => Direct::Nested {
            inner: Inner::Two { one: Counted::new(id), two: Box::new(Counted::new(id)) },
            texts: Vec::new(),
        },
        _ => Direct::Unit,
    }
}

#[test]
fn wherever_it_fails() {
    let bytes = dumps(&(0..9).map(everything).collect::<Vec<_>>()).unwrap();
    fails::<Everything>(&bytes);
    let bytes = dumps(&(0..100).map(direct).collect::<Vec<_>>()).unwrap();
    fails::<Direct>(&bytes);
}

/// Has each call fail, in either way.
fn fails<T: Persist + Debug>(bytes: &[u8]) {
    assert_eq!(LIVE.get(), 0);
    CALLS.set(0);
    drop(loads::<Vec<T>>(bytes).unwrap());
    assert_eq!(LIVE.get(), 0);
    let calls = CALLS.get();
    assert!(calls > 100);
    std::panic::set_hook(Box::new(|_| {}));
    for at in 1..=calls {
        for trouble in [Trouble::Error, Trouble::Panic] {
            CALLS.set(0);
            TROUBLE.set(Some((at, trouble)));
            let result = catch_unwind(AssertUnwindSafe(|| loads::<Vec<T>>(bytes).map(drop)));
            TROUBLE.set(None);
            assert_eq!(LIVE.get(), 0, "at call {at}");
            match (trouble, result) {
                (Trouble::Error, Ok(Err(error))) => assert!(error.path().starts_with('['), "{error}"),
                // Default::default() has no other way.
                (_, Err(panic)) => drop(panic),
                (_, result) => panic!("{result:?} at call {at}"),
            }
        }
    }
    drop(std::panic::take_hook());
}
