//! What keys and values are written and read with; kept by each thread, so that its memory is used again.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use persist_core::{Dumper, Limits, Loader};

/// What values of a file are loaded with.
#[derive(Clone, Default)]
pub(super) struct Options {
    pub(super) limits: Option<Limits>,
    provide: Vec<Provide>,
}

/// Gives a loader a value.
type Provide = Arc<dyn Fn(Loader) -> Loader + Send + Sync>;

impl Options {
    pub(super) fn provide<T: Any + Clone + Send + Sync>(&mut self, value: T) {
        self.provide.push(Arc::new(move |loader| loader.provide(value.clone())));
    }

    fn is_plain(&self) -> bool {
        self.limits.is_none() && self.provide.is_empty()
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("limits", &self.limits).field("provided", &self.provide.len()).finish()
    }
}

pub(super) struct Kit {
    pub(super) keys: Dumper,
    pub(super) values: Dumper,
    pub(super) loader: Loader,
    pub(super) key: Vec<u8>,
    pub(super) row: Vec<u8>,
}

thread_local! {
    static IDLE: Cell<Option<Box<Kit>>> = const { Cell::new(None) };
}

/// A kit in use. Code of the program's types may run meanwhile, and use another one.
pub(super) struct Tools {
    kit: Option<Box<Kit>>,
    plain: bool,
}

impl Tools {
    pub(super) fn new(options: &Options) -> Self {
        let plain = options.is_plain();
        let idle = if plain { IDLE.try_with(Cell::take).ok().flatten() } else { None };
        Tools { kit: Some(idle.unwrap_or_else(|| Box::new(Kit::new(options)))), plain }
    }
}

impl Kit {
    fn new(options: &Options) -> Self {
        let limits = options.limits.clone().unwrap_or_default();
        let loader = options.provide.iter().fold(Loader::new().limits(limits.clone()), |loader, give| give(loader));
        Kit {
            keys: Dumper::new().limits(limits.clone()),
            values: Dumper::new().bare(true).limits(limits),
            loader,
            key: Vec::new(),
            row: Vec::new(),
        }
    }
}

impl Deref for Tools {
    type Target = Kit;

    fn deref(&self) -> &Kit {
        self.kit.as_ref().expect("it is there until it is dropped")
    }
}

impl DerefMut for Tools {
    fn deref_mut(&mut self) -> &mut Kit {
        self.kit.as_mut().expect("it is there until it is dropped")
    }
}

/// Memory that a thread keeps at most for keys, and for rows.
const KEPT: usize = 1 << 20;

impl Drop for Tools {
    fn drop(&mut self) {
        if let Some(mut kit) = self.kit.take().filter(|_| self.plain) {
            kit.key.clear();
            kit.row.clear();
            kit.key.shrink_to(KEPT);
            kit.row.shrink_to(KEPT);
            // A thread that ends keeps nothing.
            let _ = IDLE.try_with(|idle| idle.set(Some(kit)));
        }
    }
}
