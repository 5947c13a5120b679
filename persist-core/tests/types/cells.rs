//! Cells and locks.

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::{Arc, Mutex, OnceLock, RwLock, mpsc};

use persist_core::{Context, ErrorKind, Persist, Result, dumps, loads};
use proptest::prelude::any;

use crate::harness::{bits, round_trips};

round_trips! {
    cell: any::<Option<char>>() => |seed| Cell::new(*seed), |value| value.get();
    cell_of_floats: any::<[u32; 2]>() => |seed| Cell::new(seed.map(f32::from_bits)), |value| value.get().map(bits);
    once_cell: any::<Option<String>>() => |seed| seed.clone().map_or_else(OnceCell::new, OnceCell::from),
        |value| value.get().cloned();
    once_lock: any::<Option<Vec<u8>>>() => |seed| seed.clone().map_or_else(OnceLock::new, OnceLock::from),
        |value| value.get().cloned();
    ref_cell: any::<Vec<u16>>() => |seed| RefCell::new(seed.clone()), |value| value.borrow().clone();
    ref_cell_of_floats: any::<u64>() => |seed| RefCell::new((f64::from_bits(*seed), 0.5f32)),
        |value| bits(value.borrow().0);
    mutex: any::<Option<String>>() => |seed| Mutex::new(seed.clone()), |value| value.lock().unwrap().clone();
    rw_lock: any::<(u8, String)>() => |seed| RwLock::new(seed.clone()), |value| value.read().unwrap().clone();
}

#[test]
fn a_cell_in_use_is_refused_and_found() {
    let cells: Vec<RefCell<u32>> = (0..100).map(RefCell::new).collect();
    let in_use = cells[77].borrow_mut();
    let error = dumps(&cells).unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Unsupported, "[77]"));
    drop(in_use);
    let _shared = cells[77].borrow();
    assert!(dumps(&cells).is_ok());
}

#[test]
fn errors_name_the_row_through_every_holder() {
    fn path<T: Persist>(value: &T) -> String {
        dumps(value).unwrap_err().path()
    }
    let cells: Vec<RefCell<u32>> = (0..100).map(RefCell::new).collect();
    let _in_use = cells[77].borrow_mut();
    assert_eq!(path(&cells.iter().collect::<Vec<_>>()), "[77]");
    assert_eq!(path(&cells.iter().map(|cell| (1u8, cell)).collect::<Vec<_>>()), "[77]");
    assert_eq!(path(&cells.iter().map(|cell| (cell,)).collect::<Vec<_>>()), "[77]");
    assert_eq!(path(&cells.iter().map(Some).collect::<Vec<_>>()), "[77]");
    assert_eq!(path(&cells.iter().flat_map(|cell| [None, Some(cell)]).collect::<Vec<_>>()), "[155]");
    assert_eq!(path(&cells.iter().map(Box::new).collect::<Vec<_>>()), "[77]");
    assert_eq!(path(&cells.iter().map(|cell| vec![cell]).collect::<Vec<_>>()), "[77][0]");
    assert_eq!(path(&cells.iter().map(|cell| [&cells[0], cell]).collect::<Vec<_>>()), "[77][1]");
    let results = cells.iter().flat_map(|cell| [Err(1u8), Ok(cell), Err(2)]).collect::<Vec<_>>();
    assert_eq!(path(&results), "[232].0");
    let ranges = cells.iter().map(|cell| &cells[0]..cell).collect::<Vec<_>>();
    assert_eq!(path(&ranges), "[77].end");
    let wrapped = cells.iter().map(std::num::Wrapping).collect::<Vec<_>>();
    assert_eq!(path(&wrapped), "[77]");
}

#[test]
fn poisoned_locks_are_refused() {
    fn poison<T: Send + Sync + 'static>(lock: &Arc<T>, hold: fn(&T)) {
        let lock = lock.clone();
        std::panic::set_hook(Box::new(|_| {}));
        assert!(std::thread::spawn(move || hold(&lock)).join().is_err());
        drop(std::panic::take_hook());
    }
    let mutex = Arc::new(Mutex::new(5u8));
    poison(&mutex, |mutex| {
        let _guard = mutex.lock().unwrap();
        panic!("while it is held");
    });
    let error = dumps(&vec![&*Arc::new(Mutex::new(1)), &*mutex]).unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Unsupported, "[1]"));
    assert!(error.to_string().contains("poisoned") && error.help().unwrap().contains("clear_poison"), "{error}");
    mutex.clear_poison();
    assert_eq!(*loads::<Mutex<u8>>(&dumps(&&*mutex).unwrap()).unwrap().lock().unwrap(), 5);

    let lock = Arc::new(RwLock::new(5u8));
    poison(&lock, |lock| {
        let _guard = lock.write().unwrap();
        panic!("while it is held");
    });
    assert!(dumps(&&*lock).unwrap_err().is(ErrorKind::Unsupported));
}

#[test]
fn one_lock_twice_in_a_value_is_locked_one_time_after_the_other() {
    let mutex = Mutex::new(String::from("x"));
    let bytes = dumps(&vec![&mutex; 40]).unwrap();
    assert_eq!(loads::<Vec<String>>(&bytes).unwrap(), vec!["x"; 40]);
}

/// Tells that its state is asked for, then waits to be allowed to give it.
struct Slow {
    asked: mpsc::Sender<()>,
    go: Mutex<mpsc::Receiver<()>>,
}

impl Persist for Slow {
    type Saved<'a> = u8;
    type Loaded = u8;

    fn get_state(&self) -> Result<u8> {
        self.asked.send(()).unwrap();
        self.go.lock().unwrap().recv().unwrap();
        Ok(1)
    }

    fn set_state(_: u8, _: &Context) -> Result<Self> {
        unreachable!()
    }
}

#[test]
fn a_lock_is_held_while_its_content_is_written() {
    let (asked, was_asked) = mpsc::channel();
    let (let_go, go) = mpsc::channel();
    let lock = Mutex::new(vec![Slow { asked, go: Mutex::new(go) }]);
    std::thread::scope(|scope| {
        let dump = scope.spawn(|| dumps(&&lock).map(drop));
        was_asked.recv().unwrap();
        assert!(lock.try_lock().is_err());
        let_go.send(()).unwrap();
        dump.join().unwrap().unwrap();
    });
    assert!(lock.try_lock().is_ok());
}
