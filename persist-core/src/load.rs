//! Loading values from bytes and streams.

use std::any::{Any, TypeId};
use std::io::Read;

use crate::column::Input;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{self, Frame, MAGIC, Restorer};
use crate::info::{Type, TypeInfo, info};
use crate::limits::{Budget, Limits};
use crate::load_plan::LoadPlan;
use crate::message::Incoming;
use crate::plan::Plan;
use crate::protocol::cbor::SELF_DESCRIBED;
use crate::protocol::packed::{Filled, Packed, ReadPlan};
use crate::protocol::{Protocol, by_name, cbor_in as cbor, json_in as json, packed};
use crate::record::{Place, read_value};
use crate::slots::{Done, Slot, receive_one};
use crate::sort_key;
use crate::table::{Body, Reader, Scratch, Single};
use crate::traits::Decode;
use crate::value::Value;

/// Loads a value from bytes of any protocol, which have to be those of one value.
///
/// Everything is checked before the first hook runs.
pub fn loads<T: Decode>(bytes: &[u8]) -> Result<T> {
    Loader::new().loads(bytes)
}

/// Loads the next value from a reader, of any protocol; not a byte after it is read.
///
/// A stream that has no further value gives an error of kind [`EndOfStream`](ErrorKind::EndOfStream).
pub fn load<T: Decode>(reader: impl Read) -> Result<T> {
    Loader::new().load(reader)
}

/// Checks everything that [`loads`] checks, and runs no hook.
///
/// What only building a value can find stays unfound: duplicate keys, a nesting that is too deep, and what hooks
/// refuse.
pub fn verify<T: Decode>(bytes: &[u8]) -> Result<()> {
    Loader::new().verify::<T>(bytes)
}

/// Loads values with options. Used again, it uses its memory again.
///
/// ```
/// use persist_core::{Context, Loader, Persist, Result};
///
/// struct Client { name: &'static str }
///
/// struct Job { id: u32, by: &'static str }
///
/// impl Persist for Job {
///     type Saved<'a> = u32;
///     type Loaded = u32;
///     fn get_state(&self) -> Result<u32> {
///         Ok(self.id)
///     }
///     fn set_state(id: u32, context: &Context) -> Result<Self> {
///         Ok(Job { id, by: context.get::<Client>()?.name })
///     }
/// }
///
/// let bytes = persist_core::dumps(&Job { id: 7, by: "me" })?;
/// let job: Job = Loader::new().provide(Client { name: "you" }).loads(&bytes)?;
/// assert_eq!((job.id, job.by), (7, "you"));
/// # Ok::<(), persist_core::Error>(())
/// ```
#[derive(Default)]
pub struct Loader {
    protocol: Option<Protocol>,
    bare: bool,
    limits: Limits,
    context: Context,
    /// None until tables were needed: a loader of messages costs nothing.
    memory: Option<Box<Memory>>,
    /// The type of the last message, which is owned, and does not hold itself.
    received: Option<TypeId>,
}

/// What is used again from one value to the next.
#[derive(Default)]
struct Memory {
    scratch: Scratch,
    restorer: Restorer,
}

impl std::fmt::Debug for Loader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loader")
            .field("protocol", &self.protocol)
            .field("bare", &self.bare)
            .field("limits", &self.limits)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

impl Loader {
    /// Any protocol, the default limits, and nothing provided.
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads this protocol only, instead of recognising it.
    #[must_use]
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// Whether what is loaded are packed values without a frame; see [`Dumper::bare`](crate::Dumper::bare).
    ///
    /// They are checked like all others, but bytes of another type may happen to be bytes of this one. A value has no
    /// end of its own, so that [`load`](Loader::load) takes all bytes of the reader.
    #[must_use]
    pub fn bare(mut self, bare: bool) -> Self {
        self.bare = bare;
        self
    }

    /// What loading may use at most.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Gives a value to the hooks, by its type; see [`Context`].
    #[must_use]
    pub fn provide<T: Any>(mut self, value: T) -> Self {
        self.context.insert(value);
        self
    }

    /// Loads a value from bytes, which have to be those of one value.
    #[inline]
    pub fn loads<T: Decode>(&mut self, bytes: &[u8]) -> Result<T> {
        read_value(|place| self.loads_row(Type::of::<T>(), bytes, place))
    }

    fn loads_row(&mut self, ty: Type, bytes: &[u8], place: &mut Place) -> Result<()> {
        let info = info(ty)?;
        if self.bare {
            info.check_owned()?;
            return self.build_body(info, bytes, place);
        }
        let protocol = self.recognise(bytes);
        self.loads_as(protocol, info, bytes, place)
            .map_err(|error| if self.guessed(bytes) { guess(error) } else { error })
    }

    /// Builds a bare value of the type's own schema.
    fn build_body(&mut self, info: &TypeInfo, bytes: &[u8], place: &mut Place) -> Result<()> {
        if info.hooks {
            self.build(Packed::body(Input::new(bytes)), &info.plan, place)
        } else {
            self.build_single(Input::new(bytes), Body::Whole, &info.plan, self.limits.budget(bytes.len()), place)
        }
    }

    fn loads_as(&mut self, protocol: Protocol, info: &'static TypeInfo, bytes: &[u8], place: &mut Place) -> Result<()> {
        match protocol {
            Protocol::Packed => {
                let Frame { schema, chunks } = frame::read(bytes, &self.limits)?;
                let read = packed::ReadPlan::new(info, schema)?;
                if let Some(plan) = read.as_they_come(info) {
                    let budget = self.limits.budget(bytes.len());
                    let again = chunks.clone();
                    // Where the bytes are not those that were written, this explains whatever came of it.
                    return self
                        .build_single(Input::new(&[]), Body::Frame(chunks), plan, budget, place)
                        .map_err(|error| again.body(&self.limits).err().unwrap_or(error));
                }
                let small = chunks.is_small();
                let body = chunks.body(&self.limits)?;
                self.build_by(&read, info, Packed::framed(body.input(), bytes.len(), small), place)
            }
            Protocol::Json => {
                let body = json::fill(info, bytes, &self.limits)?;
                self.build(Packed::filled(&body), &info.fill()?.plan, place)
            }
            Protocol::Cbor => {
                let body = cbor::fill(info, bytes, &self.limits)?;
                self.build(Packed::filled(&body), &info.fill()?.plan, place)
            }
        }
    }

    /// Loads a value from a message; see [`Dumper::message`](crate::Dumper::message).
    ///
    /// All of it is checked, within the limits, but bytes of another type may happen to be bytes of this one. Hooks run as
    /// the message is read, so that some may have run when an error is found.
    #[inline]
    pub fn message<T: Decode>(&mut self, bytes: &[u8]) -> Result<T> {
        receive_one(|slot| self.receive(bytes, slot))
    }

    /// Loads a message straight to where the value is wanted: to move one that was just stored takes as long as to read
    /// several numbers.
    #[inline(never)]
    fn receive<'s, T: Decode>(&mut self, bytes: &[u8], slot: Slot<'s, T>) -> Result<Done<'s>> {
        let ty = Type::of::<T>();
        if self.received != Some(ty.id()) {
            let info = info(ty)?;
            info.check_owned()?;
            if info.is_recursive {
                return Ok(slot.put(read_value(|place| self.build_body(info, bytes, place))?));
            }
            self.received = Some(ty.id());
        }
        let mut input = Incoming::new(bytes, self.limits.budget(bytes.len()), self.limits.depth, &self.context);
        input.last(slot)
    }

    /// Loads a value from the bytes of a [bare](crate::Dumper::bare) one that was written with the plan's schema, which may
    /// be that of an older version of the type: with all that evolution allows.
    #[inline]
    pub fn loads_by<T: Decode>(&mut self, plan: &LoadPlan<T>, bytes: &[u8]) -> Result<T> {
        read_value(|place| self.loads_by_row(plan.info, &plan.read, bytes, place))
    }

    fn loads_by_row(
        &mut self,
        info: &'static TypeInfo,
        read: &ReadPlan,
        bytes: &[u8],
        place: &mut Place,
    ) -> Result<()> {
        let input = Input::new(bytes);
        match read.as_they_come(info) {
            Some(plan) => self.build_single(input, Body::Whole, plan, self.limits.budget(bytes.len()), place),
            None => self.build_by(read, info, Packed::body(input), place),
        }
    }

    /// Memory for opening tables.
    fn scratch(&mut self) -> Scratch {
        self.memory.as_mut().map(|memory| std::mem::take(&mut memory.scratch)).unwrap_or_default()
    }

    /// Makes a value of its sort key; see [`Dumper::sort_key_into`](crate::Dumper::sort_key_into).
    ///
    /// Bytes of another type may happen to be bytes of this one, too: [`Schema::check_sorts`](crate::Schema::check_sorts)
    /// tells the types apart.
    #[inline]
    pub fn sort_key<T: Decode>(&mut self, key: &[u8]) -> Result<T> {
        read_value(|place| self.sort_key_row(Type::of::<T>(), key, place))
    }

    fn sort_key_row(&mut self, ty: Type, key: &[u8], place: &mut Place) -> Result<()> {
        let info = info(ty)?;
        info.check_owned()?;
        let mut filled = Filled { body: Vec::with_capacity(key.len() + key.len() / 4), size: key.len() };
        let single = sort_key::read(info, key, &self.limits, &mut filled.body).map_err(Error::without_offset)?;
        match (single, info.hooks) {
            (false, _) => self.build(Packed::filled(&filled), &info.plan, place),
            (true, true) => self.build(Packed::body(Input::new(&filled.body)), &info.plan, place),
            (true, false) => {
                let budget = self.limits.budget(key.len());
                self.build_single(Input::new(&filled.body), Body::Whole, &info.plan, budget, place)
            }
        }
    }

    /// Loads the next value from a reader; not a byte after it is read.
    ///
    /// A JSON value has to be followed by white space or the end of the stream; one byte of it is read.
    pub fn load<T: Decode>(&mut self, mut reader: impl Read) -> Result<T> {
        read_value(|place| self.load_row(Type::of::<T>(), &mut reader, place))
    }

    fn load_row(&mut self, ty: Type, mut reader: &mut dyn Read, place: &mut Place) -> Result<()> {
        if self.bare {
            let mut bytes = Vec::new();
            reader.take(self.limits.input).read_to_end(&mut bytes)?;
            return self.loads_row(ty, &bytes, place);
        }
        let mut first = [0; MAGIC.len()];
        if frame::read_up_to(&mut reader, &mut first[..1])? == 0 {
            return Err(Error::of(ErrorKind::EndOfStream, "the stream has no further value"));
        }
        match self.recognise(&first[..1]) {
            Protocol::Packed => {
                let found = 1 + frame::read_up_to(&mut reader, &mut first[1..])?;
                if found < MAGIC.len() || first != MAGIC {
                    // The start of a frame gives the same error as a whole one.
                    return self.loads_row(ty, &first[..found], place);
                }
                self.load_packed(ty, reader, place)
            }
            Protocol::Json => {
                let info = info(ty)?;
                let body = json::fill_from(info, (&first[..1]).chain(reader), &self.limits)?;
                self.build(Packed::filled(&body), &info.fill()?.plan, place)
            }
            // Python's pickles start so, too, and an empty list ends here: a stream cannot look further.
            Protocol::Cbor if first[0] == 0x80 && self.protocol.is_none() => Err(Error::of(
                ErrorKind::Protocol,
                "the stream goes on with a Python pickle, or with CBOR's empty list",
            )
            .with_help("if it is CBOR, say so with `Loader::protocol(Protocol::Cbor)`")),
            Protocol::Cbor => {
                let info = info(ty)?;
                let body = cbor::fill_from(info, (&first[..1]).chain(reader), &self.limits)?;
                self.build(Packed::filled(&body), &info.fill()?.plan, place)
            }
        }
    }

    /// Loads a packed value whose first bytes were read.
    fn load_packed(&mut self, ty: Type, reader: &mut dyn Read, place: &mut Place) -> Result<()> {
        let mut stream = frame::Stream::new(reader, &self.limits)?;
        let info = info(ty)?;
        let read = packed::ReadPlan::new(info, &stream.schema)?;
        let small = stream.is_small();
        let plan = match &read {
            // Each chunk is checked before it is used, so that hooks may run while others are still to come.
            ReadPlan::Own(info) => Some(&info.plan),
            _ => read.as_they_come(info),
        };
        if let Some(plan) = plan {
            let budget = self.limits.budget_of_stream();
            let mut next = |chunk: &mut Vec<u8>| stream.next(chunk);
            return self.build_single(Input::new(&[]), Body::Stream(&mut next, small), plan, budget, place);
        }
        let (mut body, mut offset, mut size) = (Vec::new(), None, 0);
        while let Some((at, stored)) = stream.next(&mut body)? {
            offset.get_or_insert(at);
            size += stored;
        }
        let body = Input::with_offset(&body, offset.unwrap_or_default());
        self.build_by(&read, info, Packed::framed(body, size, small), place)
    }

    /// Builds a value whose body is all there: by its columns, or by name.
    fn build_by(
        &mut self,
        read: &ReadPlan,
        info: &'static TypeInfo,
        packed: Packed<'_>,
        place: &mut Place,
    ) -> Result<()> {
        match read.plan() {
            Ok(plan) => self.build(packed, plan, place),
            Err(shape) => {
                let filled = by_name::fill(info, shape, packed, &self.limits)?;
                self.build(Packed::filled(&filled), &info.fill()?.plan, place)
            }
        }
    }

    /// Builds a value of a dynamic one, as if that had been loaded: fields by their names, with all that evolution allows.
    ///
    /// ```
    /// use persist_core::{Loader, Value};
    ///
    /// let dict: Value = [("a", Value::from(1)), ("b", 2.into())].into_iter().collect();
    /// let map: std::collections::BTreeMap<String, u8> = Loader::new().loads_value(&dict)?;
    /// assert_eq!(map["b"], 2);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn loads_value<T: Decode>(&mut self, value: &Value) -> Result<T> {
        let mut item = Vec::new();
        ciborium::into_writer(value, &mut item)
            .map_err(|error| Error::of(ErrorKind::Unsupported, error.to_string()).with_source(error))?;
        self.load_item(&item)
    }

    /// Levels that are allowed.
    pub(crate) fn depth(&self) -> usize {
        self.limits.depth
    }

    /// Loads a value from one CBOR item that was made of another format.
    pub(crate) fn load_item<T: Decode>(&mut self, item: &[u8]) -> Result<T> {
        let info = info(Type::of::<T>())?;
        read_value(|place| self.loads_as(Protocol::Cbor, info, item, place).map_err(Error::without_offset))
    }

    /// Checks everything that [`loads`](Loader::loads) checks, and runs no hook.
    pub fn verify<T: Decode>(&mut self, bytes: &[u8]) -> Result<()> {
        self.verify_as(Type::of::<T>(), bytes)
    }

    fn verify_as(&mut self, ty: Type, bytes: &[u8]) -> Result<()> {
        let info = info(ty)?;
        if self.bare {
            info.check_owned()?;
            return self.check(Packed::body(Input::new(bytes)), &info.plan);
        }
        match self.recognise(bytes) {
            Protocol::Packed => {
                let frame = frame::read(bytes, &self.limits)?;
                let small = frame.chunks.is_small();
                let body = frame.chunks.body(&self.limits)?;
                let read = packed::ReadPlan::new(info, frame.schema)?;
                let packed = Packed::framed(body.input(), bytes.len(), small);
                match read.plan() {
                    Ok(plan) => self.check(packed, plan),
                    Err(shape) => self.check_filled(info, &by_name::fill(info, shape, packed, &self.limits)?),
                }
            }
            Protocol::Json => self.check_filled(info, &json::fill(info, bytes, &self.limits)?),
            Protocol::Cbor => self.check_filled(info, &cbor::fill(info, bytes, &self.limits)?),
        }
    }

    fn check_filled(&mut self, info: &'static TypeInfo, filled: &Filled) -> Result<()> {
        self.check(Packed::filled(filled), &info.fill()?.plan)
    }

    fn check(&mut self, packed: Packed<'_>, plan: &Plan) -> Result<()> {
        let scratch = self.scratch();
        packed::open_rows(packed, plan, &self.limits, scratch).map(drop)
    }

    /// Opens packed rows, which checks them, and builds the value.
    fn build(&mut self, packed: Packed<'_>, plan: &Plan, place: &mut Place) -> Result<()> {
        let scratch = self.scratch();
        let opened = packed::open_rows(packed, plan, &self.limits, scratch)?;
        let mut reader = Reader::new(opened, &self.context, self.limits.depth);
        place.read(&mut reader)?;
        self.memory.get_or_insert_default().scratch = reader.finish()?;
        Ok(())
    }

    /// Builds the value while it is checked.
    fn build_single<'x>(
        &'x mut self,
        bytes: Input<'x>,
        body: Body<'x>,
        plan: &'x Plan,
        budget: Budget,
        place: &mut Place,
    ) -> Result<()> {
        let Loader { limits, context, memory, .. } = self;
        let Memory { scratch, restorer } = &mut **memory.get_or_insert_default();
        let mut single = Single::new(bytes, body.shorten(), plan, budget, limits.depth, (scratch, restorer));
        single.begin()?;
        let mut reader = Reader::single(&mut single, context, limits.depth);
        place.read(&mut reader)?;
        reader.finish_single()
    }

    /// Whether bytes are taken for CBOR only because they start like nothing else.
    fn guessed(&self, bytes: &[u8]) -> bool {
        self.protocol.is_none() && Protocol::recognise(bytes) == Protocol::Cbor && !bytes.starts_with(&SELF_DESCRIBED)
    }

    fn recognise(&self, bytes: &[u8]) -> Protocol {
        self.protocol.unwrap_or_else(|| Protocol::recognise(bytes))
    }
}

impl Value {
    /// A value of a Rust type, as [`Loader::loads_value`] builds it.
    ///
    /// ```
    /// use persist_core::Value;
    ///
    /// let value = Value::of(&(1u8, vec![Some("a".to_owned()), None]))?;
    /// let (number, texts): (u64, Vec<Option<String>>) = value.to()?;
    /// assert_eq!((number, texts.len()), (1, 2));
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn to<T: Decode>(&self) -> Result<T> {
        Loader::new().loads_value(self)
    }
}

/// An error of bytes that may be anything.
#[cold]
fn guess(error: Error) -> Error {
    if error.help().is_some() {
        return error;
    }
    error.with_help("the bytes start neither like a packed value nor like JSON, and were read as CBOR")
}
