//! One thin slice through all layers, with the derive's expansions written out by hand: hooks whose states are
//! temporaries, a struct with a field left out, an enum with data, maps, recursion, and failures at every position.
#![allow(
    unsafe_code,
    clippy::undocumented_unsafe_blocks,
    clippy::used_underscore_binding,
    clippy::no_effect_underscore_binding,
    clippy::redundant_closure_call,
    reason = "it stands for what the derive writes"
)]

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::mem::offset_of;

use persist_core::__private::*;
use persist_core::{Context, Decode, Encode, Error, Persist, Result, dumps, loads};

// ---- a hand-written hook whose state is a temporary, counted while it lives

thread_local! {
    static LIVE: Cell<i64> = const { Cell::new(0) };
    static CALLS: Cell<u32> = const { Cell::new(0) };
    static FAIL_AT: Cell<u32> = const { Cell::new(u32::MAX) };
    static PANIC_AT: Cell<u32> = const { Cell::new(u32::MAX) };
}

#[derive(Debug, PartialEq)]
struct Connection {
    host: String,
    port: u16,
}

impl Connection {
    fn open(host: String, port: u16) -> Self {
        LIVE.set(LIVE.get() + 1);
        Connection { host, port }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

impl Persist for Connection {
    type Saved<'a> = (String, u16);
    type Loaded = (String, u16);

    fn get_state(&self) -> Result<Self::Saved<'_>> {
        Ok((format!("{}!", self.host), self.port))
    }

    fn set_state((host, port): Self::Loaded, _: &Context) -> Result<Self> {
        CALLS.set(CALLS.get() + 1);
        if CALLS.get() == FAIL_AT.get() {
            return Err(Error::new("refused"));
        }
        assert!(CALLS.get() != PANIC_AT.get(), "in a hook");
        Ok(Connection::open(host.trim_end_matches('!').to_owned(), port))
    }
}

// ---- a struct, as the derive would write it: read and written in place

#[derive(Debug, PartialEq)]
struct Job {
    id: u64,
    name: String,
    at: Point,
    connection: Connection,
    spare: Option<Connection>,
    more: Vec<Connection>,
    tags: BTreeMap<String, Kind>,
    tree: Tree,
}

#[derive(Debug, PartialEq, Clone, Copy)]
struct Point {
    x: f32,
    y: f64,
}

#[derive(Debug, PartialEq)]
struct Tree {
    value: i32,
    children: Vec<Tree>,
    next: Option<Box<Tree>>,
}

macro_rules! direct_struct {
    ($type:ident { $($field:ident: $field_type:ty),* }) => {
        impl Persist for $type {
            type Saved<'a> = View<'a, Self>;
            type Loaded = Whole<Self>;
            // SAFETY: the states are the value itself.
            const DIRECT: Direct<Self> = unsafe { Direct::both() };
            fn get_state(&self) -> Result<View<'_, Self>> {
                Ok(View(self))
            }
            fn set_state(Whole(value): Whole<Self>, _: &Context) -> Result<Self> {
                Ok(value)
            }
        }
        impl Layout for $type {
            const COLUMNS: usize =
                if <Self as Layout>::FLOATS == 0 { 0 $(+ <$field_type as Describe>::COLUMNS)* } else { 1 };
            const FLOATS: usize = float_run(&[$(<$field_type as Describe>::FLOATS),*]);
            // SAFETY: these are the fields of a struct of this size.
            const RUN: Run = unsafe {
                Run::fields(
                    size_of::<Self>(),
                    &[$((offset_of!(Self, $field), <$field_type as Describe>::RUN)),*],
                )
            };
            fn describe(builder: &mut Builder) -> NodeId {
                builder.add::<Self>(size_of::<Self>(), |builder| {
                    Node::Struct(Builder::record(
                        stringify!($type),
                        Style::Named,
                        vec![$(Builder::field(stringify!($field), <$field_type as Describe>::describe(builder))),*],
                    ))
                })
            }
        }
        impl WriteRows for $type {
            fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
                let mut _at = at;
                $(
                    // SAFETY: the offset is that of the field.
                    <$field_type as Encode>::write(
                        unsafe { rows.field::<$field_type>(offset_of!(Self, $field)) }, writer, _at,
                    ).map_err(|error| error.in_field(stringify!($type), stringify!($field)))?;
                    _at += if <Self as Layout>::FLOATS == 0 { <$field_type as Describe>::COLUMNS } else { 0 };
                )*
                Ok(())
            }
            fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
                $(self.$field.send(out).map_err(|error| error.in_field(stringify!($type), stringify!($field)))?;)*
                Ok(())
            }
        }
        impl ReadRows for $type {
            fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
                let mut _at = at;
                $(
                    // SAFETY: the offset is that of the field.
                    let $field = unsafe { slots.field::<$field_type>(offset_of!(Self, $field)) }
                        .read(|slots| <$field_type as Decode>::read(reader, _at, slots))
                        .map_err(|error| error.in_field(stringify!($type), stringify!($field)))?;
                    _at += if <Self as Layout>::FLOATS == 0 { <$field_type as Describe>::COLUMNS } else { 0 };
                )*
                $($field.keep();)*
                // SAFETY: every field was filled.
                Ok(unsafe { slots.assume_filled() })
            }
            fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
                $(
                    // SAFETY: the offset is that of the field.
                    let $field = unsafe { slot.field::<$field_type>(offset_of!(Self, $field)) }
                        .receive(|slot| <$field_type as Decode>::receive(input, slot))
                        .map_err(|error| error.in_field(stringify!($type), stringify!($field)))?;
                )*
                $($field.keep();)*
                // SAFETY: every field was filled.
                Ok(unsafe { slot.assume_filled() })
            }
        }
    };
}

direct_struct!(Job {
    id: u64, name: String, at: Point, connection: Connection, spare: Option<Connection>, more: Vec<Connection>,
    tags: BTreeMap<String, Kind>, tree: Tree
});
direct_struct!(Point { x: f32, y: f64 });
direct_struct!(Tree { value: i32, children: Vec<Tree>, next: Option<Box<Tree>> });

// ---- an enum with data

#[derive(Debug, PartialEq)]
enum Kind {
    Nothing,
    Number(i64),
    Pair { left: u8, right: Option<String> },
    Many(Vec<Kind>),
}

impl Persist for Kind {
    type Saved<'a> = View<'a, Self>;
    type Loaded = Whole<Self>;
    // SAFETY: the states are the value itself.
    const DIRECT: Direct<Self> = unsafe { Direct::both() };
    fn get_state(&self) -> Result<View<'_, Self>> {
        Ok(View(self))
    }
    fn set_state(Whole(value): Whole<Self>, _: &Context) -> Result<Self> {
        Ok(value)
    }
}

impl Layout for Kind {
    const COLUMNS: usize = 1
        + <i64 as Describe>::COLUMNS
        + <u8 as Describe>::COLUMNS
        + <Option<String> as Describe>::COLUMNS
        + <Vec<Kind> as Describe>::COLUMNS;
    fn describe(builder: &mut Builder) -> NodeId {
        builder.add::<Self>(size_of::<Self>(), |builder| {
            let variants = vec![
                Builder::record("Nothing", Style::Unit, vec![]),
                Builder::record(
                    "Number",
                    Style::Newtype,
                    vec![Builder::field("0", <i64 as Describe>::describe(builder))],
                ),
                Builder::record(
                    "Pair",
                    Style::Named,
                    vec![
                        Builder::field("left", <u8 as Describe>::describe(builder)),
                        Builder::field("right", <Option<String> as Describe>::describe(builder)),
                    ],
                ),
                Builder::record(
                    "Many",
                    Style::Newtype,
                    vec![Builder::field("0", <Vec<Kind> as Describe>::describe(builder))],
                ),
            ];
            Node::Enum(Builder::choice("Kind", variants))
        })
    }
}

impl WriteRows for Kind {
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        for rows in rows.batches() {
            writer.tags(
                at,
                4,
                rows.iter().map(|row| match row {
                    Kind::Nothing => 0,
                    Kind::Number(..) => 1,
                    Kind::Pair { .. } => 2,
                    Kind::Many(..) => 3,
                }),
            );
            let mut _at = at + 1;
            {
                let mut field_0 = Gather::<i64>::new();
                for row in rows.iter() {
                    if let Kind::Number(value) = row {
                        field_0.push(value);
                    }
                }
                if !field_0.is_empty() {
                    <i64 as Encode>::write(field_0.rows(), writer, _at)?;
                }
                _at += <i64 as Describe>::COLUMNS;
            }
            {
                let mut field_0 = Gather::<u8>::new();
                let mut field_1 = Gather::<Option<String>>::new();
                for row in rows.iter() {
                    if let Kind::Pair { left, right } = row {
                        field_0.push(left);
                        field_1.push(right);
                    }
                }
                if !field_0.is_empty() {
                    <u8 as Encode>::write(field_0.rows(), writer, _at)?;
                    <Option<String> as Encode>::write(field_1.rows(), writer, _at + <u8 as Describe>::COLUMNS)?;
                }
                _at += <u8 as Describe>::COLUMNS + <Option<String> as Describe>::COLUMNS;
            }
            {
                let mut field_0 = Gather::<Vec<Kind>>::new();
                for row in rows.iter() {
                    if let Kind::Many(value) = row {
                        field_0.push(value);
                    }
                }
                if !field_0.is_empty() {
                    <Vec<Kind> as Encode>::write(field_0.rows(), writer, _at)?;
                }
            }
        }
        Ok(())
    }
    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
        match self {
            Kind::Nothing => out.tag(4, 0),
            Kind::Number(number) => {
                out.tag(4, 1);
                number.send(out)?;
            }
            Kind::Pair { left, right } => {
                out.tag(4, 2);
                left.send(out)?;
                right.send(out)?;
            }
            Kind::Many(many) => {
                out.tag(4, 3);
                many.send(out)?;
            }
        }
        Ok(())
    }
}

impl ReadRows for Kind {
    fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        slots.fill().rest(|| {
            let mut _at = at + 1;
            Ok(match reader.tag(at, 4)? {
                0 => Kind::Nothing,
                1 => Kind::Number(reader.one(_at)?),
                2 => Kind::Pair { left: reader.one(_at + 1)?, right: reader.one(_at + 2)? },
                _ => Kind::Many(reader.one(_at + 4)?),
            })
        })
    }
    fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
        Ok(slot.put(match input.tag(4)? {
            0 => Kind::Nothing,
            1 => Kind::Number(input.value()?),
            2 => Kind::Pair { left: input.value()?, right: input.value()? },
            _ => Kind::Many(input.value()?),
        }))
    }
}

// ---- a struct with a field left out and rebuilt, as the derive would write it: its state is a struct of the others

#[derive(Debug)]
struct Library {
    url: String,
    borrowed: u32,
    length: usize,
}

struct LibraryState {
    url: String,
    borrowed: u32,
}

impl Layout for LibraryState {
    const COLUMNS: usize = <String as Describe>::COLUMNS + <u32 as Describe>::COLUMNS;
    fn describe(builder: &mut Builder) -> NodeId {
        builder.add::<Self>(size_of::<Self>(), |builder| {
            Node::Struct(Builder::record(
                "Library",
                Style::Named,
                vec![
                    Builder::field("url", <String as Describe>::describe(builder)),
                    Builder::field("borrowed", <u32 as Describe>::describe(builder)),
                ],
            ))
        })
    }
}

impl ReadRows for LibraryState {
    fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        // SAFETY: the offset is that of the field.
        let url = unsafe { slots.field::<String>(offset_of!(Self, url)) }
            .read(|slots| <String as Decode>::read(reader, at, slots))?;
        // SAFETY: the offset is that of the field.
        let borrowed = unsafe { slots.field::<u32>(offset_of!(Self, borrowed)) }
            .read(|slots| <u32 as Decode>::read(reader, at + 1, slots))?;
        url.keep();
        borrowed.keep();
        // SAFETY: every field was filled.
        Ok(unsafe { slots.assume_filled() })
    }
    fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
        let (url, borrowed) = (input.value()?, input.value()?);
        Ok(slot.put(LibraryState { url, borrowed }))
    }
}

impl Layout for Library {
    const COLUMNS: usize = <LibraryState as Layout>::COLUMNS;
    fn describe(builder: &mut Builder) -> NodeId {
        <LibraryState as Layout>::describe(builder)
    }
}

impl WriteRows for Library {
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        // SAFETY: the offset is that of the field.
        <String as Encode>::write(unsafe { rows.field::<String>(offset_of!(Self, url)) }, writer, at)?;
        // SAFETY: the offset is that of the field.
        <u32 as Encode>::write(unsafe { rows.field::<u32>(offset_of!(Self, borrowed)) }, writer, at + 1)
    }
    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
        self.url.send(out)?;
        self.borrowed.send(out)
    }
}

impl Persist for Library {
    type Saved<'a> = View<'a, Self>;
    type Loaded = Whole<LibraryState>;
    // SAFETY: the saved state is the value itself.
    const DIRECT: Direct<Self> = unsafe { Direct::saved() };
    fn get_state(&self) -> Result<View<'_, Self>> {
        Ok(View(self))
    }
    fn set_state(Whole(LibraryState { url, borrowed }): Self::Loaded, context: &Context) -> Result<Self> {
        let length = {
            let (url, _borrowed) = (&url, &borrowed);
            let _context = context;
            (|| -> std::result::Result<usize, Box<dyn std::error::Error + Send + Sync>> { Ok(url.len()) })()
                .map_err(|error| Error::new(error).in_field("Library", "length"))?
        };
        Ok(Library { url, borrowed, length })
    }
}

// ---- the tests

fn connection(i: u32) -> Connection {
    Connection::open(format!("host{i}"), i as u16)
}

fn kind(i: u32) -> Kind {
    match i % 5 {
        0 => Kind::Nothing,
        1 => Kind::Number(-i64::from(i)),
        2 => Kind::Pair { left: i as u8, right: (i % 2 == 0).then(|| format!("r{i}")) },
        _ => Kind::Many((0..i % 4).map(|k| kind(i / 5 + k)).collect()),
    }
}

fn tree(depth: u32, seed: &mut i32) -> Tree {
    *seed += 1;
    let value = *seed;
    let children = if depth == 0 { 0 } else { value % 4 };
    Tree {
        value,
        children: (0..children).map(|_| tree(depth - 1, seed)).collect(),
        next: (depth > 0 && value % 3 == 0).then(|| Box::new(tree(depth - 1, seed))),
    }
}

fn job(i: u32) -> Job {
    Job {
        id: u64::from(i) << 20,
        name: format!("job {i}"),
        at: Point { x: i as f32 / 3.0, y: f64::from(i) * 7.7 },
        connection: connection(i),
        spare: (i % 3 == 0).then(|| connection(i + 1)),
        more: (0..i % 5).map(connection).collect(),
        tags: (0..i % 7).map(|k| (format!("tag{k}"), kind(i + k))).collect(),
        tree: tree(i % 5, &mut 0),
    }
}

fn back<T: Encode + Decode + PartialEq + std::fmt::Debug>(value: &T) -> Vec<u8> {
    let bytes = dumps(value).unwrap();
    assert_eq!(&loads::<T>(&bytes).unwrap(), value);
    bytes
}

#[test]
fn values_come_back() {
    for count in [0, 1, 2, 63, 64, 65, 1000] {
        back(&(0..count).map(job).collect::<Vec<_>>());
    }
    back(&job(3));
    back(&tree(9, &mut 0));
    back(&(0..500).map(kind).collect::<Vec<_>>());
    back(&kind(4));
    back(&(0..100).map(|i| (i, kind(i))).collect::<HashMap<u32, Kind>>());
    back(&[[1.5f32; 3]; 2]);
    back(&vec![None, Some(None), Some(Some(5u8))]);
    back(&vec![Point { x: 1.0, y: 2.0 }; 100]);
    back(&[[3u8; 4]; 70]);
    back(&vec![[7u16; 3]; 70]);
    back(&vec![(); 100]);
    assert!(LIVE.get() == 0);
}

#[test]
fn a_field_left_out_is_rebuilt() {
    let bytes = dumps(&vec![Library { url: "sqlite://a".into(), borrowed: 7, length: 0 }]).unwrap();
    let library = loads::<Vec<Library>>(&bytes).unwrap().remove(0);
    assert_eq!((library.url.as_str(), library.borrowed, library.length), ("sqlite://a", 7, 10));
}

#[test]
fn a_hook_that_fails_or_panics_leaves_nothing_behind() {
    let bytes = {
        let jobs: Vec<Job> = (0..80).map(job).collect();
        let bytes = dumps(&jobs).unwrap();
        CALLS.set(0);
        assert_eq!(loads::<Vec<Job>>(&bytes).unwrap(), jobs);
        bytes
    };
    let calls = CALLS.get();
    assert!(calls > 200 && LIVE.get() == 0);
    std::panic::set_hook(Box::new(|_| {}));
    for at in 1..=calls {
        CALLS.set(0);
        FAIL_AT.set(at);
        let error = loads::<Vec<Job>>(&bytes).unwrap_err();
        FAIL_AT.set(u32::MAX);
        assert!(error.path().starts_with('['), "{error}");
        assert_eq!(LIVE.get(), 0, "an error at call {at}");
        CALLS.set(0);
        PANIC_AT.set(at);
        assert!(std::panic::catch_unwind(|| loads::<Vec<Job>>(&bytes).map(drop)).is_err());
        PANIC_AT.set(u32::MAX);
        assert_eq!(LIVE.get(), 0, "a panic at call {at}");
    }
    let _ = std::panic::take_hook();
}

#[test]
fn no_prefix_and_no_flipped_bit_is_a_value_or_a_panic() {
    let bytes = dumps(&(0..6).map(job).collect::<Vec<_>>()).unwrap();
    for end in 0..bytes.len() {
        assert!(loads::<Vec<Job>>(&bytes[..end]).is_err(), "a prefix of {end} bytes");
    }
    for bit in 0..bytes.len() * 8 {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(loads::<Vec<Job>>(&bytes).is_err(), "bit {bit}");
    }
    // Without checksums a flip may give another value, but nothing worse.
    let bytes = persist_core::Dumper::new().checksum(false).dumps(&(0..6).map(job).collect::<Vec<_>>()).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        drop(loads::<Vec<Job>>(&bytes));
    }
    assert_eq!(LIVE.get(), 0);
}
