//! Generic types: bounds fall on the parameters that saved fields use, and on nothing else.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Debug;
use std::marker::PhantomData;

use persist::{Persist, dumps, loads};

use crate::back;

#[derive(Persist, Clone, Debug, PartialEq)]
struct Pair<A, B = u8> {
    one: A,
    other: Vec<B>,
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Bounded<T: Debug + Clone, const N: usize = 2>
where
    T: PartialEq,
{
    items: [T; N],
    more: Option<[u8; N]>,
}

#[derive(Persist, Clone, Debug, PartialEq)]
enum Either<L, R> {
    Left(L),
    Right { right: R },
    Both(L, R),
    Neither,
}

/// What only transient fields and `PhantomData` use need not be saved.
struct NotPersist(#[allow(dead_code, reason = "it is only there to be left out")] u8);

#[derive(Persist, Default)]
struct Marked<T, Unit, Cached> {
    value: T,
    unit: PhantomData<Unit>,
    functions: PhantomData<fn(Unit) -> Cached>,
    #[transient]
    cache: Vec<Cached>,
    #[transient(rebuild = HashMap::new())]
    more: HashMap<u8, Cached>,
}

#[derive(Persist)]
enum Choice<T, Cached> {
    Here {
        value: T,
        #[transient]
        cache: Option<Cached>,
    },
    There(#[transient] PhantomData<Cached>, T),
}

/// A projection is bounded itself, and not the parameter.
trait Family {
    type Item;
    type Cache: Default;
}

struct Numbers;

impl Family for Numbers {
    type Item = u64;
    type Cache = NotDefaultEither;
}

#[derive(Default)]
struct NotDefaultEither;

#[derive(Persist)]
struct Projected<F: Family> {
    short: F::Item,
    nested: Vec<Option<F::Item>>,
    long: <F as Family>::Item,
    #[transient]
    cache: F::Cache,
}

/// What stands in `Self` where a state is generated.
#[derive(Persist)]
struct Selfish<T>
where
    Self: Named<T>,
{
    value: T,
    children: Vec<Self>,
    #[transient(rebuild = children.iter().map(|child: &Self| child.depth + 1).max().unwrap_or(0))]
    depth: usize,
}

trait Named<T> {}

impl<T> Named<T> for Selfish<T> {}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Borrowed<'a, T: Clone> {
    text: Cow<'a, str>,
    value: T,
    #[transient]
    seen: Option<&'a str>,
}

/// Bounds written by hand take the place of those that would be made.
#[derive(Persist)]
#[persist(bound = "T: Save, U: Clone")]
struct ByHand<T, U> {
    value: T,
    #[transient]
    cache: Vec<U>,
}

trait Save: Persist {}

impl Save for u8 {}

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(bound = "")]
struct NoBounds<T> {
    count: u8,
    marker: PhantomData<T>,
}

/// Parameters named as the expansion's own words.
#[derive(Persist, Clone, Debug, PartialEq)]
struct Names<T, Saved, State, Reader, Rows, Persist_, Ok> {
    t: T,
    saved: Saved,
    state: State,
    reader: Reader,
    rows: Rows,
    persist: Persist_,
    ok: Ok,
}

#[test]
fn values_come_back() {
    back(&Pair { one: "a".to_owned(), other: vec![1_u8, 2] });
    back(&Pair { one: Pair { one: 1_u8, other: vec![()] }, other: vec![Pair::<_, u8> { one: 'x', other: vec![] }] });
    back(&Bounded { items: ["a".to_owned(), "b".to_owned()], more: Some([1, 2]) });
    back(&Bounded::<f32, 3> { items: [0.5; 3], more: None });
    back(&vec![
        Either::Left(1_u8),
        Either::Right { right: "r".to_owned() },
        Either::Both(2, "b".into()),
        Either::Neither,
    ]);
    back(&Names { t: 1_u8, saved: 2_u16, state: 3_u32, reader: 4_u64, rows: 'r', persist: true, ok: () });
    back(&NoBounds::<String> { count: 1, marker: PhantomData });
    back(&Borrowed { text: "text".into(), value: 5_u8, seen: None });
}

#[test]
fn what_is_left_out_needs_no_bounds() {
    let marked = Marked::<u8, NotPersist, NotPersist> {
        value: 7,
        unit: PhantomData,
        functions: PhantomData,
        cache: vec![NotPersist(1)],
        more: HashMap::from([(1, NotPersist(1))]),
    };
    let marked: Marked<u8, NotPersist, NotPersist> = loads(&dumps(&marked).unwrap()).unwrap();
    assert_eq!((marked.value, marked.cache.len(), marked.more.len()), (7, 0, 0));

    let choices = vec![Choice::Here { value: 1_u8, cache: Some(NotPersist(1)) }, Choice::There(PhantomData, 2)];
    match &loads::<Vec<Choice<u8, NotPersist>>>(&dumps(&choices).unwrap()).unwrap()[..] {
        [Choice::Here { value: 1, cache: None }, Choice::There(_, 2)] => {}
        _ => panic!("other choices came back"),
    }

    let by_hand = ByHand { value: 3_u8, cache: vec!['c'] };
    let by_hand: ByHand<u8, char> = loads(&dumps(&by_hand).unwrap()).unwrap();
    assert_eq!((by_hand.value, by_hand.cache.len()), (3, 0));
}

#[test]
fn projections_are_bounded_by_themselves() {
    let projected = Projected::<Numbers> { short: 1, nested: vec![Some(2), None], long: 3, cache: NotDefaultEither };
    let projected: Projected<Numbers> = loads(&dumps(&projected).unwrap()).unwrap();
    assert_eq!((projected.short, projected.nested, projected.long), (1, vec![Some(2), None], 3));
    let NotDefaultEither = projected.cache;
}

#[test]
fn a_state_means_the_type_by_self() {
    let leaf = |value| Selfish { value, children: vec![], depth: 9 };
    let tree = Selfish {
        value: 1_u8,
        children: vec![leaf(2), Selfish { value: 3, children: vec![leaf(4)], depth: 9 }],
        depth: 9,
    };
    let tree: Selfish<u8> = loads(&dumps(&tree).unwrap()).unwrap();
    assert_eq!((tree.value, tree.depth, tree.children[1].depth, tree.children[1].children[0].value), (1, 2, 1, 4));
}
