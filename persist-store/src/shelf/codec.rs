//! One shelf of a file: keys and values as the bytes of its entries, and back.

use std::marker::PhantomData;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, RwLock};

use persist_core::{Encode, Error, ErrorKind, LoadPlan, Loader, Persist, Result, Schema, Value};

use super::engine::{Engine, Pinned, unpoisoned};
use super::layout::{self, Description};
use super::problem::{self, contain};
use super::table;
use super::tools::{Kit, Tools};
use super::transaction::Transaction;

/// One shelf of a file.
pub(super) struct Codec<K, V> {
    pub(super) engine: Arc<Engine>,
    pub(super) name: String,
    /// The table of its entries, and its place in what is pinned.
    pub(super) table: String,
    pub(super) place: usize,
    /// What the table's keys have, where it is new.
    pub(super) width: usize,
    key: Schema,
    value: Schema,
    /// The number of the values' own schema, once that is in the file.
    number: Arc<AtomicU32>,
    /// How values of that schema load, and those of others, by their numbers.
    plan: LoadPlan<V>,
    plans: RwLock<Vec<Option<Arc<LoadPlan<V>>>>>,
    of: PhantomData<fn() -> K>,
}

/// No number of a schema.
const NONE: u32 = u32::MAX;

/// Where schemas are looked up.
#[derive(Clone, Copy)]
pub(super) enum Source<'s> {
    Pinned(&'s Pinned),
    Transaction(&'s Transaction<'s>),
}

impl Source<'_> {
    /// Runs a call of the engine.
    pub(super) fn call<T, E: Into<redb::Error>>(self, path: &Path, call: impl FnOnce() -> Result<T, E>) -> Result<T> {
        match self {
            Source::Pinned(_) => contain(path, call),
            Source::Transaction(transaction) => transaction.call(call),
        }
    }
}

impl<K: Persist, V: Persist> Codec<K, V> {
    /// An error where what is in the file does not read as these types.
    pub(super) fn open(engine: Arc<Engine>, name: &str) -> Result<Self> {
        let (key, value) = (Schema::of::<K>()?, Schema::of::<V>()?);
        key.check_sorts(&key)?;
        let table = layout::table_of(name);
        let width = table::width_for(key.sort_key_width());
        let place = engine.place(&table, width);
        let plan = LoadPlan::new(&value)?;
        let pinned = engine.now()?;
        let description = engine.description(&pinned, name)?;
        let codec = Codec {
            engine,
            name: name.to_owned(),
            table,
            place,
            width,
            key,
            value,
            number: Arc::new(AtomicU32::new(NONE)),
            plan,
            plans: RwLock::default(),
            of: PhantomData,
        };
        match description {
            Some(description) => codec.check(&pinned, &description)?,
            None if codec.engine.is_read_only() => return Err(codec.missing(&codec.engine.names(&pinned)?)),
            None => {}
        }
        Ok(codec)
    }

    #[cold]
    fn missing(&self, known: &[String]) -> Error {
        let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Error::of(ErrorKind::Value, self.message(format_args!("there is none of this name; there is {known}")))
    }

    /// What an error says of this shelf.
    pub(super) fn message(&self, what: impl std::fmt::Display) -> String {
        problem::message(self.engine.path(), format_args!("`{}`: {what}", self.name))
    }

    fn check(&self, pinned: &Arc<Pinned>, description: &Description) -> Result<()> {
        self.check_key(&self.engine.schema(pinned, description.key)?)?;
        let mut problems = Vec::new();
        for &number in &description.values {
            let schema = self.engine.schema(pinned, number)?;
            if schema == self.value {
                self.number.store(number, Ordering::Release);
                continue;
            }
            match LoadPlan::new(&schema) {
                Ok(plan) => drop(self.keep(number, plan)),
                Err(error) => problems.push((schema, error)),
            }
        }
        match problems.len() {
            0 => Ok(()),
            _ => Err(self.cannot_read(problems)),
        }
    }

    #[cold]
    fn cannot_read(&self, problems: Vec<(Schema, Error)>) -> Error {
        let said: Vec<_> = problems.iter().map(|(old, error)| format!("`{}`: {error}", old.name())).collect();
        let what = format!("there are values that do not load as `{}`: {}", self.value.name(), said.join("; "));
        let kind = problems.first().map_or(ErrorKind::Shape, |(_, error)| error.kind());
        let error = Error::of(kind, self.message(what)).with_help("open it with the type it was written with");
        match problems.into_iter().next() {
            Some((_, source)) => error.with_source(source),
            None => error,
        }
    }

    fn check_key(&self, known: &Schema) -> Result<()> {
        if *known == self.key {
            return Ok(());
        }
        self.key.check_sorts(known).map_err(|error| {
            let what = format!("its keys are `{}`, and not read as `{}`: {error}", known.name(), self.key.name());
            Error::of(error.kind(), self.message(what))
                .with_source(error)
                .with_help("open it with the type it was written with; to change keys, copy it to another shelf")
        })
    }

    fn keep(&self, number: u32, plan: LoadPlan<V>) -> Arc<LoadPlan<V>> {
        let (mut plans, place) = (unpoisoned(self.plans.write()), number as usize);
        if plans.len() <= place {
            plans.resize(place + 1, None);
        }
        plans[place].insert(Arc::new(plan)).clone()
    }

    /// Before something is first put in, in a transaction: the file has to know the types. Gives the number of the values' schema.
    pub(super) fn register(&self, transaction: &Transaction<'_>) -> Result<u32> {
        let known = transaction.description(&self.name)?;
        let number = match self.number.load(Ordering::Acquire) {
            NONE => transaction.number(&self.value.to_bytes())?,
            number => number,
        };
        let mut description = match &known {
            Some(description) => description.clone(),
            None => Description { key: transaction.number(&self.key.to_bytes())?, values: Vec::new() },
        };
        let key = transaction.schema(description.key)?;
        if key != self.key {
            self.check_key(&key)?;
            description.key = transaction.number(&self.key.to_bytes())?;
        }
        if !description.values.contains(&number) {
            description.values.push(number);
        }
        if known.as_ref() != Some(&description) {
            transaction.describe(&self.name, &description)?;
        }
        if self.number.load(Ordering::Acquire) == NONE {
            let own = self.number.clone();
            transaction.after(move || own.store(number, Ordering::Release));
        }
        Ok(number)
    }

    /// Makes the bytes of a key, or of what stands for one.
    pub(super) fn put_key<Q: Encode>(kit: &mut Kit, key: &Q) -> Result<()> {
        kit.key.clear();
        kit.keys.sort_key_as::<K, Q>(key, &mut kit.key)
    }

    /// Makes the row of a value.
    pub(super) fn put_row(kit: &mut Kit, number: u32, value: &V) -> Result<()> {
        kit.row.clear();
        layout::put_number(number, &mut kit.row);
        kit.values.dumps_into(value, &mut kit.row)?;
        layout::seal(&kit.key, &mut kit.row);
        Ok(())
    }

    /// Loads the value of an entry.
    pub(super) fn value(&self, loader: &mut Loader, key: &[u8], row: &[u8], source: Source<'_>) -> Result<V> {
        self.load(loader, row, key, source).map_err(|error| self.in_entry(loader, key, error))
    }

    #[inline]
    fn load(&self, loader: &mut Loader, row: &[u8], key: &[u8], source: Source<'_>) -> Result<V> {
        let (number, value) = layout::unseal(key, row)?;
        if number == self.number.load(Ordering::Acquire) {
            return loader.loads_by(&self.plan, value);
        }
        loader.loads_by(&*self.plan_of(number, source)?, value)
    }

    /// How values of a schema other than the type's own load.
    #[cold]
    fn plan_of(&self, number: u32, source: Source<'_>) -> Result<Arc<LoadPlan<V>>> {
        let known = unpoisoned(self.plans.read()).get(number as usize).cloned().flatten();
        if let Some(plan) = known {
            return Ok(plan);
        }
        let schema = match source {
            Source::Pinned(pinned) => self.engine.schema(pinned, number)?,
            Source::Transaction(transaction) => transaction.schema(number)?,
        };
        let plan = LoadPlan::new(&schema)?;
        // A number that was given in a transaction may be given again after a rollback.
        Ok(match source {
            Source::Pinned(_) => self.keep(number, plan),
            Source::Transaction(_) => Arc::new(plan),
        })
    }

    /// Makes a key of its bytes.
    pub(super) fn key(&self, loader: &mut Loader, key: &[u8]) -> Result<K> {
        loader.sort_key(key).map_err(|error| self.in_entry(loader, key, error))
    }

    /// Makes a key of its bytes, which have to be those of the entry.
    pub(super) fn checked_key(&self, loader: &mut Loader, key: &[u8], row: &[u8]) -> Result<K> {
        layout::unseal(key, row).map_err(|error| self.in_entry(loader, key, error))?;
        self.key(loader, key)
    }

    /// An error of an entry, which names it.
    #[cold]
    fn in_entry(&self, loader: &mut Loader, key: &[u8], error: Error) -> Error {
        let shown = match loader.sort_key::<K>(key).and_then(|key| Value::of(&key)) {
            Ok(key) => key.to_string(),
            Err(_) => format!("{key:02x?}"),
        };
        let new = Error::of(error.kind(), self.message(format_args!("the entry {shown}: {error}")));
        new.with_source(error)
    }

    pub(super) fn tools(&self) -> Tools {
        Tools::new(&self.engine.options)
    }
}
