//! Sort keys compare as values do, and come back.

// Where the derive looks for it.
extern crate persist_core as persist;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::fmt::Debug;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use persist_core::{Dumper, ErrorKind, Loader, Persist, Schema, Value};
use persist_derive::Persist;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;

fn key<T: Persist>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    Dumper::new().sort_key_into(value, &mut bytes).unwrap();
    bytes
}

fn back<T: Persist>(bytes: &[u8]) -> T {
    Loader::new().sort_key(bytes).unwrap()
}

/// Bytes are in the order of the values, alone and before something else, and values come back.
fn holds<T: Persist + Ord + Debug + Clone>(one: &T, other: &T) {
    let (a, b) = (key(one), key(other));
    assert_eq!(a.cmp(&b), one.cmp(other), "{one:?} {other:?}: {a:02x?} {b:02x?}");
    assert_eq!(&back::<T>(&a), one);
    assert_eq!(&back::<T>(&b), other);
    // Not the last one in a key: of two equal ones, what follows decides; and so it is in a list.
    let pair = |value: &T, next: u8| key(&(value.clone(), next));
    for next in [0, 1, 0xFF] {
        assert_eq!(pair(one, next).cmp(&pair(other, 7)), (one, next).cmp(&(other, 7)));
        assert_eq!(&back::<(T, u8)>(&pair(one, next)), &(one.clone(), next));
    }
    let (list, longer) = (vec![one.clone()], vec![other.clone(), one.clone()]);
    assert_eq!(key(&list).cmp(&key(&longer)), list.cmp(&longer));
    assert_eq!(&back::<Vec<T>>(&key(&longer)), &longer);
}

macro_rules! hold {
    ($($name:ident: $type:ty = $strategy:expr;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(128))]
            $(#[test]
            fn $name(one in $strategy, other in $strategy) {
                let (one, other): ($type, $type) = (one, other);
                holds(&one, &other);
                holds(&one, &one);
            })*
        }
    };
}

/// Short ones of few letters, so that one is often the start of the other.
fn text() -> impl Strategy<Value = String> {
    vec(prop_oneof![Just('\0'), Just('\u{1}'), Just('a'), Just('b'), Just('\u{ff}'), Just('\u{10ffff}')], 0..5)
        .prop_map(String::from_iter)
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![Just(0), Just(1), Just(0xFE), Just(0xFF)], 0..5)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Persist)]
struct Id(i64);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Persist)]
struct Place {
    country: String,
    zip: Option<u32>,
    #[persist(default)]
    street: Box<str>,
    house: (u8, char),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Persist)]
enum Event {
    Start,
    Moved { by: i16, name: String },
    Tagged(Vec<String>),
    Nested(Box<Event>, u8),
    End(Id),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Persist)]
#[persist(version = 2)]
struct Versioned {
    name: String,
    number: i32,
}

/// A type by hand, whose state decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ByHand(u16, String);

impl Persist for ByHand {
    type Saved<'a> = (u16, &'a str);
    type Loaded = (u16, String);

    fn get_state(&self) -> persist_core::Result<Self::Saved<'_>> {
        Ok((self.0, &self.1))
    }

    fn set_state((a, b): Self::Loaded, _: &persist_core::Context) -> persist_core::Result<Self> {
        Ok(ByHand(a, b))
    }
}

fn event() -> impl Strategy<Value = Event> {
    let leaf = prop_oneof![
        Just(Event::Start),
        (any::<i16>(), text()).prop_map(|(by, name)| Event::Moved { by, name }),
        vec(text(), 0..3).prop_map(Event::Tagged),
        (-2i64..2).prop_map(|id| Event::End(Id(id))),
    ];
    leaf.prop_recursive(3, 8, 1, |inner| (inner, 0u8..3).prop_map(|(inner, n)| Event::Nested(Box::new(inner), n)))
}

fn place() -> impl Strategy<Value = Place> {
    (text(), any::<Option<u32>>(), text(), any::<(u8, char)>()).prop_map(|(country, zip, street, house)| Place {
        country,
        zip,
        street: street.into(),
        house,
    })
}

/// Variants beyond those that a byte counts.
macro_rules! wide {
    ($($name:ident)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Persist)]
        enum Wide { $($name),* }
        const WIDE: &[Wide] = &[$(Wide::$name),*];
    };
}

wide! {
    V0 V1 V2 V3 V4 V5 V6 V7 V8 V9 V10 V11 V12 V13 V14 V15 V16 V17 V18 V19 V20 V21 V22 V23 V24 V25 V26 V27 V28 V29
    V30 V31 V32 V33 V34 V35 V36 V37 V38 V39 V40 V41 V42 V43 V44 V45 V46 V47 V48 V49 V50 V51 V52 V53 V54 V55 V56 V57
    V58 V59 V60 V61 V62 V63 V64 V65 V66 V67 V68 V69 V70 V71 V72 V73 V74 V75 V76 V77 V78 V79 V80 V81 V82 V83 V84 V85
    V86 V87 V88 V89 V90 V91 V92 V93 V94 V95 V96 V97 V98 V99 V100 V101 V102 V103 V104 V105 V106 V107 V108 V109 V110
    V111 V112 V113 V114 V115 V116 V117 V118 V119 V120 V121 V122 V123 V124 V125 V126 V127 V128 V129 V130 V131 V132
    V133 V134 V135 V136 V137 V138 V139 V140 V141 V142 V143 V144 V145 V146 V147 V148 V149 V150 V151 V152 V153 V154
    V155 V156 V157 V158 V159 V160 V161 V162 V163 V164 V165 V166 V167 V168 V169 V170 V171 V172 V173 V174 V175 V176
    V177 V178 V179 V180 V181 V182 V183 V184 V185 V186 V187 V188 V189 V190 V191 V192 V193 V194 V195 V196 V197 V198
    V199 V200 V201 V202 V203 V204 V205 V206 V207 V208 V209 V210 V211 V212 V213 V214 V215 V216 V217 V218 V219 V220
    V221 V222 V223 V224 V225 V226 V227 V228 V229 V230 V231 V232 V233 V234 V235 V236 V237 V238 V239 V240 V241 V242
    V243 V244 V245 V246 V247 V248 V249 V250 V251 V252 V253 V254 V255 V256 V257 V258 V259 V260 V261 V262 V263 V264
    V265 V266 V267 V268 V269 V270 V271 V272 V273 V274 V275 V276 V277 V278 V279 V280 V281 V282 V283 V284 V285 V286
    V287 V288 V289 V290 V291 V292 V293 V294 V295 V296 V297 V298 V299
}

mod numbers {
    use super::*;

    hold! {
        unsigned_8: u8 = any::<u8>();
        unsigned_16: u16 = any::<u16>();
        unsigned_32: u32 = any::<u32>();
        unsigned_64: u64 = any::<u64>();
        unsigned_128: u128 = any::<u128>();
        size: usize = any::<usize>();
        signed_8: i8 = any::<i8>();
        signed_16: i16 = any::<i16>();
        signed_32: i32 = any::<i32>();
        signed_64: i64 = any::<i64>();
        signed_128: i128 = any::<i128>();
        not_zero: NonZero<i32> = any::<NonZero<i32>>();
        flag: bool = any::<bool>();
        character: char = any::<char>();
        unit: () = Just(());
    }

    #[test]
    fn edges_of_integers_are_in_order() {
        for (one, other) in [(i64::MIN, i64::MAX), (-1, 0), (0, 1), (i64::MIN, -1), (255, 256), (-257, -256)] {
            holds(&one, &other);
            holds(&i128::from(one), &i128::from(other));
        }
        holds(&i128::MIN, &i128::MAX);
        holds(&0u128, &u128::MAX);
    }

    #[derive(Clone, Copy, Debug, PartialEq, Persist)]
    struct Point {
        x: f64,
        y: f32,
        z: [f32; 2],
    }

    fn total(one: &Point, other: &Point) -> Ordering {
        one.x
            .total_cmp(&other.x)
            .then(one.y.total_cmp(&other.y))
            .then(one.z[0].total_cmp(&other.z[0]))
            .then(one.z[1].total_cmp(&other.z[1]))
    }

    fn float() -> impl Strategy<Value = f64> {
        let edges = [0.0, -0.0, 1.0, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -f64::NAN, f64::MIN_POSITIVE];
        prop_oneof![any::<u64>().prop_map(f64::from_bits), proptest::sample::select(edges.to_vec())]
    }

    fn point() -> impl Strategy<Value = Point> {
        (float(), float(), float(), float()).prop_map(|(x, y, a, b)| Point { x, y: y as f32, z: [a as f32, b as f32] })
    }

    proptest! {
        #[test]
        fn floats_are_in_total_order(one in float(), other in float()) {
            prop_assert_eq!(key(&one).cmp(&key(&other)), one.total_cmp(&other));
            prop_assert_eq!(back::<f64>(&key(&one)).to_bits(), one.to_bits());
            let (one, other) = (one as f32, other as f32);
            prop_assert_eq!(key(&one).cmp(&key(&other)), one.total_cmp(&other));
            prop_assert_eq!(back::<f32>(&key(&one)).to_bits(), one.to_bits());
            prop_assert_eq!(key(&(one, 1u8)).cmp(&key(&(other, 1u8))), one.total_cmp(&other));
        }

        #[test]
        fn records_of_floats_are_in_total_order(one in point(), other in point()) {
            prop_assert_eq!(key(&one).cmp(&key(&other)), total(&one, &other));
            prop_assert_eq!(total(&back::<Point>(&key(&one)), &one), Ordering::Equal);
            prop_assert_eq!(key(&(1u8, one, "a")).cmp(&key(&(1u8, other, "a"))), total(&one, &other));
        }
    }
}

mod composed {
    use super::*;

    hold! {
        texts: String = text();
        blobs: Vec<u8> = bytes();
        boxed_texts: Box<str> = text().prop_map(Into::into);
        arrays: [u8; 3] = any::<[u8; 3]>();
        arrays_of_texts: [String; 2] = [text(), text()];
        tuples: (i8, String, Vec<u8>, bool) = (-2i8..2, text(), bytes(), any::<bool>());
        options: Option<String> = proptest::option::of(text());
        nested_options: Option<Option<i8>> = proptest::option::of(proptest::option::of(-1i8..1));
        results: Result<u8, String> = prop_oneof![any::<u8>().prop_map(Ok), text().prop_map(Err)];
        lists: Vec<i16> = vec(-2i16..2, 0..4);
        lists_of_lists: Vec<Vec<u8>> = vec(bytes(), 0..4);
        lists_of_pairs: Vec<(String, u8)> = vec((text(), any::<u8>()), 0..4);
        deques: VecDeque<char> = vec(any::<char>(), 0..4).prop_map(Into::into);
        linked: LinkedList<String> = vec(text(), 0..4).prop_map(LinkedList::from_iter);
        sets: BTreeSet<String> = btree_set(text(), 0..4);
        maps: BTreeMap<String, Option<u8>> = btree_map(text(), any::<Option<u8>>(), 0..4);
        maps_of_sets: BTreeMap<u8, BTreeSet<i8>> = btree_map(0u8..3, btree_set(-2i8..2, 0..3), 0..3);
        boxes: Box<(Box<i8>, String)> = (any::<i8>(), text()).prop_map(|(a, b)| Box::new((Box::new(a), b)));
        spans: Duration = any::<(u16, u16)>().prop_map(|(s, n)| Duration::new(s.into(), n.into()));
        times: SystemTime = any::<(u16, u16)>()
            .prop_map(|(s, n)| SystemTime::UNIX_EPOCH + Duration::new(s.into(), n.into()));
        addresses: IpAddr = any::<IpAddr>();
        sockets: SocketAddr = any::<SocketAddr>();
        newtypes: Id = any::<i64>().prop_map(Id);
        structs: Place = place();
        enums: Event = event();
        lists_of_structs: Vec<Place> = vec(place(), 0..4);
        versioned: Versioned = (text(), any::<i32>()).prop_map(|(name, number)| Versioned { name, number });
        by_hand: ByHand = (0u16..2, text()).prop_map(|(a, b)| ByHand(a, b));
    }

    #[test]
    fn long_sequences_come_back() {
        let long: Vec<String> = (0..10_000).map(|i| format!("{i}")).collect();
        assert_eq!(back::<Vec<String>>(&key(&long)), long);
        let bytes: Vec<u8> = (0..100_000).map(|i| i as u8).collect();
        assert_eq!(back::<(Vec<u8>, u8)>(&key(&(bytes.clone(), 1u8))), (bytes, 1));
        assert_eq!(back::<[[u32; 5]; 7]>(&key(&[[3u32; 5]; 7])), [[3; 5]; 7]);
    }

    #[test]
    fn variants_beyond_a_byte_are_in_order() {
        for pair in WIDE.windows(2) {
            holds(&pair[0], &pair[1]);
        }
        holds(&WIDE[3], &WIDE[WIDE.len() - 1]);
        assert!(WIDE.len() > 256, "{}", WIDE.len());
    }
}

#[test]
fn what_stands_last_is_its_own_bytes() {
    assert_eq!(key(&"a\0b".to_owned()), b"a\0b");
    assert_eq!(key(&(1u16, "a\0b")), b"\0\x01a\0b");
    assert_eq!(key(&("a\0b", 1u8)), b"a\0\xFFb\0\0\x01");
    assert_eq!(key(&7u64), [0, 0, 0, 0, 0, 0, 0, 7]);
    assert_eq!(key(&-1i16), [0x7F, 0xFF]);
    assert_eq!(key(&vec![1u8, 0]), [1, 0]);
    assert_eq!(key(&vec![1u16]), [1, 0, 1]);
}

#[test]
fn hash_maps_and_sets_have_one_key_whatever_their_order() {
    let map: HashMap<String, u8> = (0..50).map(|i| (format!("{i}"), i)).collect();
    let sorted: BTreeMap<String, u8> = map.clone().into_iter().collect();
    assert_eq!(key(&map), key(&sorted));
    assert_eq!(back::<HashMap<String, u8>>(&key(&map)), map);
    let set: HashSet<i32> = (-20..20).collect();
    assert_eq!(key(&(&set, 1u8)), key(&(set.iter().copied().collect::<BTreeSet<_>>(), 1u8)));
    assert_eq!(back::<HashSet<i32>>(&key(&set)), set);
}

#[test]
fn what_stands_for_a_key_has_its_bytes() {
    fn same<K: Persist, Q: Persist>(own: &K, other: &Q) {
        let mut bytes = Vec::new();
        Dumper::new().sort_key_as::<K, Q>(other, &mut bytes).unwrap();
        assert_eq!(bytes, key(own));
    }
    same(&"abc".to_owned(), &"abc");
    same(&vec![1u16, 2], &&[1u16, 2][..]);
    same(&Id(5), &5i64);
    same(&Arc::<str>::from("abc").to_string(), &"abc");
    let error = Dumper::new().sort_key_as::<String, u8>(&1, &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
}

#[test]
fn dynamic_values_are_refused() {
    let mut out = vec![9];
    let error = Dumper::new().sort_key_into(&(1u8, Value::from(1)), &mut out).unwrap_err();
    assert_eq!((error.kind(), out), (ErrorKind::Unsupported, vec![9]));
    let schema = Schema::of::<Vec<Value>>().unwrap();
    assert_eq!(schema.check_sorts(&schema).unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn damaged_keys_are_errors() {
    fn refused<T: Persist + Debug>(bytes: &[u8]) {
        let error = Loader::new().sort_key::<T>(bytes).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::Truncated), "{error:?}");
    }
    refused::<u32>(&[1, 2, 3]);
    refused::<u32>(&[1, 2, 3, 4, 5]);
    refused::<bool>(&[2]);
    refused::<char>(&[0x00, 0xD8, 0x00]);
    refused::<String>(&[0xFF]);
    refused::<(String, u8)>(b"ab");
    refused::<(String, u8)>(b"ab\0\x01");
    refused::<Vec<u16>>(&[2, 0, 1]);
    refused::<Vec<u16>>(&[1, 0]);
    refused::<(Vec<u16>, u8)>(&[1, 0, 1]);
    refused::<Event>(&[5]);
    refused::<Event>(&[0xFF, 0xFF, 0xFF]);
    refused::<Event>(&[]);
}

proptest! {
    /// Whatever the bytes are, they are a value or an error.
    #[test]
    fn any_bytes_are_a_key_or_an_error(bytes in vec(0u8..6, 0..24)) {
        if let Ok(event) = Loader::new().sort_key::<Event>(&bytes) {
            prop_assert_eq!(key(&event), bytes.clone());
        }
        let _ = Loader::new().sort_key::<Place>(&bytes);
        let _ = Loader::new().sort_key::<BTreeMap<String, Vec<u16>>>(&bytes);
    }
}

#[test]
fn nesting_has_a_limit() {
    let mut event = Event::Start;
    for _ in 0..5_000 {
        event = Event::Nested(Box::new(event), 0);
    }
    assert_eq!(Dumper::new().sort_key_into(&event, &mut Vec::new()).unwrap_err().kind(), ErrorKind::Limit);
    let error = Loader::new().sort_key::<Event>(&[3; 5_000]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
}

mod changes {
    use super::*;

    fn reads<New: Persist, Old: Persist>() -> Result<(), ErrorKind> {
        Schema::of::<New>().unwrap().check_sorts(&Schema::of::<Old>().unwrap()).map_err(|error| error.kind())
    }

    #[derive(Persist)]
    struct Renamed(i64);

    #[derive(Persist)]
    struct Ab {
        a: u8,
        b: u8,
    }
    #[derive(Persist)]
    struct Ba {
        b: u8,
        a: u8,
    }
    #[derive(Persist)]
    struct Ac {
        a: u8,
        #[persist(alias = "b")]
        c: u8,
    }
    #[derive(Persist)]
    enum Two {
        A,
        B(u8),
    }
    #[derive(Persist)]
    enum Three {
        A,
        B(u8),
        C,
    }
    #[derive(Persist)]
    enum Swapped {
        B(u8),
        A,
    }

    #[test]
    fn what_keys_survive() {
        assert_eq!(reads::<u64, u64>(), Ok(()));
        assert_eq!(reads::<Renamed, Id>(), Ok(()));
        assert_eq!(reads::<i64, Id>(), Ok(()));
        assert_eq!(reads::<Ac, Ab>(), Ok(()));
        assert_eq!(reads::<Three, Two>(), Ok(()));
        assert_eq!(reads::<Event, Event>(), Ok(()));

        assert_eq!(reads::<u64, u32>(), Err(ErrorKind::Shape));
        assert_eq!(reads::<String, Vec<u8>>(), Err(ErrorKind::Shape));
        assert_eq!(reads::<Ba, Ab>(), Err(ErrorKind::Shape));
        assert_eq!(reads::<Ab, Ac>(), Err(ErrorKind::Shape));
        assert_eq!(reads::<Two, Three>(), Err(ErrorKind::Shape));
        assert_eq!(reads::<Swapped, Two>(), Err(ErrorKind::Shape));
        assert_eq!(reads::<(u8, u8, u8), (u8, u8)>(), Err(ErrorKind::Shape));
        assert_eq!(reads::<[u8; 3], [u8; 4]>(), Err(ErrorKind::Shape));
    }
}

/// All keys of a type that has a width have that.
#[test]
fn widths_are_those_of_keys() {
    fn width<T: Persist>(values: &[T]) -> Option<usize> {
        let width = Schema::of::<T>().unwrap().sort_key_width();
        if let Some(width) = width {
            values.iter().for_each(|value| assert_eq!(key(value).len(), width));
        }
        width
    }
    #[derive(Persist)]
    struct Place {
        row: u16,
        mark: char,
        flags: [bool; 3],
        #[transient]
        seen: u64,
    }
    #[derive(Persist)]
    struct Wrapped(Box<(i128, f32)>);
    #[derive(Persist)]
    enum Kind {
        One,
    }
    #[derive(Persist)]
    struct List {
        next: Option<Box<List>>,
    }

    assert_eq!(width(&[()]), Some(0));
    assert_eq!(width(&[0u8, 255]), Some(1));
    assert_eq!(width(&[u64::MAX, 0]), Some(8));
    assert_eq!(width(&[(i64::MIN, -0.0f64), (1, 1e300)]), Some(16));
    assert_eq!(width(&[[[7u16; 5]; 2]]), Some(20));
    assert_eq!(width(&[Place { row: 1, mark: 'x', flags: [true; 3], seen: 5 }]), Some(8));
    assert_eq!(width(&[Wrapped(Box::new((-1, 0.5)))]), Some(20));
    // What may have another one.
    assert_eq!(width(&[String::new()]), None);
    assert_eq!(width(&[None, Some(1u8)]), None);
    assert_eq!(width(&[vec![1u8]]), None);
    assert_eq!(width(&[(1u8, BTreeSet::from([1u8]))]), None);
    assert_eq!(width(&[Kind::One]), None);
    assert_eq!(width(&[List { next: None }]), None);
}
