//! What is known of a type once and for all: its shape, its schema, the plan to read its own files.

use std::any::{TypeId, type_name};
use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::atomic::AtomicUsize;
use std::sync::{OnceLock, PoisonError, RwLock};

use crate::error::{Error, ErrorKind, Result};
use crate::frame::Header;
use crate::names::Names;
use crate::plan::{Plan, Way};
use crate::program::{Form, Program};
use crate::shape::{Builder, NodeId, Shape, Shown};
use crate::traits::Describe;

/// The facts of a type; made at its first use and kept.
#[derive(Debug)]
pub(crate) struct TypeInfo {
    pub(crate) shape: Shape,
    /// What stands before the body of a packed value, without and with checksums: the shape is a part of it.
    pub(crate) headers: [Header; 2],
    /// The plan for files of just this schema.
    pub(crate) plan: Plan,
    /// Bytes that a value of each node takes in memory.
    pub(crate) sizes: Vec<usize>,
    /// Whether loading runs code of its types: then everything is checked before.
    pub(crate) hooks: bool,
    /// Whether types in it hold themselves, so that a value can have any number of levels.
    pub(crate) is_recursive: bool,
    /// A type in it that cannot be loaded, since it borrows.
    borrowed: Option<&'static str>,
    fill: OnceLock<Fill>,
    /// How values are written by a protocol without schema, in each form.
    programs: [OnceLock<Program>; Form::COUNT],
    names: OnceLock<Names>,
    /// Bytes that a message takes, by those that were written last, with any dumper.
    pub(crate) message: AtomicUsize,
}

/// How values of a protocol without schema come in: they are written to tables of this shape, in which fields that
/// have a default may be absent, and read from them by this plan.
#[derive(Debug)]
pub(crate) struct Fill {
    pub(crate) shape: Shape,
    pub(crate) plan: Plan,
}

type Known = RwLock<HashMap<TypeId, &'static TypeInfo>>;

/// A type, for code that is the same for all and compiled once.
#[derive(Clone, Copy)]
pub(crate) struct Type {
    id: TypeId,
    traits: &'static Traits,
}

/// What the traits of a type say.
struct Traits {
    name: fn() -> &'static str,
    describe: fn(&mut Builder) -> NodeId,
    columns: usize,
    floats: usize,
}

impl Type {
    #[inline]
    pub(crate) fn of<T: Describe>() -> Type {
        let traits =
            const { &Traits { name: type_name::<T>, describe: T::describe, columns: T::COLUMNS, floats: T::FLOATS } };
        Type { id: typeid::of::<T>(), traits }
    }

    /// Tells it from others.
    #[inline]
    pub(crate) fn id(self) -> TypeId {
        self.id
    }
}

/// Types that a thread finds at once, by their hash.
const RECENT: usize = 16;

type Place = Cell<Option<(TypeId, &'static TypeInfo)>>;

thread_local! {
    static PLACES: [Place; RECENT] = const { [const { Cell::new(None) }; RECENT] };
}

/// The facts of a type. They are never freed, and there are as many as the program has types that it saves.
#[inline]
pub(crate) fn info(ty: Type) -> Result<&'static TypeInfo> {
    let place = short_hash(ty.id) as usize % RECENT;
    match PLACES.with(|places| places[place].get()) {
        Some((known, info)) if known == ty.id => Ok(info),
        _ => look_up(ty, place),
    }
}

#[cold]
#[inline(never)]
fn look_up(ty: Type, place: usize) -> Result<&'static TypeInfo> {
    let info = look_up_all(ty)?;
    PLACES.with(|places| places[place].set(Some((ty.id, info))));
    Ok(info)
}

/// The facts of a type, of those that all threads know.
fn look_up_all(ty: Type) -> Result<&'static TypeInfo> {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    let known = KNOWN.get_or_init(Known::default);
    // A panic in a `describe` leaves the map as it was.
    if let Some(info) = known.read().unwrap_or_else(PoisonError::into_inner).get(&ty.id) {
        return Ok(info);
    }
    // Outside the lock: describing a type runs code of its own, which may save values.
    let info = TypeInfo::new(ty.traits)?;
    let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
    Ok(known.entry(ty.id).or_insert_with(|| Box::leak(Box::new(info))))
}

/// Of an identifier that is a hash already, a part.
#[inline(always)]
fn short_hash(id: TypeId) -> u64 {
    struct Part(u64);
    impl Hasher for Part {
        #[inline(always)]
        fn write(&mut self, bytes: &[u8]) {
            bytes.iter().for_each(|&byte| self.write_u64(u64::from(byte)));
        }
        #[inline(always)]
        fn write_u64(&mut self, part: u64) {
            self.0 ^= part;
        }
        #[inline(always)]
        fn finish(&self) -> u64 {
            self.0
        }
    }
    let mut part = Part(0);
    id.hash(&mut part);
    part.finish()
}

impl TypeInfo {
    fn new(traits: &Traits) -> Result<TypeInfo> {
        let mut builder = Builder::default();
        (traits.describe)(&mut builder);
        let built = builder.finish()?;
        for state in &built.states {
            compare(state.name, state.saved, state.loaded)?;
        }
        if built.shape.columns(Shape::ROOT) != traits.columns || built.shape.floats(Shape::ROOT) != traits.floats {
            return Err(Error::of(
                ErrorKind::Shape,
                format!("the columns of `{}` are not those of its shape", (traits.name)()),
            ));
        }
        let written = built.shape.as_written()?;
        let written = written.as_ref().unwrap_or(&built.shape);
        let plan = Plan::own(written, &built.shape, &built.sizes)?;
        let mut schema = Vec::new();
        written.encode(&mut schema);
        Ok(TypeInfo {
            is_recursive: plan.tables.iter().any(|table| table.set.is_some()),
            shape: built.shape,
            headers: [Header::new(&schema, false), Header::new(&schema, true)],
            plan,
            sizes: built.sizes,
            hooks: !built.states.is_empty(),
            borrowed: built.borrowed,
            fill: OnceLock::new(),
            programs: Default::default(),
            names: OnceLock::new(),
            message: AtomicUsize::new(0),
        })
    }

    /// The shape as it stands in packed files.
    pub(crate) fn schema(&self) -> &[u8] {
        self.headers[0].schema()
    }

    /// How values of a protocol without schema come in; made at first use.
    pub(crate) fn fill(&self) -> Result<&Fill> {
        self.check_owned()?;
        if let Some(fill) = self.fill.get() {
            return Ok(fill);
        }
        let shape = self.shape.with_absent_fields()?;
        let plan = Plan::own(&shape, &self.shape, &self.sizes)?;
        Ok(self.fill.get_or_init(|| Fill { shape, plan }))
    }

    /// How values are written by a protocol without schema; made at first use.
    pub(crate) fn program(&self, form: Form) -> Result<&Program> {
        let place = &self.programs[form.index()];
        if let Some(program) = place.get() {
            return Ok(program);
        }
        let program = Program::new(&self.shape, form)?;
        Ok(place.get_or_init(|| program))
    }

    /// The names of fields and variants, as serde wants them; made at first use.
    pub(crate) fn names(&'static self) -> &'static Names {
        self.names.get_or_init(|| Names::of(&self.shape))
    }

    /// An error for a type that cannot be loaded.
    #[inline]
    pub(crate) fn check_owned(&self) -> Result<()> {
        match self.borrowed {
            None => Ok(()),
            Some(name) => {
                Err(Error::of(ErrorKind::Unsupported, format!("`{name}` cannot be loaded, since it borrows"))
                    .with_help("use an owned type such as `String`, `Vec` or `Box`"))
            }
        }
    }
}

/// Compares what a hand-written type saves with what it loads.
fn compare(name: &str, saved: fn(&mut Builder) -> NodeId, loaded: fn(&mut Builder) -> NodeId) -> Result<()> {
    let shape = |describe: fn(&mut Builder) -> NodeId| {
        let mut builder = Builder::default();
        describe(&mut builder);
        builder.finish().map(|built| built.shape)
    };
    let (saved, loaded) = (shape(saved)?, shape(loaded)?);
    match Way::new(&saved, &loaded, &[]) {
        Ok(Way::Columns(plan)) if plan.is_same() => Ok(()),
        other => {
            let show = |shape| Shown { shape, node: Shape::ROOT }.to_string();
            let message = format!("`{name}` saves `{}` but loads `{}`", show(&saved), show(&loaded));
            let error =
                Error::of(ErrorKind::Shape, message).with_help("let `Saved` and `Loaded` describe the same shape");
            Err(match other {
                Err(source) => error.with_source(source),
                Ok(_) => error,
            })
        }
    }
}
