//! Fields that are left out: their default, rebuilt, or provided by the loader.

use std::collections::HashMap;
use std::error::Error as _;
use std::fmt;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use persist::{Context, ErrorKind, Loader, Persist, Result, dumps, loads};

use crate::{PROTOCOLS, json, through};

/// An error that is no more than it has to be.
#[derive(Debug)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} refused", self.0)
    }
}

impl std::error::Error for Refused {}

#[derive(Debug)]
struct Connection {
    to: String,
}

impl Connection {
    fn open(url: &str) -> Result<Self, Refused> {
        if url.starts_with("bad") { Err(Refused(url.to_owned())) } else { Ok(Connection { to: url.to_owned() }) }
    }
}

#[derive(Clone, Debug)]
struct Client(Arc<str>);

#[derive(Persist, Debug)]
struct Library {
    url: String,
    borrowed: u64,
    #[transient(rebuild = Connection::open(url)?)]
    connection: Connection,
    #[transient]
    cache: HashMap<u64, Rc<()>>,
    #[transient(provided)]
    client: Client,
    #[transient(rebuild = format!("{} of {} for {}", borrowed, connection.to, client.0))]
    title: String,
}

fn library(url: &str) -> Library {
    Library {
        url: url.into(),
        borrowed: 2,
        connection: Connection { to: "nowhere".into() },
        cache: HashMap::from([(1, Rc::new(()))]),
        client: Client("me".into()),
        title: String::new(),
    }
}

#[test]
fn they_are_neither_saved_nor_missed() {
    assert_eq!(json(&library("a")), r#"{"url":"a","borrowed":2}"#);
    let bytes = dumps(&vec![library("a"), library("b")]).unwrap();
    let libraries: Vec<Library> = Loader::new().provide(Client("you".into())).loads(&bytes).unwrap();
    let [a, b] = &libraries[..] else { panic!("{libraries:?}") };
    assert_eq!((a.url.as_str(), a.connection.to.as_str(), a.cache.len(), &*a.client.0), ("a", "a", 0, "you"));
    assert_eq!(b.title, "2 of b for you");
}

#[test]
fn a_failing_rebuild_names_type_and_field_and_keeps_the_source() {
    let bytes = dumps(&vec![library("a"), library("bad")]).unwrap();
    let error = Loader::new().provide(Client("you".into())).loads::<Vec<Library>>(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "[1].connection: bad refused");
    assert_eq!(error.kind(), ErrorKind::Hook);
    assert!(error.source().unwrap().is::<Refused>());
    let error =
        Loader::new().provide(Client("you".into())).loads::<Library>(&dumps(&library("bad")).unwrap()).unwrap_err();
    assert_eq!(error.path(), "Library.connection");
}

#[test]
fn what_was_not_provided_is_named_with_the_field_that_asked() {
    let error = loads::<Library>(&dumps(&library("a")).unwrap()).unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Context, "Library.client"));
    assert!(error.to_string().contains("Client"), "{error}");
}

/// Whatever an expression may be.
#[derive(Persist)]
struct Expressions {
    base: u32,
    #[transient(rebuild = |x| x + 1)]
    closure: fn(u32) -> u32,
    #[transient(rebuild = u32::wrapping_neg)]
    path: fn(u32) -> u32,
    #[transient(rebuild = Box::new({
        let base = *base;
        move |x| base + x
    }))]
    boxed: Box<dyn Fn(u32) -> u32>,
    #[transient(rebuild = {
        let mut sum = 0;
        for i in 0..*base {
            if i == 3 {
                return Ok(sum);
            }
            sum += i;
        }
        sum
    })]
    block: u32,
    #[transient(rebuild = match base { 0 => None, base => Some(Self::twice(*base)) })]
    matched: Option<u32>,
    #[transient(rebuild = "1.2.3.4".parse()?)]
    inferred: IpAddr,
    #[transient(rebuild = if *base > 100 { Err("too much")? } else { 1 })]
    text: u8,
    #[transient(rebuild = if *base > 50 { Err(format!("{base} is too much"))? } else { 1 })]
    string: u8,
    #[transient(rebuild = if *base > 40 { Err(persist::Error::of(ErrorKind::Value, "as it is"))? } else { 1 })]
    ours: u8,
    #[transient(rebuild = [*base; 2].map(u64::from))]
    array: [u64; 2],
}

impl Expressions {
    fn twice(base: u32) -> u32 {
        base * 2
    }

    fn of(base: u32) -> Self {
        Expressions {
            base,
            closure: |x| x,
            path: |x| x,
            boxed: Box::new(|x| x),
            block: 0,
            matched: None,
            inferred: IpAddr::from([0; 4]),
            text: 0,
            string: 0,
            ours: 0,
            array: [0; 2],
        }
    }
}

#[test]
fn any_expression_will_do() {
    let expressions: Expressions = loads(&dumps(&Expressions::of(7)).unwrap()).unwrap();
    assert_eq!(((expressions.closure)(1), (expressions.path)(1), (expressions.boxed)(1)), (2, u32::MAX, 8));
    assert_eq!((expressions.block, expressions.matched), (3, Some(14)));
    assert_eq!(expressions.inferred.to_string(), "1.2.3.4");
    assert_eq!((expressions.text, expressions.string, expressions.ours, expressions.array), (1, 1, 1, [7, 7]));

    let error = |base| loads::<Expressions>(&dumps(&Expressions::of(base)).unwrap()).err().unwrap();
    assert_eq!(error(101).to_string(), "Expressions.text: too much");
    assert_eq!(error(51).to_string(), "Expressions.string: 51 is too much");
    assert_eq!((error(41).to_string().as_str(), error(41).kind()), ("Expressions.ours: as it is", ErrorKind::Value));
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Positions(#[transient(rebuild = *_1 + 1)] u8, u8, #[transient(rebuild = _1 + _0)] u8, String);

#[derive(Persist, Clone, Debug, PartialEq)]
enum Choice {
    Tuple(u8, #[transient(rebuild = u16::from(*_0) * 2)] u16),
    Named {
        r#type: String,
        #[transient(rebuild = r#type.len())]
        length: usize,
        #[transient(rebuild = *length > 3)]
        r#match: bool,
    },
    OnlyTransient(#[transient] u8),
    Unit,
}

/// All that is saved may be nothing.
#[derive(Persist, Clone, Debug, PartialEq)]
struct Nothing {
    #[transient(rebuild = 5)]
    five: u8,
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct OnlyTransient(#[transient] u8);

#[test]
fn every_form_may_leave_fields_out() {
    let choices = vec![
        Choice::Named { r#type: "long".into(), length: 0, r#match: false },
        Choice::Tuple(7, 0),
        Choice::Unit,
        Choice::OnlyTransient(9),
        Choice::Named { r#type: "abc".into(), length: 0, r#match: true },
    ];
    for protocol in PROTOCOLS {
        assert_eq!(through(protocol, &Positions(0, 7, 0, "s".into())), Positions(8, 7, 15, "s".into()));
        assert_eq!(
            through(protocol, &choices),
            [
                Choice::Named { r#type: "long".into(), length: 4, r#match: true },
                Choice::Tuple(7, 14),
                Choice::Unit,
                Choice::OnlyTransient(0),
                Choice::Named { r#type: "abc".into(), length: 3, r#match: false },
            ]
        );
        assert_eq!(through(protocol, &vec![Nothing { five: 0 }; 100]), vec![Nothing { five: 5 }; 100]);
        assert_eq!(through(protocol, &OnlyTransient(3)), OnlyTransient(0));
    }
    assert_eq!(json(&Positions(0, 7, 0, "s".into())), r#"[7,"s"]"#);
    assert_eq!(
        json(&choices),
        r#"[{"Named":{"type":"long"}},{"Tuple":[7]},"Unit","OnlyTransient",{"Named":{"type":"abc"}}]"#
    );
}

/// Floats only, but for what is left out: the columns are one run, the memory is none.
#[derive(Persist, Clone, Debug, PartialEq)]
struct Vector {
    x: f64,
    #[transient(rebuild = x.hypot(*y))]
    length: f64,
    y: f64,
}

#[test]
fn floats_around_a_field_left_out() {
    let vectors = vec![Vector { x: 3.0, length: 0.0, y: 4.0 }; 100];
    for protocol in PROTOCOLS {
        assert_eq!(through(protocol, &vectors), vec![Vector { x: 3.0, length: 5.0, y: 4.0 }; 100]);
    }
}

#[derive(Persist)]
struct Asks {
    name: String,
    #[transient(rebuild = context.get::<Client>()?.0.len() + name.len())]
    length: usize,
}

/// A field takes the name from what it would otherwise mean; one that is still to come does not.
#[derive(Persist)]
struct Context_ {
    context: String,
    #[transient(rebuild = context.len())]
    length: usize,
}

#[derive(Persist)]
struct OwnContext {
    #[transient(rebuild = context.get::<Client>()?.clone())]
    context: Client,
    #[transient(rebuild = context.0.len())]
    length: usize,
}

#[test]
fn expressions_see_the_context() {
    let asks = dumps(&Asks { name: "ab".into(), length: 0 }).unwrap();
    let mut loader = Loader::new().provide(Client("you".into()));
    assert_eq!(loader.loads::<Asks>(&asks).unwrap().length, 5);
    let error = loads::<Asks>(&asks).err().unwrap();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Context, "Asks.length"));

    assert_eq!(loads::<Context_>(&dumps(&Context_ { context: "four".into(), length: 0 }).unwrap()).unwrap().length, 4);
    let own = dumps(&OwnContext { context: Client("x".into()), length: 0 }).unwrap();
    assert_eq!(loader.loads::<OwnContext>(&own).unwrap().length, 3);
}

/// A type that may not be moved out of.
#[derive(Persist)]
struct Dropped {
    id: u8,
    #[transient]
    log: Vec<u8>,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.log.push(self.id);
    }
}

#[test]
fn types_with_drop() {
    let dropped: Dropped = loads(&dumps(&Dropped { id: 5, log: vec![1] }).unwrap()).unwrap();
    assert_eq!((dropped.id, dropped.log.len()), (5, 0));
}

#[test]
fn verify_runs_no_hook() {
    persist::verify::<Library>(&dumps(&library("bad")).unwrap()).unwrap();
    let context = Context::new();
    assert!(context.get::<Client>().is_err());
}
