//! `before_save` and `after_load`.

use std::cell::Cell;

use persist::{Context, Error, Loader, Persist, Result, dumps, loads};

use crate::{back, json};

thread_local! {
    static SAVED: Cell<u32> = const { Cell::new(0) };
    static LOADED: Cell<u32> = const { Cell::new(0) };
}

#[derive(Persist, Debug)]
#[persist(before_save = Self::before, after_load = Self::after)]
struct Counted {
    id: u32,
}

impl Counted {
    fn before(&self) -> Result<()> {
        SAVED.set(SAVED.get() + 1);
        if self.id == 666 { Err(Error::new("not this one")) } else { Ok(()) }
    }

    fn after(&mut self, _: &Context) -> Result<()> {
        LOADED.set(LOADED.get() + 1);
        if self.id == 13 { Err(Error::new("bad luck")) } else { Ok(()) }
    }
}

fn counted(count: u32, special: u32) -> Vec<Counted> {
    (0..count).map(|id| Counted { id: if id == count - 1 { special } else { 0 } }).collect()
}

#[test]
fn each_value_is_asked_once() {
    let (saved, loaded) = (SAVED.get(), LOADED.get());
    let bytes = dumps(&counted(200, 0)).unwrap();
    assert_eq!(SAVED.get() - saved, 200);
    assert_eq!(loads::<Vec<Counted>>(&bytes).unwrap().len(), 200);
    assert_eq!(LOADED.get() - loaded, 200);
}

#[test]
fn errors_say_where() {
    assert_eq!(dumps(&counted(200, 666)).unwrap_err().to_string(), "[199]: not this one");
    let bytes = dumps(&counted(200, 13)).unwrap();
    assert_eq!(loads::<Vec<Counted>>(&bytes).unwrap_err().to_string(), "[199]: bad luck");
}

/// Bytes of floats are copied past fields, but never past hooks.
#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(before_save = refuse_nan)]
struct Point {
    x: f64,
    y: f64,
}

fn refuse_nan(point: &Point) -> Result<()> {
    if point.x.is_nan() { Err(Error::new("no number")) } else { Ok(()) }
}

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(after_load = normalize)]
struct Normal(f32, f32);

fn normalize(normal: &mut Normal, _: &Context) -> Result<()> {
    let length = normal.0.hypot(normal.1);
    if length == 0.0 {
        return Err("no direction".into());
    }
    *normal = Normal(normal.0 / length, normal.1 / length);
    Ok(())
}

#[test]
fn runs_of_floats_have_hooks_too() {
    let point = |x| Point { x, y: 0.0 };
    back(&point(1.0));
    assert!(dumps(&point(f64::NAN)).unwrap_err().to_string().contains("no number"));
    assert!(dumps(&(0.5, vec![(0.5, [point(0.0), point(f64::NAN)])])).is_err());

    back(&Normal(0.0, 1.0));
    let normals: Vec<Normal> = loads(&dumps(&vec![Normal(3.0, 4.0)]).unwrap()).unwrap();
    assert_eq!(normals, [Normal(0.6, 0.8)]);
    assert!(loads::<Normal>(&dumps(&Normal(0.0, 0.0)).unwrap()).is_err());
}

#[test]
fn errors_in_runs_say_where() {
    let point = |x| Point { x, y: 0.0 };
    assert_eq!(dumps(&vec![point(0.0), point(f64::NAN)]).unwrap_err().to_string(), "[1]: no number");
    assert_eq!(dumps(&[point(0.0), point(f64::NAN)]).unwrap_err().to_string(), "[1]: no number");
}

/// Hooks, transient fields and a provided value, of a generic enum.
#[derive(Persist)]
#[persist(before_save = Self::flush, after_load = Self::check)]
enum Log<T: Clone> {
    Open {
        lines: std::cell::RefCell<Vec<T>>,
        #[transient]
        pending: std::cell::RefCell<Vec<T>>,
    },
    Closed(#[transient(rebuild = true)] bool),
}

impl<T: Clone> Log<T> {
    fn flush(&self) -> Result<()> {
        if let Log::Open { lines, pending } = self {
            lines.borrow_mut().append(&mut pending.borrow_mut());
        }
        Ok(())
    }

    fn check(&mut self, context: &Context) -> Result<()> {
        if let Log::Closed(closed) = self {
            *closed = *context.get::<bool>()?;
        }
        Ok(())
    }
}

#[test]
fn hooks_and_transient_fields() {
    let log = Log::Open { lines: vec![1_u8].into(), pending: vec![2].into() };
    assert_eq!(json(&log), r#"{"Open":{"lines":[1,2]}}"#);
    let bytes = dumps(&[log, Log::Closed(true)]).unwrap();
    let [open, closed]: [Log<u8>; 2] = Loader::new().provide(false).loads(&bytes).unwrap();
    assert!(matches!(open, Log::Open { lines, pending } if *lines.borrow() == [1, 2] && pending.borrow().is_empty()));
    assert!(matches!(closed, Log::Closed(false)));
    assert_eq!(loads::<[Log<u8>; 2]>(&bytes).err().unwrap().path(), "[1]");
}
